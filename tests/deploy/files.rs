//! Reads what is in `deploy/`.

use serde_json::Value;
use std::{fs, path::Path};

/// The text of a file, by its path from the root of the repository.
pub(crate) fn text(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A YAML file.
pub(crate) fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&text(path)).unwrap_or_else(|error| panic!("{path} is no YAML: {error}"))
}

/// The contract.
pub(crate) fn contract() -> Value {
    serde_json::from_str(&text("generated/server/openapi.json")).unwrap()
}

/// The manifests for Kubernetes, each with its path.
pub(crate) fn manifests() -> Vec<(String, Value)> {
    let folder = "deploy/kubernetes";
    let mut names: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.into_iter().map(|name| (format!("{folder}/{name}"), yaml(&format!("{folder}/{name}")))).collect()
}

/// The manifest of one kind.
pub(crate) fn manifest(kind: &str) -> Value {
    let found = manifests().into_iter().find(|(_, manifest)| manifest["kind"] == kind);
    found.unwrap_or_else(|| panic!("deploy/kubernetes has no {kind}")).1
}

/// The services of the Compose file.
pub(crate) fn services() -> Vec<(String, Value)> {
    let compose = yaml("deploy/docker-compose.yml");
    compose["services"].as_object().unwrap().clone().into_iter().collect()
}

/// One service of the Compose file.
pub(crate) fn service(name: &str) -> Value {
    let found = services().into_iter().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("deploy/docker-compose.yml has no service {name}")).1
}

/// The only line of a configuration that begins with these words, without them.
pub(crate) fn line<'a>(text: &'a str, words: &str) -> &'a str {
    let mut found = text.lines().filter_map(|line| line.trim().strip_prefix(words));
    let (Some(line), None) = (found.next(), found.next()) else {
        panic!("there is not exactly one line that begins with {words:?} in:\n{text}")
    };
    line.trim()
}

/// A duration as Compose and HAProxy write it, such as `30s` or `500ms`, in milliseconds.
pub(crate) fn milliseconds(text: &str) -> u64 {
    let (number, unit) = text.split_at(text.find(|byte: char| !byte.is_ascii_digit()).unwrap_or(text.len()));
    let unit = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        _ => panic!("{text:?} is no duration such as 30s"),
    };
    number.parse::<u64>().unwrap() * unit
}

/// A text as Compose sees it while nothing is set: `${NAME:-default}` is the default.
pub(crate) fn interpolated(text: &str) -> String {
    let Some((before, rest)) = text.split_once("${") else { return text.to_owned() };
    let (variable, after) = rest.split_once('}').unwrap();
    let (_, default) = variable.split_once(":-").unwrap_or_else(|| panic!("{variable} has no default in {text}"));
    format!("{before}{default}{}", interpolated(after))
}

#[test]
fn durations_are_read() {
    assert_eq!((milliseconds("30s"), milliseconds("500ms"), milliseconds("2m")), (30_000, 500, 120_000));
}

#[test]
fn variables_are_read() {
    assert_eq!(interpolated("http://${HOST:-here}:${PORT:-80}/"), "http://here:80/");
}
