//! An operation of a JSON Patch, once it is known to be well-formed.

use super::{fault, pointer::Pointer};
use payments_server::{
    Fault,
    models::{JsonPatchOp, JsonPatchOperation},
};

/// An operation that is well-formed.
pub(super) struct Step<'a> {
    /// Where it does it.
    pub(super) path: Pointer<'a>,
    /// What it does.
    pub(super) action: Action<'a>,
}

/// What an operation does, and what it needs for that.
pub(super) enum Action<'a> {
    /// Adds the value.
    Add(&'a str),
    /// Removes what is there.
    Remove,
    /// Puts the value in the place of what is there.
    Replace(&'a str),
    /// Moves there what is here.
    Move(Pointer<'a>),
    /// Copies there what is here.
    Copy(Pointer<'a>),
    /// Holds if the value is there.
    Test(&'a str),
}

impl<'a> Step<'a> {
    /// Reads an operation. Members that its `op` does not use are ignored, as RFC 6902 asks.
    pub(super) fn read(index: usize, operation: &'a JsonPatchOperation, faults: &mut Vec<Fault>) -> Option<Self> {
        let mut report = |part: &str, detail: String| faults.push(fault(format!("/{index}/{part}"), detail));
        let name = match operation.op {
            JsonPatchOp::Add => "add",
            JsonPatchOp::Remove => "remove",
            JsonPatchOp::Replace => "replace",
            JsonPatchOp::Move => "move",
            JsonPatchOp::Copy => "copy",
            JsonPatchOp::Test => "test",
        };
        let path = Pointer::parse(&operation.path).map_err(|detail| report("path", detail.to_owned())).ok();
        let mut value = || {
            let value = operation.value.as_ref();
            if value.is_none() {
                report("value", format!("is missing; {name} needs a value, which may be null"));
            }
            value.map(|json| json.as_str())
        };
        let action = match operation.op {
            JsonPatchOp::Add => value().map(Action::Add),
            JsonPatchOp::Replace => value().map(Action::Replace),
            JsonPatchOp::Test => value().map(Action::Test),
            JsonPatchOp::Remove => Some(Action::Remove),
            JsonPatchOp::Move | JsonPatchOp::Copy => {
                let from = match operation.from.as_deref().map(Pointer::parse) {
                    Some(Ok(from)) => Some(from),
                    Some(Err(detail)) => {
                        report("from", detail.to_owned());
                        None
                    }
                    None => {
                        report("from", format!("is missing; {name} needs to know from where"));
                        None
                    }
                };
                from.map(if operation.op == JsonPatchOp::Move { Action::Move } else { Action::Copy })
            }
        };
        path.zip(action).map(|(path, action)| Self { path, action })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        PatchError,
        tests::{DOCUMENT, failure},
    };

    #[test]
    fn malformed_operations_are_reported_together_and_first() {
        let patch = r#"[
            {"op":"test","path":"/data/n","value":"not that"},
            {"op":"add","path":"data/x"},
            {"op":"move","path":"/data/~2","from":"~"},
            {"op":"copy","path":"/data/x"},
            {"op":"remove","path":"/data/x","from":"ignored"},
            {"op":"replace","path":"/data/x","value":null}
        ]"#;
        let PatchError::Malformed(faults) = failure(DOCUMENT, patch) else { panic!("it is malformed") };
        let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/1/path", "/1/value", "/2/path", "/2/from", "/3/from"]);
        let details = [
            "is not a JSON Pointer, which begins with /; paths begin with /data",
            "is missing; add needs a value, which may be null",
            "is not a JSON Pointer: a ~ stands alone; write ~0 for ~, and ~1 for a / inside a key",
            "is not a JSON Pointer, which begins with /; paths begin with /data",
            "is missing; copy needs to know from where",
        ];
        assert_eq!(faults.iter().map(|fault| fault.detail.as_ref()).collect::<Vec<_>>(), details);
    }
}
