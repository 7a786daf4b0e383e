//! What histories and events say of each payment beyond the contents of its versions: kinds, owners, and that a history
//! leaves nothing out.

use super::{
    chain::Chain,
    facts::Facts,
    violation::{Rule, Violation},
};
use crate::model::{Call, Change, ChangeKind, History, Id, Number, Operation, Outcome};

/// Checks each page of each history by itself. `facts` and `spans` hold the pages to each other, and to what was read.
pub(super) fn check_histories(history: &History) -> Result<(), Box<Violation>> {
    for (number, operation) in history.numbered() {
        if let (Call::PastVersions { id, below }, Outcome::Versions { changes, has_older }) =
            (&operation.call, &operation.outcome)
        {
            skips_nothing(number, id, *below, changes, *has_older)?;
        }
        if let (Call::PastVersion { id, version }, Outcome::Version(change)) = (&operation.call, &operation.outcome)
            && change.version != *version
        {
            let text = format!("#{number} asked for version {version}, and was shown version {}", change.version);
            return Err(Violation::new(Rule::HistoryContent, Some(id), text, &[Some(number)]));
        }
    }
    Ok(())
}

/// The versions of a page descend by one from where the page begins, and the last page ends with the first version.
fn skips_nothing(
    number: Number,
    id: &Id,
    below: Option<u64>,
    changes: &[Change],
    has_older: bool,
) -> Result<(), Box<Violation>> {
    let mut expected = below.map(|below| below.checked_sub(1));
    for change in changes {
        if let Some(expected) = expected
            && expected != Some(change.version)
        {
            let expected = expected.map_or("none".to_owned(), |expected| format!("version {expected}"));
            let text = format!("#{number} shows version {} where {expected} should be", change.version);
            return Err(Violation::new(Rule::HistorySkips, Some(id), text, &[Some(number)]));
        }
        expected = Some(change.version.checked_sub(1));
    }
    // The history of a payment that is there has a version at least.
    if let Some(missing) = expected.unwrap_or(Some(0)).filter(|_| !has_older) {
        let text = format!("#{number} ends the history before version {missing}");
        return Err(Violation::new(Rule::HistorySkips, Some(id), text, &[Some(number)]));
    }
    Ok(())
}

/// Checks the changes of a payment.
pub(super) fn check(chain: &Chain<'_>, facts: &Facts<'_>) -> Result<(), Box<Violation>> {
    for (number, change) in &facts.changes {
        kind_fits(chain, *number, change)?;
        owner_fits(chain, *number, change)?;
    }
    Ok(())
}

fn kind_fits(chain: &Chain<'_>, number: Number, change: &Change) -> Result<(), Box<Violation>> {
    let fits = (change.kind == ChangeKind::Created) == (change.version == 0);
    let operation = chain.operation(number).filter(|_| !fits);
    let Some(Operation { call, .. }) = operation else { return Ok(()) };
    let rule = if call.follow().is_some() { Rule::EventVersions } else { Rule::HistoryContent };
    Err(chain.violation(rule, format!("#{number} shows {change}"), &[Some(number)]))
}

/// The organisation of a change is that of the content that it made.
fn owner_fits(chain: &Chain<'_>, number: Number, change: &Change) -> Result<(), Box<Violation>> {
    let version = change.content_version().and_then(|version| usize::try_from(version).ok());
    let content = version.and_then(|version| chain.versions.get(version)).and_then(|it| it.content.as_ref());
    match content {
        Some((shown, content)) if content.owner() != change.owner => {
            let text = format!(
                "#{number} shows {change} with the organisation that #{} named, and it has that of #{} (see #{shown})",
                change.owner,
                content.owner()
            );
            Err(chain.violation(Rule::FeedContent, text, &[Some(number), Some(*shown), Some(content.by)]))
        }
        Some(_) | None => Ok(()),
    }
}
