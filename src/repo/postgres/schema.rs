//! The migrations inside the binary.

use crate::repo::migrations::Embedded;

/// Every file of schema/postgres.
pub(super) const MIGRATIONS: &[Embedded] =
    &[(1, "payments", include_str!("../../../schema/postgres/0001_payments.sql"))];

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn every_file_in_schema_is_embedded() {
        crate::repo::migrations::assert_lists_every_file("postgres", super::MIGRATIONS).await;
    }
}
