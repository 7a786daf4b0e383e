//! The scanner checks the grammar of RFC 8259, and records where each value begins and ends.

use super::{Outline, Span};
use crate::string::{end_of_plain, unicode_escape};
use std::mem;

/// Scans a text once, from its beginning to its end. Each method steps over the part that it is named for, and returns
/// `None` if the text is not JSON.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    spans: Vec<Span>,
    /// The index of the innermost open container. Until a container is closed, its `within` is the index of the
    /// container around it: a stack, kept in the spans, that takes no allocation.
    open: u32,
    in_object: bool,
    /// The number of open containers.
    level: usize,
    depth: usize,
    has_escapes: bool,
    has_lone_surrogates: bool,
}

/// What follows a value.
enum Next {
    Key,
    Element,
    /// Nothing: every container is closed.
    End,
}

impl<'a> Scanner<'a> {
    /// Capacity for the spans of a usual document. A document has at most one for every two bytes.
    const USUAL: usize = 64;

    pub(super) fn new(text: &'a str) -> Self {
        let spans = Vec::with_capacity(Self::USUAL.min(text.len() / 2 + 1));
        Self {
            text,
            at: 0,
            spans,
            open: 0,
            in_object: false,
            level: 0,
            depth: 0,
            has_escapes: false,
            has_lone_surrogates: false,
        }
    }

    pub(super) fn read(mut self) -> Option<Outline<'a>> {
        // No position exceeds the length, so no cast below truncates.
        u32::try_from(self.text.len()).ok()?;
        self.space();
        self.value()?;
        self.space();
        let Self { text, at, spans, depth, has_escapes, has_lone_surrogates, .. } = self;
        (at == text.len()).then_some(Outline { text, spans, depth, has_escapes, has_lone_surrogates })
    }

    /// Steps over a value with everything inside it. Each function is called in one place of one loop, so that the
    /// compiler inlines all of them and keeps the position in a register.
    fn value(&mut self) -> Option<()> {
        let mut is_key = false;
        loop {
            let byte = self.peek()?;
            if byte == b'"' {
                self.string()?;
                if is_key {
                    self.colon()?;
                    is_key = false;
                    continue;
                }
            } else if is_key {
                return None;
            } else if let b'{' | b'[' = byte {
                self.enter(byte);
                // In ASCII, `}` and `]` are two above `{` and `[`.
                if self.peek()? != byte + 2 {
                    is_key = byte == b'{';
                    continue;
                }
            } else {
                self.scalar(byte)?;
            }
            match self.leave()? {
                Next::Key => is_key = true,
                Next::Element => {}
                Next::End => return Some(()),
            }
        }
    }

    /// Steps over everything between a value, or the opening of an empty container, and the next value.
    fn leave(&mut self) -> Option<Next> {
        while self.level > 0 {
            self.space();
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b',' => {
                    self.space();
                    return Some(if self.in_object { Next::Key } else { Next::Element });
                }
                b'}' if self.in_object => self.close()?,
                b']' if !self.in_object => self.close()?,
                _ => return None,
            }
        }
        Some(Next::End)
    }

    /// Steps over the opening of an object or array.
    fn enter(&mut self, byte: u8) {
        let index = self.spans.len() as u32;
        // `close` sets the end.
        self.spans.push(Span { start: self.at as u32, end: 0, within: self.open });
        self.open = index;
        self.in_object = byte == b'{';
        self.level += 1;
        self.depth = self.depth.max(self.level);
        self.at += 1;
        self.space();
    }

    /// Closes the innermost container.
    fn close(&mut self) -> Option<()> {
        let within = self.spans.len() as u32 - self.open - 1;
        let container = self.spans.get_mut(self.open as usize)?;
        container.end = self.at as u32;
        self.open = mem::replace(&mut container.within, within);
        self.level -= 1;
        let around = self.spans.get(self.open as usize)?;
        self.in_object = self.text.as_bytes().get(around.start as usize) == Some(&b'{');
        Some(())
    }

    /// Appends a span from `start` to the current position.
    fn note(&mut self, start: usize) {
        self.spans.push(Span { start: start as u32, end: self.at as u32, within: 0 });
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Steps over the colon, and white space around it.
    fn colon(&mut self) -> Option<()> {
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
                    self.note(start);
                    return Some(());
                }
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        self.has_escapes = true;
        let behind = self.text.as_bytes().get(self.at + 1..)?;
        self.at += match behind.first()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
            b'u' => {
                let (character, length) = unicode_escape(behind.get(1..)?)?;
                self.has_lone_surrogates |= character.is_err();
                2 + length
            }
            _ => return None,
        };
        Some(())
    }

    /// Steps over a number, `true`, `false` or `null`.
    fn scalar(&mut self, first: u8) -> Option<()> {
        let start = self.at;
        match first {
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        }
        self.note(start);
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

    /// Steps over at least one digit.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}
