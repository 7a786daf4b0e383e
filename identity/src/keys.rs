//! The key set of the issuer (RFC 7517, section 5), and which of its keys a token was signed with.

use crate::{
    InvalidToken,
    algorithm::Algorithm,
    jwk::{Key, Unusable},
    members::Members,
};
use serde_json::value::RawValue;

/// The most usable keys. Issuers have two to four of them.
const MOST: usize = 32;

/// The keys of the issuer at one time.
#[derive(Debug, Default)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
    /// Why others were left out.
    unusable: Vec<Unusable>,
}

impl KeySet {
    /// Reads a key set. A key that cannot be used is left out, so that it does no harm to the others.
    ///
    /// # Errors
    ///
    /// What the text is not, as the end of a sentence.
    pub(crate) fn read(json: &[u8]) -> Result<Self, &'static str> {
        let members = Members::read(json).ok_or("is no JSON object, or has a name twice")?;
        let list = members.get("keys").ok_or("has no \"keys\"")?;
        let list: Vec<&RawValue> = serde_json::from_str(list.get()).map_err(|_| "has \"keys\" that are no list")?;
        let mut set = Self::default();
        for key in list {
            match Key::read(key.get().as_bytes()) {
                Ok(key) => set.keys.push(key),
                Err(reason) => set.unusable.push(reason),
            }
        }
        if set.keys.len() > MOST { Err("has more than 32 keys") } else { Ok(set) }
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Why keys were left out, but for those that are merely for something else.
    pub(crate) fn faults(&self) -> Vec<Unusable> {
        self.unusable.iter().copied().filter(|reason| *reason != Unusable::ForSomethingElse).collect()
    }

    /// Whether both have the same keys. Their order means nothing.
    pub(crate) fn has_same_keys(&self, other: &Self) -> bool {
        self.len() == other.len() && self.keys.iter().all(|key| other.keys.contains(key))
    }

    /// The keys that a token with this header may have been signed with: mostly one, but an issuer may give several the same
    /// id.
    ///
    /// # Errors
    ///
    /// [`InvalidToken::UnknownKey`] if there is none, and one may have been added since the set was fetched;
    /// [`InvalidToken::KeyMismatch`] if the id belongs to a key for another algorithm, [`InvalidToken::AmbiguousKey`] if
    /// the token names no key, and several fit.
    pub(crate) fn candidates(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Vec<&Key>, InvalidToken> {
        let named = || self.keys.iter().filter(|key| id.is_none() || key.id.as_deref() == id);
        let fitting: Vec<&Key> = named().filter(|key| key.fits(algorithm)).collect();
        match (id, fitting.len()) {
            (Some(_), 0) if named().next().is_some() => Err(InvalidToken::KeyMismatch),
            (_, 0) => Err(InvalidToken::UnknownKey),
            (None, 2..) => Err(InvalidToken::AmbiguousKey),
            (Some(_), _) | (None, _) => Ok(fitting),
        }
    }
}

#[cfg(test)]
mod tests;
