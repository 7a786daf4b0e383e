//! Versions as stores keep them, decoded into events.

use super::Scanned;
use crate::payments::{Error, Event, EventKind, OrganisationId, Origin, PaymentId, Position, Timestamp, Version};
use std::sync::Arc;

/// What the column `kind` of a version says that was erased. Other versions have NULL; a later release may write other kinds,
/// which this one takes for what the rest of the row says.
pub(in crate::repo) fn kind_of_erased() -> &'static str {
    "erased"
}

/// The columns of a version without its content, and the number of the change that made it.
///
/// A release that does not know the last of them leaves what was there before: they belong to `origin_version`, and mean
/// nothing for another.
pub(in crate::repo) struct VersionRow<'r> {
    /// The number of the change that made the version; that of the payment if it was created so.
    pub(in crate::repo) position: i64,
    /// The number of the payment.
    pub(in crate::repo) seq: i64,
    pub(in crate::repo) id: &'r str,
    pub(in crate::repo) version: i64,
    pub(in crate::repo) created_on: Timestamp,
    pub(in crate::repo) modified_on: Timestamp,
    pub(in crate::repo) deleted: bool,
    pub(in crate::repo) organisation_id: &'r str,
    /// How many bytes the attributes have.
    pub(in crate::repo) length: i64,
    pub(in crate::repo) origin_version: Option<i64>,
    pub(in crate::repo) kind: Option<&'r str>,
    pub(in crate::repo) subject: Option<&'r str>,
    pub(in crate::repo) client_id: Option<&'r str>,
    pub(in crate::repo) request_id: Option<&'r str>,
}

impl VersionRow<'_> {
    /// The event in the row.
    ///
    /// # Errors
    /// [`Error::Internal`] when the row breaks a rule of the domain: another program wrote into the table.
    pub(in crate::repo) fn decode(self) -> Result<Scanned, Error> {
        let broken = |column: &str, rule| {
            Error::Internal(format!("the {column} of a version of the payment with seq {} {rule}", self.seq).into())
        };
        let event = Event {
            position: Position(self.position),
            payment_id: PaymentId::parse(self.id).map_err(|rule| broken("id", rule))?,
            version: Version::parse(self.version).map_err(|rule| broken("version", rule))?,
            kind: self.kind(),
            timestamp: self.modified_on,
            organisation_id: OrganisationId::stored(self.organisation_id)
                .map_err(|rule| broken("organisation_id", rule))?,
            created_on: self.created_on,
            attributes: None,
            origin: self.origin(),
        };
        Ok(Scanned { seq: self.seq, event, length: usize::try_from(self.length).unwrap_or_default() })
    }

    fn is_known(&self) -> bool {
        self.origin_version == Some(self.version)
    }

    fn kind(&self) -> EventKind {
        match self.kind {
            Some(kind) if self.is_known() && kind == kind_of_erased() => EventKind::Erased,
            _ if self.deleted => EventKind::Deleted,
            _ if self.version == Version::FIRST.number() => EventKind::Created,
            _ => EventKind::Updated,
        }
    }

    fn origin(&self) -> Origin {
        if !self.is_known() {
            return Origin::default();
        }
        let [subject, client_id, request_id] =
            [self.subject, self.client_id, self.request_id].map(|text| text.map(Arc::from));
        Origin { subject, client_id, request_id }
    }
}

/// The text without control characters, which no store can be trusted to keep: PostgreSQL refuses U+0000, and SQLite's rows
/// are packed with some of them. Names and ids that come over HTTP have none.
pub(in crate::repo) fn storable(text: &Arc<str>) -> Arc<str> {
    match text.contains(char::is_control) {
        true => text.replace(char::is_control, "\u{fffd}").into(),
        false => Arc::clone(text),
    }
}
