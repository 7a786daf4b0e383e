//! The domain: payments, their rules, and the port to their store. Knows money; knows neither HTTP nor SQL.

mod amount;
mod attributes;
mod error;
mod event;
mod id;
mod organisation;
mod payment;
mod repo;
mod rule;
mod secret;
mod snapshot;
mod tenant;
mod timestamp;
mod version;

pub use attributes::{Attributes, AttributesFault};
pub use error::Error;
pub use event::{Deletion, Event, EventKind, EventPage, EventQuery, EventStart, History, Mark, News, Origin};
pub use id::PaymentId;
pub use organisation::OrganisationId;
pub use payment::{Change, NewPayment, Payment};
pub use repo::{Info, Page, PageStart, Position, Repo};
pub use rule::BrokenRule;
pub use secret::Secret;
pub use snapshot::Snapshot;
pub use tenant::Tenant;
pub use timestamp::Timestamp;
pub use version::Version;
