//! Versions that nobody saw, because their writer got no answer and another one was faster than every reader.
//!
//! Each needs a writer of its own among the writes without an answer: a matching in a bipartite graph, found by augmenting
//! paths (Kuhn). There are few such versions, so that its cost does not count.

use super::{
    chain::Chain,
    spans::Life,
    violation::{Rule, Violation},
};
use crate::model::{Call, Content, Number, Outcome};
use std::collections::BTreeMap;

impl Chain<'_> {
    /// Finds the writers that may have made each version that nobody saw.
    pub(super) fn fill_gaps(&mut self, life: &Life) -> Result<(), Box<Violation>> {
        let mut gaps = Vec::new();
        for (number, version) in (0_u64..).zip(&self.versions) {
            if version.writer.is_none() {
                gaps.push(number);
            }
        }
        for gap in &gaps {
            let candidates: Vec<_> =
                self.open.iter().copied().filter(|open| self.may_fill(*open, *gap, life)).collect();
            if let Some(version) = usize::try_from(*gap).ok().and_then(|gap| self.versions.get_mut(gap)) {
                version.candidates = candidates;
            }
        }
        let mut taken = BTreeMap::new();
        for gap in &gaps {
            if !self.assign(*gap, &mut taken, &mut Vec::new()) {
                return Err(self.nobody_wrote(*gap, life));
            }
        }
        Ok(())
    }

    /// Gives a gap a writer, and those that had it others. `taken` has the gap of each writer.
    fn assign(&self, gap: u64, taken: &mut BTreeMap<Number, u64>, tried: &mut Vec<Number>) -> bool {
        let version = usize::try_from(gap).ok().and_then(|gap| self.versions.get(gap));
        for candidate in version.map(|version| version.candidates.as_slice()).unwrap_or_default() {
            if tried.contains(candidate) {
                continue;
            }
            tried.push(*candidate);
            let other = taken.get(candidate).copied();
            if other.is_none_or(|other| self.assign(other, taken, tried)) {
                taken.insert(*candidate, gap);
                return true;
            }
        }
        false
    }

    /// Whether a write without an answer may have made this version.
    fn may_fill(&self, open: Number, gap: u64, life: &Life) -> bool {
        let Some(operation) = self.operation(open) else { return false };
        let creates = matches!(operation.call, Call::Create { .. });
        let expected = operation.call.expected();
        creates == (gap == 0)
            && expected.is_none_or(|expected| expected.checked_add(1) == Some(gap))
            && life.version(gap).is_some_and(|span| operation.invoked <= span.until.at)
            && self.next_agrees(open, &operation.call, gap)
    }

    /// Whether the next version, if a patch made it, has kept what this writer would have left.
    fn next_agrees(&self, open: Number, call: &Call, gap: u64) -> bool {
        let content = |version: Option<u64>| {
            let version = self.versions.get(usize::try_from(version?).ok()?)?;
            version.content.as_ref().map(|(_, content)| content)
        };
        let Some(next) = content(gap.checked_add(1)) else { return true };
        let next_call = self.operation(next.by).map(|operation| &operation.call);
        // Where the version before the gap is known, so is what the writer would have left, and what the next one made of it.
        if let (Some(before), Some(next_call)) = (content(gap.checked_sub(1)), next_call) {
            let left = Content::written(call, open, Some(before));
            return Content::written(next_call, next.by, left.as_ref()).as_ref() == Some(next);
        }
        let Content { log, note, .. } = next;
        let (log, note) = match next_call {
            Some(Call::JsonPatch { .. }) => (log.split_last().map(|(_, rest)| rest).unwrap_or_default(), Some(*note)),
            Some(Call::MergePatch { .. }) => (log.as_slice(), None),
            Some(
                Call::Create { .. }
                | Call::Replace { .. }
                | Call::Read { .. }
                | Call::Delete { .. }
                | Call::List { .. }
                | Call::PastVersion { .. }
                | Call::PastVersions { .. }
                | Call::Events(_)
                | Call::Stream(_),
            )
            | None => return true,
        };
        match call {
            Call::Create { .. } | Call::Replace { .. } => log == [open] && note.is_none_or(|note| note.is_none()),
            Call::JsonPatch { .. } => log.last() == Some(&open),
            Call::MergePatch { .. } => note.is_none_or(|note| note == Some(open)),
            Call::Read { .. }
            | Call::Delete { .. }
            | Call::List { .. }
            | Call::PastVersion { .. }
            | Call::PastVersions { .. }
            | Call::Events(_)
            | Call::Stream(_) => false,
        }
    }

    fn nobody_wrote(&self, gap: u64, life: &Life) -> Box<Violation> {
        let proof = life.version(gap).and_then(|span| span.until.by);
        let outcome = proof.and_then(|number| self.operation(number)).map(|operation| &operation.outcome);
        let rule = match outcome {
            Some(Outcome::Exists | Outcome::Conflict | Outcome::PreconditionFailed) => Rule::Refusal,
            Some(Outcome::Deleted) => Rule::Condition,
            Some(
                Outcome::Created(..)
                | Outcome::Changed(_)
                | Outcome::Read(_)
                | Outcome::Unmodified(_)
                | Outcome::Page(_)
                | Outcome::Version(_)
                | Outcome::Versions { .. }
                | Outcome::Events { .. }
                | Outcome::NotFound
                | Outcome::NotDone(_)
                | Outcome::Unknown(_)
                | Outcome::Unexpected(_),
            )
            | None => Rule::VersionSkipped,
        };
        let says = proof.map_or_else(String::new, |number| format!(" that #{number} is proof of"));
        self.violation(rule, format!("nobody can have written version {gap}{says}"), &[proof])
    }
}
