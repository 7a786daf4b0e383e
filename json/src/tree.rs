//! A document under change: a tree that is opened lazily.
//!
//! A node begins closed, as a reference into an outline. It is opened, one level at a time, when a path leads into it,
//! so a small patch of a large document builds no tree of it. Closed nodes are written back byte for byte; a container
//! that changes loses the white space between its members, which keep their spelling. Each node knows its length, so
//! limits are checked without writing. Clones share open containers until one of them changes (copy on write).

mod container;
mod equality;
mod navigation;
mod work;

pub(crate) use {
    container::{Children, Container, Member, members},
    equality::equal,
    navigation::Stop,
};

pub use navigation::Obstacle;

use crate::{Json, Kind};
use std::rc::Rc;

/// A value.
#[derive(Debug, Clone)]
pub(crate) enum Node<'a> {
    /// A value that was not looked into, or has no children.
    Closed(Json<'a>),
    /// An object or array with its children.
    Open(Rc<Container<'a>>),
}

impl<'a> Node<'a> {
    /// Opens an object or array. Other values hold nothing; the error is their kind.
    pub(crate) fn open(&mut self) -> Result<&mut Container<'a>, Kind> {
        if let Self::Closed(json) = *self {
            *self = Self::Open(Rc::new(Container::read(json)?));
        }
        match self {
            Self::Open(container) => Ok(Rc::make_mut(container)),
            Self::Closed(json) => Err(json.kind()),
        }
    }

    /// The text, if nothing in it has changed.
    pub(crate) fn source(&self) -> Option<Json<'a>> {
        match self {
            Self::Closed(json) => Some(*json),
            Self::Open(container) => container.source,
        }
    }

    /// The length of the text in bytes.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Closed(json) => json.get().len(),
            Self::Open(container) => container.length,
        }
    }

    /// Returns whether objects and arrays nest at most so deep. Recurses through changed containers, which nest no
    /// deeper than [`Depth::MAX`](crate::Depth).
    pub(crate) fn nests_within(&self, levels: usize) -> bool {
        if let Some(json) = self.source() {
            return json.nests_within(levels);
        }
        let Self::Open(container) = self else { return true };
        let Some(levels) = levels.checked_sub(1) else { return false };
        match &container.children {
            Children::Members(members) => members.iter().all(|member| member.value.nests_within(levels)),
            Children::Elements(elements) => elements.iter().all(|element| element.nests_within(levels)),
        }
    }

    /// Writes the text.
    pub(crate) fn into_text(self) -> String {
        let mut out = String::with_capacity(self.length());
        self.write(&mut out);
        debug_assert_eq!(out.len(), self.length(), "the limits would not hold");
        out
    }

    /// Appends the text to `out`. Recurses like `nests_within`.
    fn write(&self, out: &mut String) {
        if let Some(json) = self.source() {
            return out.push_str(json.get());
        }
        let Self::Open(container) = self else { return };
        match &container.children {
            Children::Members(members) => {
                out.push('{');
                for (index, member) in members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(member.key);
                    out.push(':');
                    member.value.write(out);
                }
                out.push('}');
            }
            Children::Elements(elements) => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outline;

    #[test]
    fn length_and_nesting_are_those_of_the_text() {
        for (text, nesting) in [("{}", 1), ("[]", 1), ("1", 0), (r#"{"a":[]}"#, 2), (r#"[1,{"a":[[],2]},"x"]"#, 4)] {
            let outline = Outline::read(text.as_bytes()).unwrap();
            let mut node = Node::Closed(outline.json());
            for round in ["closed", "open", "changed"] {
                assert_eq!(node.length(), text.len(), "{text} {round}");
                assert!(node.nests_within(nesting), "{text} {round}");
                assert!(nesting == 0 || !node.nests_within(nesting - 1), "{text} {round}");
                let _ = node.open().map(|container| (round == "open").then(|| container.change()));
            }
            assert_eq!(node.into_text(), text);
        }
    }

    #[test]
    fn the_last_member_of_a_name_counts() {
        let text = r#"{"a":1,"b":2,"\u0061":3,"b":4}"#;
        let outline = Outline::read(text.as_bytes()).unwrap();
        let mut node = Node::Closed(outline.json());
        assert!(members(outline.json()).1);
        node.open().unwrap();
        assert_eq!(node.clone().into_text(), text);
        node.open().unwrap().change();
        assert_eq!(node.into_text(), r#"{"a":3,"b":4}"#);
    }

    #[test]
    fn the_last_member_of_a_name_counts_among_many() {
        for count in [2, 15, 16, 17, 100] {
            for again in [r#""7""#, r#""\u0037""#] {
                let members: Vec<_> = (0..count).map(|n| format!("\"{}\":{n}", n + 7)).collect();
                let text = format!("{{{},{again}:null}}", members.join(","));
                let outline = Outline::read(text.as_bytes()).unwrap();
                let mut node = Node::Closed(outline.json());
                node.open().unwrap().change();
                let expected = format!("{{{}}}", members.join(",")).replacen(":0", ":null", 1);
                assert_eq!(node.into_text(), expected, "{text}");
            }
        }
    }
}
