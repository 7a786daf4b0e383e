//! A slow and simple reader of JSON (RFC 8259), which copies and recurses as it likes.

use crate::Kind;
use std::iter::Peekable;
use std::str::CharIndices;

/// The model recurses, so deeper documents are not for it.
const MAX_DEPTH: usize = 200;

/// The reason why the model has not read a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rejected {
    NotJson,
    /// It may be JSON, and nests deeper than the model goes.
    TooDeep,
}

/// A value, and the text that it was written as.
#[derive(Debug, Clone)]
pub(super) struct Tree<'a> {
    pub(super) text: &'a str,
    pub(super) shape: Shape<'a>,
}

#[derive(Debug, Clone)]
pub(super) enum Shape<'a> {
    Leaf,
    Array(Vec<Tree<'a>>),
    /// Keys and values, in the order of the text, with those that stand twice.
    Object(Vec<(Tree<'a>, Tree<'a>)>),
}

impl Tree<'_> {
    pub(super) fn kind(&self) -> Kind {
        match self.text.chars().next() {
            Some('{') => Kind::Object,
            Some('[') => Kind::Array,
            Some('"') => Kind::String,
            Some('t' | 'f') => Kind::Boolean,
            Some('n') => Kind::Null,
            Some(_) | None => Kind::Number,
        }
    }

    fn children(&self) -> Vec<&Self> {
        match &self.shape {
            Shape::Leaf => Vec::new(),
            Shape::Array(elements) => elements.iter().collect(),
            Shape::Object(members) => members.iter().flat_map(|(key, value)| [key, value]).collect(),
        }
    }

    /// How deep arrays and objects nest.
    pub(super) fn depth(&self) -> usize {
        let deepest = self.children().into_iter().map(Self::depth).max().unwrap_or(0);
        if matches!(self.shape, Shape::Leaf) { 0 } else { deepest + 1 }
    }

    /// How many keys and values there are.
    pub(super) fn size(&self) -> usize {
        self.children().into_iter().map(Self::size).sum::<usize>() + 1
    }
}

/// Reads a document.
pub(super) fn parse(text: &str) -> Result<Tree<'_>, Rejected> {
    let mut parser = Parser { text, rest: text.char_indices().peekable() };
    let tree = parser.value(0)?;
    parser.space();
    parser.rest.next().map_or(Ok(tree), |_| Err(Rejected::NotJson))
}

struct Parser<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
}

impl<'a> Parser<'a> {
    fn at(&mut self) -> usize {
        self.rest.peek().map_or(self.text.len(), |(at, _)| *at)
    }

    fn skip(&mut self, accepted: impl Fn(char) -> bool) -> usize {
        let mut count = 0;
        while self.rest.next_if(|(_, next)| accepted(*next)).is_some() {
            count += 1;
        }
        count
    }

    fn space(&mut self) {
        self.skip(|next| matches!(next, ' ' | '\t' | '\r' | '\n'));
    }

    fn takes(&mut self, wanted: char) -> bool {
        self.rest.next_if(|(_, next)| *next == wanted).is_some()
    }

    fn expect(&mut self, wanted: char) -> Result<(), Rejected> {
        if self.takes(wanted) { Ok(()) } else { Err(Rejected::NotJson) }
    }

    fn value(&mut self, depth: usize) -> Result<Tree<'a>, Rejected> {
        self.space();
        let start = self.at();
        let shape = match self.rest.peek().map(|(_, next)| *next) {
            Some('{' | '[') if depth == MAX_DEPTH => return Err(Rejected::TooDeep),
            Some('[') => self.array(depth)?,
            Some('{') => self.object(depth)?,
            Some('"') => self.string()?,
            Some('t') => self.word("true")?,
            Some('f') => self.word("false")?,
            Some('n') => self.word("null")?,
            Some(_) | None => self.number()?,
        };
        let end = self.at();
        Ok(Tree { text: self.text.get(start..end).unwrap_or_default(), shape })
    }

    fn word(&mut self, word: &str) -> Result<Shape<'a>, Rejected> {
        word.chars().try_for_each(|character| self.expect(character))?;
        Ok(Shape::Leaf)
    }

    fn number(&mut self) -> Result<Shape<'a>, Rejected> {
        let digits = |parser: &mut Self| match parser.skip(|next| next.is_ascii_digit()) {
            0 => Err(Rejected::NotJson),
            _ => Ok(()),
        };
        self.takes('-');
        if !self.takes('0') {
            digits(self)?;
        }
        if self.takes('.') {
            digits(self)?;
        }
        if self.takes('e') || self.takes('E') {
            let _has_sign = self.takes('+') || self.takes('-');
            digits(self)?;
        }
        Ok(Shape::Leaf)
    }

    fn string(&mut self) -> Result<Shape<'a>, Rejected> {
        self.expect('"')?;
        loop {
            match self.rest.next() {
                None | Some((_, '\0'..='\x1f')) => return Err(Rejected::NotJson),
                Some((_, '"')) => return Ok(Shape::Leaf),
                Some((_, '\\')) => match self.rest.next() {
                    Some((_, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't')) => {}
                    Some((_, 'u')) => {
                        for _ in 0..4 {
                            self.rest.next_if(|(_, next)| next.is_ascii_hexdigit()).ok_or(Rejected::NotJson)?;
                        }
                    }
                    Some(_) | None => return Err(Rejected::NotJson),
                },
                Some(_) => {}
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Shape<'a>, Rejected> {
        self.expect('[')?;
        self.space();
        let mut elements = Vec::new();
        if self.takes(']') {
            return Ok(Shape::Array(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            self.space();
            if self.takes(']') {
                return Ok(Shape::Array(elements));
            }
            self.expect(',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Shape<'a>, Rejected> {
        self.expect('{')?;
        self.space();
        let mut members = Vec::new();
        if self.takes('}') {
            return Ok(Shape::Object(members));
        }
        loop {
            self.space();
            if self.rest.peek().is_none_or(|(_, next)| *next != '"') {
                return Err(Rejected::NotJson);
            }
            let key = self.value(depth)?;
            self.space();
            self.expect(':')?;
            members.push((key, self.value(depth + 1)?));
            self.space();
            if self.takes('}') {
                return Ok(Shape::Object(members));
            }
            self.expect(',')?;
        }
    }
}
