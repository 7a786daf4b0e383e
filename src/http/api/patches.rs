//! The bodies of PATCH: JSON Patch (RFC 6902) or merge patch (RFC 7396), by media type.
//!
//! A large patch is applied on a thread for blocking work, so that it does not hold up a worker thread of the runtime.

use super::Service;
use crate::{
    http::problem::{Error, fault},
    payments::{Error as PaymentsError, Repo},
};
use json_text::{JsonPatch, MergePatch, Op, Operation, PatchError, PatchFault, PatchLimits};
use payments_server::{Encode, Fault, Faults, MAX_FAULTS, RawBody, RawJson, decode, models};
use std::sync::Arc;

/// From this size in bytes on, a document or a patch goes to a thread for blocking work: the worst patches of a
/// megabyte take seconds.
const LARGE: usize = 32 << 10;
/// From this number of operations on, a JSON Patch goes there as well.
const MANY: usize = 50;

/// A patch of the document `{"data": Payment}`.
#[derive(Debug)]
pub(super) enum Patch {
    /// A JSON Patch.
    Json(models::JsonPatch),
    /// A merge patch, as JSON text.
    Merge(RawJson),
}

impl Patch {
    /// Reads the body of a PATCH.
    pub(super) fn read<R: Repo>(body: &RawBody) -> Result<Self, Error> {
        let mut faults = Faults::default();
        let patch = if body.media_type.contains("json-patch") {
            decode::<models::JsonPatch, Service<R>>(&body.bytes, &mut faults).map(Self::Json)
        } else {
            decode::<RawJson, Service<R>>(&body.bytes, &mut faults).map(Self::Merge)
        };
        // The other faults of a patch that could be read are no faults: a member that its operation does not use is ignored
        // (RFC 6902, section 4).
        let Some(patch) = patch.filter(|_| !faults.has_duplicates()) else { return Err(faults.into_vec().into()) };
        match &patch {
            Self::Merge(text) if !text.as_str().starts_with('{') => Err(fault("", "must be an object").into()),
            Self::Json(_) | Self::Merge(_) => Ok(patch),
        }
    }

    /// Applies the patch to a payment. Returns the JSON text of a request, of at most `limit` bytes.
    pub(super) async fn apply(self: &Arc<Self>, payment: models::Payment, limit: usize) -> Result<String, Error> {
        let mut document = Vec::new();
        models::PaymentRequest { data: payment.into(), links: None }.encode(&mut document);
        if document.len() < LARGE && self.is_small() {
            return self.apply_to(&document, limit);
        }
        let patch = Arc::clone(self);
        let patched = tokio::task::spawn_blocking(move || patch.apply_to(&document, limit)).await;
        patched.unwrap_or_else(|panic| Err(Error::Panicked(panic.to_string())))
    }

    fn apply_to(&self, document: &[u8], limit: usize) -> Result<String, Error> {
        let document = String::from_utf8_lossy(document);
        let limits = PatchLimits { bytes: limit, faults: MAX_FAULTS, ..PatchLimits::default() };
        let patched = match self {
            Self::Json(operations) => {
                let operations: Vec<_> = operations.iter().map(operation).collect();
                JsonPatch::new(&operations).with_envelope("data").apply(&document, &limits)
            }
            Self::Merge(patch) => MergePatch(patch.as_str()).apply(&document, &limits),
        };
        patched.map_err(|error| match error {
            PatchError::Document(error) => PaymentsError::Internal(error.into()).into(),
            PatchError::Malformed(faults) => faults.into_iter().map(described).collect::<Vec<_>>().into(),
            PatchError::TestFailed(fault) => Error::PatchTestFailed(described(fault)),
            PatchError::NotApplicable(fault) => Error::PatchNotApplicable(vec![described(fault)]),
        })
    }

    /// Returns whether the patch is quick to apply to a small document.
    pub(super) fn is_small(&self) -> bool {
        match self {
            // Only their number matters: no operation takes long on a small document.
            Self::Json(operations) => operations.len() < MANY,
            Self::Merge(patch) => patch.as_str().len() < LARGE,
        }
    }
}

/// Borrows an operation of the contract as `JsonPatch` takes it.
fn operation(operation: &models::JsonPatchOperation) -> Operation<'_> {
    let models::JsonPatchOperation { op, path, from, value } = operation;
    let op = match op {
        models::JsonPatchOp::Add => Op::Add,
        models::JsonPatchOp::Remove => Op::Remove,
        models::JsonPatchOp::Replace => Op::Replace,
        models::JsonPatchOp::Move => Op::Move,
        models::JsonPatchOp::Copy => Op::Copy,
        models::JsonPatchOp::Test => Op::Test,
    };
    Operation { op, path, from: from.as_deref(), value: value.as_ref().map(RawJson::as_str) }
}

/// Writes the reason down, as clients read it.
fn described(PatchFault { pointer, reason }: PatchFault) -> Fault {
    Fault { pointer, detail: reason.to_string().into() }
}
