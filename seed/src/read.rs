//! Reads payments from JSON text of any size, one at a time, each with its line and column.
//!
//! The reader itself only counts brackets and quotes, which suffices to find the end of an element. Whether the element
//! is a payment is decided by `serde_json` and the client's model. Hence an invalid element is reported, and the next
//! one is read.

mod encoding;
mod payment;
#[cfg(test)]
mod tests;
mod text;

use crate::entry::{Entry, EntryContent, SourceLocation};
use payment::{Rejection, malformed, parse, unwrap_answer};
use serde::de::IgnoredAny;
use serde_json::error::Category;
use std::io::Read;
use text::{CHUNK_BYTES, ReadError, TextReader, is_character_start};

/// The largest element that is loaded: four times the body size that the service accepts by default.
pub(crate) const MAX_ELEMENT_BYTES: usize = 4 << 20;

/// The deepest nesting in which the end of an element is searched for. The service accepts attributes nested 64 deep.
const MAX_DEPTH: usize = 1024;

const UNCLOSED_LIST: &str = "malformed JSON: the file ends before its list does";

/// Iterates over the payments of a JSON text: lists and single payments as the API answers them, arrays, and payments by
/// themselves, one a line or printed over several. Any number of these may follow each other.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    text: TextReader<R>,
    state: State,
    /// The bytes of the current element, at most [`MAX_ELEMENT_BYTES`] of them.
    element: Vec<u8>,
}

/// Where the reader stands. `wrapped` is true if the array is the `data` of an object.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Start,
    /// Between two values that stand in no array.
    BetweenValues,
    BeforeElement {
        wrapped: bool,
        first: bool,
    },
    AfterElement {
        wrapped: bool,
    },
    End,
}

/// Where a value ends that stands on any number of lines.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Until {
    /// Before the comma, colon or bracket behind it: what else stands before that belongs to the value, and makes it invalid.
    Delimiter,
    /// With the bracket that closes it.
    Closed,
}

