//! The stores behind the port [`payments::Repo`](crate::payments::Repo), and the decorators around them. Knows SQL; knows
//! nothing of HTTP.
//!
//! Each kind of store has a room of its own, with the same file names where the same thing is done. A new one brings its
//! [`StoreOptions`], its [`Backend`], and a line in each of two lists: `StoreKind` in `config/store.rs`, and `named_by` in
//! `app/stores.rs`.

mod backend;
mod breaker;
mod erasing;
mod error;
mod events;
mod key;
mod metered;
mod migrations;
mod moving;
mod news;
mod options;
mod page;
pub mod postgres;
mod row;
mod secret;
mod sharing;
pub mod sqlite;
mod table;
mod turn;
mod waiters;

pub use backend::{Backend, MetricsError, Registry};
pub use breaker::{Breaker, TripPolicy};
pub use erasing::{EraseError, Erased, Erasure};
pub use error::{BackupError, OpenError};
pub use metered::Metered;
pub use moving::{MoveError, MoveReport};
pub use options::{StoreOptions, UriForm};
pub use postgres::{Postgres, PostgresOptions};
pub use sqlite::{Sqlite, SqliteOptions};
pub use table::TableName;
