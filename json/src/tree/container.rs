//! Objects and arrays that have been looked into.

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

/// Up to so many members, comparing each key with each other is quicker than hashing them.
const FEW: usize = 16;

/// An object or array that has been looked into.
#[derive(Debug, Clone)]
pub(crate) struct Container<'a> {
    pub(crate) children: Children<'a>,
    /// The text of it all, as long as nothing in it has changed.
    pub(super) source: Option<Json<'a>>,
    /// How many bytes the text has, or would have.
    pub(super) length: usize,
}

/// What an object or array holds.
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

    /// Makes an object that no text says.
    pub(crate) fn object(members: Vec<Member<'a>>) -> Self {
        let mut container = Self { children: Children::Members(members), source: None, length: 0 };
        container.count();
        container
    }

    /// Gives up the source, before a change. The length is then that of the children.
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
    /// How many bytes the member has, without a comma.
    pub(super) fn length(&self) -> usize {
        self.key.len() + 1 + self.value.length()
    }

    /// The code points of the key.
    pub(crate) fn name(&self) -> Cow<'a, [u8]> {
        code_points(unquoted(self.key).unwrap_or_default())
    }
}

/// The members of an object, each key once, and whether its text has one twice. Of members with the same key the last value
/// counts; it stands where the first stood.
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

/// Whether two members have the same name.
fn repeat<'m, 'a, N: Eq + Hash>(members: &'m [Member<'a>], name: impl Fn(&'m Member<'a>) -> N) -> bool {
    if members.len() <= FEW {
        let earlier = |index| members.iter().take(index);
        return members.iter().enumerate().any(|(index, one)| earlier(index).any(|other| name(one) == name(other)));
    }
    // Hardly any object has a key twice, and sorted hashes show that sooner than a map would.
    let hasher = RandomState::new();
    let mut hashes: Vec<u64> = members.iter().map(|member| hasher.hash_one(name(member))).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.len() < members.len()
}
