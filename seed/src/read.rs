//! Reads payments from JSON of any size, one at a time, and knows where in the file each of them is.
//!
//! Brackets and quotes are counted here, which is enough to find where an element ends; whether it is a payment is for
//! `serde_json` and the model of the client to say. So a faulty element is passed over, and the next one is read.

use payments_client::{JsonObject, models::Payment};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::error::Category;
use std::{
    collections::HashMap,
    fmt,
    io::{self, Read},
};

/// The most bytes that an element may have: four times what the service accepts unless it is told otherwise.
pub(crate) const LONGEST: usize = 4 << 20;

/// How deep an element may nest before its end is no longer looked for. The service takes attributes of 64.
const DEEPEST: usize = 1024;

const CHUNK: usize = 64 << 10;

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

/// Why nothing more can be read.
struct Broken {
    line: u64,
    column: u64,
    reason: String,
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

/// Why an element is not loaded.
enum Refusal {
    Malformed(serde_json::Error),
    NoPayment { id: Option<String>, reason: String },
}

/// The payment that an element is. What the service would not be told is refused here: it is lost otherwise.
fn parse(element: &[u8]) -> Result<Payment, Refusal> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }

    let payment: Payment = serde_json::from_slice(element).map_err(|error| match error.classify() {
        Category::Data => Refusal::NoPayment {
            id: serde_json::from_slice(element).ok().map(|Named { id }| id),
            reason: message(&error),
        },
        Category::Syntax | Category::Eof | Category::Io => Refusal::Malformed(error),
    })?;
    let refuse = |reason: String| Refusal::NoPayment { id: payment.id.clone(), reason };
    if payment.id.is_none() {
        return Err(refuse("it has no id; without one, loading it twice would make two of it".to_owned()));
    }
    let keys: HashMap<String, IgnoredAny> = serde_json::from_slice(element).map_err(Refusal::Malformed)?;
    let sent = JsonObject::new(&payment).map_err(|error| refuse(error.to_string()))?.keys();
    match keys.keys().filter(|key| !sent.contains(key)).min() {
        Some(key) => Err(refuse(format!("{key:?} is not a property of a payment, or is null; remove it"))),
        None => Ok(payment),
    }
}

fn malformed(error: &serde_json::Error) -> String {
    format!("malformed JSON: {}", message(error))
}

/// The message without the place, which counts from the beginning of the element.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.find(" at line ").and_then(|end| text.get(..end)).unwrap_or(&text).to_owned()
}

fn begins_character(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// Bytes of a text, and where in it they are.
#[derive(Debug)]
struct Text<R> {
    input: R,
    chunk: Box<[u8]>,
    start: usize,
    end: usize,
    line: u64,
    column: u64,
    offset: u64,
}

impl<R: Read> Text<R> {
    fn new(input: R) -> Self {
        let chunk = vec![0; CHUNK].into_boxed_slice();
        Self { input, chunk, start: 0, end: 0, line: 1, column: 1, offset: 0 }
    }

    fn broken(&self, reason: &str) -> Broken {
        Broken { line: self.line, column: self.column, reason: reason.to_owned() }
    }

    /// Reads until there are `count` bytes to look at, or the input ends.
    fn look(&mut self, count: usize) -> Result<&[u8], Broken> {
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
    fn peek(&mut self) -> Result<Option<u8>, Broken> {
        if self.start < self.end {
            return Ok(self.chunk.get(self.start).copied());
        }
        Ok(self.look(1)?.first().copied())
    }

    /// Goes on by a byte.
    fn next(&mut self) -> Result<(), Broken> {
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
    fn run(&mut self, kept: &mut Vec<u8>, ends: impl Fn(u8) -> bool) -> Result<bool, Broken> {
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
    fn after_space(&mut self) -> Result<Option<u8>, Broken> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.next()?,
                other => return Ok(other),
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Broken> {
        if self.after_space()? == Some(byte) {
            return self.next();
        }
        Err(self.broken(&format!("malformed list: expected `{}`", char::from(byte))))
    }

    fn skip_byte_order_mark(&mut self) -> Result<(), Broken> {
        if self.look(3)?.starts_with(b"\xEF\xBB\xBF") {
            (self.start, self.offset) = (self.start + 3, self.offset + 3);
        }
        Ok(())
    }

    /// Whether the object at this place begins with one of these keys, quotes included.
    fn first_key_is(&mut self, keys: &[&[u8]]) -> Result<bool, Broken> {
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

#[cfg(test)]
mod tests;
