//! JSON text as a tree, opened only where something leads.

use super::{
    pointer::index,
    scan::{Scanner, code_points, nesting},
};
use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasher, RandomState},
    rc::Rc,
};

/// A value. Children that nobody has asked for are text. A clone shares what is open until one of the two changes.
#[derive(Debug, Clone)]
pub(super) enum Node<'a> {
    /// As it was written.
    Text(&'a str),
    /// An object or array that has been looked into.
    Open(Rc<Open<'a>>),
}

/// An object or array that has been looked into.
#[derive(Debug, Clone)]
pub(super) struct Open<'a> {
    /// What it holds.
    pub(super) children: Children<'a>,
    /// The text of it all, as long as nothing in it has changed.
    source: Option<&'a str>,
    /// How many bytes the text has, or would have.
    pub(super) length: usize,
    /// Whether its text has a key twice; the children have not.
    repeats: bool,
}

/// What an object or array holds.
#[derive(Debug, Clone)]
pub(super) enum Children<'a> {
    /// The members of an object, in their order, each key once.
    Members(Vec<Member<'a>>),
    /// The elements of an array.
    Elements(Vec<Node<'a>>),
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(super) struct Member<'a> {
    /// The key as it was written, with its quotes.
    pub(super) key: &'a str,
    /// The value.
    pub(super) value: Node<'a>,
}

/// What kind of value a JSON text is, with its article.
pub(super) fn kind(text: &str) -> &'static str {
    match Scanner::new(text).peek() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

impl<'a> Node<'a> {
    /// The value of `text`, looked into.
    pub(super) fn opened(text: &'a str) -> Self {
        read(&mut Scanner::new(text), Some(&[])).unwrap_or(Self::Text(text))
    }

    /// What it is inside, or what kind of childless value it is. One pass over the text opens it as far as the way ahead
    /// goes.
    pub(super) fn open(&mut self, ahead: &[Cow<'_, str>]) -> Result<&mut Open<'a>, &'static str> {
        if let Self::Text(text) = *self
            && let Some(open) = read(&mut Scanner::new(text), Some(ahead))
        {
            *self = open;
        }
        match self {
            Self::Open(open) => Ok(Rc::make_mut(open)),
            Self::Text(text) => Err(kind(text)),
        }
    }

    /// The text, if nothing in it has changed.
    pub(super) fn source(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Open(open) => open.source,
        }
    }

    /// How many bytes its text has.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Open(open) => open.length,
        }
    }

    /// How deep objects and arrays nest in it; 0 for a string.
    pub(super) fn nesting(&self) -> usize {
        let open = match self {
            Self::Text(text) => return nesting(text),
            Self::Open(open) => open,
        };
        let deepest = match (open.source, &open.children) {
            (Some(text), _) => return nesting(text),
            (None, Children::Members(members)) => members.iter().map(|member| member.value.nesting()).max(),
            (None, Children::Elements(elements)) => elements.iter().map(Self::nesting).max(),
        };
        1 + deepest.unwrap_or_default()
    }

    /// Its text.
    pub(super) fn into_text(self) -> String {
        let mut out = String::with_capacity(self.length());
        self.write(&mut out);
        debug_assert_eq!(out.len(), self.length(), "the limits would not hold");
        out
    }

    fn write(&self, out: &mut String) {
        let open = match self {
            Self::Text(text) => return out.push_str(text),
            Self::Open(open) => open,
        };
        match (open.source, &open.children) {
            (Some(text), _) => out.push_str(text),
            (None, Children::Members(members)) => {
                out.push('{');
                for (index, member) in members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(member.key);
                    out.push(':');
                    member.value.write(out);
                }
                out.push('}');
            }
            (None, Children::Elements(elements)) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    element.write(out);
                }
                out.push(']');
            }
        }
    }
}

impl<'a> Open<'a> {
    /// An object that is not what any text says.
    pub(super) fn object(members: Vec<Member<'a>>) -> Self {
        let mut open = Self { children: Children::Members(members), source: None, length: 0, repeats: false };
        open.count();
        open
    }

