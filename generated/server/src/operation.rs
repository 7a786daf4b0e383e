// @generated from api/openapi.yml by `make generate`; do not edit.

//! What an operation is called, for whoever watches it from outside.

use axum::http::Extensions;
use std::sync::{Arc, OnceLock};

/// An operation of the contract.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its `operationId`.
    pub id: &'static str,
    /// Its method.
    pub method: &'static str,
    /// Its path in the contract, with the names of the parameters in braces.
    pub path: &'static str,
    /// The media types of its answers; none if they have no body.
    pub produces: &'static [&'static str],
    /// The statuses with which the contract lets it fail.
    pub failures: &'static [u16],
}

/// Which operation a request reached, if any. Put one into a request's extensions, keep another, and ask it later.
#[derive(Debug, Clone, Default)]
pub struct Reached(Arc<OnceLock<&'static Operation>>);

impl Reached {
    /// The operation; `None` while none was reached.
    #[must_use]
    pub fn operation(&self) -> Option<&'static Operation> {
        self.0.get().copied()
    }
}

impl Operation {
    /// Tells whoever asked that this operation was reached.
    pub(crate) fn note(&'static self, extensions: &Extensions) {
        if let Some(Reached(cell)) = extensions.get() {
            // A request reaches one operation; a second note would say the same.
            let _ = cell.set(self);
        }
    }
}
