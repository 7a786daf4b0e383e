//! JSON text, and where its values begin and end.
//!
//! A document is read once, when it comes: its grammar is checked, for all its levels, and it is noted where its values begin
//! and end. From then on nobody looks for that again, and whatever is not asked for is stepped over. Nothing recurses, so nesting
//! costs nothing.

use serde_json::value::RawValue;
use std::borrow::Cow;

/// A document that was found to be JSON (RFC 8259).
#[derive(Debug)]
pub struct Outline<'a> {
    text: &'a str,
    values: Vec<Value>,
    notes: Notes,
}

/// Where a value of a document stands, or a key. They are kept in the order in which they begin.
#[derive(Debug, Clone, Copy)]
struct Value {
    start: u32,
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
        Json { document: self.text, values: &self.values, notes: self.notes }
    }
}

/// The text of one JSON value, without white space around it.
#[derive(Debug, Clone, Copy)]
pub struct Json<'a> {
    document: &'a str,
    /// Itself, and what is in it.
    values: &'a [Value],
    notes: Notes,
}

impl<'a> Json<'a> {
    /// The text.
    #[must_use]
    pub fn get(self) -> &'a str {
        let text = self.values.first().and_then(|value| self.document.get(value.start as usize..value.end as usize));
        text.unwrap_or_default()
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
        let json = self.get();
        let text = json.strip_prefix('"')?.strip_suffix('"')?;
        let escapes = self.notes.escapes && text.contains('\\');
        if escapes { serde_json::from_str(json).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(text)) }
    }

    /// The members of an object, the keys with their quotes. Nothing else has any.
    pub fn members(self) -> impl Iterator<Item = (Self, Self)> {
        let mut inside = self.inside('{');
        std::iter::from_fn(move || Some((inside.next()?, inside.next()?)))
    }

    /// The elements of an array. Nothing else has any.
    pub fn elements(self) -> impl Iterator<Item = Self> {
        self.inside('[')
    }

    /// What is in it, one level down, if it opens so: keys and values in turn, or elements.
    fn inside(self, opening: char) -> impl Iterator<Item = Self> {
        let inside = if self.get().starts_with(opening) { self.values.get(1..) } else { None };
        let mut rest = inside.unwrap_or_default();
        std::iter::from_fn(move || {
            let (values, behind) = rest.split_at_checked(1 + rest.first()?.within as usize)?;
            rest = behind;
            Some(Self { values, ..self })
        })
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
    values: Vec<Value>,
    /// The containers that have begun and not ended.
    open: Vec<Open>,
    notes: Notes,
}

/// A container that has begun.
struct Open {
    index: u32,
    is_object: bool,
}

impl<'a> Reader<'a> {
    /// How many keys and values a document usually has at most.
    const USUAL: usize = 64;
    /// How deep it usually nests at most.
    const DEEP: usize = 8;

    fn new(text: &'a str) -> Self {
        let (values, open) = (Vec::with_capacity(Self::USUAL), Vec::with_capacity(Self::DEEP));
        Self { text, at: 0, values, open, notes: Notes::default() }
    }

    /// What there is to know of the document; `None` if it is not JSON.
    fn read(mut self) -> Option<Outline<'a>> {
        self.space();
        self.value()?;
        self.space();
        let Self { text, at, values, notes, .. } = self;
        (at == text.len()).then_some(Outline { text, values, notes })
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
                first => {
                    let start = self.at;
                    match first {
                        b't' => self.word(b"true")?,
                        b'f' => self.word(b"false")?,
                        b'n' => self.word(b"null")?,
                        _ => self.number()?,
                    }
                    self.note(start)?;
                }
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
            let within = self.values.len() - index - 1;
            let container = self.values.get_mut(index)?;
            container.end = u32::try_from(self.at).ok()?;
            container.within = u32::try_from(within).ok()?;
            self.open.pop();
        }
    }

    fn enter(&mut self, is_object: bool) -> Option<()> {
        self.open.push(Open { index: u32::try_from(self.values.len()).ok()?, is_object });
        // How far it goes is known when it ends.
        self.note(self.at)?;
        self.notes.depth = self.notes.depth.max(self.open.len());
        self.at += 1;
        self.space();
        Some(())
    }

    /// Notes what has begun at `start` and ends here.
    fn note(&mut self, start: usize) -> Option<()> {
        let (start, end) = (u32::try_from(start).ok()?, u32::try_from(self.at).ok()?);
        self.values.push(Value { start, end, within: 0 });
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
        let (bytes, start) = (self.text.as_bytes(), self.at);
        self.at += 1;
        loop {
            self.at = end_of_plain(bytes, self.at);
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return self.note(start);
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
