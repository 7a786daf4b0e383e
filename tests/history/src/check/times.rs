//! The times that a payment shows: those of its creation, and of each version.

use super::{
    chain::Chain,
    facts::{Facts, ShownTimes},
    violation::{Rule, Violation},
};
use std::collections::{BTreeMap, btree_map::Entry};

/// Compares what all answers show of one payment.
pub(super) fn check(chain: &Chain<'_>, facts: &Facts<'_>) -> Result<(), Box<Violation>> {
    // What showed the times of each version first; the time of creation may have been shown by another.
    let mut versions: BTreeMap<u64, ShownTimes<'_>> = BTreeMap::new();
    for shown in &facts.times {
        match versions.entry(shown.version) {
            Entry::Vacant(place) => drop(place.insert(*shown)),
            Entry::Occupied(mut known) => {
                let before = *known.get();
                let created = before.created_on.zip(shown.created_on);
                if before.modified_on != shown.modified_on || created.is_some_and(|(before, now)| before != now) {
                    return Err(contradiction(chain, *shown, Some(before)));
                }
                if before.created_on.is_none() {
                    known.insert(*shown);
                }
            }
        }
    }
    let mut before: Option<ShownTimes<'_>> = None;
    for shown in versions.into_values() {
        let created_before = before.and_then(|before| before.created_on).or(shown.created_on);
        let earliest = before.map(|before| before.modified_on).or(shown.created_on);
        let stays = created_before.zip(shown.created_on).is_none_or(|(before, now)| before == now);
        if !stays || earliest.is_some_and(|earliest| shown.modified_on < earliest) {
            return Err(contradiction(chain, shown, before));
        }
        before = Some(ShownTimes { created_on: created_before, ..shown });
    }
    Ok(())
}

fn contradiction(chain: &Chain<'_>, shown: ShownTimes<'_>, before: Option<ShownTimes<'_>>) -> Box<Violation> {
    let times = |ShownTimes { number, version, created_on, modified_on }: ShownTimes<'_>| {
        let created = created_on.map_or_else(String::new, |created_on| format!("created on {created_on}, "));
        format!("#{number} shows version {version}, {created}modified on {modified_on}")
    };
    let then = before.map_or_else(String::new, |before| format!(", and {}", times(before)));
    let operations = [Some(shown.number), before.map(|before| before.number)];
    chain.violation(Rule::Times, times(shown) + &then, &operations)
}
