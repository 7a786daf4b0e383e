//! The tests of the ledger.

use crate::ledger::{Ledger, Updated, explain};
use pact_consumer::{
    builders::{HttpPartBuilder, InteractionBuilder},
    json_pattern, json_pattern_internal, like, matching_regex,
    patterns::JsonPattern,
};
use pact_models::{
    expression_parser::DataType,
    generators::{Generator, GeneratorCategory},
    path_exp::DocPath,
};
use pacts::consumer::{ConsumerTest, RecordedInteractions};

const EVENTS: &str = "/v1/events";
/// An example of a cursor: cursors are opaque to consumers.
const CURSOR: &str = "AwAAAAAAAAABAAAAAAAAAAA";
const TIME: &str = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$";

fn first_page_request(interaction: &mut InteractionBuilder) {
    interaction.request.get().path(EVENTS).query_param("size", "2").query_param("content", "full");
}

/// A request for the events behind the cursor that the provider state hands on as `state_value`.
fn page_after_request(interaction: &mut InteractionBuilder, state_value: &str) {
    let request = interaction.request.get().path(EVENTS).query_param("size", "2").query_param("content", "full");
    let request = request.query_param("after", CURSOR);
    let value = Generator::ProviderStateGenerator(format!("${{{state_value}}}"), Some(DataType::STRING));
    let mut at = DocPath::root();
    at.push_field("after");
    request.generators().add_generator_with_subcategory(&GeneratorCategory::QUERY, at, value);
}

fn link() -> String {
    format!("http://localhost:8080{EVENTS}?after={CURSOR}&size=2&content=full")
}

fn page_answer(interaction: &mut InteractionBuilder, events: Vec<JsonPattern>) {
    // In whatever order the parameters stand.
    let next = matching_regex!(r"^https?://[^?]+/v1/events\?(.*&)?after=[^&]+(&.*)?$", link());
    interaction.response.ok().header("Content-Type", "application/json").json_body(json_pattern!({
        "data": JsonPattern::Array(events),
        "links": {"self": like!("http://localhost:8080/v1/events?size=2&content=full"), "next": next},
    }));
}

/// The event that brought `faster-payment` to a version.
fn event(kind: &str, version: i64, amount: &str) -> JsonPattern {
    let own = format!("http://localhost:8080/v1/payments/faster-payment/history/{version}");
    json_pattern!({
        "id": matching_regex!("^evt_[0-9a-f]{32}$", "evt_1c5a0e7b9d3f48264e0a9b7d5c3f1e20"),
        "type": kind,
        "timestamp": matching_regex!(TIME, "2026-01-18T09:00:00.000000Z"),
        "data": {
            "payment_id": "faster-payment",
            "organisation_id": like!("harbour-lane-bakery"),
            "version": version,
            "payment": {
                "type": "Payment",
                "organisation_id": like!("harbour-lane-bakery"),
                "attributes": {"amount": matching_regex!(r"^[0-9]+(\.[0-9]+)?$", amount)},
            },
            "links": {"self": matching_regex!(r"^https?://.+/v1/payments/faster-payment/history/[0-9]+$", own)},
        },
    })
}

pub(crate) async fn events_are_entered_in_their_order(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading the first events", |i| {
            i.given("the payment has changed");
            first_page_request(i);
            page_answer(i, vec![event("payment.created", 0, "100.21"), event("payment.updated", 1, "70.00")]);
        })
        .await
        .expects("reading what comes behind them", |i| {
            i.given("the payment has changed");
            page_after_request(i, "changed");
            page_answer(i, vec![]);
        })
        .await
        .start()
        .await;
    let mut ledger = Ledger::default();
    assert_eq!(ledger.update(&service.client()).await.unwrap(), Updated::UpToDate);
    assert_eq!(ledger.amounts.get("faster-payment").map(String::as_str), Some("70.00"), "the later event counts");
    service.finish()
}

pub(crate) async fn a_ledger_that_is_up_to_date_stays_as_it_is(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading events when there are no more", |i| {
            i.given("the payment has changed");
            page_after_request(i, "changed");
            page_answer(i, vec![]);
        })
        .await
        .start()
        .await;
    let amounts = [("faster-payment".to_owned(), "70.00".to_owned())].into();
    let mut ledger = Ledger { amounts, next: Some(link()) };
    assert_eq!(ledger.update(&service.client()).await.unwrap(), Updated::UpToDate);
    assert_eq!(ledger.amounts.len(), 1);
    service.finish()
}

pub(crate) async fn a_cursor_that_leads_nowhere_starts_the_ledger_over(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading the events behind one that is gone", |i| {
            i.given("the store was emptied since");
            page_after_request(i, "gone");
            i.response
                .status(410)
                .json_body(json_pattern!({
                    "type": "/problems/cursor-expired",
                    "title": like!("The cursor leads nowhere any more"),
                    "status": 410,
                    "detail": like!("Begin anew, without a cursor."),
                    "instance": EVENTS,
                }))
                .header("Content-Type", "application/problem+json");
        })
        .await
        .start()
        .await;
    let amounts = [("faster-payment".to_owned(), "70.00".to_owned())].into();
    let mut ledger = Ledger { amounts, next: Some(link()) };
    assert_eq!(ledger.update(&service.client()).await.unwrap(), Updated::StartedOver);
    assert_eq!(ledger, Ledger::default(), "nothing of before is left");
    service.finish()
}

pub(crate) async fn an_entry_is_explained_by_the_version_that_it_came_from(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading the first version of a payment that was deleted", |i| {
            i.given("the payment was deleted");
            i.request.get().path("/v1/payments/faster-payment/history/0");
            i.response.ok().header("Content-Type", "application/json").json_body(json_pattern!({
                "data": {
                    "version": 0,
                    "type": "payment.created",
                    "timestamp": matching_regex!(TIME, "2026-01-18T09:00:00.000000Z"),
                    "payment": {
                        "id": "faster-payment",
                        "type": "Payment",
                        "organisation_id": like!("harbour-lane-bakery"),
                        "attributes": {"amount": matching_regex!(r"^[0-9]+(\.[0-9]+)?$", "100.21")},
                    },
                },
                "links": {"self": like!("http://localhost:8080/v1/payments/faster-payment/history/0")},
            }));
        })
        .await
        .start()
        .await;
    let payment = explain(&service.client(), "faster-payment", 0).await.unwrap();
    assert_eq!(payment.map(|payment| payment.attributes.amount().to_owned()).as_deref(), Some("100.21"));
    service.finish()
}
