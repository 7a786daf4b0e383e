//! The values that statements bind, and statements in several sizes.

use crate::payments::{Origin, PaymentId, Tenant};
use crate::repo::events::storable;
use crate::repo::key::Key;
use crate::repo::sqlite::job::Creation;
use sqlx::SqlStr;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments};
use std::sync::Arc;

pub(in crate::repo::sqlite) type Bound<'q> = Query<'q, Sqlite, SqliteArguments>;

/// A statement in several sizes, with the number of rows that each is for, smallest first. There are few sizes, so that each
/// is prepared once. The rows that a size has too many stay unbound, which is NULL: no payment has the id NULL, so they find
/// and insert nothing.
pub(super) type Sizes = [(usize, SqlStr); SIZES.len()];
pub(super) const SIZES: [usize; 9] = [1, 4, 8, 16, 24, 32, 40, 48, MOST];
/// The most rows in one statement.
pub(in crate::repo::sqlite) const MOST: usize = 64;

/// The id as a value that SQLite's thread can take over. A `&str` would be copied twice, and freed by that thread: memory that
/// one thread allocates and another frees bypasses the allocator's caches per thread.
pub(super) fn text(id: &PaymentId) -> Arc<str> {
    id.as_str().into()
}

/// Binds the tenant, in statements of the table that has tenants.
pub(in crate::repo::sqlite) fn bind_tenant<'q>(query: Bound<'q>, tenant: &Tenant) -> Bound<'q> {
    match tenant.organisation() {
        Some(organisation) => query.bind(Arc::clone(organisation)),
        None => query,
    }
}

pub(in crate::repo::sqlite) fn bind_key<'q>(query: Bound<'q>, key: &Key) -> Bound<'q> {
    bind_tenant(query.bind(text(&key.id)), &key.tenant)
}

/// Binds the values of a new row.
pub(super) fn bind<'q>(query: Bound<'q>, Creation { tenant, payment, origin }: Creation<'_>) -> Bound<'q> {
    let query = query
        .bind(text(&payment.id))
        .bind(payment.version.number())
        .bind(payment.created_on.micros())
        .bind(payment.modified_on.micros())
        .bind(payment.organisation_id.clone().into_text())
        .bind(payment.attributes.clone().into_text());
    bind_tenant(bind_origin(query, origin), tenant)
}

/// Binds who makes a version.
pub(super) fn bind_origin<'q>(query: Bound<'q>, Origin { subject, client_id, request_id }: &Origin) -> Bound<'q> {
    [subject, client_id, request_id].into_iter().fold(query, |query, text| query.bind(text.as_ref().map(storable)))
}

/// The smallest size that has room for `rows` rows.
pub(super) fn sized(sizes: &Sizes, rows: usize) -> Result<SqlStr, sqlx::Error> {
    let fitting = sizes.iter().find(|(size, _)| *size >= rows);
    let too_many = || sqlx::Error::InvalidArgument(format!("{rows} rows are too many for one statement"));
    fitting.map(|(_, sql)| sql.clone()).ok_or_else(too_many)
}
