//! JSON Patch (RFC 6902): operations, applied in order, all or none.

mod operation;
#[cfg(test)]
mod tests;

pub use operation::{Op, Operation};

use crate::{
    Obstacle, Outline, PatchError, PatchLimits,
    error::{NotFound, Reason},
    pointer::Pointer,
    tree::{Node, Stop, equal},
};
use operation::{Action, Step};

/// A JSON Patch.
///
/// ```
/// use json_text::{JsonPatch, PatchLimits, Op, Operation};
///
/// let operations = [
///     Operation { op: Op::Test, path: "/price", from: None, value: Some("1.1") },
///     Operation { op: Op::Replace, path: "/price", from: None, value: Some("1.20") },
/// ];
/// let patched = JsonPatch::new(&operations).apply(r#"{"price":1.10,"unit":"\u20ac"}"#, &PatchLimits::default())?;
/// assert_eq!(patched, r#"{"price":1.20,"unit":"\u20ac"}"#);
/// # Ok::<(), json_text::PatchError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct JsonPatch<'a> {
    operations: &'a [Operation<'a>],
    envelope: Option<&'static str>,
}

impl<'a> JsonPatch<'a> {
    /// A patch of these operations, in this order.
    #[must_use]
    pub fn new(operations: &'a [Operation<'a>]) -> Self {
        Self { operations, envelope: None }
    }

    /// Names the member that holds everything to patch, such as `data` in `{"data": …}`. The most frequent mistake is a
    /// path that leaves it out; the error then says what paths begin with.
    #[must_use]
    pub fn with_envelope(self, envelope: &'static str) -> Self {
        Self { envelope: Some(envelope), ..self }
    }

    /// Applies the operations in order, all or none, to the JSON text `document`.
    ///
    /// # Errors
    /// The faults of a malformed patch, which are found before any operation is applied, or the fault of the first
    /// operation that cannot be applied. A `test` of what does not exist does not hold, so it is a
    /// [`PatchError::TestFailed`] too.
    pub fn apply(&self, document: &str, limits: &PatchLimits) -> Result<String, PatchError> {
        let steps = self.steps(limits)?;
        let outline = Outline::read(document.as_bytes()).map_err(PatchError::Document)?;
        let mut root = Node::Closed(outline.json());
        let mut work = 0;
        // Each operation can look at each value twice at most, and a value has two bytes with its comma. So few of them are
        // within the limit whatever they do, and need no count.
        let count_work = steps.len() > limits.work / limits.bytes.max(document.len()).max(1);
        for (index, step) in steps.iter().enumerate() {
            if count_work {
                work += step.work(&root);
                if work > limits.work {
                    let fault = Reason::TooMuchWork(limits.work).at(format!("/{index}/path"));
                    return Err(PatchError::NotApplicable(fault));
                }
            }
            let applied = Application { step, limits, envelope: self.envelope }.run(&mut root);
            applied.map_err(|Trouble { part, reason }| {
                let failed = matches!(step.action, Action::Test(_)) && !reason.is_limit();
                let fault = reason.at(format!("/{index}/{part}"));
                if failed { PatchError::TestFailed(fault) } else { PatchError::NotApplicable(fault) }
            })?;
        }
        if root.length() > limits.bytes {
            return Err(PatchError::NotApplicable(Reason::TooLarge(limits.bytes).at("")));
        }
        Ok(root.into_text())
    }

    /// Checks the operations, and returns them if all are well-formed.
    fn steps(&self, limits: &PatchLimits) -> Result<Vec<Step<'a>>, PatchError> {
        let (count, limit) = (self.operations.len(), limits.operations);
        if count > limit {
            return Err(PatchError::Malformed(vec![Reason::TooManyOperations { count, limit }.at("")]));
        }
        let mut faults = Vec::new();
        let mut steps = Vec::with_capacity(count);
        for (index, operation) in self.operations.iter().enumerate() {
            let report = |part, reason: Reason| faults.push(reason.at(format!("/{index}/{part}")));
            steps.extend(Step::read(operation, self.envelope, report));
        }
        if faults.is_empty() {
            return Ok(steps);
        }
        faults.truncate(limits.faults);
        Err(PatchError::Malformed(faults))
    }
}

/// An operation cannot be applied.
struct Trouble {
    /// The member of the operation that is to blame.
    part: &'static str,
    reason: Reason,
}

/// An operation, with the rules for applying it.
struct Application<'a> {
    step: &'a Step<'a>,
    limits: &'a PatchLimits,
    envelope: Option<&'static str>,
}

