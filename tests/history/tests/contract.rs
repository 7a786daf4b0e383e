//! The model has every operation of the contract that is about payments.

#![cfg(test)]

use history::model::Kind;
use serde_json::Value;
use std::{collections::BTreeSet, path::Path};

/// The tags whose operations show or change payments.
const TAGS: [&str; 2] = ["payments", "events"];

/// The operations of these tags, each with the media types of its bodies; an operation without a body has none.
fn of_the_contract() -> BTreeSet<(String, Option<String>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../api/openapi.yml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let contract: Value = serde_saphyr::from_str(&text).expect("the contract is YAML");
    let paths = contract["paths"].as_object().expect("the contract has paths");
    let operations = paths.values().filter_map(Value::as_object).flat_map(|path| path.values());
    let tagged = operations.filter(|it| {
        it["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| TAGS.map(Value::from).contains(tag)))
    });
    let mut found = BTreeSet::new();
    for operation in tagged {
        let id = operation["operationId"].as_str().expect("each operation has an id").to_owned();
        let body = match operation["requestBody"]["$ref"].as_str() {
            Some(reference) => {
                let name = reference.rsplit('/').next().expect("a reference has a name");
                &contract["components"]["requestBodies"][name]
            }
            None => &operation["requestBody"],
        };
        match body["content"].as_object() {
            Some(content) => found.extend(content.keys().map(|media_type| (id.clone(), Some(media_type.clone())))),
            None => drop(found.insert((id, None))),
        }
    }
    found
}

#[test]
fn the_model_has_every_operation_of_the_contract_on_payments() {
    let contract = of_the_contract();
    let model = Kind::ALL.map(|kind| (kind.operation_id().to_owned(), kind.media_type().map(str::to_owned)));
    let model = BTreeSet::from(model);
    let missing: Vec<_> = contract.difference(&model).collect();
    assert!(
        missing.is_empty(),
        "the contract has {missing:?}, which no history has: add a Kind and a Call to tests/history/src/model.rs, and follow the \
         compiler"
    );
    let more: Vec<_> = model.difference(&contract).collect();
    assert!(more.is_empty(), "the model has {more:?}, which the contract has not");
}
