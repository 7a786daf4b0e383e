//! Finds, adds, replaces and removes the value at the end of a path.

use super::{Children, Container, Member, Node};
use crate::{Kind, pointer::index, string::is_named};
use std::borrow::Cow;

/// A path that ends before its goal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    /// The number of tokens that could be followed.
    pub(crate) depth: usize,
    /// The reason why the next token could not be followed.
    pub(crate) obstacle: Obstacle,
}

/// The reason why a token of a path cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The object has no such member.
    NoMember,
    /// The array has only so many elements.
    NoElement(usize),
    /// An addition there would leave a gap behind the last of so many elements.
    Gap(usize),
    /// The token is `-`, the place behind the last element.
    PastEnd,
    /// The token names an element of an array, but is no index.
    NotAnIndex,
    /// The parent is a value of such a kind, which holds nothing.
    NoChildren(Kind),
}

impl<'a> Node<'a> {
    /// The value at the end of the path.
    pub(crate) fn find(&mut self, path: &[Cow<'_, str>]) -> Result<&mut Self, Stop> {
        let mut node = self;
        for (depth, token) in path.iter().enumerate() {
            let stop = |obstacle| Stop { depth, obstacle };
            let container = node.open().map_err(|kind| stop(Obstacle::NoChildren(kind)))?;
            node = container.child(token).map_err(stop)?;
        }
        Ok(node)
    }

    /// Replaces the value at the end of the path.
    pub(crate) fn replace(&mut self, path: &[Cow<'_, str>], value: Self) -> Result<(), Stop> {
        self.change(path, 0, |node| {
            *node = value;
            Ok(())
        })
    }

    /// Adds `value` at the end of the path, as RFC 6902 has it: into an array, or as a member, which it may replace.
    /// `key` is the last token as JSON text.
    pub(crate) fn add(&mut self, path: &[Cow<'_, str>], key: &'a str, value: Self) -> Result<(), Stop> {
        let Some((last, parents)) = path.split_last() else {
            *self = value;
            return Ok(());
        };
        self.change(parents, 0, |parent| parent.open().map_err(Obstacle::NoChildren)?.change().add(last, key, value))
    }

    /// Removes the value at the end of the path, and returns it; `None` if that is the whole document.
    pub(crate) fn remove(&mut self, path: &[Cow<'_, str>]) -> Result<Option<Self>, Stop> {
        let Some((last, parents)) = path.split_last() else { return Ok(None) };
        self.change(parents, 0, |parent| parent.open().map_err(Obstacle::NoChildren)?.change().remove(last)).map(Some)
    }

    /// Calls `act` on the value at the end of the path, and corrects the lengths of all containers on the way. Recurses
    /// as deep as the path; `depth` counts the tokens followed so far.
    fn change<T>(
        &mut self,
        path: &[Cow<'_, str>],
        depth: usize,
        act: impl FnOnce(&mut Self) -> Result<T, Obstacle>,
    ) -> Result<T, Stop> {
        let stop = |obstacle| Stop { depth, obstacle };
        let Some(token) = path.get(depth) else { return act(self).map_err(stop) };
        let container = self.open().map_err(|kind| stop(Obstacle::NoChildren(kind)))?.change();
        let child = container.child(token).map_err(stop)?;
        let before = child.length();
        let done = child.change(path, depth + 1, act)?;
        let after = child.length();
        container.length = container.length - before + after;
        Ok(done)
    }
}

impl<'a> Container<'a> {
    /// The child of that name, or at that index.
    fn child(&mut self, token: &str) -> Result<&mut Node<'a>, Obstacle> {
        match &mut self.children {
            Children::Members(members) => {
                let member = members.iter_mut().find(|member| is_named(member.key, token.as_bytes()));
                member.map(|member| &mut member.value).ok_or(Obstacle::NoMember)
            }
            Children::Elements(elements) => {
                let at = element(elements.len(), token)?;
                elements.get_mut(at).ok_or(Obstacle::PastEnd)
            }
        }
    }

    fn add(&mut self, token: &str, key: &'a str, value: Node<'a>) -> Result<(), Obstacle> {
        let comma = usize::from(!self.is_empty());
        match &mut self.children {
            Children::Members(members) => {
                match members.iter_mut().find(|member| is_named(member.key, token.as_bytes())) {
                    Some(member) => {
                        self.length = self.length - member.value.length() + value.length();
                        member.value = value;
                    }
                    None => {
                        let member = Member { key, value };
                        self.length += comma + member.length();
                        members.push(member);
                    }
                }
            }
            Children::Elements(elements) => {
                let at = if token == "-" { elements.len() } else { index(token).ok_or(Obstacle::NotAnIndex)? };
                if at > elements.len() {
                    return Err(Obstacle::Gap(elements.len()));
                }
                self.length += comma + value.length();
                elements.insert(at, value);
            }
        }
        Ok(())
    }

    fn remove(&mut self, token: &str) -> Result<Node<'a>, Obstacle> {
        let (length, value) = match &mut self.children {
            Children::Members(members) => {
                let at = members
                    .iter()
                    .position(|member| is_named(member.key, token.as_bytes()))
                    .ok_or(Obstacle::NoMember)?;
                let member = members.remove(at);
                (member.length(), member.value)
            }
            Children::Elements(elements) => {
                let at = element(elements.len(), token)?;
                let value = elements.remove(at);
                (value.length(), value)
            }
        };
        let comma = usize::from(!self.is_empty());
        self.length -= length + comma;
        Ok(value)
    }
}

/// Parses the index of an existing element.
fn element(count: usize, token: &str) -> Result<usize, Obstacle> {
    match index(token) {
        Some(at) if at < count => Ok(at),
        Some(_) => Err(Obstacle::NoElement(count)),
        None if token == "-" => Err(Obstacle::PastEnd),
        None => Err(Obstacle::NotAnIndex),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outline;

    fn path(text: &str) -> Vec<Cow<'_, str>> {
        text.split('/').skip(1).map(Cow::Borrowed).collect()
    }

    fn outline(text: &str) -> Outline<'_> {
        Outline::read(text.as_bytes()).unwrap()
    }

    const ODD: &str = r#" { "a" : [ 1.10 , {"b" :null,"b":2} ] , "\u00e9":"\u00e9" , "n": 1e400, "n" : -0 } "#;

    #[test]
    fn looking_changes_nothing() {
        let odd = outline(ODD);
        let mut node = Node::Closed(odd.json());
        for (place, text) in [("/a/1/b", "2"), ("/a/0", "1.10"), ("/é", r#""\u00e9""#), ("/n", "-0"), ("", ODD.trim())]
        {
            assert_eq!(node.find(&path(place)).unwrap().clone().into_text(), text, "{place}");
        }
        assert_eq!(node.length(), ODD.trim().len());
        assert_eq!(node.into_text(), ODD.trim());
    }

    #[test]
    fn changing_keeps_the_rest() {
        let (odd, seven) = (outline(ODD), outline("7"));
        let mut node = Node::Closed(odd.json());
        node.replace(&path("/a/0"), Node::Closed(seven.json())).unwrap();
        let expected = r#"{"a":[7,{"b" :null,"b":2}],"\u00e9":"\u00e9","n":-0}"#;
        assert_eq!(node.length(), expected.len());
        assert_eq!(node.clone().into_text(), expected);
        assert_eq!(node.into_text(), expected);
    }

    #[test]
    fn a_clone_is_not_changed_with_its_original() {
        let [text, two, three] = [r#"{"a":{"b":[1]}}"#, "2", "3"].map(outline);
        let mut node = Node::Closed(text.json());
        node.add(&path("/a/b/-"), "", Node::Closed(two.json())).unwrap();
        let before = node.clone();
        node.remove(&path("/a/b/0")).unwrap();
        node.add(&path("/a/c"), r#""c""#, Node::Closed(three.json())).unwrap();
        assert_eq!(before.into_text(), r#"{"a":{"b":[1,2]}}"#);
        assert_eq!(node.into_text(), r#"{"a":{"b":[2],"c":3}}"#);
    }

    #[test]
    fn a_path_that_ends_early_says_where() {
        let table = [
            ("/b", 0, Obstacle::NoMember),
            ("/a/2", 1, Obstacle::NoElement(2)),
            ("/a/-", 1, Obstacle::PastEnd),
            ("/a/01", 1, Obstacle::NotAnIndex),
            ("/a/1/c/d", 2, Obstacle::NoMember),
            ("/é/x", 1, Obstacle::NoChildren(Kind::String)),
            ("/n/0", 1, Obstacle::NoChildren(Kind::Number)),
        ];
        for (place, depth, obstacle) in table {
            let (odd, stop) = (outline(ODD), Stop { depth, obstacle });
            assert_eq!(Node::Closed(odd.json()).find(&path(place)).unwrap_err(), stop, "{place}");
            assert_eq!(Node::Closed(odd.json()).remove(&path(place)).unwrap_err(), stop, "{place}");
        }
    }
}
