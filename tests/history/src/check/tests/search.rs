//! The checker against a search through all orders, on small histories of one payment: thousands that a register made, and as
//! many with something changed in them.

use crate::{
    check::check,
    model::{Call, Condition, Content, History, Moment, Number, Operation, Outcome, ReadCondition, Seen, Times},
};
use fastrand::Rng;
use std::collections::HashSet;

/// How many histories are compared.
const HISTORIES: u64 = 40_000;
/// How many operations each has at the most; the search takes time that grows exponentially with it.
const OPERATIONS: usize = 7;

/// A register with versions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Register {
    /// The current version, and its content.
    current: Option<(u64, Content)>,
    deleted: bool,
}

impl Register {
    /// Applies a call, and says what comes of it.
    fn apply(&mut self, call: &Call, by: Number) -> Outcome {
        if let Call::Create { id } = call {
            if self.current.is_some() || self.deleted {
                return Outcome::Exists;
            }
            let content = Content { by, log: vec![by], note: None };
            self.current = Some((0, content.clone()));
            return Outcome::Created(id.clone().unwrap(), Seen { version: 0, content, times: Times::default() });
        }
        let Some((version, content)) = self.current.clone() else { return Outcome::NotFound };
        match call {
            Call::Read { condition: ReadCondition::IfNoneMatch(known), .. } if *known == version => {
                Outcome::Unmodified(version)
            }
            Call::Read { .. } => Outcome::Read(Seen { version, content, times: Times::default() }),
            _ if call.expected().is_some_and(|expected| expected != version) => Outcome::Conflict,
            Call::Delete { .. } => {
                *self = Self { current: None, deleted: true };
                Outcome::Deleted
            }
            Call::Create { .. }
            | Call::List { .. }
            | Call::PastVersion { .. }
            | Call::PastVersions { .. }
            | Call::Events(_)
            | Call::Stream(_) => panic!("no such call is made here"),
            Call::Replace { .. } | Call::JsonPatch { .. } | Call::MergePatch { .. } => {
                let content = Content::written(call, by, Some(&content)).unwrap();
                self.current = Some((version + 1, content.clone()));
                Outcome::Changed(Seen { version: version + 1, content, times: Times::default() })
            }
        }
    }
}

/// Whether there is an order of the operations that explains all outcomes: those without an answer may have been done at any
/// later moment, or never.
fn has_order(
    history: &History,
    left: &[Number],
    register: &Register,
    seen: &mut HashSet<(Vec<Number>, Register)>,
) -> bool {
    let operation = |number: &Number| history.get(*number).unwrap();
    if left.iter().all(|number| operation(number).outcome.is_unknown()) {
        return true;
    }
    if !seen.insert((left.to_vec(), register.clone())) {
        return false;
    }
    let first_end = left.iter().map(|number| operation(number).effective_until()).min().unwrap();
    let next = left.iter().filter(|number| operation(number).invoked <= first_end);
    next.copied().collect::<Vec<_>>().into_iter().any(|number| {
        let Operation { call, outcome, .. } = operation(&number);
        let mut after = register.clone();
        let made = after.apply(call, number);
        let rest: Vec<_> = left.iter().copied().filter(|other| *other != number).collect();
        (outcome.is_unknown() || made == *outcome) && has_order(history, &rest, &after, seen)
    })
}

fn search(history: &History) -> bool {
    let all: Vec<_> = history.numbered().map(|(number, _)| number).collect();
    has_order(history, &all, &Register::default(), &mut HashSet::new())
}

fn choose(rng: &mut Rng) -> Call {
    let id = || "a".into();
    let version = rng.u64(..3);
    let condition = if rng.bool() { Condition::Any } else { Condition::Version(version) };
    match rng.u32(..12) {
        0..=2 => Call::Create { id: Some(id()) },
        3..=5 => Call::Read { id: id(), condition: ReadCondition::Any },
        6 => Call::Read { id: id(), condition: ReadCondition::IfNoneMatch(version) },
        7..=8 => Call::Replace { id: id(), version, if_match: None },
        9 => Call::JsonPatch { id: id(), condition },
        10 => Call::MergePatch { id: id(), condition },
        _ => Call::Delete { id: id(), condition },
    }
}

/// A history that a register made: each operation takes effect at some moment between its request and its answer.
fn made_by_register(rng: &mut Rng) -> History {
    let mut planned: Vec<(Moment, Operation)> = Vec::new();
    for _ in 0..rng.usize(2..=OPERATIONS) {
        let (invoked, before, after) = (rng.u64(..40), rng.u64(1..12), rng.u64(1..12));
        let ended = invoked + before + after;
        let outcome = if rng.u32(..5) == 0 { Outcome::Unknown("cut".to_owned()) } else { Outcome::Deleted };
        // What was cut may take effect long after, or never.
        let late = if outcome.is_unknown() { rng.u64(..40) } else { 0 };
        planned.push((invoked + before + late, Operation { client: 0, call: choose(rng), invoked, ended, outcome }));
    }
    let mut order: Vec<_> = (0..planned.len()).collect();
    order.sort_by_key(|index| planned[*index].0);
    let mut register = Register::default();
    for index in order {
        let operation = &mut planned[index].1;
        if operation.outcome.is_unknown() && rng.bool() {
            continue;
        }
        let made = register.apply(&operation.call, Number::try_from(index).unwrap());
        if !operation.outcome.is_unknown() {
            operation.outcome = made;
        }
    }
    History { operations: planned.into_iter().map(|(_, operation)| operation).collect(), ..History::default() }
}

/// Changes something: when an operation was, or what came of it.
fn disturb(history: &mut History, rng: &mut Rng) {
    let (one, other) = (rng.usize(..history.operations.len()), rng.usize(..history.operations.len()));
    let borrowed = history.operations[other].outcome.clone();
    let operation = &mut history.operations[one];
    match (rng.u32(..4), &operation.call, borrowed) {
        (0, ..) => {
            let (shift, length) = (rng.u64(..40), operation.ended - operation.invoked);
            (operation.invoked, operation.ended) = (shift, shift + length);
        }
        (1, call, _) if !matches!(call, Call::Create { .. }) => operation.outcome = Outcome::NotFound,
        (2, Call::Read { .. }, Outcome::Created(_, seen) | Outcome::Changed(seen)) => {
            operation.outcome = Outcome::Read(seen)
        }
        _ => operation.ended = operation.invoked + 1,
    }
}

/// Whether a history has refusals for a version: the checker looks at each of them alone.
fn has_conflicts(history: &History) -> bool {
    history.operations.iter().any(|operation| operation.outcome == Outcome::Conflict)
}

#[test]
fn the_checker_agrees_with_a_search_through_all_orders() {
    let (mut fine, mut broken) = (0, 0);
    for seed in 0..HISTORIES {
        let mut rng = Rng::with_seed(seed);
        let mut history = made_by_register(&mut rng);
        for _ in 0..rng.usize(..4) {
            disturb(&mut history, &mut rng);
        }
        let (expected, found) = (search(&history), check(&history));
        // A contradiction between refusals may go unnoticed; a history that has an order is never refused.
        let agrees = expected == found.is_ok() || (!expected && has_conflicts(&history));
        assert!(
            agrees,
            "seed {seed}: an order exists: {expected}; the checker says {found:?} of {:#?}",
            history.operations
        );
        *(if expected { &mut fine } else { &mut broken }) += 1;
    }
    assert!(fine > 20_000 && broken > 1_500, "too few of one kind: {fine} have an order, {broken} have none");
}
