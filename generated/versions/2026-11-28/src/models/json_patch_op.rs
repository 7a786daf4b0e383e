// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

/// What an operation of a JSON Patch does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JsonPatchOp {
    /// `add`
    Add,
    /// `remove`
    Remove,
    /// `replace`
    Replace,
    /// `move`
    Move,
    /// `copy`
    Copy,
    /// `test`
    Test,
    /// A value that the contract of this client does not have.
    Unknown(String),
}

openapi_client::string_enum!(
    JsonPatchOp,
    Add = "add",
    Remove = "remove",
    Replace = "replace",
    Move = "move",
    Copy = "copy",
    Test = "test"
);
