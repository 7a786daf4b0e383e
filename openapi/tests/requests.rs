//! Parameters, bodies and responses.

use crate::service::{Buyer, Failure, Shop, refuse, serve, start};
use axum::{body::Body, extract::Request};
use std::sync::Arc;
use supported_client::{
    Error, Json,
    models::{Health, Notes, PatchStep, PatchStepInner, State},
};
use supported_server::{EarlierFaults, Fault, Routes, models, things};

#[tokio::test]
async fn every_kind_of_parameter_arrives() {
    let (shop, client) = start().await;
    let list = client.list_things(State::HalfOpen, "main street").other_state(State::Shut).deep(true);
    let list = list.day("2026-01-18").since("2026-01-18T09:00:00Z").size(3).r#type("book").code("abc");
    #[expect(deprecated, reason = "deprecated parameters work")]
    let list = list.offset(-1).x_shop("main").filter_shop_id("a&b");
    let response = list.filter_type(State::Shut).send().await.unwrap();
    assert_eq!((response.header("x-total"), response.body.data.len()), (Some("0"), 0));
    let asked = shop.list.lock().unwrap().take().unwrap();
    assert_eq!((asked.state, asked.other_state), (models::State::HalfOpen, Some(models::State::Shut)));
    assert_eq!((asked.shop.as_str(), asked.deep), ("main street", Some(true)));
    assert_eq!((asked.day.as_deref(), asked.since.as_deref()), (Some("2026-01-18"), Some("2026-01-18T09:00:00Z")));
    assert_eq!((asked.size, asked.offset), (Some(3), Some(-1)));
    assert_eq!((asked.filter_type, asked.filter_shop_id.as_deref()), (Some(models::State::Shut), Some("a&b")));
    assert_eq!(
        (asked.r#type.as_deref(), asked.code.as_deref(), asked.x_shop.as_deref()),
        (Some("book"), Some("abc"), Some("main"))
    );
}

#[test]
fn the_contract_has_names_with_brackets_as_they_are() {
    let query = |id| things::routes::<Shop>().iter().find(|route| route.operation.id == id).unwrap().operation.query;
    assert!(query("listThings").contains(&"filter[type]") && !query("listThings").contains(&"filter_type"));
    assert_eq!(query("watchThings"), ["page[after]"]);
}

#[tokio::test]
async fn names_with_brackets_are_read_raw_and_encoded() {
    let (shop, client) = start().await;
    let raw = "?state=open&shop=a&filter[type]=shut";
    for link in [raw, "?state=open&shop=a&filter%5Btype%5D=shut", "?state=open&shop=a&filter%5btype]=shut"] {
        // A client of the test's own: ours encodes the query of a link anew.
        let url = format!("{}/things{link}", serve(&shop).await);
        let status = supported_client::reqwest::get(url).await.unwrap().status();
        let asked = shop.list.lock().unwrap().take().unwrap();
        assert_eq!((status.as_u16(), asked.filter_type), (200, Some(models::State::Shut)), "{link}");
    }
    client.list_things(State::Open, "").filter_type(State::Shut).follow(raw).send().await.unwrap();
    assert_eq!(shop.list.lock().unwrap().take().unwrap().filter_type, Some(models::State::Shut));
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
    let link = "/things?state=ajar&deep=yes&day=2026-1-18&since=today&size=0&offset=x&other_state=&filter[type]=all";
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
        "/query/filter[type] must be one of: open shut half-open",
    ];
    assert_eq!(error.problem().unwrap().detail, faults.join("; "));
}

#[tokio::test]
async fn a_closed_query_refuses_what_it_does_not_know() {
    let (_, client) = start().await;
    let error = client
        .list_things(State::Open, "")
        .follow("/things?state=open&shop=a&a~1%2Fb=1&SIZE=2&filter_type=open&filter[TYPE]=open")
        .send()
        .await
        .unwrap_err();
    let known =
        "(known: state, shop, other_state, deep, day, since, size, offset, filter[type], filter[shop_id], type, code)";
    let faults = [
        format!("/query/a~01~1b is not known here; remove it {known}"),
        format!("/query/SIZE is not known here; remove it {known}"),
        format!("/query/filter_type is not known here; remove it {known}"),
        format!("/query/filter[TYPE] is not known here; remove it {known}"),
    ];
    assert_eq!(error.problem().unwrap().detail, faults.join("; "));
}

#[tokio::test]
async fn an_operation_without_parameters_in_its_query_refuses_any() {
    let request = Request::builder().method("DELETE").uri("/things/a?size=1").body(Body::empty()).unwrap();
    let problem = refuse(request).await;
    assert!(problem.contains("/query/size is not known here; remove it (there are none here)"), "{problem}");
}

#[tokio::test]
async fn faults_that_were_found_before_are_reported_first() {
    let mut request = Request::builder().uri("/things?state=open").body(Body::empty()).unwrap();
    let earlier = Fault { pointer: "/query/old".to_owned(), detail: "is wrong".into() };
    request.extensions_mut().insert(EarlierFaults(vec![earlier]));
    let problem = refuse(request).await;
    assert!(problem.contains("/query/old is wrong; /query/shop is missing"), "{problem}");
}

#[tokio::test]
async fn an_operation_that_asks_for_a_scope_gets_its_caller() {
    let scope =
        |id| things::routes::<Shop>().iter().find(|route| route.operation.id == id).map(|route| route.operation.scope);
    assert_eq!((scope("getThing"), scope("patchThing")), (Some(Some("things:read")), Some(Some("things:write"))));
    assert_eq!(scope("listThings"), Some(None), "it is open to everybody");
    let shop = Arc::new(Shop::default());
    let routes = Routes::new(&shop, things::routes(), str::to_owned);
    for caller in [Some(Buyer("ada")), None] {
        let mut request = Request::builder().uri("/things/a").body(Body::empty()).unwrap();
        caller.clone().map(|caller| request.extensions_mut().insert(caller));
        let answered = routes.find(request.method(), request.uri().path()).unwrap().answer(request).await;
        assert!(matches!(answered, Err(Failure::NotFound)), "{answered:?}");
        assert_eq!(shop.buyer.lock().unwrap().take(), caller);
    }
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
