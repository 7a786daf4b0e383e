//! What stores hand out.

use super::Payment;
use std::{
    any::Any,
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

/// A payment at one version, or a page of them: as it stood at some moment, shared, and never changed.
///
/// A store may hand out the same snapshot again and again. So whoever shows it can leave a note with it, such as how it looks,
/// and need not work that out for the next who asks. What the note says is nobody else's business.
pub struct Snapshot<T = Payment>(Arc<Inner<T>>);

struct Inner<T> {
    value: T,
    note: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl<T> Snapshot<T> {
    /// The note that was left with the snapshot, which `make` writes if there is none yet. `None` if somebody else left a
    /// note of another type.
    pub fn note<N: Any + Send + Sync>(&self, make: impl FnOnce(&T) -> N) -> Option<&N> {
        self.0.note.get_or_init(|| Box::new(make(&self.0.value))).downcast_ref()
    }
}

impl<T: Clone> Snapshot<T> {
    /// What the snapshot shows, to take apart.
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
        Self(Arc::new(Inner { value, note: OnceLock::new() }))
    }
}

/// Shares it.
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

/// Notes do not count: snapshots that show the same are equal.
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
    fn a_note_is_written_once_for_all_who_share_the_snapshot() {
        let first = snapshot();
        let second = first.clone();
        assert_eq!(first.note(|payment| payment.id.to_string()).unwrap(), "a");
        assert_eq!(second.note(|_| -> String { panic!("it is there") }).unwrap(), "a");
        assert_eq!(second.note(|_| 7_u8), None, "somebody else's note");
        assert_eq!(first, snapshot(), "notes do not count");
    }
}
