//! The migrations inside the binary.

use crate::repo::migrations::Embedded;

/// Every file of schema/sqlite3.
pub(super) const MIGRATIONS: &[Embedded] = &[
    (1, "payments", include_str!("../../../schema/sqlite3/0001_payments.sql")),
    (2, "tenants", include_str!("../../../schema/sqlite3/0002_tenants.sql")),
    (3, "past", include_str!("../../../schema/sqlite3/0003_past.sql")),
];

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn every_file_in_schema_is_embedded() {
        crate::repo::migrations::assert_lists_every_file("sqlite3", super::MIGRATIONS).await;
    }
}
