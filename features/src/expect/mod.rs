//! Expectations of an answer, in a sentence: `expect(&exchange).status(201).at("$.data.version").is(0)`.
//!
//! One that is disappointed panics, and says what was expected, what there was, where, and all of the exchange.

mod matcher;
mod table;

pub use matcher::Matcher;
pub use table::{edits, rows};

use crate::{
    client::{Answer, Exchange, Failure},
    json::Short,
};
use jsonpath_rust::JsonPath as _;
use serde_json::Value;
use std::fmt::Display;

/// Begins a sentence about what came of a request.
#[must_use]
pub fn expect(exchange: &Exchange) -> Expect<'_> {
    Expect(exchange)
}

/// An answer that is being asked about.
#[derive(Debug, Clone, Copy)]
pub struct Expect<'a>(&'a Exchange);

impl<'a> Expect<'a> {
    /// There is an answer.
    #[track_caller]
    pub fn answer(self) -> &'a Answer {
        match &self.0.outcome {
            Ok(answer) => answer,
            Err(Failure(reason)) => self.fail("an answer", reason),
        }
    }

    /// The answer has this status.
    #[track_caller]
    pub fn status(self, expected: u16) -> Self {
        let status = self.answer().status;
        if status == expected { self } else { self.fail(&format!("the status {expected}"), status) }
    }

    /// The answer has no body.
    #[track_caller]
    pub fn empty(self) -> Self {
        let body = self.answer().text();
        if body.is_empty() { self } else { self.fail("an empty body", body) }
    }

    /// The body has this text in it.
    #[track_caller]
    pub fn containing(self, text: &str) -> Self {
        let body = self.answer().text();
        if body.contains(text) {
            self
        } else {
            self.fail(&format!("a body that contains, byte for byte, {text}"), body)
        }
    }

    /// The body has no such text in it, in whatever case.
    #[track_caller]
    pub fn without(self, text: &str) -> Self {
        let body = self.answer().text();
        let found = body.to_lowercase().contains(&text.to_lowercase());
        if found { self.fail(&format!("a body without {text:?}"), body) } else { self }
    }

    /// What a JSONPath finds in the body. A path that can find several, such as `$.data[*].id`, stands for their list.
    #[track_caller]
    pub fn at(self, path: &str) -> Subject<'a> {
        let body = match self.answer().json() {
            Ok(body) => body,
            Err(error) => self.fail(&format!("JSON, to look for {path} in"), error),
        };
        let found = match body.query(path) {
            Ok(found) => found,
            Err(error) => panic!("{path} is not a JSONPath: {error}"),
        };
        let found = if finds_several(path) {
            Some(found.into_iter().cloned().collect())
        } else {
            found.first().map(|found| (*found).clone())
        };
        Subject { of: self, place: path.to_owned(), found }
    }

    /// A header.
    #[track_caller]
    pub fn header(self, name: &str) -> Subject<'a> {
        let found = self.answer().header(name).map(Value::from);
        Subject { of: self, place: format!("the header {name}"), found }
    }

    /// Ends in disappointment.
    #[track_caller]
    pub fn fail(self, expected: &str, got: impl Display) -> ! {
        panic!("expected  {expected}\ngot       {got}\n\n{}", self.0)
    }
}

/// A part of an answer that is being asked about.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    of: Expect<'a>,
    place: String,
    found: Option<Value>,
}

impl<'a> Subject<'a> {
    /// It is there, and is this.
    #[track_caller]
    pub fn is(self, expected: impl Into<Value>) -> Expect<'a> {
        self.satisfies(Matcher::Is, &expected.into())
    }

    /// It is not there.
    #[track_caller]
    pub fn is_absent(self) -> Expect<'a> {
        self.satisfies(Matcher::IsAbsent, &Value::Null)
    }

    /// It is a text.
    #[track_caller]
    pub fn text(self) -> String {
        match self.found {
            Some(Value::String(text)) => text,
            found => self.of.fail(&format!("{} to be a text", self.place), show(found.as_ref())),
        }
    }

    /// It is a whole number, zero or more.
    #[track_caller]
    pub fn number(self) -> u64 {
        match self.found.as_ref().and_then(Value::as_u64) {
            Some(number) => number,
            None => self.of.fail(&format!("{} to be a whole number", self.place), show(self.found.as_ref())),
        }
    }

    /// It is a list of texts.
    #[track_caller]
    pub fn texts(self) -> Vec<String> {
        let texts = match &self.found {
            Some(Value::Array(items)) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        texts.unwrap_or_else(|| self.of.fail(&format!("{} to be texts", self.place), show(self.found.as_ref())))
    }

    /// It satisfies `matcher`.
    #[track_caller]
    pub fn satisfies(self, matcher: Matcher, value: &Value) -> Expect<'a> {
        let expected =
            format!("{} {matcher} {}", self.place, if matcher.has_value() { value.to_string() } else { String::new() });
        match matcher.holds(self.found.as_ref(), value) {
            Ok(true) => self.of,
            Ok(false) => self.of.fail(expected.trim_end(), show(self.found.as_ref())),
            Err(error) => panic!("{}: {error}", expected.trim_end()),
        }
    }
}

fn show(found: Option<&Value>) -> String {
    found.map_or_else(|| "nothing there".to_owned(), |found| Short(found).to_string())
}

fn finds_several(path: &str) -> bool {
    ["*", "..", "[?", ":"].iter().any(|several| path.contains(several))
}
