//! The bytes of a text that is read a piece at a time, and where in it they are.

use super::LONGEST;
use std::io::{self, Read};

/// How many bytes are read at a time.
pub(super) const CHUNK: usize = 64 << 10;

/// Why nothing more can be read.
pub(super) struct Broken {
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) reason: String,
}

/// Whether it is the first byte of a character in UTF-8.
pub(super) fn begins_character(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// Bytes of a text, and where in it they are.
#[derive(Debug)]
pub(super) struct Text<R> {
    input: R,
    chunk: Box<[u8]>,
    start: usize,
    end: usize,
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) offset: u64,
}

impl<R: Read> Text<R> {
    pub(super) fn new(input: R) -> Self {
        let chunk = vec![0; CHUNK].into_boxed_slice();
        Self { input, chunk, start: 0, end: 0, line: 1, column: 1, offset: 0 }
    }

    pub(super) fn broken(&self, reason: &str) -> Broken {
        Broken { line: self.line, column: self.column, reason: reason.to_owned() }
    }

    /// Reads until there are `count` bytes to look at, or the input ends.
    pub(super) fn look(&mut self, count: usize) -> Result<&[u8], Broken> {
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
                Err(error) => return Err(self.broken(&format!("cannot be read: {error}"))),
            }
        }
        Ok(self.chunk.get(self.start..self.end).unwrap_or_default())
    }

    /// The byte at this place; none at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Broken> {
        if self.start < self.end {
            return Ok(self.chunk.get(self.start).copied());
        }
        Ok(self.look(1)?.first().copied())
    }

    /// Goes on by a byte.
    pub(super) fn next(&mut self) -> Result<(), Broken> {
        let Some(byte) = self.peek()? else { return Ok(()) };
        self.start += 1;
        self.offset += 1;
        if byte == b'\n' {
            self.line += 1;
            self.column = 1;
        } else if begins_character(byte) {
            self.column += 1;
        }
        Ok(())
    }

    /// Goes on up to a byte that `ends` it, a line feed among others, and keeps as much as an element may have; false if
    /// there was more.
    pub(super) fn run(&mut self, kept: &mut Vec<u8>, ends: impl Fn(u8) -> bool) -> Result<bool, Broken> {
        let mut whole = true;
        while self.peek()?.is_some() {
            let ahead = self.chunk.get(self.start..self.end).unwrap_or_default();
            let count = ahead.iter().position(|byte| ends(*byte)).unwrap_or(ahead.len());
            let (run, rest) = ahead.split_at(count);
            let room = LONGEST.saturating_sub(kept.len()).min(count);
            kept.extend_from_slice(run.get(..room).unwrap_or_default());
            whole &= room == count;
            self.column += run.iter().filter(|byte| begins_character(**byte)).count() as u64;
            self.start += count;
            self.offset += count as u64;
            if !rest.is_empty() {
                break;
            }
        }
        Ok(whole)
    }

    /// Goes past white space, and looks at what follows.
    pub(super) fn after_space(&mut self) -> Result<Option<u8>, Broken> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.next()?,
                other => return Ok(other),
            }
        }
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Broken> {
        if self.after_space()? == Some(byte) {
            return self.next();
        }
        Err(self.broken(&format!("malformed list: expected `{}`", char::from(byte))))
    }

    pub(super) fn skip_byte_order_mark(&mut self) -> Result<(), Broken> {
        if self.look(3)?.starts_with(b"\xEF\xBB\xBF") {
            (self.start, self.offset) = (self.start + 3, self.offset + 3);
        }
        Ok(())
    }

    /// Whether the object at this place begins with one of these keys, quotes included.
    pub(super) fn first_key_is(&mut self, keys: &[&[u8]]) -> Result<bool, Broken> {
        // No further than it takes: more may be long in coming.
        let mut count = 16;
        loop {
            let seen = self.look(count)?;
            let ahead = seen.get(1..).unwrap_or_default().trim_ascii_start();
            if ahead.len() >= 16 || seen.len() < count || count >= CHUNK {
                return Ok(keys.iter().any(|key| ahead.starts_with(key)));
            }
            count *= 2;
        }
    }
}
