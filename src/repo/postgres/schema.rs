//! The migrations inside the binary.

use crate::repo::migrations::Embedded;

/// Every file of schema/postgres.
pub(super) const MIGRATIONS: &[Embedded] = &[
    (1, "payments", include_str!("../../../schema/postgres/0001_payments.sql")),
    (2, "tenants", include_str!("../../../schema/postgres/0002_tenants.sql")),
    (3, "past", include_str!("../../../schema/postgres/0003_past.sql")),
    (4, "gone", include_str!("../../../schema/postgres/0004_gone.sql")),
];

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn every_file_in_schema_is_embedded() {
        crate::repo::migrations::assert_lists_every_file("postgres", super::MIGRATIONS).await;
    }
}
