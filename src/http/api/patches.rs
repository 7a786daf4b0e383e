//! The bodies of PATCH: which kind they are, and what they make of a payment.

use super::wire::fault;
use crate::{
    http::{
        patch::{PatchError, json_patch, merge_patch},
        problem::Error,
    },
    payments::Repo,
};
use payments_server::{Encode, Faults, RawBody, RawJson, decode, models};
use std::sync::Arc;

/// From this many bytes on, patching is left to a thread that may take its time: the worst patches of a megabyte take
/// seconds.
const LARGE: usize = 32 << 10;
/// From this many operations on, likewise.
const MANY: usize = 50;

/// A patch of the document `{"data": Payment}`.
#[derive(Debug)]
pub(super) enum Patch {
    /// RFC 6902.
    Json(models::JsonPatch),
    /// RFC 7396, as JSON text.
    Merge(RawJson),
}

impl Patch {
    /// Reads the body of a PATCH.
    pub(super) fn read<R: Repo>(body: &RawBody) -> Result<Self, Error> {
        let mut faults = Faults::default();
        let patch = if body.media_type.contains("json-patch") {
            decode::<models::JsonPatch, super::Service<R>>(&body.bytes, &mut faults).map(Self::Json)
        } else {
            decode::<RawJson, super::Service<R>>(&body.bytes, &mut faults).map(Self::Merge)
        };
        let Some(patch) = patch else { return Err(faults.into_vec().into()) };
        match &patch {
            Self::Merge(text) if !text.as_str().starts_with('{') => Err(fault("", "must be an object").into()),
            Self::Json(_) | Self::Merge(_) => Ok(patch),
        }
    }

    /// What the patch makes of a payment: the JSON text of a request, of at most `limit` bytes.
    pub(super) async fn apply(self: &Arc<Self>, payment: models::Payment, limit: usize) -> Result<String, Error> {
        let mut document = Vec::new();
        models::PaymentRequest { data: payment, links: None }.encode(&mut document);
        if document.len() < LARGE && self.is_small() {
            return self.apply_to(&document, limit);
        }
        let patch = Arc::clone(self);
        let applied = tokio::task::spawn_blocking(move || patch.apply_to(&document, limit)).await;
        applied.unwrap_or_else(|fault| Err(Error::Panicked(fault.to_string())))
    }

    fn apply_to(&self, document: &[u8], limit: usize) -> Result<String, Error> {
        let document = String::from_utf8_lossy(document);
        let patched = match self {
            Self::Json(operations) => json_patch(&document, operations, limit),
            Self::Merge(patch) => merge_patch(&document, patch.as_str(), limit),
        };
        patched.map_err(|error| match error {
            PatchError::Malformed(faults) => faults.into(),
            PatchError::TestFailed(fault) => Error::PatchTestFailed(fault),
            PatchError::NotApplicable(fault) => Error::PatchNotApplicable(vec![fault]),
        })
    }

    /// Whether no operation on a small document takes long.
    fn is_small(&self) -> bool {
        match self {
            // What an operation brings along is short if the whole is; only their number counts then.
            Self::Json(operations) => operations.len() < MANY,
            Self::Merge(patch) => patch.as_str().len() < LARGE,
        }
    }
}
