//! What the builder of a client does, and what it refuses.

use client_tests::{PAYMENT, Service, header, line};
use payments_client::{Client, Error, reqwest};

#[tokio::test]
async fn a_base_url_may_have_a_path_and_a_slash_at_its_end() {
    for (base, path) in [("", ""), ("/", ""), ("/a/b", "/a/b"), ("/a%20b/", "/a%20b"), ("/a//", "/a")] {
        let service = Service::answering_json(200, PAYMENT).await;
        let client = Client::new(&format!("{}{base}", service.url())).unwrap();
        client.get_payment("p").send().await.unwrap();
        assert_eq!(line(&service.asked().await), format!("GET {path}/v1/payments/p"), "{base:?}");
    }
}

#[test]
fn a_base_url_that_requests_cannot_be_built_on_is_refused() {
    for base in [
        "",
        "localhost:8080",
        "/v1",
        "ftp://localhost",
        "http://",
        "http://localhost:x",
        "http://u:p@localhost",
        "http://u@localhost",
        "http://localhost?a=b",
        "http://localhost#a",
    ] {
        let error = Client::new(base).unwrap_err();
        assert!(matches!(error, Error::Request(_)), "{base:?}: {error}");
        assert!(error.to_string().contains("http://localhost:8080"), "{base:?}: {error}");
        assert!(!error.to_string().contains("u:p"), "{error}");
    }
}

#[tokio::test]
async fn every_request_has_the_headers_of_the_client() {
    let service = Service::answering_json(200, PAYMENT).await;
    let client = service.client_with(|settings| settings.header("X-Key", "secret").user_agent("till/7"));
    client.get_payment("p").send().await.unwrap();
    let asked = service.asked().await;
    assert_eq!((header(&asked, "x-key"), header(&asked, "user-agent")), ("secret", "till/7"));
}

#[tokio::test]
async fn a_client_tells_its_name_and_version() {
    let service = Service::answering_json(200, PAYMENT).await;
    service.client().get_payment("p").send().await.unwrap();
    let asked = service.asked().await;
    let agent = header(&asked, "user-agent");
    assert!(agent.strip_prefix("payments-client/").is_some_and(|version| version.split('.').count() == 3), "{agent}");
}

#[tokio::test]
async fn a_header_of_the_call_goes_before_that_of_the_client() {
    let service = Service::answering_json(200, PAYMENT).await;
    let client = service.client_with(|settings| settings.header("if-none-match", "\"1\""));
    client.get_payment("p").if_none_match("\"2\"").send().await.unwrap();
    assert_eq!(header(&service.asked().await, "if-none-match"), "\"2\"");
}

#[test]
fn headers_that_http_does_not_allow_are_refused() {
    for (name, value) in [("a b", "c"), ("", "c"), ("a", "b\r\nc: d"), ("é", "c")] {
        let error = Client::builder("http://localhost").header(name, value).build().unwrap_err();
        assert!(matches!(error, Error::Request(_)), "{error}");
    }
}

#[tokio::test]
async fn a_client_of_your_own_is_used() {
    let service = Service::answering_json(200, PAYMENT).await;
    let http = reqwest::Client::builder()
        .default_headers([(reqwest::header::ORIGIN, "o".parse().unwrap())].into_iter().collect());
    let client = service.client_with(|settings| settings.http(http.build().unwrap()));
    client.get_payment("p").send().await.unwrap();
    assert_eq!(header(&service.asked().await, "origin"), "o");
}

#[test]
fn what_may_be_secret_is_not_shown() {
    let builder = Client::builder("http://localhost/a").header("x-key", "secret");
    let client = builder.clone().build().unwrap();
    let call = client.update_payment("p", &serde_json::from_str(&PAYMENT.replace("bakery", "secret")).unwrap());
    let shown = format!("{builder:?} {client:?} {call:?} {:?}", Client::builder("http://u:secret@localhost"));
    assert!(shown.contains("http://localhost/a") && shown.contains("PUT /v1/payments/p"), "{shown}");
    assert!(!shown.contains("secret") && !shown.contains("115"), "{shown}");
}

#[test]
fn calls_can_be_spawned() {
    fn check<T: Send + 'static>(_: &T) {}
    let client = Client::new("http://localhost").unwrap();
    check(&client.get_payment("p").send());
    check(&client.list_payments().send());
}
