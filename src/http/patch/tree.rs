//! JSON text as a tree, opened only where something leads.

use super::{
    pointer::index,
    scan::{Scanner, code_points, nesting},
};
use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
};

/// A value. Children that nobody has asked for are text, and so are copies of what has not changed.
#[derive(Debug)]
pub(super) enum Node<'a> {
    /// As it was written.
    Text(&'a str),
    /// An object or array that has been looked into.
    Open(Box<Open<'a>>),
}

/// An object or array that has been looked into.
#[derive(Debug)]
pub(super) struct Open<'a> {
    /// The text of it all, as long as nothing in it has changed.
    pub(super) source: Option<&'a str>,
    /// What it holds.
    pub(super) children: Children<'a>,
    /// Whether its text has a key twice; the children have not.
    pub(super) repeats: bool,
}

/// What an object or array holds.
#[derive(Debug)]
pub(super) enum Children<'a> {
    /// The members of an object, in their order, each key once.
    Members(Vec<Member<'a>>),
    /// The elements of an array.
    Elements(Vec<Node<'a>>),
}

/// A member of an object.
#[derive(Debug)]
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

    /// What it holds, or what kind of childless value it is. One pass over the text opens it as far as the way ahead goes.
    /// If what it holds is to `change`, its text is forgotten.
    pub(super) fn look_into(
        &mut self,
        ahead: &[Cow<'_, str>],
        change: bool,
    ) -> Result<&mut Children<'a>, &'static str> {
        if let Self::Text(text) = *self
            && let Some(open) = read(&mut Scanner::new(text), Some(ahead))
        {
            *self = open;
        }
        match self {
            Self::Open(open) => {
                open.source = open.source.filter(|_| !change);
                Ok(&mut open.children)
            }
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

    /// A copy.
    pub(super) fn copy(&self) -> Self {
        let open = match self {
            Self::Text(text) => return Self::Text(text),
            Self::Open(open) => open,
        };
        if let Some(text) = open.source {
            return Self::Text(text);
        }
        let children = match &open.children {
            Children::Members(members) => {
                let copy = |member: &Member<'a>| Member { key: member.key, value: member.value.copy() };
                Children::Members(members.iter().map(copy).collect())
            }
            Children::Elements(elements) => Children::Elements(elements.iter().map(Self::copy).collect()),
        };
        Self::Open(Box::new(Open { source: None, children, repeats: false }))
    }

    /// How many bytes its text has.
    pub(super) fn length(&self) -> usize {
        let open = match self {
            Self::Text(text) => return text.len(),
            Self::Open(open) => open,
        };
        let (count, total) = match (open.source, &open.children) {
            (Some(text), _) => return text.len(),
            (None, Children::Members(members)) => (
                members.len(),
                members.iter().map(|member| member.key.len() + 1 + member.value.length()).sum::<usize>(),
            ),
            (None, Children::Elements(elements)) => (elements.len(), elements.iter().map(Self::length).sum()),
        };
        total + count.saturating_sub(1) + 2
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
    Some(Node::Open(Box::new(Open { source: Some(scanner.since(start)?), children, repeats })))
}

/// Of members with the same key, the last value counts; it stands where the first stood.
fn keep_last<'a>(members: Vec<Member<'a>>) -> Vec<Member<'a>> {
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
            let mut node = Node::opened(text);
            if let Node::Open(open) = &mut node {
                open.source = None;
            }
            assert_eq!((node.length(), node.nesting()), (text.len(), nesting(text)), "{text}");
            assert_eq!(node.into_text(), text);
        }
    }
}
