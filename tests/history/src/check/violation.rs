//! What a history can break, in words.

use crate::model::{Id, Number};
use std::fmt;

/// A rule of the register, of the lists, of the histories, or of the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// An answer is none that the contract has for the call, or contradicts itself.
    Answer,
    /// A success disregards the condition of its request.
    Condition,
    /// An id was given to two payments.
    IdReused,
    /// Two writes made the same version.
    TwoWinners,
    /// One write made two versions.
    AppliedTwice,
    /// A write took effect that was refused.
    RefusedButDone,
    /// A version is there that nobody can have written.
    VersionSkipped,
    /// A change was made on top of something else than the version before it.
    LostUpdate,
    /// The times of a payment contradict each other.
    Times,
    /// A read returned an older version than was known before it began.
    StaleRead,
    /// A read returned a version before it was written.
    ReadFromFuture,
    /// The versions cannot have been written in their order.
    Order,
    /// A payment is gone that nobody deleted.
    AcknowledgedLost,
    /// A payment is there after it was deleted.
    Resurrected,
    /// A refusal has no reason.
    Refusal,
    /// A walk repeats a payment.
    ListRepeats,
    /// A walk skips a payment that was there throughout.
    ListSkips,
    /// Two lists disagree about the order, or a list is not in the order of creation.
    ListOrder,
    /// A page shows payments as they never were at the same moment.
    ListMoment,
    /// The history of a payment leaves out a version.
    HistorySkips,
    /// A history shows a version otherwise than it was.
    HistoryContent,
    /// A change is shown that nobody can have made.
    EventUnsent,
    /// The versions of a payment do not ascend by one, from its creation to its deletion.
    EventVersions,
    /// A walk shows an event twice.
    FeedRepeats,
    /// A walk leaves out an event.
    FeedSkips,
    /// Two walks disagree about the order of events, or the order is not that of the requests.
    FeedOrder,
    /// An event is shown in two ways.
    FeedContent,
    /// A walk from now on shows what was before.
    FeedNow,
}

impl Rule {
    /// The rule as a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Answer => "Every answer is one that the contract has for the request, and agrees with itself.",
            Self::Condition => "A request with a condition succeeds only at the version that the condition allows.",
            Self::IdReused => "An id is given to one payment only, for ever.",
            Self::TwoWinners => "Of all writers of a version, one wins.",
            Self::AppliedTwice => "A write takes effect once.",
            Self::RefusedButDone => "A write that was refused takes no effect.",
            Self::VersionSkipped => "A success raises the version by one, so every version has a writer.",
            Self::LostUpdate => "A change is made on top of the version before it, and loses nothing of that.",
            Self::Times => {
                "A payment keeps its created_on for ever, a version its modified_on, and no version is modified before the one \
                 that it replaces, whatever the clocks say."
            }
            Self::StaleRead => "A read never goes back behind what was acknowledged or shown before it began.",
            Self::ReadFromFuture => "A read shows nothing that was not yet written.",
            Self::Order => "Versions are written in their order.",
            Self::AcknowledgedLost => "Nothing acknowledged is lost: a payment is there until somebody deletes it.",
            Self::Resurrected => "A payment that was deleted never comes back.",
            Self::Refusal => "A refusal (404, 409, 412) is true at some moment between the request and its answer.",
            Self::ListRepeats => "A walk shows no payment twice.",
            Self::ListSkips => "A walk shows every payment that is there throughout.",
            Self::ListOrder => "Lists are in the order of creation, which never changes.",
            Self::ListMoment => "A page shows its payments as they were at one moment.",
            Self::HistorySkips => {
                "The history of a payment has every version, and keeps it when the payment is deleted."
            }
            Self::HistoryContent => "A version stays as it was written, in the history and in each event.",
            Self::EventUnsent => "Every event is of a write that was sent.",
            Self::EventVersions => "The versions of a payment ascend by one in the events, and end with its deletion.",
            Self::FeedRepeats => "A walk shows each event once.",
            Self::FeedSkips => "A walk shows every event behind its cursor, those that were committed late too.",
            Self::FeedOrder => {
                "All walks show one order of events, in which a write that was answered is before one sent later."
            }
            Self::FeedContent => "An event is the same each time that it is shown.",
            Self::FeedNow => "A walk from now on shows what happens later, and nothing that was known before.",
        }
    }
}

/// A rule that a history breaks, and the operations that prove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// The payment that it is about.
    pub id: Option<Id>,
    /// What happened.
    pub text: String,
    /// The operations that cannot all be, first the one whose answer cannot be.
    pub operations: Vec<Number>,
}

impl Violation {
    pub(super) fn new(
        rule: Rule,
        id: Option<&Id>,
        text: impl Into<String>,
        operations: &[Option<Number>],
    ) -> Box<Self> {
        let mut named = Vec::new();
        for number in operations.iter().flatten() {
            if !named.contains(number) {
                named.push(*number);
            }
        }
        Box::new(Self { rule, id: id.cloned(), text: text.into(), operations: named })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = self.id.as_ref().map_or_else(String::new, |id| format!("payment {id}: "));
        write!(f, "{about}{}\nThe rule: {}", self.text, self.rule.sentence())
    }
}

impl std::error::Error for Violation {}
