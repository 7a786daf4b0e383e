//! What an operation on a changed document costs, before it is done.

use super::{Children, Node};
use crate::{pointer::index, string::is_named};
use std::{borrow::Cow, rc::Rc};

impl<'a> Node<'a> {
    /// The number of values that an operation at the end of the path may have to look at, copy or move: in objects all
    /// members on the way, because their names are compared in turn; in an array those behind the place. Also returns the
    /// value at the end, if it can be had without opening anything. Takes time in proportion to the number.
    pub(crate) fn work(&self, path: &[Cow<'_, str>]) -> (usize, Option<&Self>) {
        let (mut node, mut work) = (self, 0);
        for (depth, token) in path.iter().enumerate() {
            let container = match node {
                // Everything that is opened on the rest of the path is inside.
                Self::Closed(json) => return (work + json.size(), None),
                Self::Open(container) => container,
            };
            let is_last = depth + 1 == path.len();
            let (count, steps, child) = match &container.children {
                Children::Members(members) => {
                    let member = members.iter().find(|member| is_named(member.key, token.as_bytes()));
                    (members.len(), members.len(), member.map(|member| &member.value))
                }
                Children::Elements(elements) => {
                    // `-`, and what is no index, moves nothing.
                    let at = index(token).unwrap_or(elements.len());
                    let moved = if is_last { elements.len().saturating_sub(at) } else { 1 };
                    (elements.len(), moved, elements.get(at))
                }
            };
            // One that is shared is copied before it changes, and one that has not changed yet is counted.
            let is_touched = Rc::strong_count(container) == 1 && container.source.is_none();
            work += if is_touched { steps } else { steps + count };
            match child {
                Some(child) => node = child,
                None => return (work, None),
            }
        }
        (work, Some(node))
    }

    /// The number of values that are looked at to find how deep this one nests. Recurses like
    /// [`nests_within`](Self::nests_within).
    pub(crate) fn weight(&self) -> usize {
        if let Some(json) = self.source() {
            return json.size();
        }
        let Self::Open(container) = self else { return 1 };
        let inside: usize = match &container.children {
            Children::Members(members) => members.iter().map(|member| member.value.weight()).sum(),
            Children::Elements(elements) => elements.iter().map(Self::weight).sum(),
        };
        inside + 1
    }
}
