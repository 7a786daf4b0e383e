//! A slow and simple reader of JSON (RFC 8259), which copies and recurses as it likes.

use std::{iter::Peekable, str::Chars};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Plain {
    /// A text, unless a half of a surrogate pair stands alone in it.
    Text(Option<String>),
    /// A number, as it is written.
    Number(String),
    List(Vec<Self>),
    /// Names and values, in the order of the text, with those that stand twice.
    Object(Vec<(Option<String>, Self)>),
    /// `true`, `false` or `null`.
    Word,
}

/// The most members of an object that is read.
const MOST: usize = 256;

impl Plain {
    /// Reads a document; nothing if it is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(std::str::from_utf8(bytes).ok()?.chars().peekable());
        let value = reader.value()?;
        reader.space();
        reader.0.next().is_none().then_some(value)
    }

    /// The members of an object in which no name stands twice; nothing if it is anything else.
    pub(super) fn members(&self) -> Option<Members<'_>> {
        let Self::Object(members) = self else { return None };
        let names: Option<Vec<&str>> = members.iter().map(|(name, _)| name.as_deref()).collect();
        let mut names = names.filter(|names| names.len() <= MOST)?;
        names.sort_unstable();
        names.dedup();
        (names.len() == members.len()).then_some(Members(members))
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { text.as_deref() } else { None }
    }

    /// The texts of a list, or the text that stands alone.
    pub(super) fn texts(&self) -> Option<Vec<&str>> {
        if let Self::List(list) = self { list.iter().map(Self::text).collect() } else { Some(vec![self.text()?]) }
    }
}

/// The members of an object, each name once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Members<'a>(&'a [(Option<String>, Plain)]);

impl<'a> Members<'a> {
    pub(super) fn get(self, name: &str) -> Option<&'a Plain> {
        self.0.iter().find(|(known, _)| known.as_deref() == Some(name)).map(|(_, value)| value)
    }

    /// The text of this name, nothing if there is none.
    ///
    /// # Errors
    ///
    /// If the value is no text.
    pub(super) fn text(self, name: &str) -> Result<Option<&'a str>, ()> {
        self.get(name).map(|value| value.text().ok_or(())).transpose()
    }
}

struct Reader<'a>(Peekable<Chars<'a>>);

impl Reader<'_> {
    fn space(&mut self) {
        while self.0.next_if(|next| matches!(next, ' ' | '\t' | '\r' | '\n')).is_some() {}
    }

    fn takes(&mut self, wanted: char) -> bool {
        self.0.next_if_eq(&wanted).is_some()
    }

    fn value(&mut self) -> Option<Plain> {
        self.space();
        match *self.0.peek()? {
            '{' => self.object(),
            '[' => self.list(),
            '"' => self.text().map(Plain::Text),
            't' => self.word("true"),
            'f' => self.word("false"),
            'n' => self.word("null"),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str) -> Option<Plain> {
        word.chars().all(|character| self.takes(character)).then_some(Plain::Word)
    }

    fn digits(&mut self, number: &mut String) -> Option<()> {
        let before = number.len();
        while let Some(digit) = self.0.next_if(char::is_ascii_digit) {
            number.push(digit);
        }
        (number.len() > before).then_some(())
    }

    fn number(&mut self) -> Option<Plain> {
        let mut number = String::new();
        number.extend(self.0.next_if_eq(&'-'));
        match self.0.next_if_eq(&'0') {
            Some(zero) => number.push(zero),
            None => self.digits(&mut number)?,
        }
        if let Some(point) = self.0.next_if_eq(&'.') {
            number.push(point);
            self.digits(&mut number)?;
        }
        if let Some(letter) = self.0.next_if(|next| matches!(next, 'e' | 'E')) {
            number.push(letter);
            number.extend(self.0.next_if(|next| matches!(next, '+' | '-')));
            self.digits(&mut number)?;
        }
        Some(Plain::Number(number))
    }

    /// A text; a half of a surrogate pair makes it unreadable, and the document none the worse.
    fn text(&mut self) -> Option<Option<String>> {
        self.takes('"').then_some(())?;
        let mut units: Vec<u16> = Vec::new();
        loop {
            match self.0.next()? {
                '\0'..='\x1f' => return None,
                '"' => return Some(String::from_utf16(&units).ok()),
                '\\' => units.push(self.escape()?),
                other => units.extend(other.encode_utf16(&mut [0; 2]).iter()),
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        let plain = match self.0.next()? {
            same @ ('"' | '\\' | '/') => same,
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let mut unit = 0;
                for _ in 0..4 {
                    unit = unit * 16 + self.0.next()?.to_digit(16)?;
                }
                return u16::try_from(unit).ok();
            }
            _ => return None,
        };
        u16::try_from(u32::from(plain)).ok()
    }

    fn list(&mut self) -> Option<Plain> {
        self.takes('[').then_some(())?;
        let mut list = Vec::new();
        self.space();
        if self.takes(']') {
            return Some(Plain::List(list));
        }
        loop {
            list.push(self.value()?);
            self.space();
            match self.0.next()? {
                ']' => return Some(Plain::List(list)),
                ',' => {}
                _ => return None,
            }
        }
    }

    fn object(&mut self) -> Option<Plain> {
        self.takes('{').then_some(())?;
        let mut members = Vec::new();
        self.space();
        if self.takes('}') {
            return Some(Plain::Object(members));
        }
        loop {
            self.space();
            let name = self.text()?;
            self.space();
            self.takes(':').then_some(())?;
            members.push((name, self.value()?));
            self.space();
            match self.0.next()? {
                '}' => return Some(Plain::Object(members)),
                ',' => {}
                _ => return None,
            }
        }
    }
}
