//! Reads the committed pact files, compares them with what the consumer tests generate, and overwrites them on request.

use serde_json::{Map, Value};
use similar::TextDiff;
use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
};

/// Set by `make pact-accept`: generated pacts are written, not compared.
const ACCEPT_VARIABLE: &str = "PACT_ACCEPT";

/// How many lines of a difference are shown.
const MAX_DIFF_LINES: usize = 40;

/// The folder of the committed pacts.
#[must_use]
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A pact file.
#[derive(Debug)]
pub struct PactFile {
    /// Its path.
    pub path: PathBuf,
    /// Its content.
    pub json: Value,
}

impl PactFile {
    /// The descriptions of the interactions, in the order of the file.
    #[must_use]
    pub fn interactions(&self) -> Vec<&str> {
        let interactions = self.json.get("interactions").and_then(Value::as_array);
        interactions
            .into_iter()
            .flatten()
            .map(|each| each.get("description").and_then(Value::as_str).unwrap_or_default())
            .collect()
    }
}

/// Why there are no pacts to verify.
#[derive(Debug, thiserror::Error)]
pub enum PactFileError {
    /// A file or the folder cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The folder has no pacts: a verification of nothing would pass.
    #[error("there are no pacts in {0}; the consumers' tests write them: run `make pact-accept`")]
    Empty(PathBuf),
    /// A pact has no interactions: its verification would pass.
    #[error("{0} has no interactions; the consumers' tests write them: run `make pact-accept`")]
    NoInteractions(PathBuf),
}

/// Reads the pacts in `folder`, in the order of their names: at least one, each with interactions.
///
/// # Errors
/// [`PactFileError`].
pub fn read(folder: &Path) -> Result<Vec<PactFile>, PactFileError> {
    let unreadable = |path: &Path, reason: String| PactFileError::Unreadable { path: path.to_owned(), reason };
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error.to_string()))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()
        .map_err(|error| unreadable(folder, error.to_string()))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    if paths.is_empty() {
        return Err(PactFileError::Empty(folder.to_owned()));
    }
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error.to_string()))?;
        let json = serde_json::from_str(&text).map_err(|error| unreadable(&path, error.to_string()))?;
        let file = PactFile { path, json };
        if file.interactions().is_empty() { Err(PactFileError::NoInteractions(file.path)) } else { Ok(file) }
    };
    paths.into_iter().map(read).collect()
}

/// Compares the committed pact of `consumer` with the `generated` one; overwrites it if `PACT_ACCEPT` is set.
///
/// # Errors
/// The difference, and the command that accepts it.
pub fn compare_or_accept(consumer: &str, generated: &Value) -> Result<(), String> {
    let path = folder().join(format!("{consumer}-{}.json", crate::PROVIDER));
    let generated = canonical(generated);
    if env::var_os(ACCEPT_VARIABLE).is_some() {
        return fs::write(&path, generated).map_err(|error| format!("{} cannot be written: {error}", path.display()));
    }
    compare(&path, &generated)
}

/// Compares a committed pact with the text that was generated.
///
/// # Errors
/// The difference, and the command that accepts it.
pub fn compare(path: &Path, generated: &str) -> Result<(), String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let cure = "If the consumer tests are right, run `make pact-accept` and commit what it writes";
    let committed = match fs::read_to_string(path) {
        Ok(committed) => committed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(format!("pacts/{name} does not exist, but the consumer has tests.\n{cure}."));
        }
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
    };
    if committed == generated {
        return Ok(());
    }
    let diff = TextDiff::from_lines(committed.as_str(), generated);
    let diff = diff.unified_diff().context_radius(2).header("committed", "generated").to_string();
    let (shown, more) = match diff.lines().count() {
        lines if lines > MAX_DIFF_LINES => {
            (diff.lines().take(MAX_DIFF_LINES).collect(), format!("\n… and {} lines more", lines - MAX_DIFF_LINES))
        }
        _ => (diff.lines().collect::<Vec<_>>(), String::new()),
    };
    let changes = changed_interactions(&committed, generated);
    Err(format!(
        "pacts/{name} differs from what the consumer tests generate.\n{changes}{cure}.\n\n{}{more}",
        shown.join("\n")
    ))
}

/// Lists the interactions that were added, changed or removed, one a line.
fn changed_interactions(committed: &str, generated: &str) -> String {
    let interactions = |text: &str| -> BTreeMap<String, Value> {
        let pact: Value = serde_json::from_str(text).unwrap_or_default();
        let each = pact.get("interactions").and_then(Value::as_array).cloned().unwrap_or_default().into_iter();
        each.map(|each| (each.get("description").map(ToString::to_string).unwrap_or_default(), each)).collect()
    };
    let (before, now) = (interactions(committed), interactions(generated));
    let mut lines = String::new();
    for (description, each) in &now {
        match before.get(description) {
            None => lines += &format!("  added: {description}\n"),
            Some(was) if was != each => lines += &format!("  changed: {description}\n"),
            Some(_) => {}
        }
    }
    for description in before.keys().filter(|description| !now.contains_key(*description)) {
        lines += &format!("  removed: {description}\n");
    }
    lines
}

/// Writes a pact in canonical form, so that the text changes only if the contract does: interactions sorted by description,
/// keys by name, and without the versions of the libraries that generated it.
#[must_use]
pub fn canonical(pact: &Value) -> String {
    let mut pact = sorted(pact);
    if let Some(metadata) = pact.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|key, _| key == "pactSpecification");
    }
    if let Some(interactions) = pact.get_mut("interactions").and_then(Value::as_array_mut) {
        interactions.sort_by_key(|each| each.get("description").map(Value::to_string));
    }
    format!("{pact:#}\n")
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            Value::Object(entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
