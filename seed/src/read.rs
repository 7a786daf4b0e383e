//! Reads payments from JSON of any size, one at a time, and knows where in the file each of them is.
//!
//! Brackets and quotes are counted here, which is enough to find where an element ends; whether it is a payment is for
//! `serde_json` and the model of the client to say. So a faulty element is passed over, and the next one is read.

mod payment;
#[cfg(test)]
mod tests;
mod text;

use payment::{Refusal, malformed, parse};
use payments_client::models::Payment;
use serde::de::IgnoredAny;
use serde_json::error::Category;
use std::{fmt, io::Read};
use text::{Broken, CHUNK, Text, begins_character};

/// The most bytes that an element may have: four times what the service accepts unless it is told otherwise.
pub(crate) const LONGEST: usize = 4 << 20;

/// How deep an element may nest before its end is no longer looked for. The service takes attributes of 64.
const DEEPEST: usize = 1024;

const UNENDED: &str = "malformed JSON: the file ends before its list does";

/// Where a payment comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A place in a text, both counted from 1; columns are characters.
    Text {
        /// The line.
        line: u64,
        /// The column.
        column: u64,
    },
    /// The number of a payment that was made up, from 1.
    Number(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { line, column } => write!(f, "line {line}, column {column}"),
            Self::Number(number) => write!(f, "number {number}"),
        }
    }
}

/// The next thing that a source gives.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) place: Place,
    /// How far the source has been read with this, in whatever its total is counted.
    pub(crate) position: u64,
    /// How many bytes of memory it takes, about.
    pub(crate) size: usize,
    pub(crate) found: Found,
}

/// What stands at a place.
#[derive(Debug)]
pub(crate) enum Found {
    /// A payment with an id.
    Payment(Box<Payment>),
    /// Something else, and why it is none. Reading goes on after it.
    Faulty { id: Option<String>, reason: String },
    /// Something after which nothing can be read, and why.
    Broken(String),
}

/// The payments of a JSON text: a list as the contract has it, an array, or one object a line.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    text: Text<R>,
    state: State,
    element: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Start,
    /// Between the lines of NDJSON.
    Lines,
    /// Before an element of the array; `wrapped` in the object that a list is.
    Element {
        wrapped: bool,
        first: bool,
    },
    /// Behind an element of the array.
    Behind {
        wrapped: bool,
    },
    End,
}

