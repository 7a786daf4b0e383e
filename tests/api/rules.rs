//! The rules of a payment's members: the schema in the contract and the service draw the same line.

use jsonschema::{PatternOptions, Validator};
use serde_json::{Value, json};
use std::fmt::Write;
use test_support::{Service, payment};

/// The contract's schema of a request, with its patterns read by the `regex` crate, which knows as little as RE2 does: neither
/// look-ahead nor references.
async fn schema(service: &Service) -> Validator {
    let contract = service.get("/openapi.json").await.expect_status(200).json();
    let schema =
        json!({"allOf": [{"$ref": "#/components/schemas/PaymentRequest"}], "components": contract["components"]});
    jsonschema::draft4::options().with_pattern_options(PatternOptions::regex()).build(&schema).unwrap()
}

/// Creates a payment with each of `values` at `pointer`, and compares what the service says with what the schema says.
async fn compare(pointer: &str, values: impl IntoIterator<Item = String>) {
    let service = Service::start().await;
    let (schema, mut differences) = (schema(&service).await, String::new());
    for (number, value) in values.into_iter().enumerate() {
        let mut body = payment(&format!("p-{number}"));
        *body.pointer_mut(pointer).unwrap() = Value::String(value.clone());
        let status = service.post(&body).await.status;
        if (status == 201) != schema.is_valid(&body) {
            writeln!(differences, "{value:?}: the service says {status}, the schema the opposite").unwrap();
        }
    }
    assert_eq!(differences, "", "{pointer}");
}

#[tokio::test]
async fn the_same_organisations_are_lawful() {
    let controls = ('\0'..='\u{1f}').chain('\u{7f}'..='\u{a0}');
    let spaces = ('\u{2000}'..='\u{200f}').chain("\u{1680}\u{180e}\u{2028}\u{2029}\u{202f}\u{205f}\u{2060}".chars());
    let others = "\u{3000}\u{fefd}\u{fefe}\u{feff}\u{ff00}\u{ff01}\u{1f9fe}aé\u{ad}".chars();
    let values = controls.chain(spaces).chain(others).flat_map(|char| {
        [format!("{char}"), format!(" {char}\u{a0}"), format!("a{char}"), format!("{char}a"), format!("a{char}a")]
    });
    let lengths = ["", &"a".repeat(64), &"a".repeat(65), &"é".repeat(64), &"é".repeat(65)].map(str::to_owned);
    compare("/data/organisation_id", values.chain(lengths)).await;
}

#[tokio::test]
async fn the_same_amounts_are_lawful() {
    let parts = ["", "0", "00", "1", "10", "01", "x", "-1", "1e1", " 1", "١", "1,0", "999999999999999999"];
    let long = ["0000000000000000000", "1000000000000000000", "0000000000", "0000000001", "00000000001", "00000000000"];
    let all: Vec<_> = parts.into_iter().chain(long).collect();
    let pairs = all.iter().flat_map(|whole| all.iter().map(move |fraction| format!("{whole}.{fraction}")));
    let wholes = all.iter().map(|&whole| whole.to_owned());
    let odd = ["1.0.0", "1.", ".", "1\n", "\n1", "1.5 "].map(str::to_owned);
    compare("/data/attributes/amount", pairs.chain(wholes).chain(odd)).await;
}

#[tokio::test]
async fn the_same_ids_are_lawful() {
    let chars = ('\0'..='\u{ff}').flat_map(|char| [format!("x{char}"), format!("{char}y{char}"), format!(".{char}")]);
    let odd = ["", ".", "..", "...", "..a", "a.", &"x".repeat(64), &"x".repeat(65), &".".repeat(64)].map(str::to_owned);
    // `y` keeps each of them apart from the others.
    compare("/data/id", chars.chain(odd)).await;
}
