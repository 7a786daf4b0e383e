//! The checker, by histories written down by hand, and by comparison with a search through all orders.

mod feed;
mod search;

use super::{Rule, check};
use crate::model::{
    Call, Condition, Content, Entry, History, Id, Moment, Number, Operation, Outcome, ReadCondition, Seen, Times,
};

/// A history that is written down operation by operation.
#[derive(Debug, Clone, Default)]
struct Written(History);

fn id(name: &str) -> Id {
    name.into()
}

fn replaced(version: u64, by: Number) -> Seen {
    Seen { version, content: Content { by, log: vec![by], note: None }, times: Times::default() }
}

fn read(name: &str) -> Call {
    Call::Read { id: id(name), condition: ReadCondition::Any }
}

fn replace(name: &str, version: u64) -> Call {
    Call::Replace { id: id(name), version, if_match: None }
}

fn delete(name: &str, version: u64) -> Call {
    Call::Delete { id: id(name), condition: Condition::Version(version) }
}

fn unknown() -> Outcome {
    Outcome::Unknown("killed".to_owned())
}

impl Written {
    /// Adds an operation; its number is that of its turn, from 0.
    fn then(mut self, invoked: Moment, ended: Moment, call: Call, outcome: Outcome) -> Self {
        self.0.operations.push(Operation { client: 0, call, invoked, ended, outcome });
        self
    }

    fn number(&self) -> Number {
        Number::try_from(self.0.operations.len()).unwrap()
    }

    fn create(self, invoked: Moment, ended: Moment, name: &str) -> Self {
        let seen = replaced(0, self.number());
        self.then(invoked, ended, Call::Create { id: Some(id(name)) }, Outcome::Created(id(name), seen))
    }

    /// A replacement that succeeds.
    fn replace(self, invoked: Moment, ended: Moment, name: &str, version: u64) -> Self {
        let seen = replaced(version + 1, self.number());
        self.then(invoked, ended, replace(name, version), Outcome::Changed(seen))
    }

    fn read(self, invoked: Moment, ended: Moment, name: &str, version: u64, by: Number) -> Self {
        self.then(invoked, ended, read(name), Outcome::Read(replaced(version, by)))
    }

    /// A page of a walk, of payments at version 0, each with its creator.
    fn page(self, invoked: Moment, ended: Moment, (walk, page): (u32, u32), entries: &[(&str, Number)]) -> Self {
        let entries = entries.iter().map(|(name, by)| Entry { id: id(name), seen: replaced(0, *by) }).collect();
        self.then(invoked, ended, Call::List { walk, page }, Outcome::Page(entries))
    }

    #[track_caller]
    fn can_be(self) {
        check(&self.0)
            .unwrap_or_else(|violation| panic!("expected no violation, got {:?}: {violation}", violation.rule));
    }

    /// The history breaks the rule, and these operations prove it; the first one is the answer that cannot be.
    #[track_caller]
    fn breaks(self, rule: Rule, operations: &[Number]) {
        let violation = check(&self.0).expect_err("a rule is broken");
        assert_eq!((violation.rule, violation.operations.as_slice()), (rule, operations), "{violation}");
    }
}

fn new() -> Written {
    Written::default()
}

#[test]
fn operations_that_overlap_may_be_in_either_order() {
    new().create(0, 10, "a").replace(20, 40, "a", 0).read(25, 30, "a", 0, 0).read(31, 35, "a", 1, 1).can_be();
    new().create(0, 10, "a").then(5, 8, read("a"), Outcome::NotFound).can_be();
}

#[test]
fn a_read_that_goes_back_is_stale() {
    let stale = new().create(0, 10, "a").replace(20, 30, "a", 0).read(40, 50, "a", 0, 0).read(60, 70, "a", 0, 0);
    // Of two, the one that is nearer.
    stale.breaks(Rule::StaleRead, &[2, 1]);
    // What another reader saw counts as much as what a writer was told.
    let seen = new().create(0, 10, "a").replace(20, 90, "a", 0).read(30, 40, "a", 1, 1);
    seen.read(50, 60, "a", 0, 0).breaks(Rule::StaleRead, &[3, 2]);
}