impl<R: Read> Reader<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { text: Text::new(input), state: State::Start, element: Vec::new() }
    }

    fn step(&mut self) -> Result<Option<Entry>, Broken> {
        loop {
            match self.state {
                State::Start => self.state = self.begin()?,
                State::Lines => return self.line(),
                State::Element { wrapped, first } => {
                    let next = self.text.after_space()?;
                    self.state = State::Behind { wrapped };
                    match next {
                        Some(b']') if first => {}
                        Some(_) => return self.element().map(Some),
                        None => return Err(self.text.broken(UNENDED)),
                    }
                }
                State::Behind { wrapped } => match self.text.after_space()? {
                    Some(b',') => {
                        self.text.next()?;
                        self.state = State::Element { wrapped, first: false };
                    }
                    Some(b']') => {
                        self.text.next()?;
                        self.finish(wrapped)?;
                        self.state = State::End;
                    }
                    Some(_) => return Err(self.text.broken("malformed JSON: expected `,` or `]`")),
                    None => return Err(self.text.broken(UNENDED)),
                },
                State::End => return Ok(None),
            }
        }
    }

    /// Finds out what shape the text has, and goes to its first payment.
    fn begin(&mut self) -> Result<State, Broken> {
        self.text.skip_byte_order_mark()?;
        match self.text.after_space()? {
            Some(b'[') => {
                self.text.next()?;
                Ok(State::Element { wrapped: false, first: true })
            }
            // What a list begins with, and a payment does not.
            Some(b'{') if self.text.first_key_is(&[br#""data""#, br#""links""#])? => {
                self.text.next()?;
                if self.find_data()? {
                    Ok(State::Element { wrapped: true, first: true })
                } else {
                    Err(self.text.broken("malformed list: it has no data"))
                }
            }
            Some(_) | None => Ok(State::Lines),
        }
    }

    /// Goes to the first element of `data`, past the other members of a list; false if there is no such member.
    fn find_data(&mut self) -> Result<bool, Broken> {
        loop {
            if self.text.after_space()? == Some(b'}') {
                self.text.next()?;
                return Ok(false);
            }
            self.text.after_space()?;
            self.scan()?;
            let data = self.element.trim_ascii_end() == br#""data""#;
            self.text.expect(b':')?;
            if data {
                self.text.expect(b'[')?;
                return Ok(true);
            }
            self.text.after_space()?;
            self.scan()?;
            if self.text.after_space()? == Some(b',') {
                self.text.next()?;
            }
        }
    }

    /// Reads what follows the array.
    fn finish(&mut self, wrapped: bool) -> Result<(), Broken> {
        if wrapped {
            match self.text.after_space()? {
                Some(b',') => {
                    self.text.next()?;
                    if self.find_data()? {
                        return Err(self.text.broken("malformed list: a second data"));
                    }
                }
                Some(b'}') => {
                    self.text.next()?;
                }
                Some(_) | None => return Err(self.text.broken("malformed JSON: expected `,` or `}`")),
            }
        }
        match self.text.after_space()? {
            Some(_) => Err(self.text.broken("malformed JSON: there is something after the list")),
            None => Ok(()),
        }
    }

    /// Reads the line after this place that is not blank.
    fn line(&mut self) -> Result<Option<Entry>, Broken> {
        if self.text.after_space()?.is_none() {
            self.state = State::End;
            return Ok(None);
        }
        let (line, column) = (self.text.line, self.text.column);
        self.element.clear();
        let whole = self.text.run(&mut self.element, |byte| byte == b'\n')?;
        Ok(Some(self.judge(line, column, whole)))
    }

    /// Reads the element at this place.
    fn element(&mut self) -> Result<Entry, Broken> {
        let (line, column) = (self.text.line, self.text.column);
        match self.scan() {
            Ok(whole) => Ok(self.judge(line, column, whole)),
            // The first fault is where the text stops being JSON, and that may be before its brackets stop fitting.
            Err(broken) => Err(match serde_json::from_slice::<IgnoredAny>(&self.element) {
                Err(error) if error.classify() == Category::Syntax => {
                    let (line, column) = self.locate(line, column, &error);
                    Broken { line, column, reason: malformed(&error) }
                }
                Err(_) | Ok(_) => broken,
            }),
        }
    }

    /// Reads up to the end of the value at this place, and keeps as much of it as an element may have; false if it is
    /// longer.
    fn scan(&mut self) -> Result<bool, Broken> {
        self.element.clear();
        let (mut whole, mut quoted, mut escaped) = (true, false, false);
        let mut open = Vec::new();
        loop {
            if quoted && !escaped {
                whole &= self.text.run(&mut self.element, |byte| matches!(byte, b'"' | b'\\' | b'\n'))?;
            }
            let Some(byte) = self.text.peek()? else {
                return if open.is_empty() && !quoted {
                    Ok(whole)
                } else {
                    Err(self.text.broken("malformed JSON: the file ends in the middle of a value"))
                };
            };
            if !quoted && open.is_empty() && matches!(byte, b',' | b']' | b'}' | b':') {
                return Ok(whole);
            }
            whole &= self.keep(byte);
            if quoted {
                match byte {
                    // Whatever follows would be read inside out.
                    b'\n' => return Err(self.text.broken("malformed JSON: a string ends at the end of its line")),
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => quoted = false,
                    _ => {}
                }
            } else {
                match byte {
                    b'"' => quoted = true,
                    b'{' => open.push(b'}'),
                    b'[' => open.push(b']'),
                    b'}' | b']' if open.pop() != Some(byte) => {
                        return Err(self.text.broken("malformed JSON: the brackets do not fit"));
                    }
                    _ => {}
                }
                if open.len() > DEEPEST {
                    return Err(self.text.broken(&format!("nested deeper than {DEEPEST}")));
                }
            }
            self.text.next()?;
        }
    }

    /// Keeps a byte of an element; false if there are too many.
    fn keep(&mut self, byte: u8) -> bool {
        let room = self.element.len() < LONGEST;
        if room {
            self.element.push(byte);
        }
        room
    }

    /// What the element is that was just read.
    fn judge(&mut self, line: u64, column: u64, whole: bool) -> Entry {
        while self.element.last().is_some_and(u8::is_ascii_whitespace) {
            self.element.pop();
        }
        let mut place = Place::Text { line, column };
        let found = match parse(&self.element) {
            _ if self.element.is_empty() => {
                Found::Faulty { id: None, reason: "malformed JSON: a payment is missing here".to_owned() }
            }
            Ok(payment) if whole => Found::Payment(Box::new(payment)),
            Err(Refusal::Malformed(error)) if whole || error.classify() == Category::Syntax => {
                let (line, column) = self.locate(line, column, &error);
                place = Place::Text { line, column };
                Found::Faulty { id: None, reason: malformed(&error) }
            }
            Err(Refusal::NoPayment { id, reason }) if whole => Found::Faulty { id, reason },
            Ok(_) | Err(_) => {
                Found::Faulty { id: None, reason: format!("longer than {} MiB: not loaded", LONGEST >> 20) }
            }
        };
        let size = self.element.len();
        // One that was very long does not keep its memory.
        if size > CHUNK {
            self.element = Vec::new();
        }
        Entry { place, position: self.text.offset, size, found }
    }

    /// Where in the file an error is that `serde_json` found in the element that began there.
    fn locate(&self, line: u64, column: u64, error: &serde_json::Error) -> (u64, u64) {
        let row = error.line().saturating_sub(1);
        let text = self.element.split(|byte| *byte == b'\n').nth(row).unwrap_or_default();
        let before = text.get(..error.column().saturating_sub(1)).unwrap_or(text);
        let characters = before.iter().filter(|byte| begins_character(**byte)).count() as u64;
        (line + row as u64, if row == 0 { column } else { 1 } + characters)
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        match self.step() {
            Ok(entry) => entry,
            Err(Broken { line, column, reason }) => {
                self.state = State::End;
                let place = Place::Text { line, column };
                Some(Entry { place, position: self.text.offset, size: 0, found: Found::Broken(reason) })
            }
        }
    }
}
