// @generated from api/openapi.yml by `make generate`; do not edit.

/// A client that has used a deprecated element.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct DeprecatedElementClient {
    /// The first product in its `User-Agent`, without the version; `unknown` if it sends none.
    #[serde(rename = "client")]
    pub client: String,
    /// The version of the contract that its requests were of; a dash at paths that have none.
    #[serde(rename = "contract_version")]
    pub contract_version: String,
    /// How many of its requests have used it.
    #[serde(rename = "uses")]
    pub uses: i64,
    /// When the last of them arrived.
    #[serde(rename = "last_used_on")]
    pub last_used_on: String,
    /// The `X-Request-Id` of the last of them, by which the log has its line.
    #[serde(rename = "last_request_id")]
    pub last_request_id: String,
}

impl DeprecatedElementClient {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(
        client: impl Into<String>,
        contract_version: impl Into<String>,
        uses: i64,
        last_used_on: String,
        last_request_id: impl Into<String>,
    ) -> Self {
        Self {
            client: client.into(),
            contract_version: contract_version.into(),
            uses,
            last_used_on,
            last_request_id: last_request_id.into(),
        }
    }
}
