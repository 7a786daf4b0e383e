//! The versions of one payment: who wrote each, with which content, one on top of the other.

use super::{
    facts::{Facts, Observation},
    violation::{Rule, Violation},
};
use crate::model::{Call, Content, History, Id, Kind, Number, Operation, Outcome};
use std::collections::BTreeSet;

/// A version of a payment.
#[derive(Debug, Clone, Default)]
pub(super) struct Version {
    /// Who wrote it; unknown while nobody saw it whole.
    pub(super) writer: Option<Number>,
    /// The first operation that showed its content, and the content.
    pub(super) content: Option<(Number, Content)>,
    /// The writers that may have written it, if the writer is not known.
    pub(super) candidates: Vec<Number>,
}

/// All versions of a payment that are known to exist, from 0 on.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    pub(super) history: &'a History,
    pub(super) id: &'a Id,
    pub(super) versions: Vec<Version>,
    /// The writes without an answer that nobody saw: each may have made a version, or may yet.
    pub(super) open: Vec<Number>,
}

impl<'a> Chain<'a> {
    /// Puts the versions in their order.
    pub(super) fn build(
        history: &'a History,
        id: &'a Id,
        facts: &Facts<'_>,
        nameless: &[Number],
    ) -> Result<Self, Box<Violation>> {
        let mut chain = Self { history, id, versions: Vec::new(), open: Vec::new() };
        chain.make_room(facts, nameless)?;
        for number in &facts.writes {
            chain.acknowledge(*number)?;
        }
        for seen in facts.observations.iter().copied().chain(facts.past()) {
            chain.observe(seen)?;
        }
        let known: BTreeSet<_> = chain.versions.iter().filter_map(|version| version.writer).collect();
        let unseen = facts.writes.iter().chain(nameless).copied();
        chain.open = unseen.filter(|number| !known.contains(number)).collect();
        chain.stack_contents()?;
        Ok(chain)
    }

