//! What a call makes of the answers that the contract knows.

use std::time::Duration;

use client_tests::{PAYMENT, Service, json_answer, problem_answer};
use payments_client::{
    Error,
    models::{Health, HealthStatus, PaymentType},
};
use wiremock::ResponseTemplate;

#[tokio::test]
async fn a_success_shows_its_status_its_headers_and_its_body() {
    let answer = json_answer(201, PAYMENT)
        .insert_header("ETag", r#""3""#)
        .insert_header("Location", "http://localhost/v1/payments/p")
        .insert_header("Deprecation", "@1767225600")
        .insert_header("Sunset", "Fri, 01 Jan 2027 00:00:00 GMT")
        .insert_header("X-Other", "else");
    let service = Service::answering(answer).await;
    let request = serde_json::from_str(PAYMENT).unwrap();
    let created = service.client().create_payment(&request).send().await.unwrap();
    assert_eq!(created.status, 201);
    assert_eq!((created.etag(), created.location()), (Some(r#""3""#), Some("http://localhost/v1/payments/p")));
    assert_eq!((created.deprecation(), created.header("x-other")), (Some("@1767225600"), Some("else")));
    assert_eq!(created.sunset(), Some("Fri, 01 Jan 2027 00:00:00 GMT"));
    assert_eq!((created.retry_after(), created.accept(), created.accept_patch()), (None, None, None));
    let payment = created.body.data;
    assert_eq!((payment.id.as_deref(), payment.version), (Some("p"), Some(3)));
    assert_eq!((payment.kind, payment.attributes.amount()), (PaymentType::Payment, "100.21"));
    assert_eq!(payment.modified_on.as_deref(), Some("2026-01-18T10:00:00.000000Z"));
}

#[tokio::test]
async fn not_modified_is_no_error_to_a_call_with_if_none_match() {
    let service = Service::answering(ResponseTemplate::new(304).insert_header("ETag", r#""3""#)).await;
    let answer = service.client().get_payment("p").if_none_match(r#""3""#).send().await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.etag()), (304, Some(r#""3""#)));
    assert!(answer.body.is_none());
}

#[tokio::test]
async fn a_conditional_read_gives_what_has_changed() {
    let service = Service::answering_json(200, PAYMENT).await;
    let answer = service.client().get_payment("p").if_none_match(r#""2""#).send().await.unwrap();
    assert_eq!(answer.body.unwrap().data.version, Some(3));
}

#[tokio::test]
async fn not_modified_is_unexpected_without_if_none_match() {
    let service = Service::answering(ResponseTemplate::new(304)).await;
    let error = service.client().get_payment("p").send().await.unwrap_err();
    assert!(matches!(error, Error::Unexpected(_)), "{error}");
}

#[tokio::test]
async fn no_content_is_a_success() {
    let service = Service::answering(ResponseTemplate::new(204)).await;
    assert_eq!(service.client().delete_payment("p").version(3).send().await.unwrap().status, 204);
}

#[tokio::test]
async fn a_refusal_is_a_problem_with_all_that_it_says() {
    let service = Service::answering(problem_answer(409)).await;
    let request = serde_json::from_str(PAYMENT).unwrap();
    let error = service.client().update_payment("p", &request).send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 409);
    assert_eq!(error.to_string(), "409 Conflict: The payment has changed since: It is at version 4.");
    let problem = error.problem().unwrap();
    assert_eq!((problem.kind.as_str(), problem.status), ("/problems/version-conflict", 409));
    assert_eq!(problem.instance, "/v1/payments/p");
    assert_eq!(problem.errors.as_ref().unwrap().first().unwrap().pointer, "/data/version");
    assert!(error.retry_after().is_none() && !error.is_timeout());
}

#[tokio::test]
async fn a_problem_is_one_with_a_status_that_the_operation_does_not_declare() {
    for status in [405, 418, 431, 504] {
        let service = Service::answering(problem_answer(status)).await;
        let error = service.client().get_alive().send().await.unwrap_err();
        assert_eq!((error.status().unwrap().as_u16(), error.problem().is_some()), (status, true), "{error}");
    }
}

#[tokio::test]
async fn too_many_requests_says_when_to_try_again() {
    let service =
        Service::answering(problem_answer(429).insert_header("Retry-After", "7").insert_header("X-Request-Id", "r"))
            .await;
    let error = service.client().list_payments().send().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!((error.header("Retry-After"), error.request_id()), (Some("7"), Some("r")));
}

#[tokio::test]
async fn a_retry_after_that_is_no_number_of_seconds_is_none() {
    for value in ["Fri, 01 Jan 2027 00:00:00 GMT", "-1", "1.5", "", "99999999999999999999"] {
        let service = Service::answering(problem_answer(503).insert_header("Retry-After", value)).await;
        let error = service.client().list_payments().send().await.unwrap_err();
        assert_eq!(error.retry_after(), None, "{value:?}");
    }
}

#[tokio::test]
async fn the_media_types_that_would_do_can_be_read() {
    let patch = "application/json-patch+json, application/merge-patch+json";
    let service = Service::answering(problem_answer(415).insert_header("Accept-Patch", patch)).await;
    let error =
        service.client().patch_payment("p", payments_client::models::MergePatch::new()).send().await.unwrap_err();
    let Error::Problem(answer) = error else { panic!("{error}") };
    assert_eq!((answer.accept_patch(), answer.accept()), (Some(patch), None));
}

#[tokio::test]
async fn a_service_that_is_down_says_so_in_a_body_of_its_own() {
    let down = json_answer(503, r#"{"status":"down","detail":"The store cannot be reached.","since":1}"#)
        .insert_header("Retry-After", "1");
    let service = Service::answering(down).await;
    for error in [
        service.client().get_health().send().await.unwrap_err(),
        service.client().get_ready().send().await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Declared(_)), "{error}");
        let health = error.body::<Health>().unwrap();
        assert_eq!(
            (&health.status, health.detail.as_deref()),
            (&HealthStatus::Down, Some("The store cannot be reached."))
        );
        assert_eq!((error.status().unwrap().as_u16(), error.retry_after()), (503, Some(Duration::from_secs(1))));
        assert_eq!((error.problem(), error.body::<i32>()), (None, None));
    }
}

#[tokio::test]
async fn a_health_check_can_fail_with_a_problem_too() {
    let service = Service::answering(problem_answer(503)).await;
    assert!(service.client().get_health().send().await.unwrap_err().problem().is_some());
}

#[tokio::test]
async fn enum_values_and_properties_of_tomorrow_are_read() {
    let service = Service::answering_json(200, r#"{"status":"degraded","cause":{"a":[1]}}"#).await;
    let health = service.client().get_health().send().await.unwrap().body;
    assert_eq!(health.status, HealthStatus::Unknown("degraded".to_owned()));
    assert_eq!(serde_json::to_string(&health).unwrap(), r#"{"status":"degraded"}"#);
}

#[tokio::test]
async fn a_page_is_read_with_its_links() {
    let page = r#"{"data":[],"links":{"self":"http://a/1","next":"http://a/2","prev":"http://a/0","last":"x"}}"#;
    let service = Service::answering_json(200, page).await;
    let page = service.client().list_payments().send().await.unwrap().body;
    assert_eq!(
        (page.data.len(), page.links.self_url.as_str(), page.links.next.as_str()),
        (0, "http://a/1", "http://a/2")
    );
    assert_eq!(page.links.prev.as_deref(), Some("http://a/0"));
}
