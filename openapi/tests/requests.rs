//! Parameters, bodies and responses.

use crate::service::{serve, start};
use supported_client::{
    Error, Json,
    models::{Health, Notes, PatchStep, PatchStepInner, State},
};
use supported_server::models;

#[tokio::test]
async fn every_kind_of_parameter_arrives() {
    let (shop, client) = start().await;
    let list = client.list_things(State::HalfOpen, "main street").other_state(State::Shut).deep(true);
    let list = list.day("2026-01-18").since("2026-01-18T09:00:00Z").size(3).r#type("book").code("abc");
    #[expect(deprecated, reason = "deprecated parameters work")]
    let response = list.offset(-1).x_shop("main").send().await.unwrap();
    assert_eq!((response.header("x-total"), response.body.data.len()), (Some("0"), 0));
    let asked = shop.list.lock().unwrap().take().unwrap();
    assert_eq!((asked.state, asked.other_state), (models::State::HalfOpen, Some(models::State::Shut)));
    assert_eq!((asked.shop.as_str(), asked.deep), ("main street", Some(true)));
    assert_eq!((asked.day.as_deref(), asked.since.as_deref()), (Some("2026-01-18"), Some("2026-01-18T09:00:00Z")));
    assert_eq!((asked.size, asked.offset), (Some(3), Some(-1)));
    assert_eq!(
        (asked.r#type.as_deref(), asked.code.as_deref(), asked.x_shop.as_deref()),
        (Some("book"), Some("abc"), Some("main"))
    );
}

#[tokio::test]
async fn optional_parameters_may_be_absent() {
    let (shop, client) = start().await;
    client.list_things(State::Open, "").send().await.unwrap();
    let asked = shop.list.lock().unwrap().take().unwrap();
    assert_eq!((asked.shop.as_str(), asked.other_state, asked.deep, asked.day), ("", None, None, None));
}

#[tokio::test]
async fn every_fault_of_the_query_is_reported() {
    let (_, client) = start().await;
    let link = "/things?state=ajar&deep=yes&day=2026-1-18&since=today&size=0&offset=x&other_state=";
    let error = client.list_things(State::Open, "").follow(link).send().await.unwrap_err();
    let faults = [
        "/query/state must be one of: open shut half-open",
        "/query/shop is missing",
        "/query/other_state must be one of: open shut half-open",
        "/query/deep must be true or false",
        "/query/day must be an RFC 3339 date, such as 2026-01-18",
        "/query/since must be an RFC 3339 date-time, such as 2026-01-18T09:00:00Z",
        "/query/size must be at least 1",
        "/query/offset must be an integer",
    ];
    assert_eq!(error.problem().unwrap().detail, faults.join("; "));
}

#[tokio::test]
async fn bodies_of_several_media_types_go_as_what_they_are() {
    let (shop, client) = start().await;
    let inner = PatchStepInner::new(true);
    client.patch_thing("a", vec![PatchStep::new(State::Shut, inner)].into_patch()).send().await.unwrap();
    let text = r#"[{"state":"shut","inner":{"deep":true}}]"#;
    assert_eq!(*shop.patch.lock().unwrap(), Some(("application/json-patch+json", text.to_owned())));
    client.patch_thing("a", Notes::new("t", 3)).send().await.unwrap();
    let text = r#"{"title":"t","pages":3}"#;
    assert_eq!(*shop.patch.lock().unwrap(), Some(("application/merge-patch+json", text.to_owned())));
}

trait IntoPatch {
    fn into_patch(self) -> supported_client::models::Patch;
}

impl IntoPatch for Vec<PatchStep> {
    fn into_patch(self) -> supported_client::models::Patch {
        self.into()
    }
}

#[tokio::test]
async fn texts_and_errors_with_a_body_of_their_own_are_read() {
    let (_, client) = start().await;
    #[expect(deprecated, reason = "a deprecated operation works")]
    let about = client.get_about();
    assert_eq!(about.send().await.unwrap().body, "A shop.");
    let error = client.get_health().send().await.unwrap_err();
    assert!(matches!(error, Error::Declared(_)), "{error}");
    assert_eq!(error.body::<Health>().unwrap().state, State::HalfOpen);
    assert!(error.body::<Json>().is_some());
}

#[tokio::test]
async fn a_missing_thing_is_a_problem() {
    let (_, client) = start().await;
    for error in [client.get_thing("a").send().await.unwrap_err(), client.delete_thing("a").send().await.unwrap_err()] {
        assert_eq!(error.to_string(), "404 Not Found: No: NotFound");
    }
}

#[tokio::test]
async fn a_failure_that_the_contract_does_not_declare_reaches_no_client() {
    let (shop, client) = start().await;
    shop.is_closed.store(true, std::sync::atomic::Ordering::Relaxed);
    #[expect(deprecated, reason = "the one operation that can fail in this way")]
    let about = client.get_about();
    let error = about.send().await.unwrap_err();
    let shown = r#"500 Internal Server Error: No: Refused(Undeclared { status: 404, failure: "NotFound" })"#;
    assert_eq!(error.to_string(), shown);
}

#[tokio::test]
async fn the_client_names_itself_by_its_package() {
    let shop = Default::default();
    let client = supported_client::Client::builder(&serve(&shop).await).build().unwrap();
    assert!(format!("{client:?}").starts_with("Client { base: \"http://127.0.0.1:"), "{client:?}");
}
