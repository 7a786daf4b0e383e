//! All that a property can be, there and back.

use crate::service::start;
use supported_client::{
    Json,
    models::{Notes, Part, State, ThingInput, ThingRequest, ThingResponse},
};
use supported_server::{Document, Faults, decode, models};

/// Everything there is, as the client writes it.
const ALL: &str = r#"{"data":{"type":"Thing","self":"s","match":"m","name":"n","code":"abc","id":"019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20","tags":["a","b"],"counts":[1,-2],"grid":[[true],[]],"states":["open","half-open"],"state":"shut","note":null,"remark":"r","count":9,"small":1,"open":false,"day":"2026-01-18","until":"2026-01-18T09:00:00Z","parts":[{"name":"p"}],"notes":{ "pages":1, "title" : "t","rate":1.10 },"anything":[1.10],"value":null}}"#;
/// The least there can be.
const LEAST: &str = r#"{"data":{"type":"Thing","name":"n","tags":["a"],"note":"x","open":true,"until":null,"notes":{"title":"t","pages":1},"anything":null}}"#;

fn all() -> ThingInput {
    let notes = Notes::from_json(r#"{ "pages":1, "title" : "t","rate":1.10 }"#).unwrap();
    let anything = Json::from_text("[1.10]").unwrap();
    let until = Some("2026-01-18T09:00:00Z".to_owned());
    let thing = ThingInput::new("n", vec!["a".to_owned(), "b".to_owned()], None, false, until, notes, anything);
    let thing = thing.self_url("s").r#match("m").code("abc").id("019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20");
    let thing = thing.counts(vec![1, -2]).grid(vec![vec![true], vec![]]).states(vec![State::Open, State::HalfOpen]);
    #[expect(deprecated, reason = "deprecated properties work")]
    let thing = thing.state(State::Shut).remark("r").count(9).small(1).day("2026-01-18".to_owned());
    thing.parts(vec![Part::new("p")]).value(Json::null())
}

#[test]
fn the_client_writes_every_kind_of_property() {
    let request = ThingRequest::new(all());
    assert_eq!(serde_json::to_string(&request).unwrap(), ALL);
    assert_eq!(serde_json::from_str::<ThingRequest>(ALL).unwrap(), request);
    let least: ThingRequest = serde_json::from_str(LEAST).unwrap();
    assert_eq!(serde_json::to_string(&least).unwrap(), LEAST);
}

#[test]
fn the_server_reads_and_writes_every_kind_of_property() {
    for text in [ALL, LEAST] {
        let mut faults = Faults::default();
        let request = decode::<models::ThingRequest, crate::service::Shop>(text.as_bytes(), &mut faults);
        let document = Document::from(request.unwrap_or_else(|| panic!("{:?}", faults.into_vec())));
        assert_eq!(format!("{document:?}"), text);
    }
}

#[track_caller]
fn assert_faults(text: &str, expected: &[&str]) {
    let mut faults = Faults::default();
    let request = decode::<models::ThingRequest, crate::service::Shop>(text.as_bytes(), &mut faults);
    let found = faults.into_vec();
    let found: Vec<String> = found.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect();
    assert_eq!(found, expected, "{request:?}");
}

#[test]
fn the_server_reports_every_rule_that_is_broken() {
    assert_faults(
        r#"{"data":{"type":"Other","self":1,"name":"longer","code":"A1","id":"x","tags":[],"counts":["1"],"grid":[[1]],"states":["ajar"],
            "state":null,"note":1,"remark":true,"count":0,"small":2147483648,"open":"true","day":"2026-02-30","until":"today",
            "parts":[{"name":"p","more":1}],"notes":{},"value":1,"created_on":"2026-01-18T09:00:00Z"}}"#,
        &[
            "/data/type must be one of: Thing",
            "/data/self must be a string, not a number",
            "/data/name must be of at most 5 characters",
            "/data/code must be small letters",
            "/data/id must be a UUID",
            "/data/tags must have at least 1 elements",
            "/data/counts/0 must be an integer, not a string",
            "/data/grid/0/0 must be a boolean, not a number",
            "/data/states/0 must be one of: open shut half-open",
            "/data/state must be a string, not null",
            "/data/note must be a string, not a number",
            "/data/remark must be a string, not a boolean",
            "/data/count must be at least 1",
            "/data/small must be an integer, not a number that is none, or too large",
            "/data/open must be a boolean, not a string",
            "/data/day must be an RFC 3339 date, such as 2026-01-18",
            "/data/until must be an RFC 3339 date-time, such as 2026-01-18T09:00:00Z",
            "/data/parts/0/more is not known here; remove it (known: name)",
            "/data/notes must have a title and pages",
            "/data/anything is missing",
            "/data/created_on is not known here; remove it (known: type, self, match, name, code, id, tags, counts, grid, \
             states, state, note, remark, count, small, open, day, until, parts, notes, anything, value)",
        ],
    );
    assert_faults(
        r#"{"data":{"type":"Thing","name":"","tags":["1","2","3","4"],"open":true,"until":null,"notes":{"a":1,"b":2},"anything":1,
            "count":10,"small":0}}"#,
        &[
            "/data/name must be of at least 1 characters",
            "/data/tags must have at most 3 elements",
            "/data/note is missing",
            "/data/count must be at most 9",
            "/data/small must be at least 1",
        ],
    );
}

#[tokio::test]
async fn a_thing_that_was_read_can_be_sent_back() {
    let (shop, client) = start().await;
    let created = client.create_thing(&ThingRequest::new(all())).send().await.unwrap();
    assert_eq!((created.status.as_u16(), created.location()), (201, Some("/things/a")));
    assert_eq!(created.body.data.created_on, "2026-01-18T09:00:00Z");
    assert_eq!(created.body.data.tree.as_ref().unwrap().branches.as_ref().unwrap().len(), 1);
    let first = shop.thing.lock().unwrap().clone();

    let mut thing = client.get_thing("a").send().await.unwrap().body.data;
    let accepted = client.create_thing(&ThingRequest::new(thing.clone())).send().await.unwrap();
    assert_eq!(accepted.status, 202);
    assert_eq!(*shop.thing.lock().unwrap(), first, "what was read differs from what was sent");

    thing.notes.set("title", "other").unwrap();
    let accepted = client.create_thing(&ThingResponse::new(thing).into()).send().await.unwrap();
    assert_eq!(accepted.body.data.notes.as_json(), r#"{ "pages":1, "title" : "other","rate":1.10 }"#);
}

#[tokio::test]
async fn a_conditional_read_gives_what_has_changed() {
    let (_, client) = start().await;
    client.create_thing(&ThingRequest::new(all())).send().await.unwrap();
    let response = client.get_thing("a").if_none_match("\"1\"").send().await.unwrap();
    assert_eq!((response.body.is_none(), response.etag()), (true, Some("\"1\"")));
    assert!(client.get_thing("a").if_none_match("\"2\"").send().await.unwrap().body.is_some());
}

#[test]
fn the_client_reads_what_a_later_contract_adds() {
    let text =
        LEAST.replace("\"open\":true", "\"open\":true,\"state\":\"ajar\",\"new\":{\"a\":[1]},\"created_on\":\"x\"");
    let response: ThingResponse = serde_json::from_str(&text).unwrap();
    assert_eq!(response.data.state, Some(State::Unknown("ajar".to_owned())));
}
