//! What a store knows a payment by: its tenant, and its id there.

use crate::payments::{PaymentId, Tenant};
use quick_cache::Equivalent;
use std::hash::{Hash, Hasher};

/// The tenant and the id of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    // First, so that it is compared first.
    pub(super) id: PaymentId,
    pub(super) tenant: Tenant,
}

/// A [`Key`] that borrows both: a lookup copies neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyRef<'k> {
    pub(super) id: &'k PaymentId,
    pub(super) tenant: &'k Tenant,
}

impl Key {
    pub(super) fn borrow(&self) -> KeyRef<'_> {
        let Self { id, tenant } = self;
        KeyRef { id, tenant }
    }
}

impl KeyRef<'_> {
    pub(super) fn to_key(self) -> Key {
        let Self { id, tenant } = self;
        Key { id: id.clone(), tenant: tenant.clone() }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.borrow().hash(state);
    }
}

impl Hash for KeyRef<'_> {
    /// Like the id alone for the anonymous tenant, which is all that a service without identity has.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
        if let Some(organisation) = self.tenant.organisation() {
            organisation.hash(state);
        }
    }
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self == key.borrow()
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, KeyRef};
    use crate::payments::{OrganisationId, PaymentId, Tenant};
    use quick_cache::{DefaultHashBuilder, Equivalent};
    use std::hash::BuildHasher;

    #[test]
    fn keys_are_the_same_if_both_halves_are() {
        let tenants = [Tenant::ANONYMOUS, tenant("a"), tenant("b")];
        let keys = tenants.iter().flat_map(|tenant| ["a", "b"].map(|name| key(tenant, name))).collect::<Vec<_>>();
        let hasher = DefaultHashBuilder::default();
        for (number, one) in keys.iter().enumerate() {
            for (other_number, other) in keys.iter().enumerate() {
                let is_same = number == other_number;
                assert_eq!(one == other, is_same, "{one:?}, {other:?}");
                assert_eq!(one.borrow().equivalent(other), is_same, "{one:?}, {other:?}");
                assert_eq!(hasher.hash_one(one.borrow()) == hasher.hash_one(other), is_same, "{one:?}, {other:?}");
            }
        }
        let KeyRef { id, tenant } = keys[0].borrow();
        assert_eq!(hasher.hash_one(id), hasher.hash_one(&keys[0]), "an anonymous key costs more than its id");
        assert!(tenant.is_anonymous());
    }

    fn tenant(name: &str) -> Tenant {
        Tenant::of(OrganisationId::parse(name).unwrap())
    }

    fn key(tenant: &Tenant, name: &str) -> Key {
        Key { id: PaymentId::parse(name).unwrap(), tenant: tenant.clone() }
    }
}
