// @generated from api/openapi.yml by `make generate`; do not edit.

//! JSON text, and where its values begin and end.
//!
//! A document is read once, when it comes: its grammar is checked, for all its levels, and it is noted where its containers
//! end. From then on it is only split, level by level, and whatever is not looked into is stepped over. Nothing recurses, so
//! nesting costs nothing.

use serde_json::value::RawValue;
use std::borrow::Cow;

/// A document that was found to be JSON (RFC 8259).
#[derive(Debug)]
pub struct Outline<'a> {
    text: &'a str,
    /// Where the value begins.
    start: usize,
    /// Where it ends.
    end: usize,
    containers: Vec<Container>,
    notes: Notes,
}

/// An object or array of a document. They are kept in the order in which they begin.
#[derive(Debug, Clone, Copy)]
struct Container {
    /// Where it ends in the document.
    end: u32,
    /// How many others are in it, at any depth.
    within: u32,
}

/// What is true of a document as a whole.
#[derive(Debug, Clone, Copy, Default)]
struct Notes {
    /// How deep its containers nest.
    depth: usize,
    /// Whether a string in it has an escape.
    escapes: bool,
}

impl<'a> Outline<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// When it is not JSON, or longer than 4 GiB: what is wrong, and where.
    pub fn read(document: &'a [u8]) -> Result<Self, String> {
        let outline = std::str::from_utf8(document).ok().and_then(|text| Reader::new(text).read());
        // Whoever wrote it is told by a parser that knows to say where and why.
        outline.ok_or_else(|| match serde_json::from_slice::<&RawValue>(document) {
            Err(error) => error.to_string(),
            Ok(_) => "it is too long".to_owned(),
        })
    }

    /// Its value.
    #[must_use]
    pub fn json(&self) -> Json<'_> {
        let text = self.text.get(self.start..self.end).unwrap_or_default();
        Json { text, start: self.start, containers: &self.containers, notes: self.notes }
    }
}

/// The text of one JSON value, without white space around it.
#[derive(Debug, Clone, Copy)]
pub struct Json<'a> {
    text: &'a str,
    /// Where it begins in the document.
    start: usize,
    /// Itself, if it is a container, and those in it.
    containers: &'a [Container],
    notes: Notes,
}

impl<'a> Json<'a> {
    /// The text.
    #[must_use]
    pub fn get(self) -> &'a str {
        self.text
    }

    /// How deep objects and arrays nest in the document that the value is from: no less than in the value.
    #[must_use]
    pub fn depth(self) -> usize {
        self.notes.depth
    }

    /// Whether a string of the document that the value is from has an escape.
    #[must_use]
    pub fn may_have_escapes(self) -> bool {
        self.notes.escapes
    }

    /// A string without its quotes and escapes; `None` if it is none, or not Unicode: an escape is half of a surrogate pair.
    pub(crate) fn string(self) -> Option<Cow<'a, str>> {
        let text = self.text.strip_prefix('"')?.strip_suffix('"')?;
        let escapes = self.notes.escapes && text.contains('\\');
        if escapes { serde_json::from_str(self.text).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(text)) }
    }

    /// The members of an object, the keys with their quotes. Nothing else has any.
    pub fn members(self) -> impl Iterator<Item = (Self, Self)> {
        let mut rest = Rest::inside(self, b'{');
        std::iter::from_fn(move || Some((rest.value()?, rest.value()?)))
    }

    /// The elements of an array. Nothing else has any.
    pub fn elements(self) -> impl Iterator<Item = Self> {
        let mut rest = Rest::inside(self, b'[');
        std::iter::from_fn(move || rest.value())
    }
}

/// What has not been split yet.
struct Rest<'a> {
    json: Json<'a>,
    at: usize,
    /// The containers that have not been met yet.
    containers: &'a [Container],
}

impl<'a> Rest<'a> {
    /// Begins behind the brace or bracket; at the end, if there is none.
    fn inside(json: Json<'a>, opening: u8) -> Self {
        let at = if json.text.as_bytes().first() == Some(&opening) { 1 } else { json.text.len() };
        Self { json, at, containers: json.containers.get(1..).unwrap_or_default() }
    }

    fn peek(&self) -> Option<u8> {
        self.json.text.as_bytes().get(self.at).copied()
    }

