//! Deprecated elements of each kind: the server tells which of them a request uses, whatever becomes of it.

use crate::service::{Shop, serve, start};
use std::sync::Arc;
use supported_client::models::{State, ThingRequest};
use supported_server::{Deprecation, health, things};

/// The least that a thing has.
const LEAST: &str = r#""type":"Thing","name":"n","tags":["a"],"note":"x","open":true,"until":null,"anything":null"#;

/// What a request used, as the service saw it.
fn uses(shop: &Shop) -> Vec<&'static str> {
    shop.uses.lock().unwrap().clone().unwrap_or_default()
}

#[tokio::test]
async fn operations_parameters_and_headers_are_told_from_the_head() {
    let (shop, client) = start().await;
    client.list_things(State::Open, "").size(1).send().await.unwrap();
    assert_eq!(*shop.uses.lock().unwrap(), None);
    #[expect(deprecated, reason = "that is what is told")]
    let list = client.list_things(State::Open, "").offset(1).x_shop("main");
    list.send().await.unwrap();
    assert_eq!(uses(&shop), ["listThings.offset", "listThings.X-Shop"]);
    for link in ["?state=open&shop=&filter[shop_id]=a", "?state=open&shop=&filter%5Bshop_id%5D=a"] {
        client.list_things(State::Open, "").follow(link).send().await.unwrap();
        assert_eq!(uses(&shop), ["listThings.filter[shop_id]"], "{link}");
    }
    // Refused, and told all the same.
    client.list_things(State::Open, "").follow("?%6fffset=x").send().await.unwrap_err();
    assert_eq!(uses(&shop), ["listThings.offset"]);
    #[expect(deprecated, reason = "that is what is told")]
    let about = client.get_about();
    about.send().await.unwrap();
    assert_eq!(uses(&shop), ["getAbout"]);
}

#[tokio::test]
async fn properties_are_told_by_the_decoder() {
    let (shop, client) = start().await;
    for (more, status, expected) in [
        (r#""notes":{"title":"t","pages":1}"#, 201, &[][..]),
        (r#""notes":{"title":"t","pages":1},"remark":"r""#, 202, &["ThingInput.remark"]),
        (
            r#""notes":{"title":"t","pages":1,"\u0061uthor":1},"remark":null"#,
            202,
            &["ThingInput.remark", "Notes.author"],
        ),
        // Refused, and told all the same.
        (r#""notes":{"title":"t","pages":1},"remark":7"#, 400, &["ThingInput.remark"]),
        (r#""notes":{"author":1},"other":1"#, 400, &["Notes.author"]),
    ] {
        let body = format!(r#"{{"data":{{{LEAST},{more}}}}}"#);
        assert_eq!(post(&shop, body).await, status, "{more}");
        let found = uses(&shop);
        assert!(expected.iter().all(|name| found.contains(name)) && found.len() == expected.len(), "{more}: {found:?}");
    }
    let least: ThingRequest =
        serde_json::from_str(&format!(r#"{{"data":{{{LEAST},"notes":{{"title":"t","pages":1}}}}}}"#)).unwrap();
    client.create_thing(&least).send().await.unwrap();
    assert!(uses(&shop).is_empty());
}

/// Sends a body as it is, and returns the status.
async fn post(shop: &Arc<Shop>, body: String) -> u16 {
    let url = format!("{}/things", serve(shop).await);
    let request =
        supported_client::reqwest::Client::new().post(url).header("content-type", "application/json").body(body);
    request.send().await.unwrap().status().as_u16()
}

#[test]
fn every_deprecated_element_that_a_request_can_use_is_listed() {
    let mut routes = things::routes::<Shop>();
    routes.extend(health::routes());
    let show = |id: &str| {
        let route = routes.iter().find(|route| route.operation.id == id).unwrap();
        let found = route.deprecations();
        let show = |Deprecation { element, on, sunset, place: _ }: Deprecation| {
            sunset.map_or_else(|| format!("{element} {on}"), |sunset| format!("{element} {on} {sunset}"))
        };
        found.into_iter().map(show).collect::<Vec<_>>()
    };
    assert_eq!(show("getAbout"), ["getAbout 2026-11-28 2027-12-31"]);
    assert_eq!(
        show("listThings"),
        [
            "listThings.offset 2026-11-28 2027-11-28",
            "listThings.filter[shop_id] 2026-11-28",
            "listThings.X-Shop 2026-10-01"
        ]
    );
    // Through $ref, but not those of responses only.
    assert_eq!(show("createThing"), ["ThingInput.remark 2026-11-28 2027-11-28", "Notes.author 2026-11-28"]);
    // The service reads that body itself.
    assert!(show("patchThing").is_empty());
}
