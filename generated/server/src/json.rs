// @generated from api/openapi.yml by `make generate`; do not edit.

//! JSON text that was found to be JSON, and where its values begin and end.
//!
//! The grammar of a document is checked once, for all its levels, when it comes. From then on it is only split: by steps that
//! do not recurse, so nesting costs nothing.

use serde_json::value::RawValue;
use std::borrow::Cow;

/// The text of one JSON value, without white space around it.
#[derive(Debug, Clone, Copy)]
pub struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// When it is not JSON (RFC 8259).
    pub fn parse(document: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice::<&RawValue>(document).map(|json| Self(json.get()))
    }

    /// The text.
    #[must_use]
    pub fn get(self) -> &'a str {
        self.0
    }

    /// A string without its quotes and escapes; `None` if it is none, or not Unicode: an escape is half of a surrogate pair.
    pub(crate) fn string(self) -> Option<Cow<'a, str>> {
        let text = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if text.contains('\\') { serde_json::from_str(self.0).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(text)) }
    }

    /// The members of an object, the keys with their quotes. Nothing else has any.
    pub(crate) fn members(self) -> impl Iterator<Item = (Self, Self)> {
        let mut rest = Rest::inside(self.0, b'{');
        std::iter::from_fn(move || Some((rest.value()?, rest.value()?)))
    }

    /// The elements of an array. Nothing else has any.
    pub(crate) fn elements(self) -> impl Iterator<Item = Self> {
        let mut rest = Rest::inside(self.0, b'[');
        std::iter::from_fn(move || rest.value())
    }
}

/// What has not been split yet.
struct Rest<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    /// Begins behind the brace or bracket; at the end, if there is none.
    fn inside(text: &'a str, opening: u8) -> Self {
        let at = if text.as_bytes().first() == Some(&opening) { 1 } else { text.len() };
        Self { text, at }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next key, value or element; `None` after the last.
    fn value(&mut self) -> Option<Json<'a>> {
        while matches!(self.peek()?, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':') {
            self.at += 1;
        }
        let start = self.at;
        match self.peek()? {
            b'"' => self.skip_string(),
            b'{' | b'[' => self.skip_container(),
            b'}' | b']' => return None,
            _ => self.skip_scalar(),
        }
        self.text.get(start..self.at).map(Json)
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(rest) = self.text.as_bytes().get(self.at..)
            && let Some(found) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))
        {
            self.at += found + 1;
            if rest.get(found) == Some(&b'"') {
                return;
            }
            // What is escaped ends nothing.
            self.at += 1;
        }
    }

    fn skip_container(&mut self) {
        let mut depth = 0_usize;
        while let Some(rest) = self.text.as_bytes().get(self.at..)
            && let Some(found) = rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'))
        {
            self.at += found;
            match rest.get(found) {
                Some(b'"') => {
                    self.skip_string();
                    continue;
                }
                Some(b'{' | b'[') => depth += 1,
                _ => depth -= 1,
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Steps over a number or a word, which is at least one byte.
    fn skip_scalar(&mut self) {
        let ends = |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b'}' | b']');
        while self.peek().is_some_and(|byte| !ends(byte)) {
            self.at += 1;
        }
    }
}