#[test]
fn a_read_of_what_was_not_yet_sent_is_from_the_future() {
    new().create(0, 10, "a").read(11, 12, "a", 1, 2).replace(20, 30, "a", 0).breaks(Rule::ReadFromFuture, &[2, 1]);
}

#[test]
fn a_write_without_an_answer_may_have_been_done_at_any_later_moment_or_never() {
    let cut = || new().create(0, 10, "a").then(20, 30, replace("a", 0), unknown());
    cut().read(40, 50, "a", 0, 0).can_be();
    cut().read(40, 50, "a", 0, 0).read(60, 70, "a", 1, 1).can_be();
    cut().read(40, 50, "a", 1, 1).read(60, 70, "a", 0, 0).breaks(Rule::StaleRead, &[3, 2]);
}

#[test]
fn a_version_that_nobody_saw_needs_a_writer() {
    let hidden = || new().create(0, 10, "a").then(20, 30, replace("a", 0), unknown());
    hidden().replace(40, 50, "a", 1).can_be();
    new()
        .create(0, 10, "a")
        .then(20, 30, replace("a", 3), unknown())
        .replace(40, 50, "a", 1)
        .breaks(Rule::VersionSkipped, &[2]);
    let sent_too_late = new().create(0, 10, "a").replace(40, 50, "a", 1);
    sent_too_late.then(60, 70, replace("a", 0), unknown()).breaks(Rule::VersionSkipped, &[1]);
}

#[test]
fn each_version_that_nobody_saw_needs_a_writer_of_its_own() {
    let any = |name| Call::MergePatch { id: id(name), condition: Condition::Any };
    let both = new().create(0, 10, "a").then(20, 21, any("a"), unknown()).then(20, 22, replace("a", 0), unknown());
    both.replace(40, 50, "a", 2).can_be();
    let one_for_both =
        new().create(0, 10, "a").then(20, 21, any("a"), unknown()).then(20, 22, replace("a", 7), unknown());
    one_for_both.replace(40, 50, "a", 2).breaks(Rule::VersionSkipped, &[3]);
}

#[test]
fn two_writers_of_one_version_cannot_both_win() {
    new().create(0, 10, "a").replace(20, 30, "a", 0).replace(20, 30, "a", 0).breaks(Rule::TwoWinners, &[2, 1]);
    let deleted = new().create(0, 10, "a").replace(20, 30, "a", 0).then(20, 30, delete("a", 0), Outcome::Deleted);
    deleted.breaks(Rule::TwoWinners, &[1, 2]);
    let twice = new().create(0, 10, "a").then(20, 30, delete("a", 0), Outcome::Deleted);
    twice.then(20, 30, delete("a", 0), Outcome::Deleted).breaks(Rule::TwoWinners, &[2, 1]);
}

#[test]
fn an_id_is_given_out_once() {
    new().create(0, 10, "a").create(20, 30, "a").breaks(Rule::IdReused, &[1, 0]);
    let deleted = new().create(0, 10, "a").then(20, 30, delete("a", 0), Outcome::Deleted);
    deleted.create(40, 50, "a").breaks(Rule::IdReused, &[2, 0]);
}

#[test]
fn a_patch_that_forgets_the_version_before_is_a_lost_update() {
    let patch = |by, log: &[Number]| {
        let content = Content { by, log: log.to_vec(), note: None };
        Outcome::Changed(Seen { version: 2, content, times: Times::default() })
    };
    let call = || Call::JsonPatch { id: id("a"), condition: Condition::Any };
    let written = || new().create(0, 10, "a").replace(20, 30, "a", 0);
    written().then(40, 50, call(), patch(2, &[1, 2])).can_be();
    written().then(40, 50, call(), patch(2, &[0, 2])).breaks(Rule::LostUpdate, &[2, 1]);
    written().then(40, 50, replace("a", 0), Outcome::Changed(replaced(2, 2))).breaks(Rule::LostUpdate, &[2]);
}

#[test]
fn what_was_refused_has_no_effect() {
    let refused = new().create(0, 10, "a").then(20, 30, replace("a", 0), Outcome::NotDone("overloaded".to_owned()));
    refused.read(40, 50, "a", 1, 1).breaks(Rule::VersionSkipped, &[2]);
    let refused = new().create(0, 10, "a").then(20, 30, replace("a", 1), Outcome::Conflict).replace(40, 50, "a", 0);
    refused.read(60, 70, "a", 1, 1).breaks(Rule::TwoWinners, &[3, 2, 1]);
}

