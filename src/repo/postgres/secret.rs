//! The secret of the store: written by the first process that opens the database.

use crate::payments::Secret;
use crate::repo::secret::{self, CURSORS};
use crate::repo::{OpenError, TableName};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

const READ: &str = r#"SELECT value FROM "{payments}_secrets" WHERE name = $1"#;
/// Of several processes that start at once, the first wins.
const WRITE: &str = r#"INSERT INTO "{payments}_secrets" (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"#;

/// The secret. One is made and stored if there is none yet.
///
/// # Errors
/// [`OpenError::Secret`].
pub(super) async fn read_or_create(connection: &mut PgConnection, table: &TableName) -> Result<Secret, OpenError> {
    let refuse = |source| OpenError::Secret { table: table.as_str().to_owned(), source };
    if let Some(stored) = read(connection, table).await.map_err(|source| refuse(source.into()))? {
        return secret::stored(&stored).map_err(refuse);
    }
    let new = secret::random().map_err(refuse)?;
    // Safe: a table name is an identifier and nothing else.
    let write = sqlx::query(AssertSqlSafe(table.fill_in(WRITE))).bind(CURSORS).bind(new.bytes().as_slice());
    write.execute(&mut *connection).await.map_err(|source| refuse(source.into()))?;
    // Read again: it may be another process's.
    let stored = read(connection, table).await.map_err(|source| refuse(source.into()))?;
    secret::stored(&stored.unwrap_or_default()).map_err(refuse)
}

async fn read(connection: &mut PgConnection, table: &TableName) -> Result<Option<Vec<u8>>, sqlx::Error> {
    // Safe: a table name is an identifier and nothing else.
    sqlx::query_scalar(AssertSqlSafe(table.fill_in(READ))).bind(CURSORS).fetch_optional(connection).await
}
