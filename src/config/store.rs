//! The settings of the store.

use super::values::table;
use crate::repo::TableName;
use clap::{Args, ValueEnum};
use std::{fmt, path::PathBuf};

/// The settings of the store.
#[derive(Clone, Args)]
pub struct StoreSettings {
    /// The store to keep payments in.
    #[arg(long, env = "PAYMENTS_REPO", value_name = "STORE", default_value = "sqlite3")]
    pub repo: StoreKind,

    /// A directory of SQL migrations to use instead of the built-in ones.
    #[arg(long, env = "PAYMENTS_REPO_MIGRATIONS", value_name = "DIR")]
    pub repo_migrations: Option<PathBuf>,

    /// The name of the table.
    #[arg(long, env = "PAYMENTS_REPO_SCHEMA_PAYMENTS", value_name = "TABLE", default_value = "payments", value_parser = table)]
    pub repo_schema_payments: TableName,

    /// Where the store is: sqlite://PATH (in memory without one), or postgres://USER:PASSWORD@HOST/DATABASE.
    #[arg(long, env = "PAYMENTS_REPO_URI", value_name = "URI", hide_env_values = true)]
    pub repo_uri: Option<String>,
}

impl fmt::Debug for StoreSettings {
    /// Leaves the URI out, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { repo, repo_migrations, repo_schema_payments, repo_uri: _ } = self;
        f.debug_struct("StoreSettings")
            .field("repo", repo)
            .field("repo_migrations", repo_migrations)
            .field("repo_schema_payments", repo_schema_payments)
            .finish_non_exhaustive()
    }
}

/// The kinds of store, by their names in `--repo`.
///
/// The list of stores: a new one gets its variant here, and its options in `app/stores.rs`, where the compiler asks for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StoreKind {
    /// SQLite, in this process.
    #[value(name = "sqlite3")]
    Sqlite3,
    /// PostgreSQL, shared by many replicas.
    #[value(name = "postgres")]
    Postgres,
}

impl fmt::Display for StoreKind {
    /// The name in `--repo`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_possible_value() {
            Some(value) => f.write_str(value.get_name()),
            None => Ok(()),
        }
    }
}
