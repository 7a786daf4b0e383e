//! Who sends a request, as a verified token says it.

use std::sync::Arc;

/// The holder of an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Shared with what the holder does, such as the record of a write.
    pub(crate) subject: Arc<str>,
    pub(crate) client: Option<Arc<str>>,
    pub(crate) organisation: Option<Arc<str>>,
    pub(crate) scopes: Scopes,
    pub(crate) expires_at: i64,
}

impl Caller {
    /// A caller that no token names, for what runs without an issuer, and for tests.
    pub fn new(subject: &str, client: Option<&str>, organisation: Option<&str>, scopes: &str) -> Self {
        Self {
            subject: subject.into(),
            client: client.map(Into::into),
            organisation: organisation.map(Into::into),
            scopes: Scopes::from(scopes),
            expires_at: i64::MAX,
        }
    }

    /// The user, or the client itself where it acts for no user (`sub`). Not empty, and without control characters.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The program that was given the token (`client_id`, else `azp`). Not empty, and without control characters.
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// The text of [`subject`](Self::subject), shared.
    pub fn shared_subject(&self) -> &Arc<str> {
        &self.subject
    }

    /// The text of [`client`](Self::client), shared.
    pub fn shared_client(&self) -> Option<&Arc<str>> {
        self.client.as_ref()
    }

    /// The organisation for which the token was issued. Not empty, and without control characters.
    pub fn organisation(&self) -> Option<&str> {
        self.organisation.as_deref()
    }

    /// What the caller may do.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// When the token expires (`exp`), in seconds since 1970 UTC. Clocks may differ, so it may have been some seconds ago.
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }

    /// The bytes on the heap.
    pub(crate) fn size(&self) -> usize {
        let texts = [Some(self.subject()), self.client(), self.organisation(), Some(&self.scopes.0)];
        // Each shared text has two counts.
        let counts = 2 * size_of::<usize>() * texts.into_iter().flatten().count();
        size_of::<Self>() + counts + texts.into_iter().flatten().map(str::len).sum::<usize>()
    }
}

/// The scopes of a token: a list of names (RFC 6749, section 3.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(Box<str>);

impl Scopes {
    /// Whether `scope` is among them. Names are case-sensitive, and none includes another.
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|granted| granted == scope)
    }

    /// The names, in the order of the token.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|scope| !scope.is_empty())
    }
}

/// Names between spaces.
impl From<&str> for Scopes {
    fn from(names: &str) -> Self {
        Self(names.into())
    }
}

#[cfg(test)]
mod tests {
    use super::Scopes;

    #[test]
    fn a_scope_is_found_by_its_whole_name() {
        let scopes = Scopes::from("payments:read  openid admins");
        for (scope, expected) in [
            ("payments:read", true),
            ("openid", true),
            ("admin", false),
            ("payments", false),
            ("Payments:read", false),
            ("payments:read openid", false),
            ("", false),
            (" ", false),
        ] {
            assert_eq!(scopes.contains(scope), expected, "{scope:?}");
        }
    }
}
