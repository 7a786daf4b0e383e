//! The statements that erase a payment. Replicas may serve meanwhile.
//!
//! One transaction locks the payment, adds a version that says that it was erased, and blanks all others. What was overwritten
//! is in the files of the server until `VACUUM` has come by, and in its log for as long as that is kept.

use super::statements::bind_tenant;
use super::{PostgresOptions, apply_migrations, connection};
use crate::repo::erasing::{EraseError, Erased, Erasure};
use crate::repo::events::kind_of_erased;
use crate::repo::migrations::WhenNewer;
use crate::repo::table::{PerTable, Table};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

const LOCK: &str = r#"
    SELECT coalesce(kind = $2 AND origin_version = version, false) FROM "{payments}"
    WHERE id = $1[[ AND tenant = $3]] FOR UPDATE"#;
// The trigger moves the version before it to the past.
const ERASE: &str = r#"
    UPDATE "{payments}" SET version = version + 1, modified_on = greatest(modified_on, $3), deleted = true, attributes = '',
        origin_version = version + 1, kind = $2, subject = NULL, client_id = NULL, request_id = NULL
    WHERE id = $1[[ AND tenant = $4]]"#;
const ERASE_PAST: &str = r#"
    UPDATE "{payments}_past" SET attributes = '', subject = NULL, client_id = NULL WHERE id = $1[[ AND tenant = $2]]"#;

/// Brings the schema up to date, and erases a payment.
///
/// # Errors
/// [`EraseError`].
pub(super) async fn erase(options: PostgresOptions, erasure: Erasure) -> Result<Erased, EraseError> {
    let address = connection::address(&options.url)?;
    let mut only = connection::first(&address).await?;
    apply_migrations(&mut only.connection, &options, WhenNewer::Refuse).await?;
    let tables = PerTable::named(&options.table);
    let erased = erase_in(&mut only.connection, tables.of(&erasure.tenant), &erasure).await;
    only.close().await;
    let Erasure { tenant, id, erased_on: _ } = erasure;
    match erased {
        Ok(Some(erased)) => Ok(erased),
        Ok(None) => Err(EraseError::NotFound { tenant, id }),
        Err(source) => Err(EraseError::Failed { id, source }),
    }
}

/// Erases the payment; `None` if the table has none of that key.
async fn erase_in(
    connection: &mut PgConnection,
    table: &Table,
    Erasure { tenant, id, erased_on }: &Erasure,
) -> Result<Option<Erased>, sqlx::Error> {
    // Safe: a table name is an identifier and nothing else.
    let statement = |sql: &str| AssertSqlSafe(table.fill_in(sql));
    // Read committed: the statement that blanks the past sees what was there before the payment was locked.
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    let lock = sqlx::query(statement(LOCK)).bind(id.as_str()).bind(kind_of_erased());
    let Some(found) = bind_tenant(lock, tenant).fetch_optional(&mut *transaction).await? else { return Ok(None) };
    if found.try_get(0)? {
        return Ok(Some(Erased::Before));
    }
    let erase = sqlx::query(statement(ERASE)).bind(id.as_str()).bind(kind_of_erased()).bind(erased_on.to_utc());
    bind_tenant(erase, tenant).execute(&mut *transaction).await?;
    let past = bind_tenant(sqlx::query(statement(ERASE_PAST)).bind(id.as_str()), tenant);
    let versions = past.execute(&mut *transaction).await?.rows_affected();
    transaction.commit().await?;
    Ok(Some(Erased::Versions(versions)))
}
