//! Writes Cucumber JSON for tools that read it. A feature occurs once for each environment, which is one of its tags.

use super::FullReport;
use crate::{
    catalogue,
    results::{EnvironmentRun, ScenarioResult, StepOutcome, StepResult},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn render(report: &FullReport) -> String {
    let features: Vec<Value> = report.runs.iter().flat_map(features).collect();
    format!("{:#}\n", Value::from(features))
}

fn features(run: &EnvironmentRun) -> Vec<Value> {
    let mut by_path: BTreeMap<String, Vec<&ScenarioResult>> = BTreeMap::new();
    for result in &run.scenarios {
        by_path.entry(catalogue::path(&result.feature)).or_default().push(result);
    }
    by_path
        .into_iter()
        .map(|(path, mut results)| {
            results.sort_by_key(|result| result.scenario.position.line);
            let feature = &results[0].feature;
            json!({
                "uri": format!("features/{path}"),
                "id": id(&feature.name),
                "keyword": feature.keyword.trim(),
                "name": feature.name,
                "description": feature.description.as_deref().unwrap_or_default(),
                "line": feature.position.line,
                "tags": tags(feature.tags.iter().cloned().chain([id(&run.environment.to_string())]), feature.position.line),
                "elements": results.iter().map(|result| element(result)).collect::<Vec<_>>(),
            })
        })
        .collect()
}

fn element(result: &ScenarioResult) -> Value {
    let scenario = &result.scenario;
    json!({
        "type": "scenario",
        "id": format!("{};{};{}", id(&result.feature.name), id(&scenario.name), scenario.position.line),
        "keyword": scenario.keyword.trim(),
        "name": scenario.name,
        "description": scenario.description.as_deref().unwrap_or_default(),
        "line": scenario.position.line,
        "tags": tags(scenario.tags.iter().cloned(), scenario.position.line),
        "steps": result.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn step(result: &StepResult) -> Value {
    let StepResult { step, outcome, code, duration } = result;
    let (status, message) = match outcome {
        StepOutcome::Passed => ("passed", None),
        StepOutcome::Failed(reason) => ("failed", Some(reason)),
        StepOutcome::NotReached => ("skipped", None),
    };
    let mut outcome = json!({"status": status, "duration": u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)});
    if let Some(message) = message {
        outcome["error_message"] = message.as_str().into();
    }
    let mut json = json!({
        "keyword": format!("{} ", step.keyword.trim()),
        "name": step.value,
        "line": step.position.line,
        "match": {"location": code.as_deref().unwrap_or_default()},
        "result": outcome,
    });
    if let Some(table) = &step.table {
        json["rows"] = table.rows.iter().map(|row| json!({"cells": row})).collect();
    }
    if let Some(text) = &step.docstring {
        json["doc_string"] = json!({"value": text, "line": step.position.line + 1, "content_type": ""});
    }
    json
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
