//! Copies of a database that is in use.
//!
//! `VACUUM INTO` copies within one read transaction: the copy is of one moment, and the writer goes on meanwhile. SQLite's
//! backup API does no better (it begins again whenever another process writes, unless it copies all in one step, which is one
//! read transaction too), and sqlx does not have it. In return every row is read once, and the copy has no free pages.
//!
//! The connection is read-only and takes no ownership of the file, so a service may run, and none is kept from starting.

use super::SqliteOptions;
use crate::repo::BackupError;
use crate::repo::table::PerTable;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Copies the database into the file `to`, and returns how many payments the copy has. The file appears under its name only
/// when it is whole and on disk.
///
/// # Errors
/// [`BackupError::NothingToBackUp`], [`BackupError::Exists`], [`BackupError::Source`], [`BackupError::Target`].
pub(super) async fn back_up(options: &SqliteOptions, to: &Path) -> Result<u64, BackupError> {
    let from = options.path.as_ref().ok_or(BackupError::NothingToBackUp)?;
    let unreadable =
        |source: Box<dyn std::error::Error + Send + Sync>| BackupError::Source { path: from.clone(), source };
    let unwritable = |source: io::Error| BackupError::Target { path: to.to_owned(), source: source.into() };
    refuse_to_overwrite(to)?;
    // Before SQLite, which would say less about a file that is missing.
    let source = from.canonicalize().and_then(|path| Ok((fs::metadata(&path)?, path)));
    let (metadata, source) = source.map_err(|error| unreadable(error.into()))?;
    let to = in_full(to).map_err(unwritable)?;
    let partial = Partial::create(&to, &metadata).map_err(unwritable)?;

    let mut reader = open(&source).await.map_err(|error| unreadable(error.into()))?;
    let name = partial.path.to_str().ok_or_else(|| unwritable(io::Error::other("the path is not UTF-8")))?;
    let copied = sqlx::query("VACUUM INTO ?1").bind(name).execute(&mut reader).await;
    // What has failed before says more.
    let _ = reader.close().await;
    copied.map_err(|error| unreadable(error.into()))?;

    let payments = count(&partial.path, options).await.map_err(|error| unreadable(error.into()))?;
    refuse_to_overwrite(&to)?;
    partial.finish(&to).map_err(unwritable)?;
    Ok(payments)
}

fn refuse_to_overwrite(to: &Path) -> Result<(), BackupError> {
    match fs::symlink_metadata(to) {
        Ok(_) => Err(BackupError::Exists { path: to.to_owned() }),
        Err(_) => Ok(()),
    }
}

/// The full path of a file that need not exist: SQLite gives names like `file:x` a meaning of their own.
fn in_full(path: &Path) -> io::Result<PathBuf> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    Ok(directory.canonicalize()?.join(name))
}

async fn open(path: &Path) -> Result<SqliteConnection, sqlx::Error> {
    SqliteConnectOptions::new().filename(path).read_only(true).disable_statement_logging().connect().await
}

/// Counts the payments of the copy, which shows that it can be read.
async fn count(path: &Path, options: &SqliteOptions) -> Result<u64, sqlx::Error> {
    let mut copy = open(path).await?;
    let mut payments = 0;
    for table in PerTable::named(&options.table).both() {
        let exists = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)";
        let exists = sqlx::query_scalar(exists).bind(table.name().as_str()).fetch_one(&mut copy).await?;
        // The release before may have made the file, which has no tenants then.
        if exists || !table.has_tenants() {
            // Safe: a table name is an identifier and nothing else.
            let count = AssertSqlSafe(table.fill_in(r#"SELECT count(*) FROM "{payments}" WHERE NOT deleted"#));
            let found: i64 = sqlx::query_scalar(count).fetch_one(&mut copy).await?;
            payments += found.unsigned_abs();
        }
    }
    copy.close().await?;
    Ok(payments)
}

/// The copy while it is written: removed when it is dropped, unless it was finished.
struct Partial {
    path: PathBuf,
    is_finished: bool,
}

impl Partial {
    /// Creates an empty file beside `to`, with the permissions of the database: SQLite writes into an empty one.
    fn create(to: &Path, database: &fs::Metadata) -> io::Result<Self> {
        let mut name = OsString::from(to);
        name.push(format!(".partial-{}", std::process::id()));
        let path = PathBuf::from(name);
        File::options().write(true).create_new(true).open(&path)?;
        let partial = Self { path, is_finished: false };
        fs::set_permissions(&partial.path, database.permissions())?;
        Ok(partial)
    }

    /// Gives the copy its name, once it is on disk.
    fn finish(mut self, to: &Path) -> io::Result<()> {
        File::options().write(true).open(&self.path)?.sync_all()?;
        fs::rename(&self.path, to)?;
        self.is_finished = true;
        // The name too.
        to.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.is_finished {
            // What cannot be removed is of no use, and its name says so.
            let _ = fs::remove_file(&self.path);
        }
    }
}
