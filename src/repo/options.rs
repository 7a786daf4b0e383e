//! What every kind of store brings to the settings: its address, and how it is opened.

use super::{Backend, BackupError, EraseError, Erased, Erasure, MoveError, MoveReport, OpenError, TableName};
use std::{
    fmt,
    future::Future,
    path::{Path, PathBuf},
    time::Duration,
};

/// The options of one kind of store.
///
/// Their text says which store it is and where, for the log; it must not reveal a password.
pub trait StoreOptions: fmt::Display + Sized + Send + 'static {
    /// The store that they open.
    type Store: Backend;

    /// The options of the store at `uri`, the value of `--repo-uri`.
    ///
    /// # Errors
    /// The form that the URI must have.
    fn from_uri(uri: Option<&str>, table: TableName, migrations: Option<PathBuf>) -> Result<Self, UriForm>;

    /// Opens the store. Its schema is brought up to date first; a schema that is newer than this program is left as it is.
    /// A request has `request_timeout`, so no call has to go on for longer.
    ///
    /// # Errors
    /// [`OpenError`] names what to change.
    fn open(self, request_timeout: Duration) -> impl Future<Output = Result<Self::Store, OpenError>> + Send;

    /// Brings the schema up to date, and does nothing else.
    ///
    /// # Errors
    /// [`OpenError`] names what to change; [`OpenError::NewerSchema`] if there is nothing that this program could do.
    fn migrate(self) -> impl Future<Output = Result<(), OpenError>> + Send;

    /// Brings the schema up to date, and moves the anonymous payments to the tenants that their organisations are. What
    /// cannot be moved is left, and named in the report. To repeat it is safe: what was moved is not moved again. Calls
    /// `progress` every few seconds.
    ///
    /// # Errors
    /// [`MoveError`] names what to change.
    fn move_to_tenants(self, progress: fn(&MoveReport)) -> impl Future<Output = Result<MoveReport, MoveError>> + Send;

    /// Brings the schema up to date, and erases a payment in all its versions. To repeat it is safe.
    ///
    /// # Errors
    /// [`EraseError`] names what to change.
    fn erase(self, erasure: Erasure) -> impl Future<Output = Result<Erased, EraseError>> + Send;

    /// Copies the store, which may be in use, into the file `to`. Returns how many payments the copy has.
    ///
    /// # Errors
    /// [`BackupError`] names what to change, or the tool that does it.
    fn back_up(self, to: &Path) -> impl Future<Output = Result<u64, BackupError>> + Send;
}

/// The form of a store's URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UriForm {
    /// Placeholders in capitals: `sqlite://PATH`.
    pub form: &'static str,
    /// A good one.
    pub example: &'static str,
}
