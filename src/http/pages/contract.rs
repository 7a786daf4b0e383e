//! Serves the contract, adapted to the address that this service has.

use crate::http::urls;
use axum::{Router, body::Bytes, http::header, routing::get};
use payments_server::OPENAPI_JSON;

/// The contract as it stands in the repository.
const OPENAPI_YML: &str = include_str!("../../../api/openapi.yml");

/// The version that the paths of the contract begin with.
pub(in crate::http) const VERSION: &str = "/v1/";

/// The server URL in the contract.
const CONTRACT_URL: &str = "http://localhost:8080";

/// The paths of these pages.
pub(in crate::http) const PATHS: &[(&str, &str)] = &[("GET", "/openapi.yml"), ("GET", "/openapi.json")];

/// Serves the contract as it holds at `external_url`, with paths under `api_version`. RFC 9512 has the media type of
/// YAML.
pub(in crate::http) fn routes(api_version: &str, external_url: &str) -> Router {
    [("/openapi.yml", "application/yaml", OPENAPI_YML), ("/openapi.json", "application/json", OPENAPI_JSON)]
        .into_iter()
        .fold(Router::new(), |routes, (path, media_type, contract)| {
            let contract = Bytes::from(adapt(contract, api_version, external_url));
            routes.route(path, get(async move || ([(header::CONTENT_TYPE, media_type)], contract)))
        })
}

/// Replaces the server, the version in paths, and the addresses in examples.
fn adapt(contract: &str, api_version: &str, external_url: &str) -> String {
    let version = VERSION.trim_matches('/');
    let url = urls::encode_url(external_url);
    contract
        .replace(VERSION, &format!("/{api_version}/"))
        .replace(&format!("`{version}`"), &format!("`{api_version}`"))
        .replace(CONTRACT_URL, &url)
}

#[cfg(test)]
mod tests {
    use super::{OPENAPI_JSON, OPENAPI_YML, adapt};
    use serde_json::Value;

    #[test]
    fn at_its_own_address_the_contract_is_unchanged() {
        for contract in [OPENAPI_YML, OPENAPI_JSON] {
            assert_eq!(adapt(contract, "v1", "http://localhost:8080"), contract);
        }
    }

    #[test]
    fn at_another_address_server_paths_and_examples_follow() {
        let [yaml, json] =
            [OPENAPI_YML, OPENAPI_JSON].map(|contract| adapt(contract, "v7", "https://pay.example/v1/api"));
        for (contract, original) in [(&yaml, OPENAPI_YML), (&json, OPENAPI_JSON)] {
            assert_eq!(contract.matches("/v7/payments").count(), original.matches("/v1/payments").count());
            assert_eq!(contract.matches("localhost").count(), 0);
        }
        let contract: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(contract["servers"][0]["url"], "https://pay.example/v1/api");
        let paths: Vec<&String> = contract["paths"].as_object().unwrap().keys().collect();
        assert!(paths.iter().any(|path| *path == "/v7/payments/{id}"), "{paths:?}");
        assert!(!paths.iter().any(|path| path.starts_with("/v1/")), "{paths:?}");
    }

    #[test]
    fn an_address_with_quotes_leaves_the_contract_valid_json() {
        let json = adapt(OPENAPI_JSON, "v1", r#"http://a/"\`"#);
        let contract: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(contract["servers"][0]["url"], "http://a/%22%5C%60");
    }
}
