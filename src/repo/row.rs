//! Rows of the table, and the payments that they hold.

use crate::payments::{
    Attributes, Change, Error, OrganisationId, Page, Payment, PaymentId, Position, Timestamp, Version,
};
use chrono::SubsecRound;

/// The columns of a payment, in the order in which every `SELECT` of ours names them.
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) id: Box<str>,
    pub(super) version: i64,
    pub(super) created_on: Timestamp,
    pub(super) modified_on: Timestamp,
    pub(super) organisation_id: Box<str>,
    pub(super) attributes: Box<str>,
}

impl Row {
    /// The payment that the row holds.
    ///
    /// # Errors
    /// [`Error::Internal`] when the row breaks a rule of the domain: someone else wrote into our table.
    pub(super) fn into_payment(self) -> Result<Payment, Error> {
        let Self { seq, id, version, created_on, modified_on, organisation_id, attributes } = self;
        let broken =
            |column: &str, rule| Error::Internal(format!("the {column} of the row with seq {seq} {rule}").into());
        Ok(Payment {
            id: PaymentId::parse(&id).map_err(|rule| broken("id", rule))?,
            version: Version::parse(version).map_err(|rule| broken("version", rule))?,
            organisation_id: OrganisationId::parse(&organisation_id).map_err(|rule| broken("organisation_id", rule))?,
            attributes: Attributes::stored(attributes),
            created_on,
            modified_on,
        })
    }
}

/// `time` as stores keep it, so that what a write returns is what a read will.
pub(super) fn to_microseconds(time: Timestamp) -> Timestamp {
    time.trunc_subsecs(6)
}

/// The page that `rows` make. If there are none, it ends at `end`: everything up to there has been looked at.
pub(super) fn page(rows: Vec<Row>, end: i64) -> Result<Page, Error> {
    let first = rows.first().map_or(end.saturating_add(1), |row| row.seq);
    let last = rows.last().map_or(end, |row| row.seq);
    let payments = rows.into_iter().map(Row::into_payment).collect::<Result<_, _>>()?;
    Ok(Page { payments, first: Position(first), last: Position(last) })
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
    let version = next.ok_or_else(no_next_version)?;
    Ok(Payment { id, version, organisation_id, attributes, created_on, modified_on })
}

/// Why a statement that asks for version `expected` found nothing, when another look finds `current`.
pub(super) fn refusal(expected: Version, current: Option<i64>) -> Error {
    match current.map(Version::parse) {
        None => Error::NotFound,
        Some(Err(rule)) => Error::Internal(format!("the version of a row {rule}").into()),
        Some(Ok(current)) if current != expected => Error::VersionConflict { current },
        Some(Ok(current)) if current.number() == i64::MAX => no_next_version(),
        // It appeared in between; when we were asked, it was not there.
        Some(Ok(_)) => Error::NotFound,
    }
}

fn no_next_version() -> Error {
    Error::Internal("the payment is at the last version that a number can hold".into())
}
