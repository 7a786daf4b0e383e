//! The operations of a JSON Patch: as they are sent, and as they are applied.

use crate::{Outline, Reason, pointer::Pointer, string::quoted, tree::Node};
use std::fmt;

/// An operation of a JSON Patch. Members that its `op` does not use are ignored, as RFC 6902 asks.
#[derive(Debug, Clone, Copy)]
pub struct Operation<'a> {
    /// The kind of operation.
    pub op: Op,
    /// A JSON Pointer to the place of the operation.
    pub path: &'a str,
    /// For `move` and `copy`, a JSON Pointer to the value.
    pub from: Option<&'a str>,
    /// For `add`, `replace` and `test`, the value as JSON text.
    pub value: Option<&'a str>,
}

/// The kind of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Adds a value at the path, as a member or into an array.
    Add,
    /// Removes the value at the path.
    Remove,
    /// Replaces the value at the path.
    Replace,
    /// Moves the value at `from` to the path.
    Move,
    /// Copies the value at `from` to the path.
    Copy,
    /// Fails unless the value at the path equals the given one.
    Test,
}

impl fmt::Display for Op {
    /// Writes the name that the operation has in a patch.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
            Self::Move => "move",
            Self::Copy => "copy",
            Self::Test => "test",
        })
    }
}

/// An operation that is well-formed.
pub(super) struct Step<'a> {
    pub(super) path: Pointer<'a>,
    pub(super) action: Action<'a>,
}

/// The kind of an operation with its operands. The `String` is the last token of the path as a JSON key.
pub(super) enum Action<'a> {
    Add(Outline<'a>, String),
    Remove,
    Replace(Outline<'a>),
    Move(Pointer<'a>, String),
    Copy(Pointer<'a>, String),
    Test(Outline<'a>),
}

impl<'a> Step<'a> {
    /// Checks an operation. Returns `None` if it has faults, each of which is passed to `report` with the name of the
    /// member.
    pub(super) fn read(
        operation: &Operation<'a>,
        envelope: Option<&'static str>,
        mut report: impl FnMut(&'static str, Reason),
    ) -> Option<Self> {
        let Operation { op, path, from, value } = *operation;
        let path = pointer(path, envelope).map_err(|reason| report("path", reason)).ok();
        let mut value = || read_value(op, value).map_err(|reason| report("value", reason)).ok();
        let key = || path.as_ref().and_then(|path| path.tokens().last()).map(|token| quoted(token)).unwrap_or_default();
        let action = match op {
            Op::Add => value().map(|value| Action::Add(value, key())),
            Op::Replace => value().map(Action::Replace),
            Op::Test => value().map(Action::Test),
            Op::Remove => Some(Action::Remove),
            Op::Move | Op::Copy => {
                let from = from.ok_or(Reason::NoFrom(op)).and_then(|from| pointer(from, envelope));
                let from = from.map_err(|reason| report("from", reason)).ok();
                let action = if op == Op::Move { Action::Move } else { Action::Copy };
                from.map(|from| action(from, key()))
            }
        };
        path.zip(action).map(|(path, action)| Self { path, action })
    }
}

impl Step<'_> {
    /// The number of values that the operation may have to look at, copy or move.
    pub(super) fn work(&self, root: &Node<'_>) -> usize {
        let (work, _) = root.work(self.path.tokens());
        work + match &self.action {
            Action::Add(value, _) | Action::Replace(value) | Action::Test(value) => value.json().size(),
            Action::Remove => 0,
            Action::Move(from, _) | Action::Copy(from, _) => {
                let (work, value) = root.work(from.tokens());
                work + value.map_or(0, Node::weight)
            }
        }
    }
}

fn pointer<'a>(text: &'a str, envelope: Option<&'static str>) -> Result<Pointer<'a>, Reason> {
    Pointer::parse(text).map_err(|error| Reason::NotAPointer { error, envelope })
}

fn read_value(op: Op, value: Option<&str>) -> Result<Outline<'_>, Reason> {
    Outline::read(value.ok_or(Reason::NoValue(op))?.as_bytes()).map_err(Reason::NotJson)
}
