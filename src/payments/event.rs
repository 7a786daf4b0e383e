//! Events: the changes of payments, each of which made a version.
//!
//! An event and a version are the same thing, seen from two sides: the history of a payment lists its events, newest first,
//! and the feed of a tenant lists those of all its payments, in the order in which they happened.

use super::{Attributes, OrganisationId, Payment, PaymentId, Position, Timestamp, Version};
use std::{num::NonZeroU32, sync::Arc};
use tokio::sync::watch;

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// The payment came into being.
    Created,
    /// It got other content.
    Updated,
    /// It was deleted.
    Deleted,
    /// Its content was blanked in all versions, and it was deleted, if it was not before.
    Erased,
}

/// Who made a change, as far as that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The subject of the caller's token.
    pub subject: Option<Arc<str>>,
    /// The client that the token was issued to.
    pub client_id: Option<Arc<str>>,
    /// The id of the request.
    pub request_id: Option<Arc<str>>,
}

/// A deletion that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// Now.
    pub deleted_on: Timestamp,
    /// Who deletes.
    pub origin: Origin,
}

/// A change of a payment, and the version that it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the order of all events of its tenant.
    pub position: Position,
    /// The payment.
    pub payment_id: PaymentId,
    /// The version that the change made.
    pub version: Version,
    /// What the change did.
    pub kind: EventKind,
    /// When the version was written: never earlier than the version before it.
    pub timestamp: Timestamp,
    /// The organisation that owned the payment from then on.
    pub organisation_id: OrganisationId,
    /// When the payment was created.
    pub created_on: Timestamp,
    /// The content of the version; `None` if it was not asked for, or was erased. That of a deletion is what was deleted.
    pub attributes: Option<Attributes>,
    /// Who made the change.
    pub origin: Origin,
}

impl Event {
    /// The payment as the change left it; `None` without its content.
    #[must_use]
    pub fn payment(&self) -> Option<Payment> {
        let attributes = self.attributes.clone()?;
        Some(Payment {
            id: self.payment_id.clone(),
            version: self.version,
            organisation_id: self.organisation_id.clone(),
            attributes,
            created_on: self.created_on,
            modified_on: self.timestamp,
        })
    }

    /// The place behind this event.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { position: self.position, timestamp: self.timestamp }
    }
}

/// A page of the history of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The events, newest first.
    pub events: Vec<Event>,
    /// The newest version of the payment, on this page or not. A deletion has one, too.
    pub newest: Version,
    /// Whether older versions are known than those of this page.
    pub has_older: bool,
}

/// A place in the order of all events of a tenant: behind the event at `position`, which was written at `timestamp`.
///
/// The timestamp proves that the store still has the event. One that was emptied, or restored from a backup, may have another
/// at that position, or none; a walk that went on from there would skip events that its reader never saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The position of the event.
    pub position: Position,
    /// When it happened.
    pub timestamp: Timestamp,
}

impl Mark {
    /// The place before every event.
    pub const BEGINNING: Self = Self { position: Position::BEGINNING, timestamp: Timestamp::UNIX_EPOCH };
}

/// Where a page of events begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventStart {
    /// With the first event that is kept.
    Beginning,
    /// Behind this place.
    After(Mark),
    /// Behind the last event, so that the page is empty.
    End,
}

/// Which events a page shows, and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventQuery {
    /// Those of this kind only.
    pub kind: Option<EventKind>,
    /// Those of this payment only.
    pub payment_id: Option<PaymentId>,
    /// Those of payments of this organisation only.
    pub organisation_id: Option<OrganisationId>,
    /// With the content of each.
    pub with_content: bool,
    /// So many at most.
    pub size: NonZeroU32,
    /// Only those from this time on are kept: a walk that has not come so far has missed some. `None`: all.
    pub kept_since: Option<Timestamp>,
}

/// A run of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPage {
    /// The events, in order.
    pub events: Vec<Event>,
    /// Where the next page begins: behind the last event that was looked at, shown or not.
    pub last: Mark,
    /// Whether the page came to the end: no later event was there when it was read.
    pub is_at_end: bool,
}

/// Tells that events may have been added.
#[derive(Debug, Clone)]
pub struct News(watch::Receiver<()>);

impl News {
    /// News that each sending by the other half of `receiver` brings.
    #[must_use]
    pub fn new(receiver: watch::Receiver<()>) -> Self {
        Self(receiver)
    }

    /// Waits until events may have been added since the last wait, or since these news were asked for. It also returns when
    /// the store is closed.
    pub async fn wait(&mut self) {
        // An error means that nothing will ever be added.
        let _ = self.0.changed().await;
    }
}
