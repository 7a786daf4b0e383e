//! What histories and events show: the changes that made the versions of payments.

use super::{Content, Id, Number};
use std::{fmt, sync::Arc};

/// The name of an event.
pub type Name = Arc<str>;

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// The payment was created.
    Created,
    /// It got other content.
    Updated,
    /// It was deleted.
    Deleted,
}

/// A change of a payment, and the version that it made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Change {
    /// The version.
    pub version: u64,
    /// What the change did.
    pub kind: ChangeKind,
    /// When the version was written, as [`Times`](super::Times) are.
    pub at: String,
    /// When the payment was created, where the answer has its content.
    pub created_on: Option<String>,
    /// The write that gave the payment its organisation: see [`Content::owner`].
    pub owner: Number,
    /// The content, where the answer has it. That of a deletion is what was deleted.
    pub content: Option<Content>,
}

impl Change {
    /// The version whose content the change shows: a deletion shows the one before it.
    #[must_use]
    pub const fn content_version(&self) -> Option<u64> {
        match self.kind {
            ChangeKind::Created | ChangeKind::Updated => Some(self.version),
            ChangeKind::Deleted => self.version.checked_sub(1),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ChangeKind::Created => "created",
            ChangeKind::Updated => "updated",
            ChangeKind::Deleted => "deleted",
        };
        write!(f, "version {} {what}", self.version)
    }
}

/// An event, as an answer showed it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Event {
    /// Its name.
    pub name: Name,
    /// The payment.
    pub id: Id,
    /// What happened to it.
    pub change: Change,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.change)
    }
}

/// A place in the order of all events.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// Before the first event.
    Beginning,
    /// Behind the event with this name.
    Behind(Name),
    /// Behind the last event at the moment of the call.
    Now,
    /// Where an earlier call found that to be, before anything was shown behind it.
    Somewhere,
}

/// A part of a walk through the events: a page, or what one connection of a stream showed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Follow {
    /// The walk.
    pub walk: u32,
    /// The number of the part in its walk, from 0.
    pub part: u32,
    /// Where the part begins.
    pub from: Place,
}