    /// Says that it is to change: it is no longer what its text says. The length is then that of its children as they are.
    pub(super) fn change(&mut self) -> &mut Self {
        if self.source.take().is_some() {
            self.count();
        }
        self
    }

    /// Counts how long it is.
    fn count(&mut self) {
        let (count, total) = match &self.children {
            Children::Members(members) => (members.len(), members.iter().map(Member::length).sum::<usize>()),
            Children::Elements(elements) => (elements.len(), elements.iter().map(Node::length).sum()),
        };
        self.length = total + count.saturating_sub(1) + 2;
    }

    /// Whether its text has a key twice.
    pub(super) fn repeats(&self) -> bool {
        self.repeats
    }
}

impl Member<'_> {
    /// How many bytes it has, without a comma.
    pub(super) fn length(&self) -> usize {
        self.key.len() + 1 + self.value.length()
    }
}

/// Reads a value: as text if there is no way into it, or opened as far as the way goes. It recurses as deep as the way.
fn read<'a>(scanner: &mut Scanner<'a>, way: Option<&[Cow<'_, str>]>) -> Option<Node<'a>> {
    let (Some(way), Some(first @ (b'{' | b'['))) = (way, scanner.peek()) else {
        return scanner.value().map(Node::Text);
    };
    let (token, rest) = way.split_first().unzip();
    let rest = rest.filter(|rest| !rest.is_empty());
    let start = scanner.at();
    scanner.step();
    let (children, repeats) = if first == b'{' {
        let mut members = Vec::new();
        while scanner.next_in_container()? {
            let key = scanner.key()?;
            let inside = rest.filter(|_| token.is_some_and(|token| is_named(key, token)));
            members.push(Member { key, value: read(scanner, inside)? });
        }
        let count = members.len();
        let members = keep_last(members);
        let repeats = members.len() < count;
        (Children::Members(members), repeats)
    } else {
        let mut elements = Vec::new();
        let wanted = token.and_then(|token| index(token));
        while scanner.next_in_container()? {
            let inside = rest.filter(|_| wanted == Some(elements.len()));
            elements.push(read(scanner, inside)?);
        }
        (Children::Elements(elements), false)
    };
    let source = scanner.since(start)?;
    Some(Node::Open(Rc::new(Open { children, source: Some(source), length: source.len(), repeats })))
}

/// Of members with the same key, the last value counts; it stands where the first stood.
fn keep_last<'a>(members: Vec<Member<'a>>) -> Vec<Member<'a>> {
    // Hardly any object has a key twice, and a list of hashes shows that sooner than a map does.
    let hasher = RandomState::new();
    let mut hashes: Vec<u64> = members.iter().map(|member| hasher.hash_one(code_points(member.key))).collect();
    hashes.sort_unstable();
    hashes.dedup();
    if hashes.len() == members.len() {
        return members;
    }
    let mut places = HashMap::with_capacity(members.len());
    let mut kept: Vec<Member<'a>> = Vec::with_capacity(members.len());
    for member in members {
        match places.entry(code_points(member.key)) {
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(member);
            }
            Entry::Occupied(place) => {
                if let Some(first) = kept.get_mut(*place.get()) {
                    first.value = member.value;
                }
            }
        }
    }
    kept
}

/// Whether a key, as it was written, is `name`.
pub(super) fn is_named(key: &str, name: &str) -> bool {
    code_points(key).as_ref() == name.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_and_nesting_are_those_of_the_text() {
        for text in ["{}", "[]", "1", r#"{"a":[]}"#, r#"[1,{"a":[[],2]},"x"]"#] {
            let mut node = Node::Text(text);
            let _ = node.open(&[]).map(Open::change);
            assert_eq!((node.length(), node.nesting()), (text.len(), nesting(text)), "{text}");
            assert_eq!(node.into_text(), text);
        }
    }

    #[test]
    fn the_last_of_a_kind_counts() {
        let text = r#"{"a":1,"b":2,"\u0061":3,"b":4}"#;
        let mut node = Node::Text(text);
        let open = node.open(&[]).unwrap();
        assert!(open.repeats());
        open.change();
        assert_eq!(node.into_text(), r#"{"a":3,"b":4}"#);
        assert_eq!(Node::opened(text).into_text(), text);
    }
}
