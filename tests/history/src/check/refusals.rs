//! Whether each refusal was true at some moment while its request was under way, and each success kept its condition.

use super::{
    chain::Chain,
    facts::Facts,
    spans::Life,
    violation::{Rule, Violation},
};
use crate::model::{Call, Condition, Number, Operation, Outcome, ReadCondition};

/// Checks every refusal of a payment by itself, and the conditions of its reads.
pub(super) fn check(chain: &Chain<'_>, facts: &Facts<'_>, life: &Life) -> Result<(), Box<Violation>> {
    for seen in &facts.observations {
        if let Some(operation) = chain.operation(seen.number) {
            keeps_condition(chain, seen.number, operation)?;
        }
    }
    for number in &facts.refusals {
        let Some(operation) = chain.operation(*number) else { continue };
        if !has_reason(chain, operation, life) {
            let text = format!(
                "#{number} was refused ({}), but from its request to its answer nothing was so",
                if operation.outcome == Outcome::PreconditionFailed { "412" } else { "409" }
            );
            return Err(chain.violation(Rule::Refusal, text, &[Some(*number)]));
        }
    }
    Ok(())
}

fn keeps_condition(chain: &Chain<'_>, number: Number, operation: &Operation) -> Result<(), Box<Violation>> {
    let Call::Read { condition, .. } = &operation.call else { return Ok(()) };
    let kept = match (condition, &operation.outcome) {
        (ReadCondition::IfMatch(version), Outcome::Read(seen)) => seen.version == *version,
        (ReadCondition::IfNoneMatch(version), Outcome::Read(seen)) => seen.version != *version,
        (ReadCondition::IfNoneMatch(version), Outcome::Unmodified(current)) => current == version,
        (ReadCondition::Any | ReadCondition::IfMatch(_), Outcome::Unmodified(_)) => false,
        _ => true,
    };
    if kept {
        return Ok(());
    }
    let text = format!("#{number} read with {condition:?}, and was answered {:?}", operation.outcome);
    Err(chain.violation(Rule::Condition, text, &[Some(number)]))
}

fn has_reason(chain: &Chain<'_>, operation: &Operation, life: &Life) -> bool {
    match operation.outcome {
        // The payment was there by then: `Life` has held its creation to that.
        Outcome::Exists => true,
        Outcome::Conflict => match operation.call.expected() {
            Some(expected) => was_at_other_version(chain, operation, life, expected),
            None => was_changed(chain, operation, life),
        },
        Outcome::PreconditionFailed => {
            let named = match operation.call {
                Call::Replace { if_match, .. } => if_match,
                Call::JsonPatch { condition: Condition::IfMatch(version), .. }
                | Call::MergePatch { condition: Condition::IfMatch(version), .. }
                | Call::Delete { condition: Condition::IfMatch(version), .. }
                | Call::Read { condition: ReadCondition::IfMatch(version), .. } => Some(version),
                Call::JsonPatch { .. }
                | Call::MergePatch { .. }
                | Call::Delete { .. }
                | Call::Read { .. }
                | Call::Create { .. }
                | Call::List { .. }
                | Call::PastVersion { .. }
                | Call::PastVersions { .. }
                | Call::Events(_)
                | Call::Stream(_) => None,
            };
            named.is_some_and(|version| was_at_other_version(chain, operation, life, version))
        }
        Outcome::Created(..)
        | Outcome::Changed(_)
        | Outcome::Read(_)
        | Outcome::Unmodified(_)
        | Outcome::Deleted
        | Outcome::Page(_)
        | Outcome::Version(_)
        | Outcome::Versions { .. }
        | Outcome::Events { .. }
        | Outcome::NotFound
        | Outcome::NotDone(_)
        | Outcome::Unknown(_)
        | Outcome::Unexpected(_) => true,
    }
}

/// Whether the payment can have been there, at another version than this, while the request was under way.
fn was_at_other_version(chain: &Chain<'_>, operation: &Operation, life: &Life, version: u64) -> bool {
    let there_before = life.version(0).is_some_and(|first| first.from.at <= operation.ended);
    let older = version > 0
        && there_before
        && life.version(version).map_or_else(|| life.ended_until(), |span| span.until.at) >= operation.invoked;
    let newer = match version.checked_add(1).and_then(|next| life.version(next)) {
        Some(next) => next.from.at <= operation.ended && life.ended_until() >= operation.invoked,
        None => may_have_changed(chain, operation, Some(version)),
    };
    older || newer
}

/// Whether the payment can have been changed while the request was under way: a write without a condition gives up when
/// others are faster again and again.
fn was_changed(chain: &Chain<'_>, operation: &Operation, life: &Life) -> bool {
    let mut changes = life.versions.iter().skip(1);
    changes.any(|span| span.from.at <= operation.ended && span.until.at >= operation.invoked)
        || may_have_changed(chain, operation, None)
}

/// Whether a write without an answer can have made a version that nobody saw, of the version `from` if that is given.
fn may_have_changed(chain: &Chain<'_>, operation: &Operation, from: Option<u64>) -> bool {
    let mut open = chain.open.iter().filter_map(|number| chain.operation(*number));
    open.any(|open| {
        let expected = open.call.expected();
        !matches!(open.call, Call::Create { .. })
            && open.invoked <= operation.ended
            && (from.is_none() || expected.is_none() || expected >= from)
    })
}
