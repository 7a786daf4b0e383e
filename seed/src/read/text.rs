//! Reads a text chunk by chunk, and counts lines, columns and bytes.

use super::MAX_ELEMENT_BYTES;
use std::io::{self, Read};

/// How many bytes are read at a time.
pub(super) const CHUNK_BYTES: usize = 64 << 10;

/// Why nothing more can be read, and where.
pub(super) struct ReadError {
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) reason: String,
}

/// Whether `byte` is the first of a character in UTF-8.
pub(super) fn is_character_start(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// Buffers a text, and knows the current position in it.
#[derive(Debug)]
pub(super) struct TextReader<R> {
    input: R,
    chunk: Box<[u8]>,
    start: usize,
    end: usize,
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) offset: u64,
}

impl<R: Read> TextReader<R> {
    pub(super) fn new(input: R) -> Self {
        let chunk = vec![0; CHUNK_BYTES].into_boxed_slice();
        Self { input, chunk, start: 0, end: 0, line: 1, column: 1, offset: 0 }
    }

    /// An error at the current position.
    pub(super) fn error(&self, reason: &str) -> ReadError {
        ReadError { line: self.line, column: self.column, reason: reason.to_owned() }
    }

    /// Buffers at least `count` bytes, unless the input ends before, and returns everything buffered.
    pub(super) fn look_ahead(&mut self, count: usize) -> Result<&[u8], ReadError> {
        if self.end - self.start < count {
            self.chunk.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        while self.end < count {
            let room = self.chunk.get_mut(self.end..).unwrap_or_default();
            match self.input.read(room) {
                Ok(0) => break,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(&format!("cannot be read: {error}"))),
            }
        }
        Ok(self.chunk.get(self.start..self.end).unwrap_or_default())
    }

    /// The byte at the current position; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        if self.start < self.end {
            return Ok(self.chunk.get(self.start).copied());
        }
        Ok(self.look_ahead(1)?.first().copied())
    }

    /// Moves on by one byte.
    pub(super) fn next(&mut self) -> Result<(), ReadError> {
        let Some(byte) = self.peek()? else { return Ok(()) };
        self.start += 1;
        self.offset += 1;
        if byte == b'\n' {
            self.line += 1;
            self.column = 1;
        } else if is_character_start(byte) {
            self.column += 1;
        }
        Ok(())
    }

    /// Moves to the next byte for which `ends` holds, and appends what lies before it to `kept`, up to
    /// [`MAX_ELEMENT_BYTES`]; returns false if that cut something off. `ends` must hold for a line feed.
    pub(super) fn read_until(&mut self, kept: &mut Vec<u8>, ends: impl Fn(u8) -> bool) -> Result<bool, ReadError> {
        let mut complete = true;
        while self.peek()?.is_some() {
            let ahead = self.chunk.get(self.start..self.end).unwrap_or_default();
            let count = ahead.iter().position(|byte| ends(*byte)).unwrap_or(ahead.len());
            let (run, rest) = ahead.split_at(count);
            let room = MAX_ELEMENT_BYTES.saturating_sub(kept.len()).min(count);
            kept.extend_from_slice(run.get(..room).unwrap_or_default());
            complete &= room == count;
            self.column += run.iter().filter(|byte| is_character_start(**byte)).count() as u64;
            self.start += count;
            self.offset += count as u64;
            if !rest.is_empty() {
                break;
            }
        }
        Ok(complete)
    }

    /// Moves past white space, and returns the byte after it.
    pub(super) fn peek_after_space(&mut self) -> Result<Option<u8>, ReadError> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.next()?,
                other => return Ok(other),
            }
        }
    }

    /// Moves past white space and `byte`; anything else is an error.
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), ReadError> {
        if self.peek_after_space()? == Some(byte) {
            return self.next();
        }
        Err(self.error(&format!("malformed list: expected `{}`", char::from(byte))))
    }

    pub(super) fn skip_byte_order_mark(&mut self) -> Result<(), ReadError> {
        if self.look_ahead(3)?.starts_with(b"\xEF\xBB\xBF") {
            (self.start, self.offset) = (self.start + 3, self.offset + 3);
        }
        Ok(())
    }

    /// Whether the object at the current position begins with one of `keys`, which include their quotes.
    pub(super) fn first_key_is(&mut self, keys: &[&[u8]]) -> Result<bool, ReadError> {
        self.decide_ahead(|seen| {
            let ahead = seen.get(1..).unwrap_or_default().trim_ascii_start();
            (ahead.len() >= 16).then(|| keys.iter().any(|key| ahead.starts_with(key)))
        })
    }

    /// Whether the value of the first key of the object at the current position is an object.
    pub(super) fn first_value_is_object(&mut self) -> Result<bool, ReadError> {
        self.decide_ahead(|seen| {
            let colon = seen.iter().position(|byte| *byte == b':')?;
            seen.get(colon + 1..)?.trim_ascii_start().first().map(|byte| *byte == b'{')
        })
    }

    /// Whether an object begins at the current position whose first line ends with an opening bracket, as printers for
    /// people write it. A broken line of NDJSON may end so too, but then the next line begins another object.
    pub(super) fn object_goes_on_behind_line(&mut self) -> Result<bool, ReadError> {
        if self.peek()? != Some(b'{') {
            return Ok(false);
        }
        self.decide_ahead(|seen| {
            let end = seen.iter().position(|byte| *byte == b'\n')?;
            let (line, behind) = seen.split_at(end);
            match line.trim_ascii_end().last() {
                Some(b'{') => behind.trim_ascii_start().first().map(|byte| matches!(byte, b'"' | b'}')),
                Some(b'[') => Some(true),
                Some(_) | None => Some(false),
            }
        })
    }

    /// Shows `decide` more and more of what follows, until it returns something; `false` at the end of the text, or of what
    /// the buffer holds.
    fn decide_ahead(&mut self, decide: impl Fn(&[u8]) -> Option<bool>) -> Result<bool, ReadError> {
        // Looks no further ahead than it must: on a pipe the next bytes may be long in coming.
        let mut count = 16;
        loop {
            let seen = self.look_ahead(count)?;
            match decide(seen) {
                Some(decision) => return Ok(decision),
                // The end of the text ends its last line, too.
                None if seen.len() < count => return Ok(decide(&[seen, &[b'\n'; 16]].concat()).unwrap_or(false)),
                None if count >= CHUNK_BYTES => return Ok(false),
                None => count *= 2,
            }
        }
    }
}
