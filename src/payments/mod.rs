//! The domain: what a payment is, and what may be done with it. Knows money; knows neither HTTP nor SQL.

mod amount;
mod attributes;
mod error;
mod id;
mod organisation;
mod payment;
mod repo;
mod rule;
mod snapshot;
mod version;

pub use attributes::{Attributes, AttributesFault};
pub use error::Error;
pub use id::PaymentId;
pub use organisation::OrganisationId;
pub use payment::{Change, NewPayment, Payment, Timestamp};
pub use repo::{Info, Page, PageStart, Position, Repo};
pub use rule::BrokenRule;
pub use snapshot::Snapshot;
pub use version::Version;
