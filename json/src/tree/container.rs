//! Objects and arrays with their children.

use super::Node;
use crate::{
    Json, Kind,
    string::{code_points, unquoted},
};
use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasher, Hash, RandomState},
};

/// The most members whose keys are compared with each other; for more, hashing them is faster.
const FEW: usize = 16;

/// An object or array with its children.
#[derive(Debug, Clone)]
pub(crate) struct Container<'a> {
    pub(crate) children: Children<'a>,
    /// The text, until something inside changes.
    pub(super) source: Option<Json<'a>>,
    /// The length in bytes, of the source or of the text that would be written.
    pub(super) length: usize,
}

/// The children of an object or array.
#[derive(Debug, Clone)]
pub(crate) enum Children<'a> {
    /// The members of an object, in their order, each key once.
    Members(Vec<Member<'a>>),
    /// The elements of an array.
    Elements(Vec<Node<'a>>),
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Member<'a> {
    /// The key as it was written, with its quotes.
    pub(crate) key: &'a str,
    pub(crate) value: Node<'a>,
}

impl<'a> Container<'a> {
    /// Opens an object or array, whose children are then closed. Other values hold nothing; the error is their kind.
    pub(crate) fn read(json: Json<'a>) -> Result<Self, Kind> {
        let children = match json.kind() {
            Kind::Object => Children::Members(members(json).0),
            Kind::Array => Children::Elements(json.elements().map(Node::Closed).collect()),
            kind @ (Kind::String | Kind::Number | Kind::Boolean | Kind::Null) => return Err(kind),
        };
        Ok(Self { children, source: Some(json), length: json.get().len() })
    }

    /// Makes an object without a source.
    pub(crate) fn object(members: Vec<Member<'a>>) -> Self {
        let mut container = Self { children: Children::Members(members), source: None, length: 0 };
        container.count();
        container
    }

    /// Drops the source before a change. From then on the length is counted without white space.
    pub(crate) fn change(&mut self) -> &mut Self {
        if self.source.take().is_some() {
            self.count();
        }
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        match &self.children {
            Children::Members(members) => members.is_empty(),
            Children::Elements(elements) => elements.is_empty(),
        }
    }

    fn count(&mut self) {
        let (count, total) = match &self.children {
            Children::Members(members) => (members.len(), members.iter().map(Member::length).sum::<usize>()),
            Children::Elements(elements) => (elements.len(), elements.iter().map(Node::length).sum()),
        };
        self.length = total + count.saturating_sub(1) + 2;
    }
}

impl<'a> Member<'a> {
    /// The length in bytes, without a comma.
    pub(super) fn length(&self) -> usize {
        self.key.len() + 1 + self.value.length()
    }

    /// The code points of the key.
    pub(crate) fn name(&self) -> Cow<'a, [u8]> {
        code_points(unquoted(self.key).unwrap_or_default())
    }
}

/// Lists the members of an object, each key once, and returns whether the text has a key twice. Among members with the
/// same key the last value counts, in the place of the first.
pub(crate) fn members(json: Json<'_>) -> (Vec<Member<'_>>, bool) {
    let all = json.members().map(|(key, value)| Member { key: key.get(), value: Node::Closed(value) });
    let members: Vec<_> = all.collect();
    let repeats = if json.outline().has_escapes() {
        repeat(&members, Member::name)
    } else {
        repeat(&members, |member| member.key)
    };
    if !repeats {
        return (members, false);
    }
    let mut places = HashMap::with_capacity(members.len());
    let mut kept: Vec<Member<'_>> = Vec::with_capacity(members.len());
    for member in members {
        match places.entry(member.name()) {
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
    (kept, true)
}

/// Returns whether two members have the same name.
fn repeat<'m, 'a, N: Eq + Hash>(members: &'m [Member<'a>], name: impl Fn(&'m Member<'a>) -> N) -> bool {
    if members.len() <= FEW {
        let earlier = |index| members.iter().take(index);
        return members.iter().enumerate().any(|(index, one)| earlier(index).any(|other| name(one) == name(other)));
    }
    // Hardly any object has a key twice; sorted hashes show that faster than a hash table.
    let hasher = RandomState::new();
    let mut hashes: Vec<u64> = members.iter().map(|member| hasher.hash_one(name(member))).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.len() < members.len()
}
