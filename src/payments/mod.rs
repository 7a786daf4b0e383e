//! The domain: payments, their rules, and the port to their store. Knows money; knows neither HTTP nor SQL.

mod amount;
mod attributes;
mod error;
mod id;
mod organisation;
mod payment;
mod repo;
mod rule;
mod snapshot;
mod timestamp;
mod version;

pub use attributes::{Attributes, AttributesFault};
pub use error::Error;
pub use id::PaymentId;
pub use organisation::OrganisationId;
pub use payment::{Change, NewPayment, Payment};
pub use repo::{Info, Page, PageStart, Position, Repo};
pub use rule::BrokenRule;
pub use snapshot::Snapshot;
pub use timestamp::Timestamp;
pub use version::Version;
