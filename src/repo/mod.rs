//! The stores behind the port [`payments::Repo`](crate::payments::Repo). Knows SQL; knows nothing of HTTP.

mod breaker;
mod error;
mod metered;
mod migrations;
pub mod postgres;
mod row;
pub mod sqlite;
mod table;
mod together;

pub use breaker::{Breaker, Trip};
pub use error::OpenError;
pub use metered::Metered;
pub use postgres::{Postgres, PostgresOptions};
pub use sqlite::{Sqlite, SqliteOptions};
pub use table::TableName;
