//! Rows of the table, and the payments that they hold.

use crate::payments::{
    Attributes, Change, Error, OrganisationId, Page, Payment, PaymentId, Position, Snapshot, Timestamp, Version,
};
use chrono::SubsecRound;

/// The columns of a payment, in the order in which every `SELECT` of ours names them.
pub(super) struct Row<'r> {
    pub(super) seq: i64,
    pub(super) id: &'r str,
    pub(super) version: i64,
    pub(super) created_on: Timestamp,
    pub(super) modified_on: Timestamp,
    pub(super) organisation_id: &'r str,
    pub(super) attributes: &'r str,
}

/// A payment, and its number in the order of creation.
pub(super) struct Numbered {
    pub(super) seq: i64,
    pub(super) payment: Payment,
}

impl Row<'_> {
    /// The payment that the row holds.
    ///
    /// # Errors
    /// [`Error::Internal`] when the row breaks a rule of the domain: someone else wrote into our table.
    pub(super) fn read(self) -> Result<Numbered, Error> {
        let Self { seq, id, version, created_on, modified_on, organisation_id, attributes } = self;
        let broken =
            |column: &str, rule| Error::Internal(format!("the {column} of the row with seq {seq} {rule}").into());
        let payment = Payment {
            id: PaymentId::parse(id).map_err(|rule| broken("id", rule))?,
            version: Version::parse(version).map_err(|rule| broken("version", rule))?,
            organisation_id: OrganisationId::parse(organisation_id).map_err(|rule| broken("organisation_id", rule))?,
            attributes: Attributes::stored(attributes.into()),
            created_on,
            modified_on,
        };
        Ok(Numbered { seq, payment })
    }
}

/// `time` as stores keep it, so that what a write returns is what a read will.
pub(super) fn to_microseconds(time: Timestamp) -> Timestamp {
    time.trunc_subsecs(6)
}

/// The page that `rows` make. If there are none, it ends at `end`: everything up to there has been looked at.
pub(super) fn page(rows: Vec<Numbered>, end: i64) -> Snapshot<Page> {
    let first = rows.first().map_or(end.saturating_add(1), |row| row.seq);
    let last = rows.last().map_or(end, |row| row.seq);
    let payments = rows.into_iter().map(|row| row.payment).collect();
    Page { payments, first: Position(first), last: Position(last) }.into()
}

/// The payment that an update made of one at version `expected`.
pub(super) fn updated(
    id: PaymentId,
    expected: Version,
    change: Change,
    created_on: Timestamp,
) -> Result<Payment, Error> {
    let Change { organisation_id, attributes, modified_on } = change;
    let next = expected.number().checked_add(1).and_then(|next| Version::parse(next).ok());
    let version = next.ok_or_else(|| Error::Internal("there is no next version".into()))?;
    Ok(Payment { id, version, organisation_id, attributes, created_on, modified_on })
}

/// Why a statement that asks for version `expected` found nothing, when another look finds `current`.
pub(super) fn refusal(expected: Version, current: Option<i64>) -> Error {
    match current.map(Version::parse) {
        None => Error::NotFound,
        Some(Err(rule)) => Error::Internal(format!("the version of a row {rule}").into()),
        Some(Ok(current)) if current != expected => Error::VersionConflict { current },
        // It appeared in between; when we were asked, it was not there.
        Some(Ok(_)) => Error::NotFound,
    }
}
