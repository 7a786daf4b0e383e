//! The stores behind the port [`payments::Repo`](crate::payments::Repo). Knows SQL; knows nothing of HTTP.

mod error;
mod migrations;
pub mod postgres;
mod row;
pub mod sqlite;
mod table;

pub use error::OpenError;
pub use postgres::{Postgres, PostgresOptions};
pub use sqlite::{Sqlite, SqliteOptions};
pub use table::TableName;
