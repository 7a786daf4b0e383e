//! What a history is made of: calls, their outcomes, and what was seen of payments.
//!
//! A new operation of the contract is a new [`Kind`] and a new [`Call`]. Everything that has to know of it matches these
//! without `_`: the generator, the sender, the recorder of outcomes, the checker and the timeline do not compile before they
//! do. `tests/history/tests/contract.rs` compares [`Kind::ALL`] with the contract.

mod change;
mod content;
mod kind;

pub use change::{Change, ChangeKind, Event, Follow, Name, Place};
pub use content::Content;
pub use kind::Kind;
use std::sync::Arc;

/// The id of a payment.
pub type Id = Arc<str>;
/// The number of an operation in its history: its index.
pub type Number = u32;
/// A moment, in nanoseconds since the history began, by the one clock of the recording process.
pub type Moment = u64;

/// Which version a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Any version; a deletion says `If-Match: *`.
    Any,
    /// `If-Match` names the version: 412 if the payment has another.
    IfMatch(u64),
    /// The request itself names the version (`?version=`, `data.version`, a `test`): 409 if the payment has another.
    Version(u64),
}

impl Condition {
    /// The version that the payment must have.
    #[must_use]
    pub const fn expected(self) -> Option<u64> {
        match self {
            Self::Any => None,
            Self::IfMatch(version) | Self::Version(version) => Some(version),
        }
    }
}

/// The condition of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadCondition {
    /// None.
    Any,
    /// `If-None-Match`: 304 if the payment has this version.
    IfNoneMatch(u64),
    /// `If-Match`: 412 if the payment has another version.
    IfMatch(u64),
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Creates a payment; without an id the service chooses one.
    Create {
        /// The id.
        id: Option<Id>,
    },
    /// Reads a payment.
    Read {
        /// The id.
        id: Id,
        /// The condition.
        condition: ReadCondition,
    },
    /// Replaces a payment.
    Replace {
        /// The id.
        id: Id,
        /// The version that the body names: 409 if the payment has another.
        version: u64,
        /// The version that `If-Match` names as well: 412 if the payment has another.
        if_match: Option<u64>,
    },
    /// Appends to the log of a payment.
    JsonPatch {
        /// The id.
        id: Id,
        /// Which version.
        condition: Condition,
    },
    /// Changes the note of a payment.
    MergePatch {
        /// The id.
        id: Id,
        /// Which version.
        condition: Condition,
    },
    /// Deletes a payment.
    Delete {
        /// The id.
        id: Id,
        /// Which version.
        condition: Condition,
    },
    /// Reads a page.
    List {
        /// The walk that the page belongs to.
        walk: u32,
        /// The number of the page in its walk, from 0.
        page: u32,
    },
    /// Reads one version of a payment, as it was.
    PastVersion {
        /// The id.
        id: Id,
        /// The version.
        version: u64,
    },
    /// Reads a page of the history of a payment, newest version first.
    PastVersions {
        /// The id.
        id: Id,
        /// Only versions below this one.
        below: Option<u64>,
    },
    /// Reads a page of events.
    Events(Follow),
    /// Follows the stream of events, until its connection ends or the client has enough.
    Stream(Follow),
}

impl Call {
    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Create { .. } => Kind::Create,
            Self::Read { .. } => Kind::Read,
            Self::Replace { .. } => Kind::Replace,
            Self::JsonPatch { .. } => Kind::JsonPatch,
            Self::MergePatch { .. } => Kind::MergePatch,
            Self::Delete { .. } => Kind::Delete,
            Self::List { .. } => Kind::List,
            Self::PastVersion { .. } => Kind::PastVersion,
            Self::PastVersions { .. } => Kind::PastVersions,
            Self::Events(_) => Kind::Events,
            Self::Stream(_) => Kind::Stream,
        }
    }

    /// The payment that the call names.
    #[must_use]
    pub const fn id(&self) -> Option<&Id> {
        match self {
            Self::Create { id } => id.as_ref(),
            Self::Read { id, .. }
            | Self::Replace { id, .. }
            | Self::JsonPatch { id, .. }
            | Self::MergePatch { id, .. }
            | Self::Delete { id, .. }
            | Self::PastVersion { id, .. }
            | Self::PastVersions { id, .. } => Some(id),
            Self::List { .. } | Self::Events(_) | Self::Stream(_) => None,
        }
    }

    /// The version that a change must find, or may find any.
    #[must_use]
    pub const fn expected(&self) -> Option<u64> {
        match self {
            Self::Replace { version, .. } => Some(*version),
            Self::JsonPatch { condition, .. } | Self::MergePatch { condition, .. } | Self::Delete { condition, .. } => {
                condition.expected()
            }
            Self::Create { .. }
            | Self::Read { .. }
            | Self::List { .. }
            | Self::PastVersion { .. }
            | Self::PastVersions { .. }
            | Self::Events(_)
            | Self::Stream(_) => None,
        }
    }

    /// Whether the call makes a version of a payment.
    #[must_use]
    pub const fn writes_version(&self) -> bool {
        match self {
            Self::Create { .. } | Self::Replace { .. } | Self::JsonPatch { .. } | Self::MergePatch { .. } => true,
            Self::Read { .. }
            | Self::Delete { .. }
            | Self::List { .. }
            | Self::PastVersion { .. }
            | Self::PastVersions { .. }
            | Self::Events(_)
            | Self::Stream(_) => false,
        }
    }

    /// Whether the call changes a payment that is there.
    #[must_use]
    pub const fn changes(&self) -> bool {
        matches!(self, Self::Replace { .. } | Self::JsonPatch { .. } | Self::MergePatch { .. } | Self::Delete { .. })
    }

    /// The part of a walk through the events that the call reads.
    #[must_use]
    pub const fn follow(&self) -> Option<&Follow> {
        match self {
            Self::Events(follow) | Self::Stream(follow) => Some(follow),
            Self::Create { .. }
            | Self::Read { .. }
            | Self::Replace { .. }
            | Self::JsonPatch { .. }
            | Self::MergePatch { .. }
            | Self::Delete { .. }
            | Self::List { .. }
            | Self::PastVersion { .. }
            | Self::PastVersions { .. } => None,
        }
    }
}

