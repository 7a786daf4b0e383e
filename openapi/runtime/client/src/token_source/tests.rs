use super::{ClientCredentials, Fetched, HeaderValue, Source, TokenError, TokenSource};
use crate::{ApiClient, Call, Client, ClientBuilder, Error, Problem};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tokio::time::sleep;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{header, method, path},
};

/// An issuer that answers with this, and numbers its tokens.
async fn issuer(answer: Value, takes: Duration) -> MockServer {
    let server = MockServer::start().await;
    let number = AtomicUsize::new(0);
    let respond = move |_: &Request| {
        let mut answer = answer.clone();
        answer["access_token"] = json!(format!("token-{}", number.fetch_add(1, Ordering::Relaxed) + 1));
        ResponseTemplate::new(200).set_body_json(answer).set_delay(takes)
    };
    Mock::given(method("POST")).and(path("/token")).respond_with(respond).mount(&server).await;
    server
}

fn credentials(server: &MockServer) -> ClientCredentials {
    ClientCredentials::new(&format!("{}/token", server.uri()), "shop", "s3cret")
}

fn source(server: &MockServer) -> TokenSource {
    TokenSource::client_credentials(credentials(server)).expect("an address")
}

async fn token(source: &TokenSource) -> String {
    let header = source.authorization().await.expect("a token");
    assert!(header.is_sensitive(), "the header would be shown in logs");
    header.to_str().unwrap().strip_prefix("Bearer ").expect("Bearer").to_owned()
}

async fn asked(server: &MockServer) -> usize {
    server.received_requests().await.expect("requests").len()
}

/// Makes the token older.
fn age(source: &TokenSource, by: Duration) {
    let Source::Fetched(fetched) = &*source.0 else { panic!("{source:?} has no age") };
    let Fetched { state, .. } = &**fetched;
    let mut state = state.lock().unwrap();
    if let Some(token) = &mut state.token {
        token.stale_at -= by;
        token.expires_at -= by;
    }
    if let Some((at, _)) = &mut state.failure {
        *at -= by;
    }
}

#[tokio::test]
async fn a_client_shows_its_credentials_as_the_standard_says() {
    let server = issuer(json!({"token_type": "bearer", "expires_in": 3600}), Duration::ZERO).await;
    let url = format!("{}/token", server.uri());
    let credentials = ClientCredentials::new(&url, "a:b", "s c&%").scope("x:read x:write");
    let source = TokenSource::client_credentials(credentials.parameter("audience", "https://pay.example")).unwrap();
    assert_eq!(token(&source).await, "token-1");
    let request = &server.received_requests().await.unwrap()[0];
    // The form encoding of both, a colon between them, in base64.
    assert_eq!(request.headers["authorization"], "Basic YSUzQWI6cyUyMGMlMjYlMjU=");
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
    let body = "grant_type=client_credentials&scope=x%3Aread%20x%3Awrite&audience=https%3A%2F%2Fpay.example";
    assert_eq!(String::from_utf8_lossy(&request.body), body);
}

/// Returns how long before its end the token is replaced.
fn margin(source: &TokenSource) -> Duration {
    let Source::Fetched(fetched) = &*source.0 else { panic!("{source:?} has no token") };
    let Fetched { state, .. } = &**fetched;
    let state = state.lock().unwrap();
    let token = state.token.as_ref().expect("it has a token");
    token.expires_at - token.stale_at
}

/// Dates the last failure half a minute later, so that it is still everybody's when a machine is slow.
fn prolong_failure(source: &TokenSource) {
    let Source::Fetched(fetched) = &*source.0 else { panic!("{source:?} does not fail") };
    let Fetched { state, .. } = &**fetched;
    let mut state = state.lock().unwrap();
    let (at, _) = state.failure.as_mut().expect("it has failed");
    *at += Duration::from_secs(30);
}

#[tokio::test]
async fn a_token_is_used_until_a_minute_before_its_end() {
    let server = issuer(json!({"token_type": "Bearer", "expires_in": 3600}), Duration::ZERO).await;
    let source = source(&server);
    for _ in 0..3 {
        assert_eq!(token(&source).await, "token-1");
    }
    age(&source, Duration::from_secs(3500));
    assert_eq!(token(&source.clone()).await, "token-1");
    age(&source, Duration::from_secs(45));
    assert_eq!(token(&source).await, "token-2", "55 s before its end");
    assert_eq!(asked(&server).await, 2);
}

