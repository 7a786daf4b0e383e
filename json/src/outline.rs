//! The outline of a JSON text: the positions of its values.
//!
//! A server has to refuse texts that are not JSON, look at a few members, and keep the rest as it was written. A tree
//! of values would take an allocation for each value, and lose its spelling. An outline is one vector with a span of
//! twelve bytes for each key and value, in the order of the text, filled in one pass that also checks the grammar. A
//! span counts the spans inside it, so a value is stepped over in constant time and no text is scanned twice. Nothing
//! recurses: nesting costs no stack.

mod scanner;
#[cfg(test)]
mod tests;
mod walk;

pub use walk::Walk;

use crate::string;
use scanner::Scanner;
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// A text is not JSON; the message names the reason, the line and the column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError(String);

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SyntaxError {}

/// A text that is JSON (RFC 8259), with the positions of all its values.
///
/// RFC 8259 allows half of a surrogate pair as an escape, and so does this type; [`Json::string`] does not.
#[derive(Debug)]
pub struct Outline<'a> {
    text: &'a str,
    spans: Vec<Span>,
    depth: usize,
    has_escapes: bool,
    has_lone_surrogates: bool,
}

/// The position of a key or a value.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
    /// The number of spans inside, at any depth.
    within: u32,
}

impl<'a> Outline<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// When it is not JSON, or longer than 4 GiB.
    pub fn read(document: &'a [u8]) -> Result<Self, SyntaxError> {
        let outline = std::str::from_utf8(document).ok().and_then(|text| Scanner::new(text).read());
        // serde_json refuses the same texts as the scanner, and has messages with a position.
        outline.ok_or_else(|| match serde_json::from_slice::<&RawValue>(document) {
            Err(error) => SyntaxError(error.to_string()),
            Ok(_) => SyntaxError("it is too long".to_owned()),
        })
    }

    /// The value of the document.
    #[must_use]
    pub fn json(&self) -> Json<'_> {
        Json { outline: self, index: 0 }
    }

    /// The depth to which objects and arrays nest: 0 for a string, 1 for `[]`.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Returns whether any string of the document has an escape.
    #[must_use]
    pub fn has_escapes(&self) -> bool {
        self.has_escapes
    }

    /// Returns whether a string of the document is not Unicode, because an escape is half of a surrogate pair.
    #[must_use]
    pub fn has_lone_surrogates(&self) -> bool {
        self.has_lone_surrogates
    }
}

/// A reference to a value or a key of an outlined document.
#[derive(Clone, Copy)]
pub struct Json<'a> {
    outline: &'a Outline<'a>,
    index: usize,
}

impl<'a> Json<'a> {
    /// The text, without white space around it.
    #[must_use]
    pub fn get(self) -> &'a str {
        let text = self.span().and_then(|span| self.outline.text.get(span.start as usize..span.end as usize));
        text.unwrap_or_default()
    }

    /// The outline of the document that the value is part of.
    #[must_use]
    pub fn outline(self) -> &'a Outline<'a> {
        self.outline
    }

    /// The type of the value.
    #[must_use]
    pub fn kind(self) -> Kind {
        let first = self.span().and_then(|span| self.outline.text.as_bytes().get(span.start as usize));
        match first {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    /// The text that a string means, without quotes and escapes. `None` for any other value, and for a string that is
    /// not Unicode, because an escape is half of a surrogate pair.
    #[must_use]
    pub fn string(self) -> Option<Cow<'a, str>> {
        let spelling = string::unquoted(self.get())?;
        if !self.outline.has_escapes {
            return Some(Cow::Borrowed(spelling));
        }
        match string::code_points(spelling) {
            Cow::Borrowed(_) => Some(Cow::Borrowed(spelling)),
            Cow::Owned(points) => String::from_utf8(points).ok().map(Cow::Owned),
        }
    }

    /// The members of an object, each with its key, which is a string. Other values have none.
    pub fn members(self) -> impl Iterator<Item = (Self, Self)> {
        let mut inside = self.inside(b'{');
        std::iter::from_fn(move || Some((inside.next()?, inside.next()?)))
    }

    /// The elements of an array. Other values have none.
    pub fn elements(self) -> impl Iterator<Item = Self> {
        self.inside(b'[')
    }

    /// The value and all keys and values inside it, at any depth, in the order of the text.
    #[must_use]
    pub fn walk(self) -> Walk<'a> {
        Walk::new(self)
    }

    /// Returns whether objects and arrays nest at most so deep in the value. Takes constant time if they do in the
    /// document.
    #[must_use]
    pub fn nests_within(self, levels: usize) -> bool {
        self.outline.depth <= levels
            || self.walk().all(|(depth, json)| depth < levels || !matches!(json.kind(), Kind::Object | Kind::Array))
    }

    /// The number of values and keys in the value, itself included.
    #[must_use]
    pub fn size(self) -> usize {
        self.span().map_or(1, |span| span.within as usize + 1)
    }

    fn span(self) -> Option<&'a Span> {
        self.outline.spans.get(self.index)
    }

    /// The keys and values one level down; none if the value does not begin with `opening`.
    fn inside(self, opening: u8) -> impl Iterator<Item = Self> {
        let first = self.index + 1;
        let end = match self.span() {
            Some(span) if self.outline.text.as_bytes().get(span.start as usize) == Some(&opening) => {
                first + span.within as usize
            }
            Some(_) | None => first,
        };
        // A slice, so that the bounds are checked here once.
        let mut rest = self.outline.spans.get(first..end).unwrap_or_default();
        std::iter::from_fn(move || {
            let index = end - rest.len();
            rest = rest.get(1 + rest.first()?.within as usize..)?;
            Some(Self { index, ..self })
        })
    }
}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Json").field(&self.get()).finish()
    }
}

/// The type of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// A number of any size.
    Number,
    /// `true` or `false`
    Boolean,
    /// `null`
    Null,
}

impl fmt::Display for Kind {
    /// The type with its article: "an object".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Null => "null",
        })
    }
}
