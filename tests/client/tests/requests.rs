//! What goes over the wire: method, path, query, headers and body of each call.

use client_tests::{PAYMENT, Service, header, json_answer, line};
use payments_client::{
    Error,
    models::{
        EventContent, EventType, JsonPatch, JsonPatchOp, JsonPatchOperation, MergePatch, PaymentAttributes,
        PaymentInput, PaymentRequest,
    },
};
use serde_json::json;
use wiremock::ResponseTemplate;

const PAGE: &str =
    r#"{"data":[],"links":{"self":"http://a/v1/payments","next":"http://a/v1/payments?after=AQ&size=2"}}"#;

fn payment() -> PaymentRequest {
    PaymentRequest::new(PaymentInput::new("bakery", PaymentAttributes::new("1.00")).id("p"))
}

#[tokio::test]
async fn creating_posts_the_payment() {
    let service = Service::answering_json(201, PAYMENT).await;
    service.client().create_payment(&payment()).send().await.unwrap();
    let asked = service.asked().await;
    let body = r#"{"data":{"id":"p","type":"Payment","organisation_id":"bakery","attributes":{"amount":"1.00"}}}"#;
    assert_eq!(line(&asked), format!("POST /v1/payments {body}"));
    assert_eq!(header(&asked, "content-type"), "application/json");
}

#[tokio::test]
async fn reading_sends_no_body_and_no_condition() {
    let service = Service::answering_json(200, PAYMENT).await;
    service.client().get_payment("p").send().await.unwrap();
    let asked = service.asked().await;
    assert_eq!(line(&asked), "GET /v1/payments/p");
    assert_eq!((header(&asked, "content-type"), header(&asked, "if-none-match")), ("", ""));
}