impl<'a> Application<'a> {
    fn run(&self, root: &mut Node<'a>) -> Result<(), Trouble> {
        let path = &self.step.path;
        self.check_reach("path", path)?;
        match &self.step.action {
            Action::Add(value, key) => self.add("value", key, Node::Closed(value.json()), root),
            Action::Replace(value) => {
                let value = Node::Closed(value.json());
                self.check_nesting("value", &value)?;
                root.replace(path.tokens(), value).map_err(|stop| self.not_found("path", path, &stop, root))?;
                self.check_length("value", root)
            }
            Action::Test(value) => self.test(value, root),
            Action::Remove => {
                let removed = root.remove(path.tokens()).map_err(|stop| self.not_found("path", path, &stop, root))?;
                removed.map(drop).ok_or(Trouble { part: "path", reason: Reason::RemovesDocument })
            }
            Action::Move(from, key) => self.relocate(from, key, root),
            Action::Copy(from, key) => {
                self.check_reach("from", from)?;
                let found = root.find(from.tokens()).map(|node| node.clone());
                let value = found.map_err(|stop| self.not_found("from", from, &stop, root))?;
                self.add("path", key, value, root)
            }
        }
    }

    fn test(&self, value: &'a Outline<'a>, root: &mut Node<'a>) -> Result<(), Trouble> {
        let path = &self.step.path;
        self.check_nesting("value", &Node::Closed(value.json()))?;
        match root.find(path.tokens()).map(|node| equal(node, value.json())) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Trouble { part: "value", reason: Reason::NotEqual { place: path.shown() } }),
            Err(stop) => Err(self.not_found("path", path, &stop, root)),
        }
    }

    fn relocate(&self, from: &Pointer<'_>, key: &'a str, root: &mut Node<'a>) -> Result<(), Trouble> {
        let path = &self.step.path;
        self.check_reach("from", from)?;
        if from.is_above(path) {
            let reason = Reason::MovesIntoItself { from: from.shown(), path: path.shown() };
            return Err(Trouble { part: "from", reason });
        }
        if from.tokens() == path.tokens() {
            // A value that is removed and added again would lose its place among the members.
            return root.find(from.tokens()).map(drop).map_err(|stop| self.not_found("from", from, &stop, root));
        }
        let removed = root.remove(from.tokens()).map_err(|stop| self.not_found("from", from, &stop, root))?;
        // `remove` returns `None` for the whole document only, which is above every other path and was refused.
        removed.map_or(Ok(()), |value| self.add("path", key, value, root))
    }

    /// Adds a value where the path leads. A limit that this exceeds is a fault of `part`.
    fn add(&self, part: &'static str, key: &'a str, value: Node<'a>, root: &mut Node<'a>) -> Result<(), Trouble> {
        let path = &self.step.path;
        self.check_nesting(part, &value)?;
        root.add(path.tokens(), key, value).map_err(|stop| self.not_found("path", path, &stop, root))?;
        self.check_length(part, root)
    }

    /// Refuses a value that would nest too deep where the path leads.
    fn check_nesting(&self, part: &'static str, value: &Node<'_>) -> Result<(), Trouble> {
        let depth = self.limits.depth;
        match depth.levels().checked_sub(self.step.path.tokens().len()) {
            Some(levels) if value.nests_within(levels) => Ok(()),
            Some(_) | None => Err(Trouble { part, reason: Reason::TooDeep(depth) }),
        }
    }

    fn check_reach(&self, part: &'static str, pointer: &Pointer<'_>) -> Result<(), Trouble> {
        let depth = self.limits.depth;
        if pointer.tokens().len() > depth.levels() {
            return Err(Trouble { part, reason: Reason::LeadsTooDeep(depth) });
        }
        Ok(())
    }

    /// Refuses a document that has grown too large. Checked after each operation, because a copy of a parent into its
    /// child doubles the document.
    fn check_length(&self, part: &'static str, root: &Node<'_>) -> Result<(), Trouble> {
        let limit = self.limits.bytes;
        if root.length() > limit {
            return Err(Trouble { part, reason: Reason::TooLarge(limit) });
        }
        Ok(())
    }

    /// Names the first place on the path that does not exist.
    fn not_found(&self, part: &'static str, pointer: &Pointer<'_>, stop: &Stop, root: &mut Node<'_>) -> Trouble {
        let is_outside = stop.obstacle == Obstacle::NoMember && stop.depth == 0;
        let envelope = self.envelope.filter(|envelope| is_outside && root.find(&[(*envelope).into()]).is_ok());
        let not_found = NotFound {
            place: pointer.shown_up_to(stop.depth + 1),
            parent: pointer.shown_up_to(stop.depth),
            leads_through: stop.depth + 1 < pointer.tokens().len(),
            obstacle: stop.obstacle,
            envelope,
        };
        Trouble { part, reason: Reason::NotFound(not_found) }
    }
}