#[test]
fn a_payment_is_there_until_somebody_deletes_it() {
    new().create(0, 10, "a").then(20, 30, read("a"), Outcome::NotFound).breaks(Rule::AcknowledgedLost, &[1, 0]);
    let cut = || new().create(0, 10, "a").then(20, 30, delete("a", 0), unknown());
    cut().then(40, 50, read("a"), Outcome::NotFound).can_be();
    cut().then(40, 50, read("a"), Outcome::NotFound).read(60, 70, "a", 0, 0).breaks(Rule::Resurrected, &[3, 2]);
    let later =
        new().create(0, 10, "a").then(20, 30, read("a"), Outcome::NotFound).then(40, 50, delete("a", 0), unknown());
    later.breaks(Rule::AcknowledgedLost, &[1, 0]);
}

#[test]
fn a_payment_that_was_deleted_stays_away() {
    let deleted = || new().create(0, 10, "a").then(20, 30, delete("a", 0), Outcome::Deleted);
    deleted().read(25, 40, "a", 0, 0).can_be();
    deleted().read(40, 50, "a", 0, 0).breaks(Rule::Resurrected, &[2, 1]);
    deleted().replace(40, 50, "a", 0).breaks(Rule::Resurrected, &[2, 1]);
    deleted().then(40, 50, replace("a", 3), Outcome::Conflict).breaks(Rule::Resurrected, &[2, 1]);
}

#[test]
fn a_refusal_needs_a_reason() {
    let written = || new().create(0, 10, "a").replace(20, 30, "a", 0);
    written().then(25, 40, replace("a", 0), Outcome::Conflict).can_be();
    written().then(40, 50, replace("a", 1), Outcome::Conflict).breaks(Rule::Refusal, &[2]);
    let before = new().create(0, 10, "a").then(11, 12, replace("a", 1), Outcome::Conflict).replace(20, 30, "a", 0);
    before.can_be();
    let if_match = Call::Read { id: id("a"), condition: ReadCondition::IfMatch(1) };
    written().then(40, 50, if_match, Outcome::PreconditionFailed).breaks(Rule::Refusal, &[2]);
    new().then(0, 10, Call::Create { id: Some(id("a")) }, Outcome::Exists).breaks(Rule::Refusal, &[0]);
}

#[test]
fn a_read_keeps_its_condition() {
    let with = |condition| Call::Read { id: id("a"), condition };
    let created = || new().create(0, 10, "a");
    created().then(20, 30, with(ReadCondition::IfNoneMatch(0)), Outcome::Unmodified(0)).can_be();
    let full = Outcome::Read(replaced(0, 0));
    created().then(20, 30, with(ReadCondition::IfNoneMatch(0)), full.clone()).breaks(Rule::Condition, &[1]);
    created().then(20, 30, with(ReadCondition::IfMatch(1)), full).breaks(Rule::Condition, &[1]);
}

#[test]
fn a_write_takes_effect_once() {
    let twice = new().create(0, 10, "a").create(0, 10, "b").then(20, 30, replace("a", 0), unknown());
    twice.read(40, 50, "a", 1, 2).read(40, 50, "b", 1, 2).breaks(Rule::AppliedTwice, &[4, 3, 2]);
}

#[test]
fn an_answer_that_the_contract_has_not_is_reported() {
    new().then(0, 10, read("a"), Outcome::Unexpected("500".to_owned())).breaks(Rule::Answer, &[0]);
}

