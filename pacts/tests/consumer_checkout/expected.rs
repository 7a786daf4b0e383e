//! The requests and answers that the checkout's tests share. An answer is matched no closer than the checkout needs: by
//! value where the checkout decides on the value, by type or pattern elsewhere.

use pact_consumer::{
    builders::{HttpPartBuilder, InteractionBuilder},
    datetime, json_pattern, json_pattern_internal, like, matching_regex as matching,
    patterns::JsonPattern,
    term,
};
use serde_json::Value;

/// The payment of the provider states.
pub(crate) const ID: &str = "faster-payment";
pub(crate) const PATH: &str = "/v1/payments/faster-payment";
const TIME: &str = "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'";

/// A request with this body and media type.
pub(crate) fn request(interaction: &mut InteractionBuilder, method: &str, path: &str, media_type: &str, body: Value) {
    interaction.request.method(method).path(path).header("Content-Type", media_type).json_body(body);
}

/// An answer that shows the payment at this version.
pub(crate) fn payment(interaction: &mut InteractionBuilder, status: u16, version: u32, amount: &str) {
    let etag = format!("\"{version}\"");
    interaction.response.status(status).header("ETag", etag).header("Content-Type", "application/json").json_body(
        json_pattern!({
            "data": {
                "id": ID,
                "type": "Payment",
                "version": version,
                "organisation_id": like!("harbour-lane-bakery"),
                "attributes": {"amount": amount, "currency": like!("GBP")},
                "created_on": datetime!(TIME, "2026-01-18T09:00:00.000000Z"),
                "modified_on": datetime!(TIME, "2026-01-18T09:00:00.000000Z"),
            },
            "links": {"self": matching!("^https?://.+/v1/payments/faster-payment$", "http://localhost:8080/v1/payments/faster-payment")},
        }),
    );
}

/// An answer that is a problem of this type.
pub(crate) fn problem(interaction: &mut InteractionBuilder, status: u16, kind: &str, instance: &str) {
    refusal(interaction, status, problem_body(status, kind, instance));
}

/// An answer that points at these faults.
pub(crate) fn faults(interaction: &mut InteractionBuilder, instance: &str, pointers: &[&str]) {
    let fault = |pointer: &&str| json_pattern!({"pointer": *pointer, "detail": like!("must be greater than zero")});
    let JsonPattern::Object(mut body) = problem_body(400, "/problems/invalid-request", instance) else {
        panic!("a problem is an object");
    };
    body.insert("errors".to_owned(), JsonPattern::Array(pointers.iter().map(fault).collect()));
    refusal(interaction, 400, JsonPattern::Object(body));
}

/// The answer during an outage, with the `Retry-After` that the checkout waits for.
pub(crate) fn unavailable(interaction: &mut InteractionBuilder, instance: &str) {
    problem(interaction, 503, "/problems/unavailable", instance);
    interaction.response.header("Retry-After", term!("^[1-9][0-9]*$", "1"));
}

fn problem_body(status: u16, kind: &str, instance: &str) -> JsonPattern {
    json_pattern!({
        "type": kind,
        "title": like!("What kind of problem this is"),
        "status": status,
        "detail": like!("What happened this time"),
        "instance": instance,
    })
}

fn refusal(interaction: &mut InteractionBuilder, status: u16, body: JsonPattern) {
    interaction.response.status(status).json_body(body).header("Content-Type", "application/problem+json");
}
