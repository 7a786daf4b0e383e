// @generated from api/openapi.yml by `make generate`; do not edit.

/// A protected resource, and who issues tokens for it (RFC 9728, section 2).
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ResourceMetadata {
    /// The address of the service.
    #[serde(rename = "resource")]
    pub resource: String,
    /// The issuers whose tokens are taken.
    #[serde(rename = "authorization_servers")]
    pub authorization_servers: Vec<String>,
    /// The scopes that operations ask for.
    #[serde(rename = "scopes_supported")]
    pub scopes_supported: Vec<String>,
    /// How a token is sent.
    #[serde(rename = "bearer_methods_supported")]
    pub bearer_methods_supported: Vec<String>,
}

impl ResourceMetadata {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(
        resource: impl Into<String>,
        authorization_servers: Vec<String>,
        scopes_supported: Vec<String>,
        bearer_methods_supported: Vec<String>,
    ) -> Self {
        Self { resource: resource.into(), authorization_servers, scopes_supported, bearer_methods_supported }
    }
}
