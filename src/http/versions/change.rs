//! What a version does otherwise than the one before, and how a request of that one is served all the same.

use crate::http::problem::Error;
use axum::{
    body::{self, Body, HttpBody},
    extract::Request,
    http::uri::{PathAndQuery, Uri},
    response::Response,
};
use json_text::PatchError;
use payments_server::{Deprecation, EarlierFaults, Faults, Operation};
use std::fmt;

/// A change that breaks clients of the versions before it.
pub(in crate::http) trait Change: fmt::Debug + Sync {
    /// Turns a request of the version before into one that means the same after the change, and reports what cannot be turned.
    /// Returns what turns the response back, if it differs. Called with every request of older versions, so a request that
    /// the change does not touch has to cost next to nothing.
    fn climb(&self, operation: &'static Operation, request: &mut Request, faults: &mut Faults) -> Option<Descent>;

    /// What requests of the versions before may use, and is gone after the change.
    fn deprecations(&self, _operation: &'static Operation) -> &'static [Deprecation] {
        &[]
    }
}

/// Turns the JSON of a success back into that of the version before. It works on the text, so that attributes keep their bytes.
pub(in crate::http) type Descent = Box<dyn FnOnce(&str) -> Result<String, PatchError> + Send>;

/// What turns the response to a request back, the change that the request met first at the front.
#[derive(Default)]
pub(in crate::http) struct Descents(Vec<Descent>);

/// Takes a request through the changes. Faults go into its extensions, for the operation to report them with its own.
pub(super) fn climb(
    changes: impl Iterator<Item = &'static dyn Change>,
    operation: &'static Operation,
    request: &mut Request,
) -> Descents {
    let mut faults = Faults::default();
    let descents = changes.filter_map(|change| change.climb(operation, request, &mut faults)).collect();
    if !faults.is_empty() {
        request.extensions_mut().insert(EarlierFaults(faults.into_vec()));
    }
    Descents(descents)
}

impl Descents {
    /// Whether the response stays as it is.
    pub(in crate::http) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Turns a success back, the last change first. Problems are the same in every version.
    pub(in crate::http) async fn apply(self, response: Response) -> Result<Response, Error> {
        // A stream has no end that could be waited for: what changes its events has to change them one by one.
        if !response.status().is_success() || response.body().size_hint().exact().is_none() {
            return Ok(response);
        }
        let (head, body) = response.into_parts();
        let failed = |reason: String| Error::VersionNotWritten(reason);
        // The body is in memory already, and the service bounds it.
        let bytes = body::to_bytes(body, usize::MAX).await.map_err(|error| failed(error.to_string()))?;
        let mut text = String::from_utf8(bytes.into()).map_err(|error| failed(error.to_string()))?;
        for descend in self.0.into_iter().rev() {
            text = descend(&text).map_err(|error| failed(error.to_string()))?;
        }
        Ok(Response::from_parts(head, Body::from(text)))
    }
}

/// Puts another query into the address of a request. Its parameters are those of the old one, or written like those.
pub(super) fn set_query(request: &mut Request, query: &str) {
    let path = request.uri().path();
    let text = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let mut parts = request.uri().clone().into_parts();
    if let Ok(path_and_query) = PathAndQuery::try_from(text) {
        parts.path_and_query = Some(path_and_query);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
}
