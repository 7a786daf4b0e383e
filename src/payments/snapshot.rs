//! Payments as stores hand them out.

use super::Payment;
use std::{
    any::Any,
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

/// A payment at one version: shared, and never changed.
///
/// A store may hand out the same snapshot again and again. So whoever shows payments can leave a note with it, such as how
/// it looks, and need not work that out for the next who asks. What the note says is nobody else's business.
#[derive(Clone)]
pub struct Snapshot(Arc<Inner>);

struct Inner {
    payment: Payment,
    note: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Snapshot {
    /// The note that was left with the snapshot, which `make` writes if there is none yet. `None` if somebody else left a
    /// note of another type.
    pub fn note<T: Any + Send + Sync>(&self, make: impl FnOnce(&Payment) -> T) -> Option<&T> {
        self.0.note.get_or_init(|| Box::new(make(&self.0.payment))).downcast_ref()
    }

    /// The payment, to take apart.
    #[must_use]
    pub fn into_payment(self) -> Payment {
        match Arc::try_unwrap(self.0) {
            Ok(inner) => inner.payment,
            Err(shared) => shared.payment.clone(),
        }
    }
}

impl From<Payment> for Snapshot {
    fn from(payment: Payment) -> Self {
        Self(Arc::new(Inner { payment, note: OnceLock::new() }))
    }
}

impl Deref for Snapshot {
    type Target = Payment;

    fn deref(&self) -> &Payment {
        &self.0.payment
    }
}

/// Notes do not count: equal payments are equal.
impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Snapshot {}

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

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.payment.fmt(f)
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
