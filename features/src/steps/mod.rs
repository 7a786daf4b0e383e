//! Defines the steps, one module a topic. A step translates business words to HTTP, and asserts nothing beside its words.

mod callers;
mod concurrency;
mod events;
mod lists;
mod outcome;
mod payments;
mod requests;
mod responses;
mod service;
mod templates;
mod vocabulary;

pub(crate) use outcome::{Refusal, Success};
pub(crate) use vocabulary::all;

use cucumber::gherkin::Step;

/// The doc string of a step, without the line breaks next to its quotes.
///
/// # Panics
/// When the step has none.
#[track_caller]
pub(crate) fn doc_string(step: &Step) -> &str {
    let text = step.docstring.as_deref().expect("the step needs a doc string below it");
    let text = text.strip_prefix('\n').unwrap_or(text).trim_end_matches([' ', '\t']);
    text.strip_suffix('\n').unwrap_or(text)
}

/// Splits a list of ids such as `a, b, c`.
pub(crate) fn ids(list: &str) -> Vec<String> {
    list.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect()
}
