//! JSON Patch (RFC 6902).

use super::{
    MAX_DEPTH, MAX_OPERATIONS, PatchError,
    equal::equal,
    fault,
    operation::{Action, Step},
    pointer::Pointer,
    scan::nesting,
    too_deep, too_large,
    tree::Node,
    walk::{Stop, Why},
};
use payments_server::{MAX_FAULTS, models::JsonPatchOperation};

/// Applies `operations` in order, all or none, to the JSON text `document`; the result, and every document on the way to
/// it, has at most `limit` bytes. Operations that are wrong in themselves are reported before any is applied.
///
/// A `test` of what does not exist does not hold, so it is a [`PatchError::TestFailed`] too.
pub(crate) fn json_patch(
    document: &str,
    operations: &[JsonPatchOperation],
    limit: usize,
) -> Result<String, PatchError> {
    if operations.len() > MAX_OPERATIONS {
        let detail = format!("has {} operations; send at most {MAX_OPERATIONS} at a time", operations.len());
        return Err(PatchError::Malformed(vec![fault("", detail)]));
    }
    let mut faults = Vec::new();
    let steps: Vec<_> = operations
        .iter()
        .enumerate()
        .filter_map(|(index, operation)| Step::read(index, operation, &mut faults))
        .collect();
    if !faults.is_empty() {
        faults.truncate(MAX_FAULTS);
        return Err(PatchError::Malformed(faults));
    }
    let mut root = Node::Text(document);
    for (index, step) in steps.iter().enumerate() {
        let is_test = matches!(step.action, Action::Test(_));
        step.apply(&mut root, limit).map_err(|trouble| {
            let fault = fault(format!("/{index}/{}", trouble.part), trouble.detail);
            if is_test && !trouble.beyond { PatchError::TestFailed(fault) } else { PatchError::NotApplicable(fault) }
        })?;
    }
    if root.length() > limit {
        return Err(PatchError::NotApplicable(fault("", too_large(limit))));
    }
    Ok(root.into_text())
}

/// Why an operation cannot be applied.
struct Trouble {
    /// The member of the operation that is to blame.
    part: &'static str,
    detail: String,
    /// Whether it is beyond what we do at all, rather than beyond this document.
    beyond: bool,
}

impl Trouble {
    fn new(part: &'static str, detail: String) -> Self {
        Self { part, detail, beyond: false }
    }

    fn beyond(part: &'static str, detail: String) -> Self {
        Self { part, detail, beyond: true }
    }
}

impl<'a> Step<'a> {
    fn apply(&'a self, root: &mut Node<'a>, limit: usize) -> Result<(), Trouble> {
        let path = &self.path;
        check_reach("path", path)?;
        match &self.action {
            Action::Add(value) => {
                self.check_nesting("value", nesting(value))?;
                self.add(root, Node::Text(value))?;
                check_length("value", root, limit)
            }
            Action::Replace(value) => {
                self.check_nesting("value", nesting(value))?;
                let replaced = root.replace(path.tokens(), Node::Text(value));
                replaced.map_err(|stop| missing("path", path, &stop, root))?;
                check_length("value", root, limit)
            }
            Action::Test(value) => {
                self.check_nesting("value", nesting(value))?;
                match root.find(path.tokens()).map(|node| equal(node, value)) {
                    Ok(true) => Ok(()),
                    Ok(false) => {
                        let shown = path.shown();
                        let detail = format!("is not the value of {shown}; read it again, and patch what it is now");
                        Err(Trouble::new("value", detail))
                    }
                    Err(stop) => Err(missing("path", path, &stop, root)),
                }
            }
            Action::Remove => {
                let removed = root.remove(path.tokens()).map_err(|stop| missing("path", path, &stop, root))?;
                let whole = "names the whole document, which cannot be removed; name a part of it";
                removed.map(drop).ok_or_else(|| Trouble::new("path", whole.to_owned()))
            }
            Action::Move(from) => {
                check_reach("from", from)?;
                if from.is_above(path) {
                    let (from, path) = (from.shown(), path.shown());
                    let detail = format!("names {from}, which cannot move into itself, to {path}; copy it instead");
                    return Err(Trouble::new("from", detail));
                }
                if from.tokens() == path.tokens() {
                    // Removed and added again, it would lose its place among the members.
                    return root.find(from.tokens()).map(drop).map_err(|stop| missing("from", from, &stop, root));
                }
                let removed = root.remove(from.tokens()).map_err(|stop| missing("from", from, &stop, root))?;
                if let Some(value) = removed {
                    self.check_nesting("path", value.nesting())?;
                    self.add(root, value)?;
                }
                check_length("path", root, limit) // The key may be longer.
            }
            Action::Copy(from) => {
                check_reach("from", from)?;
                let found = root.find(from.tokens()).map(|node| node.clone());
                let value = found.map_err(|stop| missing("from", from, &stop, root))?;
                self.check_nesting("path", value.nesting())?;
                self.add(root, value)?;
                check_length("path", root, limit)
            }
        }
    }

