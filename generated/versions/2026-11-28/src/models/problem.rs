// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

use crate::models;

/// What went wrong, and what to do about it (RFC 9457).
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// The kind of problem; stable, so programs may decide by it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in words; the same for every problem of its kind.
    #[serde(rename = "title")]
    pub title: String,
    /// The status code, again.
    #[serde(rename = "status")]
    pub status: i32,
    /// What happened this time, and what to change.
    #[serde(rename = "detail")]
    pub detail: String,
    /// The path that was asked for.
    #[serde(rename = "instance")]
    pub instance: String,
    /// The `X-Request-Id` of the request; tell us this one when you ask what happened.
    #[serde(rename = "request_id", default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Every fault of the request (at most the first 32), for 400 and 422.
    #[serde(rename = "errors", default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<models::ProblemError>>,
}

impl Problem {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(
        kind: impl Into<String>,
        title: impl Into<String>,
        status: i32,
        detail: impl Into<String>,
        instance: impl Into<String>,
    ) -> Self {
        Self {
            kind: kind.into(),
            title: title.into(),
            status,
            detail: detail.into(),
            instance: instance.into(),
            request_id: None,
            errors: None,
        }
    }

    /// The `X-Request-Id` of the request; tell us this one when you ask what happened.
    #[must_use]
    pub fn request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// Every fault of the request (at most the first 32), for 400 and 422.
    #[must_use]
    pub fn errors(mut self, errors: Vec<models::ProblemError>) -> Self {
        self.errors = Some(errors);
        self
    }
}
