use super::{Fetch, FetchError, FromFile, FromIssuer, KeySet, LARGEST};
use crate::{Settings, SettingsError};
use reqwest::Url;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

const DISCOVERY: &str = "/.well-known/openid-configuration";
const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// An issuer that answers these two.
async fn issuer(discovery: impl Fn(&str) -> ResponseTemplate, keys: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let discovery = discovery(&server.uri());
    Mock::given(method("GET")).and(path(DISCOVERY)).respond_with(discovery).mount(&server).await;
    Mock::given(method("GET")).and(path("/keys")).respond_with(keys).mount(&server).await;
    server
}

fn document(server: &str) -> Value {
    json!({"issuer": server, "jwks_uri": format!("{server}/keys")})
}

fn ok(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn keys() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_string(format!("{{\"keys\":[{KEY}]}}"))
}

/// How long an issuer that hangs takes to answer.
const HANGS: Duration = Duration::from_secs(60);

async fn fetch(issuer: &str) -> Result<KeySet, FetchError> {
    fetch_within(Duration::from_secs(30), issuer).await
}

async fn fetch_within(timeout: Duration, issuer: &str) -> Result<KeySet, FetchError> {
    let address = Settings::new(issuer, ["pay"]).issuer_url().expect("an issuer");
    FromIssuer::new(issuer, &address, timeout, "test").expect("a client").fetch().await
}

#[tokio::test]
async fn keys_are_where_the_discovery_document_says() {
    let server = issuer(|uri| ok(&document(uri)), keys()).await;
    assert_eq!(fetch(&server.uri()).await.expect("keys").len(), 1);
    let requests = server.received_requests().await.expect("requests");
    assert!(requests.iter().all(|request| request.headers["user-agent"] == "test"), "{requests:?}");
}

#[tokio::test]
async fn an_issuer_may_end_with_a_slash_and_have_a_path() {
    let server = MockServer::start().await;
    let at = format!("/realms/shop{DISCOVERY}");
    for issuer in [format!("{}/realms/shop", server.uri()), format!("{}/realms/shop/", server.uri())] {
        let body = json!({"issuer": issuer, "jwks_uri": format!("{}/keys", server.uri())});
        let _discovery = Mock::given(path(at.as_str())).respond_with(ok(&body)).mount_as_scoped(&server).await;
        let _keys = Mock::given(path("/keys")).respond_with(keys()).mount_as_scoped(&server).await;
        assert_eq!(fetch(&issuer).await.expect("keys").len(), 1, "{issuer}");
        let other = if issuer.ends_with('/') { issuer.trim_end_matches('/').to_owned() } else { issuer.clone() + "/" };
        assert_eq!(fetch(&other).await.unwrap_err(), FetchError::Issuer { found: issuer }, "asked as {other}");
    }
}