#[tokio::test]
async fn a_short_token_is_used_for_three_quarters_of_its_life() {
    for (expires_in, lifetime) in [(json!(40), 40), (json!("40"), 40), (Value::Null, 300)] {
        let server = issuer(json!({"token_type": "Bearer", "expires_in": expires_in}), Duration::ZERO).await;
        let source = source(&server);
        assert_eq!(token(&source).await, "token-1");
        let left = 60.min(lifetime / 4);
        assert_eq!(margin(&source), Duration::from_secs(left), "expires_in {expires_in}");
        // On a slow machine the token grows older meanwhile: 20 s are left for that.
        age(&source, Duration::from_secs(lifetime - left - 20));
        assert_eq!(token(&source).await, "token-1", "expires_in {expires_in}");
        age(&source, Duration::from_secs(21));
        assert_eq!(token(&source).await, "token-2", "expires_in {expires_in}");
    }
    for expires_in in [json!(0), json!("soon"), json!(-1), json!([])] {
        let server = issuer(json!({"token_type": "Bearer", "expires_in": expires_in}), Duration::ZERO).await;
        let source = source(&server);
        assert_eq!((token(&source).await, token(&source).await), ("token-1".into(), "token-2".into()), "{expires_in}");
    }
}

#[tokio::test]
async fn one_caller_fetches_and_the_others_wait_or_go_on() {
    let server = issuer(json!({"expires_in": 3600}), Duration::from_millis(300)).await;
    let source = source(&server);
    let all = |source: &TokenSource| {
        let asking: Vec<_> = (0..50)
            .map(|_| {
                tokio::spawn({
                    let source = source.clone();
                    async move { token(&source).await }
                })
            })
            .collect();
        async move {
            let mut tokens = Vec::new();
            for task in asking {
                tokens.push(task.await.unwrap());
            }
            tokens
        }
    };
    assert!(all(&source).await.iter().all(|token| token == "token-1"));
    assert_eq!(asked(&server).await, 1);
    age(&source, Duration::from_secs(3550));
    let tokens = all(&source).await;
    assert_eq!(tokens.iter().filter(|token| *token == "token-2").count(), 1, "{tokens:?}");
    assert_eq!(asked(&server).await, 2);
    age(&source, Duration::from_secs(3601));
    assert!(all(&source).await.iter().all(|token| token == "token-3"));
}

#[tokio::test]
async fn a_caller_that_gives_up_leaves_nobody_waiting() {
    let server = MockServer::start().await;
    let answer = |token: &str| ResponseTemplate::new(200).set_body_json(json!({"access_token": token}));
    let first = Mock::given(path("/token")).respond_with(answer("token-1").set_delay(Duration::from_secs(60)));
    first.up_to_n_times(1).mount(&server).await;
    Mock::given(path("/token")).respond_with(answer("token-2")).mount(&server).await;
    let source = source(&server);
    let first = tokio::spawn({
        let source = source.clone();
        async move { token(&source).await }
    });
    while asked(&server).await == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    first.abort();
    assert_eq!(token(&source).await, "token-2");
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let server = issuer(json!({"expires_in": 3600}), Duration::ZERO).await;
    let source = source(&server);
    let first = source.authorization().await.unwrap();
    assert!(source.refused(&first));
    assert_eq!(token(&source).await, "token-2");
    assert!(source.refused(&first), "somebody else was late to hear of it");
    assert_eq!(token(&source).await, "token-2");
    let fixed = TokenSource::fixed("abc").unwrap();
    assert!(!fixed.refused(&HeaderValue::from_static("Bearer abc")));
    assert_eq!(token(&fixed).await, "abc");
}

#[tokio::test]
async fn an_old_token_serves_while_the_issuer_is_in_trouble() {
    let server = issuer(json!({"expires_in": 3600}), Duration::ZERO).await;
    let source = source(&server);
    token(&source).await;
    server.reset().await; // 404 for everything
    age(&source, Duration::from_secs(3550));
    assert_eq!(token(&source).await, "token-1");
    prolong_failure(&source);
    for _ in 0..4 {
        assert_eq!(token(&source).await, "token-1");
    }
    assert_eq!(asked(&server).await, 1, "a failure is everybody's for a moment");
    age(&source, Duration::from_secs(60));
    let error = source.authorization().await.unwrap_err();
    assert_eq!(error, TokenError::Refused { status: StatusCode::NOT_FOUND, error: None, description: None });
}

