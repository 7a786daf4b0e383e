//! Payments, as they are stored and as they are requested; and what one becomes of the other.

use super::{Attributes, Error, OrganisationId, Origin, PaymentId, Timestamp, Version};

/// A payment that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Identifies it for ever: no other payment gets the same.
    pub id: PaymentId,
    /// How often it was changed.
    pub version: Version,
    /// The organisation that owns it.
    pub organisation_id: OrganisationId,
    /// Its content, as the client wrote it.
    pub attributes: Attributes,
    /// When it was created.
    pub created_on: Timestamp,
    /// When this version was written: never earlier than the version before it.
    pub modified_on: Timestamp,
}

/// A payment to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// The id that it is to have.
    pub id: PaymentId,
    /// The organisation that owns it.
    pub organisation_id: OrganisationId,
    /// Its content.
    pub attributes: Attributes,
    /// Now.
    pub created_on: Timestamp,
    /// Who creates it.
    pub origin: Origin,
}

/// The content of a payment's next version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The organisation that owns it from now on.
    pub organisation_id: OrganisationId,
    /// Its content from now on.
    pub attributes: Attributes,
    /// Now.
    pub modified_on: Timestamp,
    /// Who makes the change.
    pub origin: Origin,
}

impl NewPayment {
    /// The payment that comes into being: at the first version, last modified when it was created.
    #[must_use]
    pub fn into_payment(self) -> Payment {
        let Self { id, organisation_id, attributes, created_on, origin: _ } = self;
        Payment { id, version: Version::FIRST, organisation_id, attributes, created_on, modified_on: created_on }
    }
}

impl Change {
    /// The payment that this change makes of the payment `id`, which is at version `before`, was created on `created_on`
    /// and last modified on `modified_before`.
    ///
    /// # Errors
    /// [`Error::Internal`] when `before` is the last version of all.
    pub fn apply(
        self,
        id: PaymentId,
        before: Version,
        created_on: Timestamp,
        modified_before: Timestamp,
    ) -> Result<Payment, Error> {
        let modified_on = self.modified_after(modified_before);
        let Self { organisation_id, attributes, modified_on: _, origin: _ } = self;
        let version = before.next().ok_or_else(|| Error::Internal("there is no next version".into()))?;
        Ok(Payment { id, version, organisation_id, attributes, created_on, modified_on })
    }

    /// When the next version is written, if the version before was written on `modified_before`. A clock may have been set
    /// back since, or another process's may be ahead; the versions stay in order.
    #[must_use]
    pub fn modified_after(&self, modified_before: Timestamp) -> Timestamp {
        self.modified_on.max(modified_before)
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, NewPayment, Payment};
    use crate::payments::{Attributes, Error, OrganisationId, Origin, PaymentId, Timestamp, Version};

    fn time(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros).unwrap()
    }

    fn created() -> Payment {
        let new = NewPayment {
            id: PaymentId::parse("a").unwrap(),
            organisation_id: OrganisationId::parse("acme").unwrap(),
            attributes: Attributes::stored(r#"{"amount":"1"}"#.into()),
            created_on: time(5),
            origin: Origin::default(),
        };
        new.into_payment()
    }

    fn change() -> Change {
        Change {
            organisation_id: OrganisationId::parse("other").unwrap(),
            attributes: Attributes::stored(r#"{"amount":"2"}"#.into()),
            modified_on: time(7),
            origin: Origin::default(),
        }
    }

    #[test]
    fn a_payment_begins_at_version_0() {
        let Payment { version, created_on, modified_on, .. } = created();
        assert_eq!((version.number(), created_on, modified_on), (0, time(5), time(5)));
    }

    #[test]
    fn a_change_makes_the_next_version_and_leaves_the_rest() {
        let before = created();
        let after = change().apply(before.id.clone(), before.version, before.created_on, before.modified_on).unwrap();
        let Change { organisation_id, attributes, modified_on, origin: _ } = change();
        let version = Version::parse(1).unwrap();
        assert_eq!(after, Payment { version, organisation_id, attributes, modified_on, ..before });
    }

    #[test]
    fn a_version_is_never_earlier_than_the_one_before() {
        for (modified_before, modified_on) in [(6, 7), (7, 7), (8, 8), (3_600_000_007, 3_600_000_007)] {
            let before = created();
            let after = change().apply(before.id, before.version, before.created_on, time(modified_before)).unwrap();
            assert_eq!(after.modified_on, time(modified_on), "after a version of {modified_before}");
        }
    }

    #[test]
    fn the_last_version_has_no_next() {
        let last = Version::parse(i64::MAX).unwrap();
        let refused = change().apply(created().id, last, time(5), time(5));
        assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
    }
}