#[tokio::test]
async fn a_discovery_document_leads_nowhere_else() {
    for (change, label) in [
        (json!({"issuer": "https://other.example"}), "issuer"),
        (json!({"issuer": "x".repeat(1000)}), "issuer"),
        (json!({"issuer": null}), "discovery"),
        (json!({"jwks_uri": null}), "discovery"),
        (json!({"jwks_uri": "keys"}), "discovery"),
        (json!({"jwks_uri": "http://keys.example/"}), "discovery"),
        (json!({"jwks_uri": "http://169.254.169.254/latest"}), "discovery"),
        (json!({"jwks_uri": "file:///etc/passwd"}), "discovery"),
        (json!({"jwks_uri": ["https://keys.example"]}), "discovery"),
    ] {
        let with = |uri: &str| {
            let mut document = document(uri);
            for (name, value) in change.as_object().unwrap() {
                document[name] = value.clone();
            }
            ok(&document)
        };
        let error = fetch(&issuer(with, keys()).await.uri()).await.expect_err("no keys");
        assert_eq!(error.label(), label, "{change}: {error}");
        assert!(error.to_string().len() < 400, "{change}: {error}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = issuer(|uri| ok(&document(uri)), keys()).await;
    let target = format!("{}/keys", elsewhere.uri());
    let redirect = || ResponseTemplate::new(302).insert_header("location", target.as_str());
    let server = issuer(|_| redirect(), keys()).await;
    assert_eq!(fetch(&server.uri()).await.unwrap_err().label(), "status");
    let server = issuer(|uri| ok(&document(uri)), redirect()).await;
    assert_eq!(fetch(&server.uri()).await.unwrap_err().label(), "status");
    assert_eq!(elsewhere.received_requests().await.expect("requests").len(), 0);
}

#[tokio::test]
async fn no_document_is_read_beyond_its_bound() {
    let padded = |length: usize| {
        let body = format!("{{\"keys\":[{KEY}]}}");
        ResponseTemplate::new(200).set_body_string(format!("{body}{}", " ".repeat(length - body.len())))
    };
    let server = issuer(|uri| ok(&document(uri)), padded(LARGEST)).await;
    assert!(fetch(&server.uri()).await.is_ok());
    let server = issuer(|uri| ok(&document(uri)), padded(LARGEST + 1)).await;
    assert_eq!(fetch(&server.uri()).await.unwrap_err().label(), "too_large");
    let server = issuer(|_| padded(10 << 20), keys()).await;
    assert_eq!(fetch(&server.uri()).await.unwrap_err().label(), "too_large");
}

#[tokio::test]
async fn an_issuer_that_hangs_or_fails_is_given_up() {
    let short = Duration::from_millis(500);
    let slow = issuer(|uri| ok(&document(uri)).set_delay(HANGS), keys()).await;
    let began = Instant::now();
    assert_eq!(fetch_within(short, &slow.uri()).await.unwrap_err(), FetchError::Timeout);
    assert!(began.elapsed() < HANGS / 2, "{:?}", began.elapsed());
    let slow = issuer(|uri| ok(&document(uri)), keys().set_delay(HANGS)).await;
    assert_eq!(fetch_within(short, &slow.uri()).await.unwrap_err(), FetchError::Timeout);

    for status in [204, 404, 500, 503] {
        let server = issuer(|uri| ok(&document(uri)), ResponseTemplate::new(status)).await;
        let url = format!("{}/keys", server.uri());
        assert_eq!(fetch(&server.uri()).await.unwrap_err(), FetchError::Status { url, status });
    }
    for body in ["", "<html>", "{}", r#"{"keys":7}"#] {
        let server = issuer(|uri| ok(&document(uri)), ResponseTemplate::new(200).set_body_string(body)).await;
        assert_eq!(fetch(&server.uri()).await.unwrap_err().label(), "key_set", "{body}");
        let server = issuer(|_| ResponseTemplate::new(200).set_body_string(body), keys()).await;
        assert_eq!(fetch(&server.uri()).await.unwrap_err().label(), "discovery", "{body}");
    }
    let away = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = fetch(&format!("http://{away}")).await.unwrap_err();
    assert_eq!(error.label(), "unreachable");
    assert!(error.to_string().contains("refused"), "the cause is missing: {error}");
}

#[tokio::test]
async fn a_file_has_keys_or_a_reason() {
    let dir = std::env::temp_dir().join(format!("identity-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("keys.json");
    let read = || FromFile::new(file.clone());
    assert_eq!(read().fetch().await.unwrap_err().label(), "file");
    for (text, label) in [("{}".to_owned(), "key_set"), (" ".repeat(LARGEST + 1), "file"), (String::new(), "key_set")] {
        std::fs::write(&file, &text).unwrap();
        assert_eq!(read().fetch().await.unwrap_err().label(), label, "{} bytes", text.len());
    }
    std::fs::write(&file, format!("{{\"keys\":[{KEY}]}}")).unwrap();
    assert_eq!(read().fetch().await.unwrap().len(), 1);
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn an_issuer_is_an_address_that_is_safe_to_ask() {
    for (issuer, expected) in [
        ("https://login.example.com", None),
        ("https://login.example.com/", None),
        ("https://login.example.com:8443/realms/shop", None),
        ("http://localhost:9000", None),
        ("http://issuer.localhost", None),
        ("http://127.0.0.1:9000/", None),
        ("http://[::1]:9000", None),
        ("http://login.example.com", Some("is not https")),
        ("http://10.0.0.1", Some("is not https")),
        ("http://localhost.example.com", Some("is not https")),
        ("ftp://login.example.com", Some("is not https")),
        ("https://me:secret@login.example.com", Some("carries a password")),
        ("https://login.example.com?tenant=1", Some("has a query or a fragment")),
        ("https://login.example.com#x", Some("has a query or a fragment")),
        ("login.example.com", Some("is not a URL")),
        ("", Some("is not a URL")),
    ] {
        let fault = match Settings::new(issuer, ["pay"]).issuer_url() {
            Ok(_) => None,
            Err(SettingsError::Issuer(fault)) => Some(fault),
            Err(other) => panic!("{issuer}: {other}"),
        };
        assert_eq!(fault, expected, "{issuer}");
    }
    let https = Url::parse("https://login.example.com").unwrap();
    assert!(!super::is_safe(&Url::parse("http://localhost/keys").unwrap(), super::is_loopback(&https)));
}
