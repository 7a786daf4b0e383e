//! The tables of steps: `| path | matcher | value |`, and `| pointer | value |` for what a request changes.

use super::{Expect, Matcher, Subject};
use crate::json;
use cucumber::gherkin::Step;
use serde_json::Value;

/// The rows of a step's table below this heading.
///
/// # Panics
/// When there is no such table.
#[must_use]
#[track_caller]
pub fn rows<'a, const N: usize>(step: &'a Step, heading: [&str; N]) -> Vec<[&'a str; N]> {
    let table = step.table.as_ref().map(|table| table.rows.as_slice()).unwrap_or_default();
    match table.split_first() {
        Some((first, rows)) if *first == heading => rows
            .iter()
            .filter_map(|row| <&[String; N]>::try_from(row.as_slice()).ok())
            .map(|row| row.each_ref().map(String::as_str))
            .collect(),
        found => panic!(
            "the step needs a table headed | {} |, and has {}",
            heading.join(" | "),
            found.map_or_else(|| "none".to_owned(), |(first, _)| format!("| {} |", first.join(" | ")))
        ),
    }
}

/// Changes `document` as a step's table `| pointer | value |` says: `value` is JSON, or `(absent)` to leave it out.
///
/// # Panics
/// When the table says what cannot be done.
#[track_caller]
pub fn edits(step: &Step, document: &mut Value) {
    for [pointer, value] in rows(step, ["pointer", "value"]) {
        let done = match value {
            "(absent)" => json::remove(document, pointer),
            value => json::cell(value).and_then(|value| json::place(document, pointer).map(|place| *place = value)),
        };
        if let Err(error) = done {
            panic!("| {pointer} | {value} |: {error}");
        }
    }
}

/// How the path of a header begins.
const HEADER: &str = "header ";

impl<'a> Expect<'a> {
    /// What a path of a table stands for: a JSONPath into the body, or `header NAME`.
    #[track_caller]
    pub fn part(self, path: &str) -> Subject<'a> {
        match path.strip_prefix(HEADER) {
            Some(name) => self.header(name),
            None => self.at(path),
        }
    }

    /// Every row of a step's table `| path | matcher | value |` holds. A path is a JSONPath into the body, whose value is
    /// JSON; or `header NAME`, whose value is text as it stands.
    ///
    /// # Panics
    /// At the first row that does not hold.
    #[track_caller]
    pub fn table(self, step: &Step) -> Self {
        for [path, words, cell] in rows(step, ["path", "matcher", "value"]) {
            let matcher: Matcher = words.parse().unwrap_or_else(|error: String| panic!("{error}"));
            let value = match (matcher.has_value(), path.starts_with(HEADER)) {
                (false, _) => Value::Null,
                (true, true) => cell.into(),
                (true, false) => json::cell(cell).unwrap_or_else(|error| panic!("| {path} | {words} |: {error}")),
            };
            self.part(path).satisfies(matcher, &value);
        }
        self
    }
}
