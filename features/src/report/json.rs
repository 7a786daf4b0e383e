//! Cucumber JSON, as tools for Cucumber read it. A feature appears once for each place, which is a tag of it.

use super::Story;
use crate::{
    catalogue,
    record::{Acted, Outcome, Played, Run},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn render(story: &Story) -> String {
    let features: Vec<Value> = story.runs.iter().flat_map(features).collect();
    format!("{:#}\n", Value::from(features))
}

fn features(run: &Run) -> Vec<Value> {
    let mut by_path: BTreeMap<String, Vec<&Played>> = BTreeMap::new();
    for played in &run.played {
        by_path.entry(catalogue::path(&played.feature)).or_default().push(played);
    }
    by_path
        .into_iter()
        .map(|(path, mut played)| {
            played.sort_by_key(|played| played.scenario.position.line);
            let feature = &played[0].feature;
            json!({
                "uri": format!("features/{path}"),
                "id": id(&feature.name),
                "keyword": feature.keyword.trim(),
                "name": feature.name,
                "description": feature.description.as_deref().unwrap_or_default(),
                "line": feature.position.line,
                "tags": tags(feature.tags.iter().cloned().chain([id(&run.place.to_string())]), feature.position.line),
                "elements": played.iter().map(|played| element(played)).collect::<Vec<_>>(),
            })
        })
        .collect()
}

fn element(played: &Played) -> Value {
    let scenario = &played.scenario;
    json!({
        "type": "scenario",
        "id": format!("{};{};{}", id(&played.feature.name), id(&scenario.name), scenario.position.line),
        "keyword": scenario.keyword.trim(),
        "name": scenario.name,
        "description": scenario.description.as_deref().unwrap_or_default(),
        "line": scenario.position.line,
        "tags": tags(scenario.tags.iter().cloned(), scenario.position.line),
        "steps": played.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn step(acted: &Acted) -> Value {
    let (status, message) = match &acted.outcome {
        Outcome::Passed => ("passed", None),
        Outcome::Failed(reason) => ("failed", Some(reason)),
        Outcome::NotReached => ("skipped", None),
    };
    let mut result = json!({"status": status, "duration": u64::try_from(acted.took.as_nanos()).unwrap_or(u64::MAX)});
    if let Some(message) = message {
        result["error_message"] = message.as_str().into();
    }
    let mut step = json!({
        "keyword": format!("{} ", acted.step.keyword.trim()),
        "name": acted.step.value,
        "line": acted.step.position.line,
        "match": {"location": acted.code.as_deref().unwrap_or_default()},
        "result": result,
    });
    if let Some(table) = &acted.step.table {
        step["rows"] = table.rows.iter().map(|row| json!({"cells": row})).collect();
    }
    if let Some(text) = &acted.step.docstring {
        step["doc_string"] = json!({"value": text, "line": acted.step.position.line + 1, "content_type": ""});
    }
    step
}

fn tags(names: impl Iterator<Item = String>, line: usize) -> Value {
    names.map(|name| json!({"name": format!("@{name}"), "line": line})).collect()
}

fn id(name: &str) -> String {
    name.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}