impl<R: Read> Reader<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { text: TextReader::new(input), state: State::Start, element: Vec::new() }
    }

    fn step(&mut self) -> Result<Option<Entry>, ReadError> {
        loop {
            match self.state {
                State::Start => self.start()?,
                State::BetweenValues => {
                    let Some(byte) = self.text.peek_after_space()? else {
                        self.state = State::End;
                        continue;
                    };
                    match self.enter_list(byte)? {
                        Some(state) => self.state = state,
                        None => return self.read_value().map(Some),
                    }
                }
                State::BeforeElement { wrapped, first } => {
                    let next = self.text.peek_after_space()?;
                    self.state = State::AfterElement { wrapped };
                    match next {
                        Some(b']') if first => {}
                        Some(_) => return self.read_element(Until::Delimiter).map(Some),
                        None => return Err(self.text.error(UNCLOSED_LIST)),
                    }
                }
                State::AfterElement { wrapped } => match self.text.peek_after_space()? {
                    Some(b',') => {
                        self.text.next()?;
                        self.state = State::BeforeElement { wrapped, first: false };
                    }
                    Some(b']') => {
                        self.text.next()?;
                        self.finish(wrapped)?;
                        self.state = State::BetweenValues;
                    }
                    Some(_) => return Err(self.text.error("malformed JSON: expected `,` or `]`")),
                    None => return Err(self.text.error(UNCLOSED_LIST)),
                },
                State::End => return Ok(None),
            }
        }
    }

    /// Refuses what is no text in UTF-8, and a text with nothing in it.
    fn start(&mut self) -> Result<(), ReadError> {
        self.text.skip_byte_order_mark()?;
        if let Some(reason) = encoding::refuse(self.text.look_ahead(encoding::LONGEST_SIGNATURE)?) {
            return Err(self.text.error(reason));
        }
        if self.text.peek_after_space()?.is_none() {
            return Err(self.text.error("the file is empty"));
        }
        self.state = State::BetweenValues;
        Ok(())
    }

    /// Moves to the first payment of the array, or of the list, that begins here with `byte`; returns `None` if none does.
    fn enter_list(&mut self, byte: u8) -> Result<Option<State>, ReadError> {
        let wrapped = match byte {
            b'[' => false,
            // A list begins with one of these keys; a payment does not.
            b'{' if self.text.first_key_is(&[br#""links""#])? => true,
            b'{' => self.text.first_key_is(&[br#""data""#])? && !self.text.first_value_is_object()?,
            _ => return Ok(None),
        };
        if byte == b'{' && !wrapped {
            return Ok(None);
        }
        self.text.next()?;
        if wrapped && !self.find_data()? {
            return Err(self.text.error("malformed list: it has no `data`"));
        }
        Ok(Some(State::BeforeElement { wrapped, first: true }))
    }

    /// Moves to the first element of `data`, past the other members of a list; returns false if there is no `data`.
    fn find_data(&mut self) -> Result<bool, ReadError> {
        loop {
            if self.text.peek_after_space()? == Some(b'}') {
                self.text.next()?;
                return Ok(false);
            }
            self.text.peek_after_space()?;
            self.scan_value(Until::Delimiter)?;
            let data = self.element.trim_ascii_end() == br#""data""#;
            self.text.expect(b':')?;
            if data {
                self.text.expect(b'[')?;
                return Ok(true);
            }
            self.text.peek_after_space()?;
            self.scan_value(Until::Delimiter)?;
            if self.text.peek_after_space()? == Some(b',') {
                self.text.next()?;
            }
        }
    }

    /// Reads the rest of the list after its array, which must hold no second one.
    fn finish(&mut self, wrapped: bool) -> Result<(), ReadError> {
        if !wrapped {
            return Ok(());
        }
        match self.text.peek_after_space()? {
            Some(b',') => {
                self.text.next()?;
                if self.find_data()? {
                    return Err(self.text.error("malformed list: it has `data` twice"));
                }
                Ok(())
            }
            Some(b'}') => self.text.next(),
            Some(_) | None => Err(self.text.error("malformed JSON: expected `,` or `}`")),
        }
    }

    /// Reads the value at the current position, which stands in no array: a line, or an object that is printed over several.
    fn read_value(&mut self) -> Result<Entry, ReadError> {
        let (line, column) = (self.text.line, self.text.column);
        if self.text.object_goes_on_behind_line()? {
            return self.read_element(Until::Closed);
        }
        self.element.clear();
        let complete = self.text.read_until(&mut self.element, |byte| byte == b'\n')?;
        Ok(self.parse_element(line, column, complete))
    }

    /// Reads the value at the current position, whatever lines it stands on.
    fn read_element(&mut self, until: Until) -> Result<Entry, ReadError> {
        let (line, column) = (self.text.line, self.text.column);
        match self.scan_value(until) {
            Ok(complete) => Ok(self.parse_element(line, column, complete)),
            // A syntax error may precede the bracket that does not match. The first error is the one to report.
            Err(unreadable) => Err(match serde_json::from_slice::<IgnoredAny>(&self.element) {
                Err(error) if error.classify() == Category::Syntax => {
                    let (line, column) = self.locate(line, column, &error);
                    ReadError { line, column, reason: malformed(&error) }
                }
                Err(_) | Ok(_) => unreadable,
            }),
        }
    }

    /// Reads the value at the current position into `element`; returns false if it is longer than an element may be.
    fn scan_value(&mut self, until: Until) -> Result<bool, ReadError> {
        self.element.clear();
        let (mut complete, mut quoted, mut escaped) = (true, false, false);
        let mut closing = Vec::new();
        loop {
            if quoted && !escaped {
                complete &= self.text.read_until(&mut self.element, |byte| matches!(byte, b'"' | b'\\' | b'\n'))?;
            }
            let Some(byte) = self.text.peek()? else {
                return if closing.is_empty() && !quoted {
                    Ok(complete)
                } else {
                    Err(self.text.error("malformed JSON: the file ends in the middle of a value"))
                };
            };
            if !quoted && closing.is_empty() && matches!(byte, b',' | b']' | b'}' | b':') {
                return Ok(complete);
            }
            complete &= self.keep(byte);
            if quoted {
                match byte {
                    // A closing quote was forgotten: from here on strings would be taken for what stands between them.
                    b'\n' => return Err(self.text.error("malformed JSON: a string is not closed on its line")),
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => quoted = false,
                    _ => {}
                }
            } else {
                match byte {
                    b'"' => quoted = true,
                    b'{' => closing.push(b'}'),
                    b'[' => closing.push(b']'),
                    b'}' | b']' if closing.pop() != Some(byte) => {
                        return Err(self.text.error("malformed JSON: the brackets do not match"));
                    }
                    _ => {}
                }
                if closing.len() > MAX_DEPTH {
                    return Err(self.text.error(&format!("nested deeper than {MAX_DEPTH}")));
                }
            }
            self.text.next()?;
            if until == Until::Closed && closing.is_empty() {
                return Ok(complete);
            }
        }
    }

    /// Appends a byte to the element; returns false if the element is full.
    fn keep(&mut self, byte: u8) -> bool {
        let room = self.element.len() < MAX_ELEMENT_BYTES;
        if room {
            self.element.push(byte);
        }
        room
    }

    /// Makes an entry of the bytes in `element`, which began at `line` and `column`.
    fn parse_element(&mut self, line: u64, column: u64, complete: bool) -> Entry {
        while self.element.last().is_some_and(u8::is_ascii_whitespace) {
            self.element.pop();
        }
        let mut location = SourceLocation::Text { line, column };
        unwrap_answer(&mut self.element);
        let content = match parse(&self.element) {
            _ if self.element.is_empty() => {
                EntryContent::Invalid { id: None, reason: "malformed JSON: a payment is missing here".to_owned() }
            }
            Ok(payment) if complete => EntryContent::Payment(Box::new(payment)),
            Err(Rejection::Malformed(error)) if complete || error.classify() == Category::Syntax => {
                let (line, column) = self.locate(line, column, &error);
                location = SourceLocation::Text { line, column };
                EntryContent::Invalid { id: None, reason: malformed(&error) }
            }
            Err(Rejection::NotAPayment { id, reason }) if complete => EntryContent::Invalid { id, reason },
            Ok(_) | Err(_) => EntryContent::Invalid {
                id: None,
                reason: format!("longer than {} MiB: not loaded", MAX_ELEMENT_BYTES >> 20),
            },
        };
        let size = self.element.len();
        // The buffer of a long element is freed, so that one of them does not raise the memory of the whole load.
        if size > CHUNK_BYTES {
            self.element = Vec::new();
        }
        Entry { location, position: self.text.offset, size, content }
    }

    /// Translates the position of a `serde_json` error within the element to a position in the file.
    fn locate(&self, line: u64, column: u64, error: &serde_json::Error) -> (u64, u64) {
        let row = error.line().saturating_sub(1);
        let text = self.element.split(|byte| *byte == b'\n').nth(row).unwrap_or_default();
        let before = text.get(..error.column().saturating_sub(1)).unwrap_or(text);
        let characters = before.iter().filter(|byte| is_character_start(**byte)).count() as u64;
        (line + row as u64, if row == 0 { column } else { 1 } + characters)
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        match self.step() {
            Ok(entry) => entry,
            Err(ReadError { line, column, reason }) => {
                self.state = State::End;
                let location = SourceLocation::Text { line, column };
                let content = EntryContent::Unreadable(reason);
                Some(Entry { location, position: self.text.offset, size: 0, content })
            }
        }
    }
}
