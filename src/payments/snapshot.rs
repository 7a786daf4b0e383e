//! Snapshots: what stores hand out, and the memo that comes with each.
//!
//! A store may hand out the same snapshot again and again, and its readers would derive the same value from it each time.
//! So a snapshot holds one memoised value; HTTP keeps the encoded JSON there.

use super::Payment;
use std::{
    any::Any,
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

/// A payment at one version, or a page of payments, as it stood at some moment: shared, and never changed.
pub struct Snapshot<T = Payment>(Arc<Inner<T>>);

struct Inner<T> {
    value: T,
    memo: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl<T> Snapshot<T> {
    /// The memoised value. The first call stores what `make` derives; later calls, on any clone, get the same. `None` if
    /// the value that is stored has another type.
    pub fn memo<M: Any + Send + Sync>(&self, make: impl FnOnce(&T) -> M) -> Option<&M> {
        self.0.memo.get_or_init(|| Box::new(make(&self.0.value))).downcast_ref()
    }
}

impl<T: Clone> Snapshot<T> {
    /// The value itself; a copy of it if other clones of the snapshot are alive.
    #[must_use]
    pub fn into_inner(self) -> T {
        match Arc::try_unwrap(self.0) {
            Ok(inner) => inner.value,
            Err(shared) => shared.value.clone(),
        }
    }
}

impl<T> From<T> for Snapshot<T> {
    fn from(value: T) -> Self {
        Self(Arc::new(Inner { value, memo: OnceLock::new() }))
    }
}

/// Shares the value and the memo.
impl<T> Clone for Snapshot<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Snapshot<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

/// Compares the values; memos do not count.
impl<T: PartialEq> PartialEq for Snapshot<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Snapshot<T> {}

impl PartialEq<Payment> for Snapshot {
    fn eq(&self, other: &Payment) -> bool {
        **self == *other
    }
}

impl PartialEq<Snapshot> for Payment {
    fn eq(&self, other: &Snapshot) -> bool {
        *self == **other
    }
}

impl<T: fmt::Debug> fmt::Debug for Snapshot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Snapshot;
    use crate::payments::{Attributes, OrganisationId, Payment, PaymentId, Timestamp, Version};

    fn snapshot() -> Snapshot {
        let payment = Payment {
            id: PaymentId::parse("a").unwrap(),
            version: Version::FIRST,
            organisation_id: OrganisationId::parse("acme").unwrap(),
            attributes: Attributes::stored(r#"{"amount":"1"}"#.into()),
            created_on: Timestamp::UNIX_EPOCH,
            modified_on: Timestamp::UNIX_EPOCH,
        };
        payment.into()
    }

    #[test]
    fn clones_share_the_memo() {
        let first = snapshot();
        let second = first.clone();
        assert_eq!(first.memo(|payment| payment.id.to_string()).unwrap(), "a");
        assert_eq!(second.memo(|_| -> String { panic!("it was memoised before") }).unwrap(), "a");
        assert_eq!(second.memo(|_| 7_u8), None, "the memo has another type");
        assert_eq!(first, snapshot(), "memos do not count in comparisons");
    }

    #[test]
    fn a_snapshot_is_compared_and_shown_as_what_it_holds() {
        let snapshot = snapshot();
        let same = snapshot.clone().into_inner();
        let other = Payment { id: PaymentId::parse("b").unwrap(), ..same.clone() };
        assert_eq!(snapshot, same, "a snapshot and a payment");
        assert_eq!(same, snapshot, "a payment and a snapshot");
        assert_ne!(snapshot, other, "a snapshot and another payment");
        assert_ne!(other, snapshot, "another payment and a snapshot");
        assert_ne!(snapshot, Snapshot::from(other), "two snapshots");
        assert_eq!(format!("{snapshot:?}"), format!("{same:?}"));
    }
}