/// When a payment was created and when a version was made, as an answer says it: RFC 3339 in UTC with microseconds, so that the
/// texts are in the order of the moments.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Times {
    /// `created_on`
    pub created_on: String,
    /// `modified_on`
    pub modified_on: String,
}

/// A version of a payment, as an answer showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The version.
    pub version: u64,
    /// Its content.
    pub content: Content,
    /// Its times.
    pub times: Times,
}

/// A payment on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The id.
    pub id: Id,
    /// What the page showed of it.
    pub seen: Seen,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// 201: the payment with this id was created.
    Created(Id, Seen),
    /// 200 to a change: the version that it made.
    Changed(Seen),
    /// 200 to a read.
    Read(Seen),
    /// 304: the version is current.
    Unmodified(u64),
    /// 204: the payment is deleted.
    Deleted,
    /// 200 to a list: the payments of the page. An empty page is the end of the walk.
    Page(Vec<Entry>),
    /// 200 to a read of a version.
    Version(Change),
    /// 200 to a page of a history: the versions, newest first.
    Versions {
        /// The versions of the page.
        changes: Vec<Change>,
        /// Whether the page leads to another one, of older versions.
        has_older: bool,
    },
    /// 200 to a page of events, or to a stream: what was shown.
    Events {
        /// The events.
        events: Vec<Event>,
        /// Whether that was all there is. A page is at the end when it is not full; a stream, when its client has waited
        /// for long enough.
        at_end: bool,
    },
    /// 404: there is no such payment.
    NotFound,
    /// 409: the id is or was in use.
    Exists,
    /// 409: the payment is at another version than the request itself names.
    Conflict,
    /// 412: the payment is at another version than `If-Match` names.
    PreconditionFailed,
    /// The call was not done, for certain: the service said so, or no connection could be made.
    NotDone(String),
    /// The call may have been done, or may be done at any later moment: cut off, killed, or answered 503 in doubt.
    Unknown(String),
    /// An answer that is none of these.
    Unexpected(String),
}

impl Outcome {
    /// Whether nobody knows if the call was done.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }
}

/// A call of a client, when it was sent, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Which client.
    pub client: u32,
    /// What it asked for.
    pub call: Call,
    /// The moment before it was sent.
    pub invoked: Moment,
    /// The moment after its answer was read, or at which the client gave up.
    pub ended: Moment,
    /// What came of it.
    pub outcome: Outcome,
}

impl Operation {
    /// The last moment at which the operation can have taken effect: no limit if its outcome is unknown.
    #[must_use]
    pub const fn effective_until(&self) -> Moment {
        if self.outcome.is_unknown() { Moment::MAX } else { self.ended }
    }

    /// The payment that the operation is about, as far as it names one or its answer does.
    #[must_use]
    pub fn id(&self) -> Option<&Id> {
        if let Outcome::Created(id, _) = &self.outcome { Some(id) } else { self.call.id() }
    }
}

/// All that clients did, in the order of their numbers.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The operations; the number of each is its index.
    pub operations: Vec<Operation>,
    /// For how long a list may hold back a payment behind a creation that hangs: `Repo::list` allows that to stores whose
    /// inserts overlap. None: never.
    pub hold_back: Option<Moment>,
    /// What was done to the service meanwhile, for people: the checker does not look at it.
    pub faults: Vec<(Moment, String)>,
}

impl History {
    /// The operation with this number.
    #[must_use]
    pub fn get(&self, number: Number) -> Option<&Operation> {
        self.operations.get(usize::try_from(number).ok()?)
    }

    /// The operations with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (Number, &Operation)> {
        (0..).zip(&self.operations)
    }
}