    /// The next key, value or element; `None` after the last.
    fn value(&mut self) -> Option<Json<'a>> {
        while matches!(self.peek()?, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':') {
            self.at += 1;
        }
        let start = self.at;
        let mut containers: &[Container] = &[];
        match self.peek()? {
            b'"' => self.skip_string(),
            b'{' | b'[' => {
                let container = self.containers.first()?;
                (containers, self.containers) = self.containers.split_at_checked(1 + container.within as usize)?;
                self.at = (container.end as usize).checked_sub(self.json.start)?;
            }
            b'}' | b']' => return None,
            _ => self.skip_scalar(),
        }
        let text = self.json.text.get(start..self.at)?;
        Some(Json { text, start: self.json.start + start, containers, notes: self.json.notes })
    }

    fn skip_string(&mut self) {
        let bytes = self.json.text.as_bytes();
        self.at += 1;
        loop {
            self.at = end_of_plain(bytes, self.at);
            match self.peek() {
                // What is escaped ends nothing.
                Some(b'\\') => self.at += 2,
                Some(_) => break self.at += 1,
                None => break,
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

/// Whether the text can stand between the quotes of a string as it is.
pub(crate) fn is_plain(text: &str) -> bool {
    end_of_plain(text.as_bytes(), 0) == text.len()
}

/// Where the text of a string that is plain from `at` on ends to be so: at a quote, a backslash, or a control character.
fn end_of_plain(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // Eight at a time. The lowest marked byte is marked rightly; a borrow may have marked those above it.
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let marked = |byte: u8| {
            let zeros = word ^ (ONES * u64::from(byte));
            zeros.wrapping_sub(ONES) & !zeros
        };
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (marked(b'"') | marked(b'\\') | control) & HIGH;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)) {
        at += 1;
    }
    at
}

/// Reads a document from its beginning to its end.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    containers: Vec<Container>,
    /// Those that have begun and not ended.
    open: Vec<Open>,
    notes: Notes,
}

/// A container that has begun.
struct Open {
    index: u32,
    is_object: bool,
}

impl<'a> Reader<'a> {
    /// How many containers a document usually has at most.
    const USUAL: usize = 16;

    fn new(text: &'a str) -> Self {
        let (containers, open) = (Vec::with_capacity(Self::USUAL), Vec::with_capacity(Self::USUAL));
        Self { text, at: 0, containers, open, notes: Notes::default() }
    }

    /// What there is to know of the document; `None` if it is not JSON.
    fn read(mut self) -> Option<Outline<'a>> {
        self.space();
        let start = self.at;
        self.value()?;
        let end = self.at;
        self.space();
        let Self { text, at, containers, notes, .. } = self;
        (at == text.len()).then_some(Outline { text, start, end, containers, notes })
    }

    /// Reads a value with all that is in it.
    fn value(&mut self) -> Option<()> {
        loop {
            match self.peek()? {
                b'"' => self.string()?,
                b'{' => {
                    self.enter(true)?;
                    if self.peek()? != b'}' {
                        self.key()?;
                        continue;
                    }
                }
                b'[' => {
                    self.enter(false)?;
                    if self.peek()? != b']' {
                        continue;
                    }
                }
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => self.number()?,
            }
            if self.leave()? {
                return Some(());
            }
        }
    }

    /// Goes on behind a value, or behind the opening of an empty container, to where the next value begins. Says whether there is
    /// none, because all that has begun has ended.
    fn leave(&mut self) -> Option<bool> {
        loop {
            let Some(Open { index, is_object }) = self.open.last() else { return Some(true) };
            let (index, is_object) = (*index as usize, *is_object);
            self.space();
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b',' => {
                    self.space();
                    if is_object {
                        self.key()?;
                    }
                    return Some(false);
                }
                b'}' if is_object => {}
                b']' if !is_object => {}
                _ => return None,
            }
            let within = self.containers.len() - index - 1;
            *self.containers.get_mut(index)? =
                Container { end: u32::try_from(self.at).ok()?, within: u32::try_from(within).ok()? };
            self.open.pop();
        }
    }

    fn enter(&mut self, is_object: bool) -> Option<()> {
        self.open.push(Open { index: u32::try_from(self.containers.len()).ok()?, is_object });
        self.containers.push(Container { end: 0, within: 0 });
        self.notes.depth = self.notes.depth.max(self.open.len());
        self.at += 1;
        self.space();
        Some(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// A key, and what stands between it and its value.
    fn key(&mut self) -> Option<()> {
        (self.peek()? == b'"').then_some(())?;
        self.string()?;
        self.space();
        (self.peek()? == b':').then_some(())?;
        self.at += 1;
        self.space();
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        loop {
            self.at = end_of_plain(bytes, self.at);
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        self.notes.escapes = true;
        let behind = self.text.as_bytes().get(self.at + 1..)?;
        let length = match behind.first()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 1,
            b'u' if behind.get(1..5)?.iter().all(u8::is_ascii_hexdigit) => 5,
            _ => return None,
        };
        self.at += 1 + length;
        Some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let found = self.text.as_bytes().get(self.at..)?.starts_with(word);
        self.at += word.len();
        found.then_some(())
    }

    fn number(&mut self) -> Option<()> {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    /// At least one.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}