    fn add(&'a self, root: &mut Node<'a>, value: Node<'a>) -> Result<(), Trouble> {
        let added = root.add(self.path.tokens(), self.path.key(), value);
        added.map_err(|stop| missing("path", &self.path, &stop, root))
    }

    /// Refuses a value that would nest too deep where the path leads.
    fn check_nesting(&self, part: &'static str, nesting: usize) -> Result<(), Trouble> {
        if self.path.tokens().len() + nesting > MAX_DEPTH {
            return Err(Trouble::beyond(part, too_deep()));
        }
        Ok(())
    }
}

fn check_reach(part: &'static str, pointer: &Pointer<'_>) -> Result<(), Trouble> {
    if pointer.is_too_deep() {
        let detail = format!("leads deeper than {MAX_DEPTH} objects and arrays; name something closer to the top");
        return Err(Trouble::beyond(part, detail));
    }
    Ok(())
}

/// A copy of a parent into its child doubles it, so the length is checked after each step, not after the last.
fn check_length(part: &'static str, root: &Node<'_>, limit: usize) -> Result<(), Trouble> {
    if root.length() > limit {
        return Err(Trouble::beyond(part, too_large(limit)));
    }
    Ok(())
}

/// Says what a pointer names that is not there.
fn missing(part: &'static str, pointer: &Pointer<'_>, stop: &Stop, root: &mut Node<'_>) -> Trouble {
    let parent = pointer.shown_up_to(stop.depth);
    let place = pointer.shown_up_to(stop.depth + 1);
    let names = format!("{} {place}", if stop.depth + 1 < pointer.tokens().len() { "leads through" } else { "names" });
    let detail = match &stop.why {
        // The most frequent mistake: to write the path as if the payment were the document.
        Why::NoMember if stop.depth == 0 && root.find(&["data".into()]).is_ok() => {
            format!("{names}, which does not exist; paths begin with /data")
        }
        Why::NoMember => format!("{names}, which does not exist; name a member that does, or add this one first"),
        Why::NoElement(0) => format!("{names}, but {parent} is empty; add to it first, at /-"),
        Why::NoElement(count) => {
            format!("{names}, but {parent} has {count} elements, counted from 0; use an index below {count}")
        }
        Why::Gap(count) => {
            format!("{names}, but {parent} has {count} elements; add at an index up to {count}, or at -")
        }
        Why::PastEnd => format!("{names}, the place after the last element, where there is nothing; use an index"),
        Why::NotAnIndex => format!("{names}, but {parent} is an array; use an index, such as 0 or 12"),
        Why::NoChildren(kind) => format!("{names}, but {parent} is {kind}, which holds nothing; name something else"),
    };
    Trouble::new(part, detail)
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{DOCUMENT, failure},
        *,
    };

    #[test]
    fn what_cannot_be_applied_says_why() {
        let table = [
            (
                r#"{"op":"replace","path":"/data/colour","value":1}"#,
                "/1/path",
                "names /data/colour, which does not exist; name a member that does, or add this one first",
            ),
            (r#"{"op":"remove","path":"/id"}"#, "/1/path", "names /id, which does not exist; paths begin with /data"),
            (
                r#"{"op":"add","path":"/attributes/amount","value":1}"#,
                "/1/path",
                "leads through /attributes, which does not exist; paths begin with /data",
            ),
            (
                r#"{"op":"copy","from":"/data/o/q/r","path":"/data/x"}"#,
                "/1/from",
                "leads through /data/o/q, which does not exist; name a member that does, or add this one first",
            ),
            (
                r#"{"op":"move","from":"/data/list/3","path":"/data/x"}"#,
                "/1/from",
                "names /data/list/3, but /data/list has 3 elements, counted from 0; use an index below 3",
            ),
            (
                r#"{"op":"add","path":"/data/list/4","value":1}"#,
                "/1/path",
                "names /data/list/4, but /data/list has 3 elements; add at an index up to 3, or at -",
            ),
            (
                r#"{"op":"replace","path":"/data/list/-","value":1}"#,
                "/1/path",
                "names /data/list/-, the place after the last element, where there is nothing; use an index",
            ),
            (
                r#"{"op":"add","path":"/data/list/01","value":1}"#,
                "/1/path",
                "names /data/list/01, but /data/list is an array; use an index, such as 0 or 12",
            ),
            (
                r#"{"op":"remove","path":"/data/none/0"}"#,
                "/1/path",
                "leads through /data/none, which does not exist; name a member that does, or add this one first",
            ),
            (
                r#"{"op":"add","path":"/data/id/0","value":1}"#,
                "/1/path",
                "names /data/id/0, but /data/id is a string, which holds nothing; name something else",
            ),
            (
                r#"{"op":"remove","path":""}"#,
                "/1/path",
                "names the whole document, which cannot be removed; name a part of it",
            ),
            (
                r#"{"op":"move","from":"/data/o","path":"/data/o/p/q"}"#,
                "/1/from",
                "names /data/o, which cannot move into itself, to /data/o/p/q; copy it instead",
            ),
            (
                r#"{"op":"move","from":"","path":"/data"}"#,
                "/1/from",
                "names the document, which cannot move into itself, to /data; copy it instead",
            ),
            (
                r#"{"op":"move","from":"/data/z","path":"/data/z"}"#,
                "/1/from",
                "names /data/z, which does not exist; name a member that does, or add this one first",
            ),
        ];
        for (operation, pointer, detail) in table {
            let patch = format!(r#"[{{"op":"add","path":"/data/new","value":[]}},{operation}]"#);
            assert_eq!(failure(DOCUMENT, &patch), PatchError::NotApplicable(fault(pointer, detail)), "{operation}");
        }
        let empty = failure("[]", r#"[{"op":"remove","path":"/0"}]"#);
        let detail = "names /0, but the document is empty; add to it first, at /-";
        assert_eq!(empty, PatchError::NotApplicable(fault("/0/path", detail)));
    }

    #[test]
    fn a_test_that_does_not_hold_says_so() {
        let table = [
            (
                r#"{"op":"test","path":"/data/n","value":1.11}"#,
                "/0/value",
                "is not the value of /data/n; read it again, and patch what it is now",
            ),
            (
                r#"{"op":"test","path":"","value":{}}"#,
                "/0/value",
                "is not the value of the document; read it again, and patch what it is now",
            ),
            (
                r#"{"op":"test","path":"/data/z","value":null}"#,
                "/0/path",
                "names /data/z, which does not exist; name a member that does, or add this one first",
            ),
            (
                r#"{"op":"test","path":"/n","value":1.1}"#,
                "/0/path",
                "names /n, which does not exist; paths begin with /data",
            ),
        ];
        for (operation, pointer, detail) in table {
            let failed = failure(DOCUMENT, &format!("[{operation}]"));
            assert_eq!(failed, PatchError::TestFailed(fault(pointer, detail)), "{operation}");
        }
    }
}
