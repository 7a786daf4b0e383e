//! The tests of the nightly report.

use crate::report::{PaymentReport, Walk, beneficiary};
use pact_consumer::{
    builders::{HttpPartBuilder, InteractionBuilder, RequestBuilder},
    json_pattern, json_pattern_internal, like, matching_regex,
    patterns::JsonPattern,
    term,
};
use pact_models::{
    expression_parser::DataType,
    generators::{Generator, GeneratorCategory},
    path_exp::DocPath,
};
use pacts::consumer::{ConsumerTest, RecordedInteractions};
use std::time::Duration;

const LIST: &str = "/v1/payments";
const DETAIL: &str = "/v1/payments/faster-payment";
/// The link to the next page. Any cursor matches: cursors are opaque to consumers.
const NEXT: &str = r"^https?://[^?]+/v1/payments\?after=[^&]+&size=2$";

fn next(cursor: &str) -> JsonPattern {
    matching_regex!(NEXT, format!("http://localhost:8080/v1/payments?after={cursor}&size=2")).into()
}

fn first_page_request(interaction: &mut InteractionBuilder) {
    interaction.request.get().path(LIST).query_param("size", "2");
}

/// A request for the page after the cursor that the provider state hands on as `state_value`; the pact shows `example`.
fn page_after_request(interaction: &mut InteractionBuilder, state_value: &str, example: &str) {
    let request = interaction.request.get().path(LIST).query_param("size", "2").query_param("after", example);
    from_state(request, "after", state_value);
}

fn from_state(request: &mut RequestBuilder, parameter: &str, state_value: &str) {
    let value = Generator::ProviderStateGenerator(format!("${{{state_value}}}"), Some(DataType::STRING));
    let mut at = DocPath::root();
    at.push_field(parameter);
    request.generators().add_generator_with_subcategory(&GeneratorCategory::QUERY, at, value);
}

fn page_answer(interaction: &mut InteractionBuilder, payments: Vec<JsonPattern>, next: JsonPattern) {
    interaction.response.ok().header("Content-Type", "application/json").json_body(json_pattern!({
        "data": JsonPattern::Array(payments),
        "links": {"self": like!("http://localhost:8080/v1/payments?size=2"), "next": next},
    }));
}

fn payment(id: &str) -> JsonPattern {
    json_pattern!({
        "id": id,
        "organisation_id": like!("harbour-lane-bakery"),
        "attributes": {"amount": matching_regex!(r"^[0-9]+(\.[0-9]+)?$", "100.21")},
        "type": "Payment",
    })
}

pub(crate) async fn all_payments_are_walked_through(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading the first page", |i| {
            i.given("there are three payments");
            first_page_request(i);
            page_answer(i, vec![payment("faster-payment"), payment("bacs-direct-credit")], next("AQAAAAAAAAAC"));
        })
        .await
        .expects("reading the page that follows", |i| {
            i.given("there are three payments");
            page_after_request(i, "second", "AQAAAAAAAAAC");
            page_answer(i, vec![payment("only-an-amount")], next("AQAAAAAAAAAD"));
        })
        .await
        .expects("reading the page behind the last", |i| {
            i.given("there are three payments");
            page_after_request(i, "third", "AQAAAAAAAAAD");
            page_answer(i, vec![], next("AQAAAAAAAAAD"));
        })
        .await
        .start()
        .await;
    let walk = PaymentReport::new(service.client(), 2).walk(None).await.unwrap();
    let Walk::Done { lines, next } = walk else { panic!("{walk:?}") };
    let ids: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(ids, ["faster-payment", "bacs-direct-credit", "only-an-amount"]);
    assert!(next.contains("after=AQAAAAAAAAAD"), "{next}");
    service.finish()
}

pub(crate) async fn an_empty_list_gives_an_empty_report(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading the first page when there is none", |i| {
            i.given("there are no payments");
            first_page_request(i);
            page_answer(i, vec![], next("AQAAAAAAAAAA"));
        })
        .await
        .start()
        .await;
    let walk = PaymentReport::new(service.client(), 2).walk(None).await.unwrap();
    assert!(matches!(&walk, Walk::Done { lines, .. } if lines.is_empty()), "{walk:?}");
    service.finish()
}

pub(crate) async fn an_interrupted_walk_is_resumed_later(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading the first page during an outage", |i| {
            i.given("the store is away");
            first_page_request(i);
            i.response
                .status(503)
                .header("Retry-After", term!("^[1-9][0-9]*$", "1"))
                .json_body(problem(503, "/problems/unavailable", LIST))
                .header("Content-Type", "application/problem+json");
        })
        .await
        .start()
        .await;
    let walk = PaymentReport::new(service.client(), 2).walk(None).await.unwrap();
    assert_eq!(walk, Walk::Interrupted { lines: Vec::new(), resume_at: None, wait: Duration::from_secs(1) });
    service.finish()
}

pub(crate) async fn an_invalid_cursor_starts_the_walk_over(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading the page behind a cursor that is none", |i| {
            i.given("there are three payments");
            i.request.get().path(LIST).query_param("after", "yesterday").query_param("size", "2");
            i.response
                .status(400)
                .json_body(problem(400, "/problems/invalid-request", LIST))
                .header("Content-Type", "application/problem+json");
        })
        .await
        .start()
        .await;
    let walk = PaymentReport::new(service.client(), 2).walk(Some("/v1/payments?after=yesterday&size=2")).await.unwrap();
    assert_eq!(walk, Walk::InvalidLink);
    service.finish()
}

pub(crate) async fn a_payment_is_read_in_detail(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading a payment in detail", |i| {
            i.given("there is a payment");
            i.request.get().path(DETAIL);
            i.response.ok().header("Content-Type", "application/json").json_body(json_pattern!({
                "data": {
                    "id": "faster-payment",
                    "type": "Payment",
                    "organisation_id": like!("harbour-lane-bakery"),
                    "attributes": {
                        "amount": matching_regex!(r"^[0-9]+(\.[0-9]+)?$", "100.21"),
                        "beneficiary_party": {"name": like!("Millstone Flour Ltd")},
                    },
                },
                "links": {"self": like!("http://localhost:8080/v1/payments/faster-payment")},
            }));
        })
        .await
        .start()
        .await;
    let attributes =
        PaymentReport::new(service.client(), 2).detail("faster-payment").await.unwrap().expect("it is there");
    assert!(beneficiary(&attributes).is_some_and(|party| party.as_str().contains("Millstone")), "{attributes:?}");
    service.finish()
}

pub(crate) async fn a_payment_that_was_deleted_meanwhile_is_left_out(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading in detail a payment that was deleted", |i| {
            i.given("the payment was deleted");
            i.request.get().path(DETAIL);
            i.response
                .not_found()
                .json_body(problem(404, "/problems/payment-not-found", DETAIL))
                .header("Content-Type", "application/problem+json");
        })
        .await
        .start()
        .await;
    let detail = PaymentReport::new(service.client(), 2).detail("faster-payment").await.unwrap();
    assert!(detail.is_none(), "{detail:?}");
    service.finish()
}

fn problem(status: u16, kind: &str, instance: &str) -> JsonPattern {
    json_pattern!({
        "type": kind,
        "title": like!("What kind of problem this is"),
        "status": status,
        "detail": like!("What happened this time"),
        "instance": instance,
    })
}