#[test]
fn a_walk_repeats_and_skips_nothing() {
    let two = || new().create(0, 10, "a").create(11, 20, "b");
    let walk = |pages: Written| pages.page(40, 41, (1, 2), &[]);
    walk(two().page(30, 31, (1, 0), &[("a", 0)]).page(32, 33, (1, 1), &[("b", 1)])).can_be();
    walk(two().page(30, 31, (1, 0), &[("a", 0), ("b", 1)]).page(32, 33, (1, 1), &[("b", 1)]))
        .breaks(Rule::ListRepeats, &[3, 2]);
    walk(two().page(30, 31, (1, 0), &[("b", 1)])).breaks(Rule::ListSkips, &[3, 0, 2]);
    // It may be skipped if it was not yet there, or may have been deleted.
    walk(two().create(29, 32, "c").page(30, 31, (1, 0), &[("a", 0), ("b", 1)])).can_be();
    walk(two().then(35, 36, delete("a", 0), unknown()).page(30, 31, (1, 0), &[("b", 1)])).can_be();
}

#[test]
fn a_list_may_be_held_back_where_the_store_says_so_and_not_for_ever() {
    let slow = |limit| {
        let cut = new().then(0, 5, Call::Create { id: Some(id("slow")) }, unknown()).create(1, 10, "a");
        let mut walk = cut.page(20, 21, (1, 0), &[]);
        walk.0.hold_back = limit;
        walk
    };
    slow(None).breaks(Rule::ListSkips, &[2, 1]);
    slow(Some(100)).can_be();
    slow(Some(10)).breaks(Rule::ListSkips, &[2, 1]);
    // What a list has shown is never held back again.
    let mut shown = new().then(0, 5, Call::Create { id: Some(id("slow")) }, unknown()).create(1, 10, "a");
    shown.0.hold_back = Some(100);
    shown.page(11, 12, (1, 0), &[("a", 1)]).page(20, 21, (2, 0), &[]).breaks(Rule::ListSkips, &[3, 1]);
}

#[test]
fn lists_are_in_the_order_of_creation() {
    let two = || new().create(0, 10, "a").create(11, 20, "b");
    two().page(30, 31, (1, 0), &[("b", 1), ("a", 0)]).breaks(Rule::ListOrder, &[2]);
    let at_once = || new().create(0, 10, "a").create(0, 10, "b");
    at_once().page(30, 31, (1, 0), &[("b", 1), ("a", 0)]).can_be();
    let turned = at_once().page(30, 31, (1, 0), &[("b", 1), ("a", 0)]).page(40, 41, (2, 0), &[("a", 0), ("b", 1)]);
    turned.breaks(Rule::ListOrder, &[3, 2]);
}

#[test]
fn a_page_is_of_one_moment() {
    let changed = || new().create(0, 10, "a").replace(20, 30, "a", 0);
    let page = |written: Written| written.page(15, 60, (1, 0), &[("a", 0), ("b", 2)]);
    page(changed().create(25, 40, "b")).can_be();
    page(changed().create(40, 50, "b")).breaks(Rule::ListMoment, &[3]);
}

#[test]
fn times_never_go_back_from_one_version_to_the_next() {
    let times = |created: &str, modified: &str| Times { created_on: created.into(), modified_on: modified.into() };
    let seen = |version, by, (created, modified): (&str, &str)| Seen {
        times: times(created, modified),
        ..replaced(version, by)
    };
    let written = |first, second| {
        let created = Outcome::Created(id("a"), seen(0, 0, first));
        let written = new().then(0, 10, Call::Create { id: Some(id("a")) }, created);
        written.then(20, 30, replace("a", 0), Outcome::Changed(seen(1, 1, second)))
    };
    written(("5", "5"), ("5", "6")).can_be();
    written(("5", "5"), ("5", "5")).can_be();
    written(("5", "5"), ("5", "4")).breaks(Rule::Times, &[1, 0]);
    written(("5", "5"), ("6", "6")).breaks(Rule::Times, &[1, 0]);
    written(("5", "4"), ("5", "6")).breaks(Rule::Times, &[0]);
    // What is shown of a version stays so.
    let read = |shown| written(("5", "5"), ("5", "6")).then(40, 50, read("a"), Outcome::Read(seen(1, 1, shown)));
    read(("5", "6")).can_be();
    read(("5", "7")).breaks(Rule::Times, &[2, 1]);
    // A version that nobody saw lies between.
    let hidden = written(("5", "5"), ("5", "8")).then(40, 45, replace("a", 1), unknown());
    hidden.then(50, 60, replace("a", 2), Outcome::Changed(seen(3, 3, ("5", "7")))).breaks(Rule::Times, &[3, 1]);
}
