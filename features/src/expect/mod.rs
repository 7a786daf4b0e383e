//! Asserts what an answer must be: `expect(&exchange).status(201).at("$.data.version").is(0)`.
//!
//! An assertion that does not hold panics, and prints what was expected, what came instead, and the whole exchange with its
//! bodies.

mod matcher;
mod table;

pub use matcher::Matcher;
pub use table::{apply_edits, table_rows};

use crate::{
    client::{Answer, Exchange, NoAnswer},
    json::Truncated,
};
use jsonpath_rust::JsonPath as _;
use serde_json::Value;
use std::fmt::Display;

/// Begins an assertion about an exchange.
#[must_use]
pub fn expect(exchange: &Exchange) -> Expect<'_> {
    Expect(exchange)
}

/// An assertion about an answer.
#[derive(Debug, Clone, Copy)]
pub struct Expect<'a>(&'a Exchange);

impl<'a> Expect<'a> {
    /// Asserts that there is an answer.
    #[track_caller]
    pub fn answer(self) -> &'a Answer {
        match &self.0.outcome {
            Ok(answer) => answer,
            Err(NoAnswer(reason)) => self.fail("an answer", reason),
        }
    }

    /// Asserts the status.
    #[track_caller]
    pub fn status(self, expected: u16) -> Self {
        let status = self.answer().status;
        if status == expected { self } else { self.fail(&format!("the status {expected}"), status) }
    }

    /// Asserts that the body is empty.
    #[track_caller]
    pub fn empty(self) -> Self {
        let body = self.answer().text();
        if body.is_empty() { self } else { self.fail("an empty body", body) }
    }

    /// Asserts that the body contains this text, byte for byte.
    #[track_caller]
    pub fn containing(self, text: &str) -> Self {
        let body = self.answer().text();
        if body.contains(text) {
            self
        } else {
            self.fail(&format!("a body that contains, byte for byte, {text}"), body)
        }
    }

    /// Asserts that the body does not contain this text. Case does not count.
    #[track_caller]
    pub fn without(self, text: &str) -> Self {
        let body = self.answer().text();
        let found = body.to_lowercase().contains(&text.to_lowercase());
        if found { self.fail(&format!("a body without {text:?}"), body) } else { self }
    }

    /// Selects what a JSONPath finds in the body. A path that may find several values, such as `$.data[*].id`, selects the
    /// list of them.
    #[track_caller]
    pub fn at(self, path: &str) -> AnswerPart<'a> {
        let body = match self.answer().json() {
            Ok(body) => body,
            Err(error) => self.fail(&format!("JSON, to look for {path} in"), error),
        };
        let found = match body.query(path) {
            Ok(found) => found,
            Err(error) => panic!("{path} is not a JSONPath: {error}"),
        };
        let found = if selects_many(path) {
            Some(found.into_iter().cloned().collect())
        } else {
            found.first().map(|found| (*found).clone())
        };
        AnswerPart { answer: self, name: path.to_owned(), found }
    }

    /// Selects a header.
    #[track_caller]
    pub fn header(self, name: &str) -> AnswerPart<'a> {
        let found = self.answer().header(name).map(Value::from);
        AnswerPart { answer: self, name: format!("the header {name}"), found }
    }

    /// Panics with what was expected, what came instead, and the exchange.
    #[track_caller]
    pub fn fail(self, expected: &str, got: impl Display) -> ! {
        panic!("expected  {expected}\ngot       {got}\n\n{}", self.0)
    }
}

/// An assertion about a part of an answer.
#[derive(Debug, Clone)]
pub struct AnswerPart<'a> {
    answer: Expect<'a>,
    name: String,
    found: Option<Value>,
}

impl<'a> AnswerPart<'a> {
    /// Asserts equality.
    #[track_caller]
    pub fn is(self, expected: impl Into<Value>) -> Expect<'a> {
        self.satisfies(Matcher::Is, &expected.into())
    }

    /// Asserts absence.
    #[track_caller]
    pub fn is_absent(self) -> Expect<'a> {
        self.satisfies(Matcher::IsAbsent, &Value::Null)
    }

    /// Asserts a string, and returns it.
    #[track_caller]
    pub fn text(self) -> String {
        match self.found {
            Some(Value::String(text)) => text,
            found => self.answer.fail(&format!("{} to be a string", self.name), show(found.as_ref())),
        }
    }

    /// Asserts an integer that is not negative, and returns it.
    #[track_caller]
    pub fn number(self) -> u64 {
        match self.found.as_ref().and_then(Value::as_u64) {
            Some(number) => number,
            None => self.answer.fail(&format!("{} to be an integer, 0 or more", self.name), show(self.found.as_ref())),
        }
    }

    /// Asserts a list of strings, and returns it.
    #[track_caller]
    pub fn texts(self) -> Vec<String> {
        let texts = match &self.found {
            Some(Value::Array(items)) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        texts.unwrap_or_else(|| {
            self.answer.fail(&format!("{} to be a list of strings", self.name), show(self.found.as_ref()))
        })
    }

    /// Asserts that `matcher` holds.
    #[track_caller]
    pub fn satisfies(self, matcher: Matcher, value: &Value) -> Expect<'a> {
        let expected =
            format!("{} {matcher} {}", self.name, if matcher.has_value() { value.to_string() } else { String::new() });
        match matcher.holds(self.found.as_ref(), value) {
            Ok(true) => self.answer,
            Ok(false) => self.answer.fail(expected.trim_end(), show(self.found.as_ref())),
            Err(error) => panic!("{}: {error}", expected.trim_end()),
        }
    }
}

fn show(found: Option<&Value>) -> String {
    found.map_or_else(|| "nothing".to_owned(), |found| Truncated(found).to_string())
}

fn selects_many(path: &str) -> bool {
    ["*", "..", "[?", ":"].iter().any(|selector| path.contains(selector))
}
