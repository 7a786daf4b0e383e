//! The contract, served beside the service that keeps it.

use axum::{Router, body::Bytes, http::header, routing::get};
use payments_server::OPENAPI_JSON;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// The contract as it was written.
const OPENAPI_YML: &str = include_str!("../../../api/openapi.yml");

/// The version that its paths begin with.
pub(in crate::http) const VERSION: &str = "/v1/";

/// What links begin with in it.
const CONTRACT_URL: &str = "http://localhost:8080";

/// What no URL has by RFC 3986, section 2, and what would end a string in JSON or YAML.
const NOT_IN_URLS: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`');

/// The paths where the contract can be read.
pub(in crate::http) const PATHS: &[(&str, &str)] = &[("GET", "/openapi.yml"), ("GET", "/openapi.json")];

/// Where the contract can be read, as it holds at `external_url` under `api_version`. The media type of YAML is RFC 9512's.
pub(in crate::http) fn routes(api_version: &str, external_url: &str) -> Router {
    [("/openapi.yml", "application/yaml", OPENAPI_YML), ("/openapi.json", "application/json", OPENAPI_JSON)]
        .into_iter()
        .fold(Router::new(), |routes, (path, media_type, contract)| {
            let contract = Bytes::from(placed(contract, api_version, external_url));
            routes.route(path, get(async move || ([(header::CONTENT_TYPE, media_type)], contract)))
        })
}

/// The contract as it holds where this service is: its server, its paths and its examples.
fn placed(contract: &str, api_version: &str, external_url: &str) -> String {
    let version = VERSION.trim_matches('/');
    let url = utf8_percent_encode(external_url, NOT_IN_URLS).to_string();
    contract
        .replace(VERSION, &format!("/{api_version}/"))
        .replace(&format!("`{version}`"), &format!("`{api_version}`"))
        .replace(CONTRACT_URL, &url)
}

#[cfg(test)]
mod tests {
    use super::{OPENAPI_JSON, OPENAPI_YML, placed};
    use serde_json::Value;

    #[test]
    fn where_it_was_written_for_it_is_as_it_was_written() {
        for contract in [OPENAPI_YML, OPENAPI_JSON] {
            assert_eq!(placed(contract, "v1", "http://localhost:8080"), contract);
        }
    }

    #[test]
    fn elsewhere_server_paths_and_examples_are_there() {
        let [yaml, json] =
            [OPENAPI_YML, OPENAPI_JSON].map(|contract| placed(contract, "v7", "https://pay.example/v1/api"));
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
    fn a_strange_address_leaves_it_json() {
        let json = placed(OPENAPI_JSON, "v1", r#"http://a/"\`"#);
        let contract: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(contract["servers"][0]["url"], "http://a/%22%5C%60");
    }
}
