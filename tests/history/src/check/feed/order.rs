//! The order of all events, of the links that walks show.

use super::{Part, Walk};
use crate::{
    check::violation::{Rule, Violation},
    model::{Event, Name, Number, Place},
};
use std::collections::HashMap;

/// The place before the first event, as a node.
const BEGINNING: usize = 0;

/// A link that a walk shows.
#[derive(Debug, Clone, Copy)]
struct Link {
    /// The node at its other end.
    to: usize,
    /// The index of the walk.
    walk: usize,
    /// The operation.
    number: Number,
}

/// Events that follow each other.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// The events, in order.
    pub(super) nodes: Vec<usize>,
    /// Whether the first of them is the first of all.
    pub(super) is_from_beginning: bool,
}

/// The order. Runs whose place among the others no walk shows are apart.
#[derive(Debug, Default)]
pub(super) struct Order<'a> {
    nodes: HashMap<&'a Name, usize>,
    /// By node, the event, and the first operation that shows it.
    events: Vec<Option<(&'a Event, Number)>>,
    next: Vec<Option<Link>>,
    previous: Vec<Option<Link>>,
    runs: Vec<Run>,
}

impl<'a> Order<'a> {
    /// Finds the order.
    pub(super) fn of(walks: &[Walk<'a>]) -> Result<Self, Box<Violation>> {
        let mut order = Self { events: vec![None], next: vec![None], previous: vec![None], ..Self::default() };
        for (index, walk) in walks.iter().enumerate() {
            for part in &walk.parts {
                order.add(walks, index, part)?;
            }
        }
        order.find_runs(walks)?;
        Ok(order)
    }

    /// The event of a node, and the first operation that shows it.
    pub(super) fn event(&self, node: usize) -> Option<(&'a Event, Number)> {
        self.events.get(node).copied().flatten()
    }

    /// The runs; first the one from the beginning, if there is one.
    pub(super) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The run from the beginning; empty if there is none.
    pub(super) fn main(&self) -> &[usize] {
        self.runs.first().filter(|run| run.is_from_beginning).map(|run| run.nodes.as_slice()).unwrap_or_default()
    }

    /// The node that a part begins behind, if that is known.
    pub(super) fn start(&self, part: &Part<'_>) -> Option<usize> {
        match &part.follow.from {
            Place::Beginning => Some(BEGINNING),
            Place::Behind(name) => self.nodes.get(name).copied(),
            Place::Now | Place::Somewhere => None,
        }
    }

    /// The node of an event.
    pub(super) fn node_of(&self, name: &Name) -> Option<usize> {
        self.nodes.get(name).copied()
    }

    fn node(&mut self, name: &'a Name) -> usize {
        let node = *self.nodes.entry(name).or_insert(self.events.len());
        if node == self.events.len() {
            self.events.push(None);
            self.next.push(None);
            self.previous.push(None);
        }
        node
    }

    fn add(&mut self, walks: &[Walk<'a>], walk: usize, part: &Part<'a>) -> Result<(), Box<Violation>> {
        let mut from = match &part.follow.from {
            Place::Beginning => Some(BEGINNING),
            Place::Behind(name) => Some(self.node(name)),
            Place::Now | Place::Somewhere => None,
        };
        for event in part.events {
            let node = self.node(&event.name);
            if let Some(place) = self.events.get_mut(node) {
                place.get_or_insert((event, part.number));
            }
            if let Some(from) = from {
                self.link(walks, (from, node), walk, part.number)?;
            }
            from = Some(node);
        }
        Ok(())
    }

    fn link(
        &mut self,
        walks: &[Walk<'a>],
        (from, to): (usize, usize),
        walk: usize,
        number: Number,
    ) -> Result<(), Box<Violation>> {
        let next = Link { to, walk, number };
        let before = self.next.get_mut(from).map_or(next, |place| *place.get_or_insert(next));
        if before.to != to {
            return Err(self.disagreement(walks, from, before, next));
        }
        let previous = Link { to: from, walk, number };
        let before = self.previous.get_mut(to).map_or(previous, |place| *place.get_or_insert(previous));
        if before.to != from {
            return Err(self.disagreement(walks, to, before, previous));
        }
        Ok(())
    }

    /// Says which of two walks is wrong, whose events beside the same one differ.
    fn disagreement(&self, walks: &[Walk<'a>], near: usize, one: Link, other: Link) -> Box<Violation> {
        let shows = |link: Link, node: usize| match (walks.get(link.walk), self.event(node)) {
            (Some(walk), Some((event, _))) => walk.shows(&event.name),
            (Some(walk), None) => walk.parts.first().is_some_and(|part| part.follow.from == Place::Beginning),
            (None, _) => false,
        };
        let (one_has, other_has) = (shows(one, other.to), shows(other, one.to));
        let name = |node| self.event(node).map_or("the beginning".to_owned(), |(event, _)| event.to_string());
        let walk = |link: Link| walks.get(link.walk).map(|walk| walk.number).unwrap_or_default();
        let shown = |link: Link| {
            format!("walk {} (#{}) shows {} beside {}", walk(link), link.number, name(link.to), name(near))
        };
        let (rule, wrong, right) = match (one_has, other_has) {
            (false, true) => (Rule::FeedSkips, one, other),
            (true, false) => (Rule::FeedSkips, other, one),
            // Each lacks what the other shows there: one of them skips it, or both do.
            (false, false) => (Rule::FeedSkips, other, one),
            (true, true) => (Rule::FeedOrder, other, one),
        };
        let text = if rule == Rule::FeedSkips {
            format!("walk {} skips it: {}, and {}", walk(wrong), shown(wrong), shown(right))
        } else {
            format!("{}, but {}", shown(wrong), shown(right))
        };
        let mut operations = vec![Some(wrong.number), Some(right.number)];
        operations.extend(walks.get(wrong.walk).map(|walk| walk.near(wrong.number)).unwrap_or_default());
        Violation::new(rule, self.event(right.to).map(|(event, _)| &event.id), text, &operations)
    }

    fn find_runs(&mut self, walks: &[Walk<'a>]) -> Result<(), Box<Violation>> {
        let mut visited = vec![false; self.events.len()];
        let next = |node: usize| self.next.get(node).copied().flatten().map(|link| link.to);
        let starts = (0..self.events.len()).filter(|node| self.previous.get(*node).copied().flatten().is_none());
        let mut runs = Vec::new();
        for start in starts {
            let mut run = Run { nodes: Vec::new(), is_from_beginning: start == BEGINNING };
            let mut node = Some(start);
            while let Some(current) = node {
                if let Some(place) = visited.get_mut(current) {
                    *place = true;
                }
                if current != BEGINNING {
                    run.nodes.push(current);
                }
                node = next(current);
            }
            runs.push(run);
        }
        self.runs = runs;
        let Some(lost) = visited.iter().position(|visited| !visited) else { return Ok(()) };
        // Links that lead in a circle: one of the walks shows an event behind one that is before it elsewhere.
        let links = [&self.next, &self.previous].map(|links| links.get(lost).copied().flatten());
        let text = format!(
            "walks show {} both before and behind {}",
            self.event(lost).map_or_else(String::new, |(event, _)| event.to_string()),
            next(lost).and_then(|next| self.event(next)).map_or_else(String::new, |(event, _)| event.to_string()),
        );
        let mut operations: Vec<_> = links.iter().map(|link| link.map(|link| link.number)).collect();
        for link in links.iter().flatten() {
            operations.extend(walks.get(link.walk).map(|walk| walk.near(link.number)).unwrap_or_default());
        }
        Err(Violation::new(Rule::FeedOrder, self.event(lost).map(|(event, _)| &event.id), text, &operations))
    }
}
