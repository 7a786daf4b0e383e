//! Turns what a cursor stands for into text that clients keep, and back.
//!
//! The problem: positions are numbers that all tenants share, so the distance between two of them tells how much others have
//! created meanwhile.
//!
//! The mechanism: the cursors of an organisation are sealed. AES-256-GCM encrypts the content and authenticates it, with a key
//! that HKDF (RFC 5869) derives from the secret of the store, the endpoint and the organisation; so all replicas open each
//! other's cursors, and no organisation opens another's. The nonce is random, so two cursors of one position differ: equal ones
//! would tell that nobody created anything in between. An organisation has no use for a number in clear text either: by trying
//! numbers it would find out those of its own payments.
//!
//! Anonymous callers all see the same payments, and there is nothing to hide. Their cursors are the content, as they always
//! were.
//!
//! The first byte names the format, so that the cursor of one endpoint is never taken for that of another.

use crate::payments::{Error, Secret, Tenant};
use arrayvec::ArrayVec;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf,
    rand::{SecureRandom, SystemRandom},
};
use std::{fmt, ptr};

/// The cursors of the list of payments.
pub(super) static PAYMENTS: Format = Format { clear: 1, sealed: 2, lengths: &[8], purpose: b"payments: cursors" };
/// The cursors of events. With filters they are longer.
pub(super) static EVENTS: Format =
    Format { clear: 3, sealed: 4, lengths: &[16, 20], purpose: b"payments: event cursors" };

static FORMATS: [&Format; 2] = [&PAYMENTS, &EVENTS];

/// The most bytes of a cursor: the format, the nonce, the content and the tag.
const MAX_LENGTH: usize = 1 + NONCE_LEN + MAX_CONTENT + TAG;
/// The most bytes that a cursor stands for.
const MAX_CONTENT: usize = 20;
const TAG: usize = 16;

/// What a cursor stands for.
pub(super) type Content = ArrayVec<u8, MAX_LENGTH>;

/// The form of the cursors of one endpoint.
#[derive(Debug)]
pub(super) struct Format {
    /// The first byte of a cursor in clear text. A change of the form needs another, so that old cursors are refused.
    clear: u8,
    /// The first byte of a sealed cursor.
    sealed: u8,
    /// How many bytes the content may have.
    lengths: &'static [usize],
    /// Sets the keys apart from others that are derived from the secret.
    purpose: &'static [u8],
}

/// Why a text is no cursor of an endpoint and a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotACursor {
    /// It is not of any form that cursors have.
    Garbled,
    /// It is a cursor of another endpoint.
    OtherEndpoint,
    /// It is a cursor that another tenant was given, or one that was changed since.
    OtherTenant,
}

/// Writes and reads the cursors of one tenant at one endpoint, for one response.
#[derive(Debug)]
pub(super) struct CursorCodec {
    format: &'static Format,
    /// `None` for the anonymous tenant, whose cursors are clear text.
    seal: Option<Box<Seal>>,
}

/// Seals the cursors of one response.
struct Seal {
    key: LessSafeKey,
    /// The nonces of this response differ in their last two bytes only.
    nonce: [u8; NONCE_LEN],
}

impl CursorCodec {
    /// The cursors of anonymous callers.
    #[cfg(any(test, fuzzing))]
    pub(super) const fn clear(format: &'static Format) -> Self {
        Self { format, seal: None }
    }

    /// The cursors of `tenant`, in a store that has this secret.
    ///
    /// # Errors
    /// [`Error::Internal`] when the system has no random numbers.
    pub(super) fn of(format: &'static Format, tenant: &Tenant, secret: &Secret) -> Result<Self, Error> {
        let seal = tenant.organisation().map(|organisation| Seal::new(format, organisation, secret));
        Ok(Self { format, seal: seal.transpose()?.map(Box::new) })
    }

    /// Writes a cursor. No two of one response have the same `number`, so that no two are sealed with the same nonce.
    pub(super) fn write(&self, content: &[u8], number: u16) -> String {
        let Self { format, seal } = self;
        match seal {
            None => URL_SAFE_NO_PAD.encode([&[format.clear], content].concat()),
            Some(seal) => URL_SAFE_NO_PAD.encode([&[format.sealed], &*seal.seal(content, number)].concat()),
        }
    }

    /// What a cursor was written from.
    ///
    /// # Errors
    /// Why the text is none of this tenant's cursors of this endpoint.
    pub(super) fn read(&self, text: &str) -> Result<Content, NotACursor> {
        let mut buffer = [0; MAX_LENGTH];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut buffer).map_err(|_| NotACursor::Garbled)?;
        let decoded = buffer.get(..length).and_then(<[u8]>::split_first);
        let (kind, bytes) = decoded.ok_or(NotACursor::Garbled)?;
        let format = FORMATS.into_iter().find(|format| format.has(*kind, bytes.len())).ok_or(NotACursor::Garbled)?;
        if !ptr::eq(format, self.format) {
            return Err(NotACursor::OtherEndpoint);
        }
        match &self.seal {
            None if *kind == format.clear => Ok(bytes.iter().copied().collect()),
            Some(seal) if *kind == format.sealed => seal.open(bytes).ok_or(NotACursor::OtherTenant),
            None | Some(_) => Err(NotACursor::OtherTenant),
        }
    }
}

impl Format {
    /// Whether a cursor may begin with this byte, and have so many behind it.
    fn has(&self, kind: u8, length: usize) -> bool {
        let beside = if kind == self.sealed { NONCE_LEN + TAG } else { 0 };
        (kind == self.clear || kind == self.sealed) && self.lengths.iter().any(|content| content + beside == length)
    }
}

impl Seal {
    fn new(format: &Format, organisation: &str, secret: &Secret) -> Result<Self, Error> {
        let mut nonce = [0; NONCE_LEN];
        let failed = |_| Error::Internal("a cursor cannot be sealed: the system gives no random numbers".into());
        SystemRandom::new().fill(&mut nonce).map_err(failed)?;
        let purpose = hkdf::Salt::new(hkdf::HKDF_SHA256, format.purpose).extract(secret.bytes());
        let info = [organisation.as_bytes()];
        let key = purpose.expand(&info, &AES_256_GCM).map(UnboundKey::from).map_err(failed)?;
        Ok(Self { key: LessSafeKey::new(key), nonce })
    }

    fn seal(&self, content: &[u8], number: u16) -> Vec<u8> {
        let mut nonce = self.nonce;
        if let Some(last) = nonce.last_chunk_mut() {
            *last = number.to_be_bytes();
        }
        let mut text = content.to_vec();
        // It fails for texts of many gibibytes only.
        let _ = self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut text);
        [&nonce[..], &text].concat()
    }

    fn open(&self, sealed: &[u8]) -> Option<Content> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut text = Content::try_from(text).ok()?;
        let opened = self.key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut text).ok()?.len();
        text.truncate(opened);
        Some(text)
    }
}

impl fmt::Debug for Seal {
    /// Leaves the key out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").finish_non_exhaustive()
    }
}

/// A number that is part of a content.
pub(super) fn number(bytes: &[u8]) -> Option<i64> {
    bytes.try_into().ok().map(i64::from_be_bytes)
}
