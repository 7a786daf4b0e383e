// @generated from api/openapi.yml by `make generate`; do not edit.

/// Who wrote a version, by the token of the request; absent where there was none, or it was erased.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Author {
    /// The `sub` of the token.
    #[serde(rename = "subject", default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The `client_id` or `azp` of the token.
    #[serde(rename = "client_id", default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

impl Author {
    /// Without any property.
    pub fn new() -> Self {
        Self { subject: None, client_id: None }
    }

    /// The `sub` of the token.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The `client_id` or `azp` of the token.
    #[must_use]
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }
}
