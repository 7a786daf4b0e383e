//! Following a pointer through a tree, to look at what is there or to change it.

use super::{
    pointer::index,
    tree::{Children, Member, Node, is_named},
};
use std::borrow::Cow;

/// Where a way ended before its goal, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stop {
    /// How many tokens of the way could be followed.
    pub(super) depth: usize,
    /// Why not the next.
    pub(super) why: Why,
}

/// Why a token could not be followed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The object has no such member.
    NoMember,
    /// The array has so many elements; that is too few.
    NoElement(usize),
    /// It would leave a gap behind the last of so many elements.
    Gap(usize),
    /// It is `-`, the place behind the last element.
    PastEnd,
    /// It stands for an array's element, but is no index.
    NotAnIndex,
    /// What should hold the child is such a value, which holds nothing.
    NoChildren(&'static str),
}

impl<'a> Node<'a> {
    /// The value at the end of the way.
    pub(super) fn find(&mut self, way: &[Cow<'_, str>]) -> Result<&mut Self, Stop> {
        self.walk(way, way.len(), false)
    }

    /// Puts `value` in the place of what is at the end of the way.
    pub(super) fn replace(&mut self, way: &[Cow<'_, str>], value: Self) -> Result<(), Stop> {
        *self.walk(way, way.len(), true)? = value;
        Ok(())
    }

    /// Adds `value` at the end of the way, as RFC 6902 has it: into an array, or as a member, which it may replace. `key`
    /// is the last token as JSON text.
    pub(super) fn add(&mut self, way: &[Cow<'_, str>], key: &'a str, value: Self) -> Result<(), Stop> {
        let Some((last, parents)) = way.split_last() else {
            *self = value;
            return Ok(());
        };
        let depth = parents.len();
        let stop = |why| Err(Stop { depth, why });
        match self.walk(way, depth, true)?.look_into(&[], true) {
            Ok(Children::Members(members)) => match find_member(members, last) {
                Some(place) => place.value = value,
                None => members.push(Member { key, value }),
            },
            Ok(Children::Elements(elements)) => match index(last) {
                _ if last == "-" => elements.push(value),
                None => return stop(Why::NotAnIndex),
                Some(at) if at > elements.len() => return stop(Why::Gap(elements.len())),
                Some(at) => elements.insert(at, value),
            },
            Err(kind) => return stop(Why::NoChildren(kind)),
        }
        Ok(())
    }

    /// Takes away what is at the end of the way; `None` if that is everything.
    pub(super) fn remove(&mut self, way: &[Cow<'_, str>]) -> Result<Option<Self>, Stop> {
        let Some((last, parents)) = way.split_last() else { return Ok(None) };
        let depth = parents.len();
        let stop = |why| Stop { depth, why };
        match self.walk(way, depth, true)?.look_into(&[], true) {
            Ok(Children::Members(members)) => match members.iter().position(|member| is_named(member.key, last)) {
                Some(at) => Ok(Some(members.remove(at).value)),
                None => Err(stop(Why::NoMember)),
            },
            Ok(Children::Elements(elements)) => {
                let at = element(elements.len(), last).map_err(stop)?;
                Ok(Some(elements.remove(at)))
            }
            Err(kind) => Err(stop(Why::NoChildren(kind))),
        }
    }

    /// Follows the first `count` tokens of the way, to look or to `change` what is there.
    fn walk(&mut self, way: &[Cow<'_, str>], count: usize, change: bool) -> Result<&mut Self, Stop> {
        let mut node = self;
        for (depth, token) in way.iter().enumerate().take(count) {
            let stop = |why| Stop { depth, why };
            let ahead = way.get(depth..).unwrap_or_default();
            node = match node.look_into(ahead, change) {
                Ok(Children::Members(members)) => match find_member(members, token) {
                    Some(member) => &mut member.value,
                    None => return Err(stop(Why::NoMember)),
                },
                Ok(Children::Elements(elements)) => {
                    let at = element(elements.len(), token).map_err(stop)?;
                    elements.get_mut(at).ok_or(stop(Why::PastEnd))?
                }
                Err(kind) => return Err(stop(Why::NoChildren(kind))),
            };
        }
        Ok(node)
    }
}

fn find_member<'m, 'a>(members: &'m mut [Member<'a>], name: &str) -> Option<&'m mut Member<'a>> {
    members.iter_mut().find(|member| is_named(member.key, name))
}

/// The position of an element that must exist.
fn element(count: usize, token: &str) -> Result<usize, Why> {
    match index(token) {
        Some(at) if at < count => Ok(at),
        Some(_) => Err(Why::NoElement(count)),
        None if token == "-" => Err(Why::PastEnd),
        None => Err(Why::NotAnIndex),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(text: &str) -> Vec<Cow<'_, str>> {
        text.split('/').skip(1).map(Cow::Borrowed).collect()
    }

    const ODD: &str = r#" { "a" : [ 1.10 , {"b" :null,"b":2} ] , "\u00e9":"\u00e9" , "n": 1e400, "n" : -0 } "#;

    #[test]
    fn looking_changes_nothing() {
        let mut node = Node::Text(ODD);
        for (place, text) in [("/a/1/b", "2"), ("/a/0", "1.10"), ("/é", r#""\u00e9""#), ("/n", "-0"), ("", ODD)] {
            assert_eq!(node.find(&way(place)).unwrap().copy().into_text().trim(), text.trim(), "{place}");
        }
        assert_eq!(node.length(), ODD.trim().len());
        assert_eq!(node.into_text(), ODD.trim());
    }

    #[test]
    fn changing_keeps_the_rest() {
        let mut node = Node::Text(ODD);
        node.replace(&way("/a/0"), Node::Text("7")).unwrap();
        let expected = r#"{"a":[7,{"b" :null,"b":2}],"\u00e9":"\u00e9","n":-0}"#;
        assert_eq!(node.length(), expected.len());
        assert_eq!(node.copy().into_text(), expected);
        assert_eq!(node.into_text(), expected);
    }

    #[test]
    fn a_way_that_ends_says_where() {
        let table = [
            ("/b", 0, Why::NoMember),
            ("/a/2", 1, Why::NoElement(2)),
            ("/a/-", 1, Why::PastEnd),
            ("/a/01", 1, Why::NotAnIndex),
            ("/a/1/c/d", 2, Why::NoMember),
            ("/é/x", 1, Why::NoChildren("a string")),
            ("/n/0", 1, Why::NoChildren("a number")),
        ];
        for (place, depth, why) in table {
            let stop = Stop { depth, why };
            assert_eq!(Node::Text(ODD).find(&way(place)).unwrap_err(), stop, "{place}");
            assert_eq!(Node::Text(ODD).remove(&way(place)).unwrap_err(), stop, "{place}");
        }
    }

    #[test]
    fn text_that_is_not_json_has_no_children() {
        for text in ["", "{", "[1", r#"{"a":"#, r#"{"a"#, "]", "[}"] {
            assert!(Node::Text(text).find(&way("/a")).is_err(), "{text}");
        }
    }
}
