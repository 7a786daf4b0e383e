//! Serves the contract, the newest and the older versions of it, adapted to the address that this service has.

use crate::http::urls;
use axum::{Router, body::Bytes, http::header, routing::get};
use payments_server::OPENAPI_JSON;

/// The contract as it stands in the repository.
pub(in crate::http) const OPENAPI_YML: &str = include_str!("../../../api/openapi.yml");

/// The older versions that are served, as they were released: each with its path.
const RELEASED: [(&str, &str); 1] = [("/openapi/2026-11-28.yml", include_str!("../../../api/versions/2026-11-28.yml"))];

const YAML: &str = "application/yaml";

/// The version that the paths of the contract begin with.
pub(in crate::http) const VERSION: &str = "/v1/";

/// The server URL in the contract.
const CONTRACT_URL: &str = "http://localhost:8080";

/// The issuer of tokens in the contract.
const ISSUER: &str = "https://issuer.example";

/// How the contract says in YAML and in JSON that an operation may be called without a token, and what is left without that.
const WITHOUT_TOKEN: [(&str, &str); 2] =
    [("security: [{}, {", "security: [{"), ("\"security\": [\n          {},\n", "\"security\": [\n")];

/// The paths of these pages.
pub(in crate::http) const PATHS: &[(&str, &str)] =
    &[("GET", "/openapi.yml"), ("GET", "/openapi.json"), ("GET", RELEASED[0].0)];

/// Serves the contract as it holds at `external_url`, with paths under `api_version`, and of a service that takes tokens of
/// `issuer` or asks for none. RFC 9512 has the media type of
/// YAML.
pub(in crate::http) fn routes(api_version: &str, external_url: &str, issuer: Option<&str>) -> Router {
    let released = RELEASED.map(|(path, contract)| (path, YAML, contract));
    [("/openapi.yml", YAML, OPENAPI_YML), ("/openapi.json", "application/json", OPENAPI_JSON)]
        .into_iter()
        .chain(released)
        .fold(Router::new(), |routes, (path, media_type, contract)| {
            let contract = adapt(contract, api_version, external_url);
            let contract = match issuer {
                Some(issuer) => asking_for_tokens(&contract, issuer),
                None => contract,
            };
            let contract = Bytes::from(contract);
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

/// Names the issuer, and leaves out that operations may be called without a token.
fn asking_for_tokens(contract: &str, issuer: &str) -> String {
    let address = urls::encode_url(issuer);
    WITHOUT_TOKEN
        .iter()
        .fold(contract.to_owned(), |contract, (without, with)| contract.replace(without, with))
        .replace(&format!("{ISSUER}/."), &format!("{}/.", address.trim_end_matches('/')))
        .replace(ISSUER, &address)
}

#[cfg(test)]
mod tests {
    use super::{ISSUER, OPENAPI_JSON, OPENAPI_YML, PATHS, RELEASED, adapt, asking_for_tokens};
    use serde_json::Value;

    #[test]
    fn at_its_own_address_the_contract_is_unchanged() {
        for contract in [OPENAPI_YML, OPENAPI_JSON] {
            assert_eq!(adapt(contract, "v1", "http://localhost:8080"), contract);
        }
    }

    #[test]
    fn a_service_that_asks_for_tokens_says_so_and_names_its_issuer() {
        let [yaml, json] =
            [OPENAPI_YML, OPENAPI_JSON].map(|contract| asking_for_tokens(contract, "https://login.example/t/"));
        for contract in [&yaml, &json] {
            assert!(
                !contract.contains(ISSUER) && contract.contains("https://login.example/t/.well-known/openid-"),
                "{contract}"
            );
        }
        assert!(!yaml.contains("[{}, {"), "{yaml}");
        let (before, after): (Value, Value) =
            (serde_json::from_str(OPENAPI_JSON).unwrap(), serde_json::from_str(&json).unwrap());
        let mut asked = 0;
        for (path, item) in after["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap().iter().filter(|(_, operation)| operation.is_object()) {
                let (requirements, was) = (&operation["security"], &before["paths"][path][method]["security"]);
                let kept: Vec<_> = was.as_array().unwrap().iter().filter(|one| one.get("issuer").is_some()).collect();
                assert_eq!(requirements.as_array().unwrap().iter().collect::<Vec<_>>(), kept, "{method} {path}");
                asked += kept.len();
            }
        }
        assert!(asked > 8, "only {asked} operations ask for a token");
    }

    #[test]
    fn every_older_version_is_at_a_path_of_its_own() {
        let contract: Value = serde_json::from_str(OPENAPI_JSON).unwrap();
        let versions = contract["components"]["parameters"]["AcceptVersion"]["schema"]["enum"].as_array().unwrap();
        let (_, older) = versions.split_last().unwrap();
        let paths: Vec<_> = older.iter().map(|version| format!("/openapi/{}.yml", version.as_str().unwrap())).collect();
        assert_eq!(RELEASED.map(|(path, _)| path).to_vec(), paths, "let RELEASED have the file in api/versions");
        assert!(RELEASED.iter().all(|(path, _)| PATHS.contains(&("GET", path))));
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
