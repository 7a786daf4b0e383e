//! Following a pointer through a tree, to look at what is there or to change it.

use super::{
    pointer::index,
    tree::{Children, Member, Node, Open, is_named},
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
        let mut node = self;
        for (depth, token) in way.iter().enumerate() {
            let stop = |why| Stop { depth, why };
            let ahead = way.get(depth..).unwrap_or_default();
            let open = node.open(ahead).map_err(|kind| stop(Why::NoChildren(kind)))?;
            node = open.child(token).map_err(stop)?;
        }
        Ok(node)
    }

    /// Puts `value` in the place of what is at the end of the way.
    pub(super) fn replace(&mut self, way: &[Cow<'_, str>], value: Self) -> Result<(), Stop> {
        self.change(way, 0, |node| {
            *node = value;
            Ok(())
        })
    }

    /// Adds `value` at the end of the way, as RFC 6902 has it: into an array, or as a member, which it may replace. `key`
    /// is the last token as JSON text.
    pub(super) fn add(&mut self, way: &[Cow<'_, str>], key: &'a str, value: Self) -> Result<(), Stop> {
        let Some((last, parents)) = way.split_last() else {
            *self = value;
            return Ok(());
        };
        self.change(parents, 0, |parent| parent.open(&[]).map_err(Why::NoChildren)?.change().add(last, key, value))
    }

    /// Takes away what is at the end of the way; `None` if that is everything.
    pub(super) fn remove(&mut self, way: &[Cow<'_, str>]) -> Result<Option<Self>, Stop> {
        let Some((last, parents)) = way.split_last() else { return Ok(None) };
        self.change(parents, 0, |parent| parent.open(&[]).map_err(Why::NoChildren)?.change().remove(last)).map(Some)
    }

    /// Changes what is at the end of the way, of which `depth` tokens lie behind. All that it passes changes with it. It
    /// recurses as deep as the way.
    fn change<T>(
        &mut self,
        way: &[Cow<'_, str>],
        depth: usize,
        act: impl FnOnce(&mut Self) -> Result<T, Why>,
    ) -> Result<T, Stop> {
        let stop = |why| Stop { depth, why };
        let Some((token, ahead)) = way.get(depth).zip(way.get(depth..)) else { return act(self).map_err(stop) };
        let open = self.open(ahead).map_err(|kind| stop(Why::NoChildren(kind)))?.change();
        let child = open.child(token).map_err(stop)?;
        let before = child.length();
        let done = child.change(way, depth + 1, act)?;
        let after = child.length();
        open.length = open.length - before + after;
        Ok(done)
    }
}

impl<'a> Open<'a> {
    /// The child of that name, or at that index.
    fn child(&mut self, token: &str) -> Result<&mut Node<'a>, Why> {
        match &mut self.children {
            Children::Members(members) => {
                let member = members.iter_mut().find(|member| is_named(member.key, token));
                member.map(|member| &mut member.value).ok_or(Why::NoMember)
            }
            Children::Elements(elements) => {
                let at = element(elements.len(), token)?;
                elements.get_mut(at).ok_or(Why::PastEnd)
            }
        }
    }

    fn add(&mut self, token: &str, key: &'a str, value: Node<'a>) -> Result<(), Why> {
        let comma = usize::from(!self.is_empty());
        match &mut self.children {
            Children::Members(members) => match members.iter_mut().find(|member| is_named(member.key, token)) {
                Some(member) => {
                    self.length = self.length - member.value.length() + value.length();
                    member.value = value;
                }
                None => {
                    let member = Member { key, value };
                    self.length += comma + member.length();
                    members.push(member);
                }
            },
            Children::Elements(elements) => {
                let at = if token == "-" { elements.len() } else { index(token).ok_or(Why::NotAnIndex)? };
                if at > elements.len() {
                    return Err(Why::Gap(elements.len()));
                }
                self.length += comma + value.length();
                elements.insert(at, value);
            }
        }
        Ok(())
    }

    fn remove(&mut self, token: &str) -> Result<Node<'a>, Why> {
        let (length, value) = match &mut self.children {
            Children::Members(members) => {
                let at = members.iter().position(|member| is_named(member.key, token)).ok_or(Why::NoMember)?;
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

    fn is_empty(&self) -> bool {
        match &self.children {
            Children::Members(members) => members.is_empty(),
            Children::Elements(elements) => elements.is_empty(),
        }
    }
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
            assert_eq!(node.find(&way(place)).unwrap().clone().into_text().trim(), text.trim(), "{place}");
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
        assert_eq!(node.clone().into_text(), expected);
        assert_eq!(node.into_text(), expected);
    }

    #[test]
    fn a_clone_goes_its_own_way() {
        let mut node = Node::Text(r#"{"a":{"b":[1]}}"#);
        node.add(&way("/a/b/-"), "", Node::Text("2")).unwrap();
        let before = node.clone();
        node.remove(&way("/a/b/0")).unwrap();
        node.add(&way("/a/c"), r#""c""#, Node::Text("3")).unwrap();
        assert_eq!(before.into_text(), r#"{"a":{"b":[1,2]}}"#);
        assert_eq!(node.into_text(), r#"{"a":{"b":[2],"c":3}}"#);
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