    pub(super) fn operation(&self, number: Number) -> Option<&'a Operation> {
        self.history.get(number)
    }

    pub(super) fn violation(&self, rule: Rule, text: String, operations: &[Option<Number>]) -> Box<Violation> {
        Violation::new(rule, Some(self.id), text, operations)
    }

    /// Makes one place for each version. No version can be as high as there are writes.
    fn make_room(&mut self, facts: &Facts<'_>, nameless: &[Number]) -> Result<(), Box<Violation>> {
        let seen = facts.observations.iter().copied().chain(facts.past()).map(|seen| (seen.version, seen.number));
        // A deletion shows the version that it deleted, a refusal that there was a payment.
        let deleted = facts.deletions.iter().filter_map(|number| Some((*number, self.operation(*number)?)));
        let deleted = deleted.filter(|(_, operation)| operation.outcome == Outcome::Deleted);
        let deleted = deleted.map(|(number, operation)| (operation.call.expected().unwrap_or_default(), number));
        let refused = facts.refusals.iter().map(|number| (0, *number));
        let Some((highest, number)) = seen.chain(deleted).chain(refused).max() else { return Ok(()) };
        let writes = facts.writes.len() + nameless.len();
        let length = usize::try_from(highest).ok().and_then(|highest| highest.checked_add(1));
        let Some(length) = length.filter(|length| *length <= writes) else {
            let refused = facts.refusals.contains(&number);
            let rule = if refused { Rule::Refusal } else { Rule::VersionSkipped };
            let text =
                format!("#{number} is proof of version {highest}, but at most {writes} writes can have made a version");
            return Err(self.violation(rule, text, &[Some(number)]));
        };
        self.versions.resize_with(length, Version::default);
        Ok(())
    }

    fn version(&mut self, number: u64) -> Option<&mut Version> {
        self.versions.get_mut(usize::try_from(number).ok()?)
    }

    /// Enters a write that succeeded.
    fn acknowledge(&mut self, number: Number) -> Result<(), Box<Violation>> {
        let Some(operation) = self.operation(number) else { return Ok(()) };
        let (Outcome::Created(_, seen) | Outcome::Changed(seen)) = &operation.outcome else { return Ok(()) };
        self.keeps_condition(number, operation, seen.version)?;
        let other = self.version(seen.version).and_then(|version| version.writer.replace(number));
        if let Some(other) = other {
            let (rule, what) = match operation.call {
                Call::Create { .. } => (Rule::IdReused, "both created the payment".to_owned()),
                Call::Replace { .. } | Call::JsonPatch { .. } | Call::MergePatch { .. } => {
                    (Rule::TwoWinners, format!("were both told that they made version {}", seen.version))
                }
                Call::Read { .. }
                | Call::Delete { .. }
                | Call::List { .. }
                | Call::PastVersion { .. }
                | Call::PastVersions { .. }
                | Call::Events(_)
                | Call::Stream(_) => return Ok(()),
            };
            return Err(self.violation(rule, format!("#{other} and #{number} {what}"), &[Some(number), Some(other)]));
        }
        if seen.content.by != number {
            let text = format!("#{number} was answered with what #{} wrote: {}", seen.content.by, seen.content);
            return Err(self.violation(Rule::LostUpdate, text, &[Some(number), Some(seen.content.by)]));
        }
        Ok(())
    }

    fn keeps_condition(&self, number: Number, operation: &Operation, made: u64) -> Result<(), Box<Violation>> {
        let named = [
            operation.call.expected(),
            if let Call::Replace { if_match, .. } = operation.call { if_match } else { None },
        ];
        if matches!(operation.call, Call::Create { .. }) && made != 0 {
            let text = format!("#{number} created the payment at version {made}, and not at 0");
            return Err(self.violation(Rule::VersionSkipped, text, &[Some(number)]));
        }
        for expected in named.into_iter().flatten() {
            if expected.checked_add(1) != Some(made) {
                let text = format!("#{number} was to change version {expected}, and made version {made}");
                let rule = if made > expected { Rule::LostUpdate } else { Rule::Condition };
                return Err(self.violation(rule, text, &[Some(number)]));
            }
        }
        Ok(())
    }

    /// Enters what an answer showed.
    fn observe(&mut self, seen: Observation<'_>) -> Result<(), Box<Violation>> {
        let Some(content) = seen.content else { return Ok(()) };
        let place = self.version(seen.version).and_then(|version| version.content.clone());
        if let Some((first, before)) = place {
            if before == *content {
                return Ok(());
            }
            let text = format!(
                "version {} has two contents: #{first} shows ({before}), #{} shows ({content})",
                seen.version, seen.number
            );
            let operations = [Some(seen.number), Some(first), Some(before.by), Some(content.by)];
            return Err(self.violation(self.rule_of_contents(seen.number, first), text, &operations));
        }
        self.may_have_written(seen, content)?;
        let history = self.history;
        self.kept_may_be_there(seen, content)?;
        let Some(version) = self.version(seen.version) else { return Ok(()) };
        version.content = Some((seen.number, content.clone()));
        match version.writer {
            Some(writer) if writer != content.by => {
                let text = format!(
                    "#{writer} was told that it made version {}, but #{} shows there what #{} wrote",
                    seen.version, seen.number, content.by
                );
                let rule = match history.get(content.by).map(|operation| &operation.outcome) {
                    Some(Outcome::Changed(own) | Outcome::Created(_, own)) if own.version < seen.version => {
                        Rule::LostUpdate
                    }
                    _ => Rule::TwoWinners,
                };
                Err(self.violation(rule, text, &[Some(seen.number), Some(writer), Some(content.by)]))
            }
            Some(_) => Ok(()),
            None => {
                version.writer = Some(content.by);
                Ok(())
            }
        }
    }

    /// The rule that is broken when two operations show two contents of one version.
    fn rule_of_contents(&self, one: Number, other: Number) -> Rule {
        let kinds = [one, other].map(|number| self.operation(number).map(|operation| operation.call.kind()));
        let shows = |kind| kinds.contains(&Some(kind));
        if shows(Kind::PastVersion) || shows(Kind::PastVersions) {
            Rule::HistoryContent
        } else if shows(Kind::Events) || shows(Kind::Stream) {
            Rule::FeedContent
        } else {
            Rule::TwoWinners
        }
    }

    /// Checks that the writer of a content can have written this version of this payment.
    fn may_have_written(&self, seen: Observation<'_>, content: &Content) -> Result<(), Box<Violation>> {
        let writer = content.by;
        let operations = [Some(seen.number), Some(writer)];
        let Some(operation) = self.operation(writer) else {
            let text = format!("#{} shows a content of a write that was never sent: {content}", seen.number);
            return Err(self.violation(Rule::Answer, text, &operations[..1]));
        };
        if operation.id().is_some_and(|id| id != self.id) || !operation.call.writes_version() {
            let text = format!("#{} shows version {} by #{writer}, which never wrote to it", seen.number, seen.version);
            return Err(self.violation(Rule::Answer, text, &operations));
        }
        match &operation.outcome {
            Outcome::Created(_, own) | Outcome::Changed(own) => {
                if own.version == seen.version {
                    return Ok(());
                }
                let text = format!(
                    "#{writer} made version {}, but #{} shows it as version {}",
                    own.version, seen.number, seen.version
                );
                Err(self.violation(Rule::AppliedTwice, text, &operations))
            }
            Outcome::Unknown(_) => {
                let creates = matches!(operation.call, Call::Create { .. });
                let fits = creates == (seen.version == 0)
                    && operation.call.expected().is_none_or(|expected| expected.checked_add(1) == Some(seen.version));
                if fits {
                    return Ok(());
                }
                let text = format!(
                    "#{} shows version {} by #{writer}, which cannot have made that",
                    seen.number, seen.version
                );
                Err(self.violation(Rule::LostUpdate, text, &operations))
            }
            Outcome::NotFound
            | Outcome::Exists
            | Outcome::Conflict
            | Outcome::PreconditionFailed
            | Outcome::NotDone(_)
            | Outcome::Read(_)
            | Outcome::Unmodified(_)
            | Outcome::Deleted
            | Outcome::Page(_)
            | Outcome::Version(_)
            | Outcome::Versions { .. }
            | Outcome::Events { .. }
            | Outcome::Unexpected(_) => {
                let text = format!("#{writer} was refused, but #{} shows what it wrote: {content}", seen.number);
                Err(self.violation(Rule::RefusedButDone, text, &operations))
            }
        }
    }

    /// Checks that what a content keeps of versions before it was written by writes that may have been done.
    fn kept_may_be_there(&self, seen: Observation<'_>, content: &Content) -> Result<(), Box<Violation>> {
        for kept in content.log.iter().chain(&content.note) {
            let outcome = self.operation(*kept).map(|operation| &operation.outcome);
            let done = matches!(outcome, Some(Outcome::Created(..) | Outcome::Changed(_) | Outcome::Unknown(_)));
            if !done {
                let text = format!("#{} shows what #{kept} wrote, which was refused: {content}", seen.number);
                return Err(self.violation(Rule::RefusedButDone, text, &[Some(seen.number), Some(*kept)]));
            }
        }
        Ok(())
    }

    /// Each content is what its writer makes of the content before it.
    fn stack_contents(&self) -> Result<(), Box<Violation>> {
        let mut before: Option<&(Number, Content)> = None;
        for (number, version) in (0_u64..).zip(&self.versions) {
            if let (Some((shown, content)), Some(call)) = (
                &version.content,
                version.writer.and_then(|writer| self.operation(writer)).map(|operation| &operation.call),
            ) && let Some(expected) = Content::written(call, content.by, before.map(|(_, content)| content))
                && expected != *content
            {
                let text = format!(
                    "#{} made version {number} of something else than version {}: it is ({content}), and should be ({expected})",
                    content.by,
                    number.saturating_sub(1)
                );
                let operations = [Some(content.by), Some(*shown), before.map(|(shown, _)| *shown)];
                return Err(self.violation(Rule::LostUpdate, text, &operations));
            }
            before = version.content.as_ref();
        }
        Ok(())
    }
}