#[tokio::test]
async fn what_is_no_token_is_an_error_that_says_what_it_is() {
    let refusal = json!({"error": "invalid_client", "error_description": "no such client"});
    for (answer, expected) in [
        (ResponseTemplate::new(401).set_body_json(refusal), "401 Unauthorized: invalid_client, no such client"),
        (ResponseTemplate::new(400).set_body_json(json!({"error": "invalid_scope"})), "400 Bad Request: invalid_scope"),
        (ResponseTemplate::new(502).set_body_string("<html>"), "502 Bad Gateway"),
        (ResponseTemplate::new(302).insert_header("location", "/token"), "302 Found"),
        (ResponseTemplate::new(200).set_body_string("{}"), "has no access_token"),
        (ResponseTemplate::new(200).set_body_string("a".repeat(70_000)), "longer than 64 KiB"),
        (ResponseTemplate::new(200).set_body_json(json!({"access_token": ""})), "no access_token that can be sent"),
        (ResponseTemplate::new(200).set_body_json(json!({"access_token": "a\nb"})), "no access_token that can be sent"),
        (ResponseTemplate::new(200).set_body_json(json!({"access_token": "a", "token_type": "DPoP"})), "another type"),
    ] {
        let server = MockServer::start().await;
        Mock::given(path("/token")).respond_with(answer).mount(&server).await;
        let source = source(&server);
        let error = source.authorization().await.expect_err(expected);
        assert!(
            error.to_string().ends_with(expected) || error.to_string().contains(expected),
            "{error}: not {expected}"
        );
        assert_eq!(error.is_transient(), expected.starts_with('5'), "{error}");
        prolong_failure(&source);
        assert_eq!(source.authorization().await, Err(error), "a failure is everybody's for a moment");
        assert_eq!(asked(&server).await, 1);
    }
    let away = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = ClientCredentials::new(&format!("http://{away}/token"), "shop", "s3cret");
    let error = TokenSource::client_credentials(gone).unwrap().authorization().await.unwrap_err();
    assert!(
        matches!(&error, TokenError::Unreachable(cause) if cause.contains("refused")) && error.is_transient(),
        "{error}"
    );
}

struct Api(Client);

impl From<Client> for Api {
    fn from(client: Client) -> Self {
        Self(client)
    }
}

impl ApiClient for Api {
    const USER_AGENT: &'static str = "test";
    const VERSION: Option<&'static str> = None;
    type Problem = Nothing;
}

#[derive(Debug, serde::Deserialize)]
struct Nothing {}

impl Problem for Nothing {
    fn title(&self) -> &str {
        ""
    }

    fn detail(&self) -> &str {
        ""
    }
}

#[tokio::test]
async fn a_client_sends_a_token_and_another_after_a_refusal() {
    let issuer = issuer(json!({"expires_in": 3600}), Duration::ZERO).await;
    let service = MockServer::start().await;
    let refusal = Mock::given(header("authorization", "Bearer token-1")).respond_with(ResponseTemplate::new(401));
    refusal.up_to_n_times(1).mount(&service).await;
    Mock::given(path("/things")).respond_with(ResponseTemplate::new(204)).mount(&service).await;
    let Api(client) = ClientBuilder::<Api>::new(&service.uri()).tokens(source(&issuer)).build().unwrap();
    let call = || Call::new(&client, "list", Method::GET, "/things");
    for expected in [401, 204, 204] {
        assert_eq!(call().send::<Nothing>().await.unwrap().status, expected);
    }
    let own = call().header("Authorization", "Bearer mine").send::<Nothing>().await.unwrap();
    assert_eq!(own.status, 204);
    let sent = service.received_requests().await.unwrap();
    let sent: Vec<_> = sent.iter().map(|request| request.headers["authorization"].to_str().unwrap()).collect();
    assert_eq!(sent, ["Bearer token-1", "Bearer token-2", "Bearer token-2", "Bearer mine"]);

    issuer.reset().await;
    let Api(client) = ClientBuilder::<Api>::new(&service.uri()).tokens(source(&issuer)).build().unwrap();
    let error = Call::new(&client, "list", Method::GET, "/things").send::<Nothing>().await.unwrap_err();
    assert!(matches!(error, Error::Token(TokenError::Refused { .. })), "{error}");
    assert_eq!(service.received_requests().await.unwrap().len(), 4, "no request goes out without a token");
}

#[test]
fn a_secret_goes_to_no_address_that_others_can_read() {
    for (url, expected) in [
        ("https://login.example.com/token", true),
        ("http://localhost:9000/token", true),
        ("http://[::1]:9000/token", true),
        ("http://login.example.com/token", false),
        ("ftp://localhost/token", false),
        ("login.example.com/token", false),
    ] {
        let source = TokenSource::client_credentials(ClientCredentials::new(url, "shop", "s3cret"));
        assert_eq!(source.is_ok(), expected, "{url}: {source:?}");
        if let Err(error) = source {
            assert!(error.to_string().contains("https://login.example.com/oauth/token"), "{error}");
        }
    }
    for token in ["", "a b", "a\nb", "é", "a,b"] {
        assert!(TokenSource::fixed(token).is_err(), "{token:?}");
    }
}

#[test]
fn nothing_secret_is_shown() {
    let credentials = ClientCredentials::new("https://login.example.com/token", "shop", "s3cret");
    let shown = format!("{:?} {credentials:?}", TokenSource::client_credentials(credentials.clone()).unwrap());
    assert!(shown.contains("shop") && !shown.contains("s3cret"), "{shown}");
    let shown = format!("{:?}", TokenSource::fixed("s3cret").unwrap());
    assert!(!shown.contains("s3cret"), "{shown}");
}
