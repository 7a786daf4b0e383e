//! The statements that erase a payment. The file must not be in use.

use super::connection::{self, Open, OpenFile};
use super::statements::bind_tenant;
use super::{SqliteOptions, apply_migrations};
use crate::repo::OpenError;
use crate::repo::erasing::{EraseError, Erased, Erasure};
use crate::repo::events::kind_of_erased;
use crate::repo::migrations::WhenNewer;
use crate::repo::table::{PerTable, Table};
use sqlx::sqlite::{SqliteConnection, SqliteQueryResult};
use sqlx::{AssertSqlSafe, Row as _};

const FIND: &str = r#"
    SELECT seq, coalesce(kind = ?2 AND origin_version = version, false) FROM "{payments}"
    WHERE id = ?1[[ AND tenant = ?3]]"#;
// The trigger moves the version before it to the past.
const ERASE: &str = r#"
    UPDATE "{payments}" SET version = version + 1, modified_on = max(modified_on, ?3), deleted = true, attributes = '',
        origin_version = version + 1, kind = ?2, subject = NULL, client_id = NULL, request_id = NULL
    WHERE seq = ?1"#;
// A walk along all changes of the payment, from the last one back.
const ERASE_PAST: &str = r#"
    WITH RECURSIVE changes (change) AS (
        SELECT last_change FROM "{payments}" WHERE seq = ?1
        UNION ALL
        SELECT past.previous FROM changes CROSS JOIN "{payments}_past" AS past ON past.change = changes.change
        WHERE past.previous IS NOT NULL
    )
    UPDATE "{payments}_past" SET attributes = '', length = 0, subject = NULL, client_id = NULL,
        oldest = json_remove(oldest, '$.subject', '$.client_id')
    WHERE change IN (SELECT change FROM changes)"#;

/// Brings the schema up to date, and erases a payment.
///
/// # Errors
/// [`EraseError`]; [`OpenError::InUse`] if a service has the file open.
pub(super) async fn erase(options: SqliteOptions, erasure: Erasure) -> Result<Erased, EraseError> {
    let path = options.path.as_ref().ok_or(OpenError::NothingToMigrate)?;
    // A file that is not there has nothing to erase: the path is wrong.
    let OpenFile { write, read: _, path: _, identity: _ } = connection::open_file(path, true).await?;
    let erased = async {
        apply_migrations(&write, &options, WhenNewer::Refuse).await?;
        let tables = PerTable::named(&options.table);
        let found = match write.lock().await.as_mut() {
            Some(Open { sqlite, .. }) => erase_in(sqlite, tables.of(&erasure.tenant), &erasure).await,
            // It was opened just now.
            None => Ok(None),
        };
        let Erasure { tenant, id, erased_on: _ } = &erasure;
        match found {
            Ok(found) => found.ok_or_else(|| EraseError::NotFound { tenant: tenant.clone(), id: id.clone() }),
            Err(source) => Err(EraseError::Failed { id: id.clone(), source }),
        }
    };
    let erased = erased.await;
    connection::close(&write).await;
    erased
}

/// Erases the payment; `None` if the table has none of that key.
async fn erase_in(
    sqlite: &mut SqliteConnection,
    table: &Table,
    Erasure { tenant, id, erased_on }: &Erasure,
) -> Result<Option<Erased>, sqlx::Error> {
    // Otherwise the content stays in the file, in pages that are free, until something else is written there.
    sqlx::query("PRAGMA secure_delete = ON").execute(&mut *sqlite).await?;
    // Safe: a table name is an identifier and nothing else.
    let statement = |sql: &str| AssertSqlSafe(table.fill_in(sql));
    let find = sqlx::query(statement(FIND)).bind(id.as_str()).bind(kind_of_erased());
    let Some(found) = bind_tenant(find, tenant).fetch_optional(&mut *sqlite).await? else { return Ok(None) };
    let (seq, was_erased): (i64, bool) = (found.try_get(0)?, found.try_get(1)?);
    if was_erased {
        return Ok(Some(Erased::Before));
    }
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *sqlite).await?;
    let erased = async {
        let erase = sqlx::query(statement(ERASE)).bind(seq).bind(kind_of_erased()).bind(erased_on.micros());
        erase.execute(&mut *sqlite).await?;
        let past: SqliteQueryResult = sqlx::query(statement(ERASE_PAST)).bind(seq).execute(&mut *sqlite).await?;
        sqlx::query("COMMIT").execute(&mut *sqlite).await?;
        Ok(Some(Erased::Versions(past.rows_affected())))
    };
    let erased = erased.await;
    if erased.is_err() {
        // What has failed before says more.
        let _ = sqlx::query("ROLLBACK").execute(sqlite).await;
    }
    erased
}
