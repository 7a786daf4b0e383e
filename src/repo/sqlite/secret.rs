//! The secret of the store: written by the first process that opens the file.

use super::connection::Shared;
use crate::payments::Secret;
use crate::repo::secret::{self, CURSORS};
use crate::repo::{OpenError, TableName};
use sqlx::AssertSqlSafe;

const READ: &str = r#"SELECT value FROM "{payments}_secrets" WHERE name = ?1"#;
const WRITE: &str = r#"INSERT INTO "{payments}_secrets" (name, value) VALUES (?1, ?2)"#;

/// The secret. One is made and stored if there is none yet.
///
/// # Errors
/// [`OpenError::Secret`].
pub(super) async fn read_or_create(write: &Shared, table: &TableName) -> Result<Secret, OpenError> {
    let refuse = |source| OpenError::Secret { table: table.as_str().to_owned(), source };
    let mut connection = write.lock().await;
    let open = connection.as_mut().ok_or_else(|| refuse("the database is closed".into()))?;
    // Safe: a table name is an identifier and nothing else.
    let statement = |sql| AssertSqlSafe(table.fill_in(sql));
    let read = sqlx::query_scalar(statement(READ)).bind(CURSORS);
    let stored: Option<Vec<u8>> =
        read.fetch_optional(&mut open.sqlite).await.map_err(|source| refuse(source.into()))?;
    match stored {
        Some(bytes) => secret::stored(&bytes).map_err(refuse),
        None => {
            let new = secret::random().map_err(refuse)?;
            let write = sqlx::query(statement(WRITE)).bind(CURSORS).bind(new.bytes().to_vec());
            write.execute(&mut open.sqlite).await.map_err(|source| refuse(source.into()))?;
            Ok(new)
        }
    }
}
