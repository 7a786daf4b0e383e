//! Reads the tables of steps: `| path | matcher | value |` asserts, `| pointer | value |` changes a request.

use super::{AnswerPart, Expect, Matcher};
use crate::json;
use cucumber::gherkin::Step;
use serde_json::Value;

/// The rows of a step's table, which must have this heading.
///
/// # Panics
/// When the step has no such table.
#[must_use]
#[track_caller]
pub fn table_rows<'a, const N: usize>(step: &'a Step, heading: [&str; N]) -> Vec<[&'a str; N]> {
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

/// Changes `document` by a step's table `| pointer | value |`: `value` is JSON, or `(absent)` to remove the member.
///
/// # Panics
/// When a row is malformed, or removes what is not there.
#[track_caller]
pub fn apply_edits(step: &Step, document: &mut Value) {
    for [pointer, value] in table_rows(step, ["pointer", "value"]) {
        let done = match value {
            "(absent)" => json::remove(document, pointer),
            value => json::parse_cell(value)
                .and_then(|value| json::pointer_or_insert(document, pointer).map(|old| *old = value)),
        };
        if let Err(error) = done {
            panic!("| {pointer} | {value} |: {error}");
        }
    }
}

/// The prefix of a path that names a header.
const HEADER: &str = "header ";

impl<'a> Expect<'a> {
    /// Selects by a path of a table: a JSONPath into the body, or `header NAME`.
    #[track_caller]
    pub fn part(self, path: &str) -> AnswerPart<'a> {
        match path.strip_prefix(HEADER) {
            Some(name) => self.header(name),
            None => self.at(path),
        }
    }

    /// Asserts every row of a step's table `| path | matcher | value |`. A path is a JSONPath into the body, and its value is
    /// JSON; or it is `header NAME`, and its value is plain text.
    ///
    /// # Panics
    /// At the first row that does not hold.
    #[track_caller]
    pub fn table(self, step: &Step) -> Self {
        for [path, words, cell] in table_rows(step, ["path", "matcher", "value"]) {
            let matcher: Matcher = words.parse().unwrap_or_else(|error: String| panic!("{error}"));
            let value = match (matcher.has_value(), path.starts_with(HEADER)) {
                (false, _) => Value::Null,
                (true, true) => cell.into(),
                (true, false) => json::parse_cell(cell).unwrap_or_else(|error| panic!("| {path} | {words} |: {error}")),
            };
            self.part(path).satisfies(matcher, &value);
        }
        self
    }
}