#[tokio::test]
async fn reading_with_a_condition_sends_it() {
    let service = Service::answering_json(200, PAYMENT).await;
    service.client().get_payment("p").if_none_match(r#""3""#).send().await.unwrap();
    assert_eq!(header(&service.asked().await, "if-none-match"), r#""3""#);
}

#[tokio::test]
async fn replacing_puts_the_payment_with_its_condition() {
    let service = Service::answering_json(200, PAYMENT).await;
    service.client().update_payment("p", &payment()).if_match(r#""3""#).send().await.unwrap();
    let asked = service.asked().await;
    assert!(line(&asked).starts_with(r#"PUT /v1/payments/p {"data":{"id":"p","#), "{}", line(&asked));
    assert_eq!((header(&asked, "content-type"), header(&asked, "if-match")), ("application/json", r#""3""#));
}

#[tokio::test]
async fn a_json_patch_goes_in_its_media_type_and_keeps_null_apart_from_nothing() {
    let service = Service::answering_json(200, PAYMENT).await;
    let patch = JsonPatch::from([
        JsonPatchOperation::new(JsonPatchOp::Add, "/data/attributes/a").value(payments_client::Json::null()),
        JsonPatchOperation::new(JsonPatchOp::Remove, "/data/attributes/b"),
        JsonPatchOperation::new(JsonPatchOp::Move, "/data/attributes/c").from("/data/attributes/d"),
    ]);
    service.client().patch_payment("p", patch.clone()).if_match("*").send().await.unwrap();
    let asked = service.asked().await;
    let body = r#"[{"op":"add","path":"/data/attributes/a","value":null},{"op":"remove","path":"/data/attributes/b"},{"op":"move","path":"/data/attributes/c","from":"/data/attributes/d"}]"#;
    assert_eq!(line(&asked), format!("PATCH /v1/payments/p {body}"));
    assert_eq!((header(&asked, "content-type"), header(&asked, "if-match")), ("application/json-patch+json", "*"));
    assert_eq!(serde_json::from_str::<JsonPatch>(body).unwrap(), patch);
}

#[tokio::test]
async fn every_request_asks_for_the_version_that_the_client_was_generated_from() {
    let service = Service::answering_json(200, PAGE).await;
    service.client().list_payments().send().await.unwrap();
    assert_eq!(header(&service.asked().await, "accept-version"), "2027-01-15");

    let service = Service::answering_json(200, PAGE).await;
    let client = service.client_with(|settings| settings.header("Accept-Version", "2026-11-28"));
    client.list_payments().send().await.unwrap();
    assert_eq!(header(&service.asked().await, "accept-version"), "2026-11-28");
}

#[tokio::test]
async fn a_merge_patch_goes_in_its_media_type_with_its_nulls() {
    let service = Service::answering_json(200, PAYMENT).await;
    let patch = MergePatch::new().data(json!({"attributes": {"reference": null}}));
    service.client().patch_payment("p", patch).send().await.unwrap();
    let asked = service.asked().await;
    assert_eq!(line(&asked), r#"PATCH /v1/payments/p {"data":{"attributes":{"reference":null}}}"#);
    assert_eq!(header(&asked, "content-type"), "application/merge-patch+json");
}

#[tokio::test]
async fn deleting_sends_the_version_or_the_condition() {
    let service = Service::answering(ResponseTemplate::new(204)).await;
    service.client().delete_payment("p").version(3).send().await.unwrap();
    assert_eq!(line(&service.asked().await), "DELETE /v1/payments/p?version=3");

    let service = Service::answering(ResponseTemplate::new(204)).await;
    service.client().delete_payment("p").if_match(r#""3""#).send().await.unwrap();
    let asked = service.asked().await;
    assert_eq!((line(&asked).as_str(), header(&asked, "if-match")), ("DELETE /v1/payments/p", r#""3""#));
}

#[tokio::test]
async fn listing_sends_what_was_set_and_nothing_else() {
    let service = Service::answering_json(200, PAGE).await;
    service.client().list_payments().send().await.unwrap();
    assert_eq!(line(&service.asked().await), "GET /v1/payments");

    let service = Service::answering_json(200, PAGE).await;
    let list = service.client().list_payments().after("A").before("B").size(1).from(2).size(4);
    list.send().await.unwrap();
    assert_eq!(line(&service.asked().await), "GET /v1/payments?after=A&before=B&from=2&size=4");
}

#[tokio::test]
async fn the_history_is_below_its_payment() {
    let page = r#"{"data":[],"links":{"self":"/"}}"#;
    let service = Service::answering_json(200, page).await;
    service.client().list_payment_history("a/b").below(5).size(2).send().await.unwrap();
    assert_eq!(line(&service.asked().await), "GET /v1/payments/a%2Fb/history?below=5&size=2");

    let version = r#"{"data":{"version":7,"type":"payment.deleted","timestamp":"t"},"links":{"self":"/"}}"#;
    let service = Service::answering_json(200, version).await;
    let read = service.client().get_payment_version("p", "7").send().await.unwrap().body.data;
    assert_eq!((read.version, read.kind, read.payment), (7, EventType::PaymentDeleted, None));
    assert_eq!(line(&service.asked().await), "GET /v1/payments/p/history/7");
}

#[tokio::test]
async fn the_feed_and_the_stream_send_their_filters_in_brackets() {
    let service = Service::answering_json(200, r#"{"data":[],"links":{"self":"/","next":"/"}}"#).await;
    let list = service.client().list_events().after("c").wait(30).content(EventContent::Full);
    let list = list.filter_type(EventType::PaymentErased).filter_payment_id("p&q").filter_organisation_id("bakery");
    list.send().await.unwrap();
    let filters = "filter%5Btype%5D=payment.erased&filter%5Bpayment_id%5D=p%26q&filter%5Borganisation_id%5D=bakery";
    assert_eq!(line(&service.asked().await), format!("GET /v1/events?after=c&wait=30&content=full&{filters}"));

    let answer = ResponseTemplate::new(200).set_body_raw("retry: 1000\n\n", "text/event-stream; charset=utf-8");
    let service = Service::answering(answer).await;
    let stream = service.client().stream_events().filter_type(EventType::PaymentErased).last_event_id("c");
    let mut body = stream.send().await.unwrap().body;
    assert_eq!(body.chunk().await.unwrap().as_deref(), Some(&b"retry: 1000\n\n"[..]));
    assert_eq!(body.chunk().await.unwrap(), None);
    let asked = service.asked().await;
    assert_eq!(line(&asked), "GET /v1/events/stream?filter%5Btype%5D=payment.erased");
    assert_eq!((header(&asked, "last-event-id"), header(&asked, "accept")), ("c", "text/event-stream"));
}

#[tokio::test]
async fn the_admin_and_monitoring_endpoints_have_no_version_in_their_path() {
    let up = r#"{"status":"up"}"#;
    let repo = r#"{"data":{"repo":"sqlite3","payments":12,"deleted":3}}"#;

    let service = Service::answering_json(200, repo).await;
    assert_eq!(service.client().get_repo().send().await.unwrap().body.data.payments, 12);
    assert_eq!(line(&service.asked().await), "GET /admin/repo");

    let service = Service::answering_json(200, r#"{"data":[]}"#).await;
    assert!(service.client().list_deprecations().send().await.unwrap().body.data.is_empty());
    assert_eq!(line(&service.asked().await), "GET /admin/deprecations");

    let service = Service::answering(ResponseTemplate::new(204)).await;
    service.client().clear_repo().send().await.unwrap();
    assert_eq!(line(&service.asked().await), "DELETE /admin/repo");

    let service = Service::answering_json(200, up).await;
    service.client().get_health().send().await.unwrap();
    assert_eq!(line(&service.asked().await), "GET /health");

    let service = Service::answering_json(200, up).await;
    service.client().get_ready().send().await.unwrap();
    assert_eq!(line(&service.asked().await), "GET /ready");

    let service = Service::answering_json(200, up).await;
    service.client().get_alive().send().await.unwrap();
    assert_eq!(line(&service.asked().await), "GET /alive");

    let metadata = r#"{"resource":"r","authorization_servers":[],"scopes_supported":[],"bearer_methods_supported":[]}"#;
    let service = Service::answering_json(200, metadata).await;
    assert_eq!(service.client().get_resource_metadata().send().await.unwrap().body.resource, "r");
    assert_eq!(line(&service.asked().await), "GET /.well-known/oauth-protected-resource");

    let service =
        Service::answering(ResponseTemplate::new(200).set_body_raw("a 1\n", "text/plain; version=0.0.4")).await;
    assert_eq!(service.client().get_metrics().send().await.unwrap().body, "a 1\n");
    assert_eq!(line(&service.asked().await), "GET /metrics");
}

#[tokio::test]
async fn odd_ids_stay_one_segment_of_the_path() {
    for (id, path) in [
        ("a b", "/v1/payments/a%20b"),
        ("a+b", "/v1/payments/a%2Bb"),
        ("\"<>", "/v1/payments/%22%3C%3E"),
        ("a/../b?c#d%2F", "/v1/payments/a%2F..%2Fb%3Fc%23d%252F"),
        ("{id}", "/v1/payments/%7Bid%7D"),
        ("é✓", "/v1/payments/%C3%A9%E2%9C%93"),
        ("...", "/v1/payments/..."),
        ("%2e%2e", "/v1/payments/%252e%252e"),
        ("A-b_c.d~", "/v1/payments/A-b_c.d~"),
    ] {
        let service = Service::answering_json(200, PAYMENT).await;
        service.client().get_payment(id).send().await.unwrap();
        assert_eq!(line(&service.asked().await), format!("GET {path}"), "{id:?}");
    }
}

#[tokio::test]
async fn ids_that_would_lead_to_another_path_are_refused_before_anything_is_sent() {
    let service = Service::answering(ResponseTemplate::new(204)).await;
    for id in ["", ".", ".."] {
        let error = service.client().delete_payment(id).version(0).send().await.unwrap_err();
        assert!(matches!(error, Error::Request(_)), "{id:?}: {error}");
        assert!(error.to_string().contains("id cannot be"), "{error}");
    }
    assert_eq!(service.times_asked().await, 0);
}

#[tokio::test]
async fn query_values_are_encoded_without_a_plus() {
    let service = Service::answering_json(200, PAGE).await;
    service.client().list_payments().after("a b&c=d+e%20").send().await.unwrap();
    assert_eq!(line(&service.asked().await), "GET /v1/payments?after=a%20b%26c%3Dd%2Be%2520");
}

#[tokio::test]
async fn a_header_that_http_does_not_allow_is_refused_before_anything_is_sent() {
    let service = Service::answering_json(200, PAYMENT).await;
    for value in ["a\r\nHost: b", "\u{0}", "a\n"] {
        let error = service.client().update_payment("p", &payment()).if_match(value).send().await.unwrap_err();
        assert!(matches!(error, Error::Request(_)), "{value:?}: {error}");
        assert!(error.to_string().contains("If-Match"), "{error}");
    }
    assert_eq!(service.times_asked().await, 0);
}

#[tokio::test]
async fn following_a_link_takes_its_query_and_stays_with_the_service() {
    for (link, line_asked) in [
        ("http://elsewhere.example/other/v1/payments?after=A%2BB&size=2", "GET /v1/payments?after=A%2BB&size=2"),
        ("/v1/payments?after=A&new=1", "GET /v1/payments?after=A&new=1"),
        ("http://elsewhere.example/v1/payments#top", "GET /v1/payments"),
    ] {
        let service = Service::answering_json(200, PAGE).await;
        let client = service.client_with(|settings| settings.header("x-key", "secret"));
        client.list_payments().size(7).follow(link).send().await.unwrap();
        let asked = service.asked().await;
        assert_eq!((line(&asked).as_str(), header(&asked, "x-key")), (line_asked, "secret"), "{link}");
    }
}

#[tokio::test]
async fn a_setter_after_a_link_changes_that_parameter_only() {
    let service = Service::answering_json(200, PAGE).await;
    service.client().list_payments().follow("http://a/v1/payments?after=A&size=2").size(9).send().await.unwrap();
    assert_eq!(line(&service.asked().await), "GET /v1/payments?after=A&size=9");
}

#[tokio::test]
async fn a_link_that_is_none_is_refused() {
    let service = Service::answering_json(200, PAGE).await;
    let error = service.client().list_payments().follow("http://[").send().await.unwrap_err();
    assert!(matches!(error, Error::Request(_)), "{error}");
    assert_eq!(service.times_asked().await, 0);
}

#[tokio::test]
async fn a_request_can_be_sent_again() {
    let service = Service::answering(json_answer(200, PAYMENT)).await;
    let request = service.client().get_payment("p");
    request.clone().send().await.unwrap();
    request.send().await.unwrap();
    assert_eq!(service.times_asked().await, 2);
}

#[tokio::test]
async fn a_call_can_send_headers_of_its_own() {
    let service = Service::answering(json_answer(200, PAYMENT).insert_header("x-request-id", "r-1")).await;
    let call = service.client().get_payment("p").header("X-Request-Id", "r-1").if_none_match("*");
    let answer = call.header("traceparent", "t").send().await.unwrap();
    let asked = service.asked().await;
    assert_eq!((header(&asked, "x-request-id"), header(&asked, "traceparent")), ("r-1", "t"));
    assert_eq!((header(&asked, "if-none-match"), answer.request_id()), ("*", Some("r-1")));
}
