//! Tenants: those who share a store and never learn what the others have in it.

use super::{BrokenRule, OrganisationId};
use std::{fmt, sync::Arc};

/// Whose payments a call is about: those of one organisation, or the anonymous ones.
///
/// A payment belongs to the tenant that created it, for ever, and ids are unique within a tenant. While identity is off,
/// every call is anonymous, and everything is in the anonymous tenant. With identity on, the organisation that a token names
/// is the tenant.
///
/// Tenants are told apart by their bytes: `Acme`, `acme` and `acme ` are three. A clone allocates nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tenant(Option<Arc<str>>);

impl Tenant {
    /// The tenant of calls without an identity.
    pub const ANONYMOUS: Self = Self(None);

    /// The tenant of an organisation.
    #[must_use]
    pub fn of(organisation: OrganisationId) -> Self {
        Self(Some(organisation.into_text()))
    }

    /// Reads a tenant from a store, as [`as_str`](Self::as_str) wrote it.
    ///
    /// # Errors
    /// The first rule of organisations that `text` breaks.
    pub fn stored(text: &str) -> Result<Self, BrokenRule> {
        if text.is_empty() { Ok(Self::ANONYMOUS) } else { OrganisationId::stored(text).map(Self::of) }
    }

    /// Whether this is the anonymous tenant.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.0.is_none()
    }

    /// The organisation as text, which is shared; `None` for the anonymous tenant.
    #[must_use]
    pub fn organisation(&self) -> Option<&Arc<str>> {
        self.0.as_ref()
    }

    /// The tenant as text: that of the organisation, and nothing for the anonymous tenant. No organisation is empty.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl fmt::Display for Tenant {
    /// For messages: the anonymous tenant has words, too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(organisation) => write!(f, "the tenant {organisation:?}"),
            None => f.write_str("the anonymous tenant"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tenant;
    use crate::payments::OrganisationId;

    #[test]
    fn a_tenant_is_read_as_it_was_written() {
        let acme = Tenant::of(OrganisationId::parse("acme").unwrap());
        for tenant in [Tenant::ANONYMOUS, acme.clone()] {
            assert_eq!(Tenant::stored(tenant.as_str()), Ok(tenant));
        }
        assert_eq!((acme.as_str(), Tenant::ANONYMOUS.as_str()), ("acme", ""));
        assert!(Tenant::stored(" ").is_err(), "blank text is no organisation, and not anonymous either");
    }

    #[test]
    fn tenants_differ_by_their_bytes() {
        let of = |text| Tenant::of(OrganisationId::parse(text).unwrap());
        for other in ["Acme", "acme ", "a\u{301}cme", "\u{e1}cme"] {
            assert_ne!(of("acme"), of(other), "{other:?}");
        }
        assert_ne!(of("a\u{301}"), of("\u{e1}"), "the same letter in two spellings");
    }
}
