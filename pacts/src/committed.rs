//! The pact files that are committed: found, compared with what a consumer says now, and accepted.

use serde_json::{Map, Value};
use similar::TextDiff;
use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
};

/// Set by `make pact-accept`: what the consumers say is written, not compared.
const ACCEPT: &str = "PACT_ACCEPT";

/// How many lines of a difference are shown.
const SHOWN: usize = 40;

/// Where the committed pacts are.
#[must_use]
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A pact file.
#[derive(Debug)]
pub struct PactFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
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

/// Why there are no pacts to speak of.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or the folder cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Nothing was found, and to verify nothing proves nothing.
    #[error("there are no pacts in {0}; the consumers' tests write them: run `make pact-accept`")]
    Empty(PathBuf),
    /// A pact without interactions proves nothing either.
    #[error("{0} has no interactions; the consumers' tests write them: run `make pact-accept`")]
    NoInteractions(PathBuf),
}

/// The pacts in `folder`, by name. There is at least one, and each has interactions.
///
/// # Errors
/// [`Error`].
pub fn read(folder: &Path) -> Result<Vec<PactFile>, Error> {
    let unreadable = |path: &Path, reason: String| Error::Unreadable { path: path.to_owned(), reason };
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error.to_string()))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()
        .map_err(|error| unreadable(folder, error.to_string()))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    if paths.is_empty() {
        return Err(Error::Empty(folder.to_owned()));
    }
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error.to_string()))?;
        let json = serde_json::from_str(&text).map_err(|error| unreadable(&path, error.to_string()))?;
        let file = PactFile { path, json };
        if file.interactions().is_empty() { Err(Error::NoInteractions(file.path)) } else { Ok(file) }
    };
    paths.into_iter().map(read).collect()
}

/// Holds the committed pact of `consumer` to what the consumer says now; or makes it so, if that was asked for.
///
/// # Errors
/// What is different, and what to do about it.
pub fn settle(consumer: &str, said: &Value) -> Result<(), String> {
    let path = folder().join(format!("{consumer}-{}.json", crate::PROVIDER));
    let said = canonical(said);
    if env::var_os(ACCEPT).is_some() {
        return fs::write(&path, said).map_err(|error| format!("{} cannot be written: {error}", path.display()));
    }
    compare(&path, &said)
}

/// Holds a file to what it should say.
///
/// # Errors
/// What is different, and what to do about it.
pub fn compare(path: &Path, said: &str) -> Result<(), String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let cure = "If the consumer is right, run `make pact-accept` and commit what it writes";
    let committed = match fs::read_to_string(path) {
        Ok(committed) => committed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(format!("pacts/{name} is not there, but the consumer has a contract.\n{cure}."));
        }
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
    };
    if committed == said {
        return Ok(());
    }
    let diff = TextDiff::from_lines(committed.as_str(), said);
    let diff = diff.unified_diff().context_radius(2).header("committed", "what the consumer says now").to_string();
    let (shown, more) = match diff.lines().count() {
        lines if lines > SHOWN => (diff.lines().take(SHOWN).collect(), format!("\n… and {} lines more", lines - SHOWN)),
        _ => (diff.lines().collect::<Vec<_>>(), String::new()),
    };
    let news = news(&committed, said);
    Err(format!("pacts/{name} is not what the consumer says now.\n{news}{cure}.\n\n{}{more}", shown.join("\n")))
}

/// Which interactions are new, no longer said, or other than they were; a line each.
fn news(committed: &str, said: &str) -> String {
    let interactions = |text: &str| -> BTreeMap<String, Value> {
        let pact: Value = serde_json::from_str(text).unwrap_or_default();
        let each = pact.get("interactions").and_then(Value::as_array).cloned().unwrap_or_default().into_iter();
        each.map(|each| (each.get("description").map(ToString::to_string).unwrap_or_default(), each)).collect()
    };
    let (before, now) = (interactions(committed), interactions(said));
    let mut lines = String::new();
    for (description, each) in &now {
        match before.get(description) {
            None => lines += &format!("  new: {description}\n"),
            Some(was) if was != each => lines += &format!("  changed: {description}\n"),
            Some(_) => {}
        }
    }
    for description in before.keys().filter(|description| !now.contains_key(*description)) {
        lines += &format!("  no longer said: {description}\n");
    }
    lines
}

/// The one way to write a pact: interactions by description, keys by name, and without the versions of the libraries
/// that wrote it, so that nothing changes unless the contract does.
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
