//! The kinds of operations.

/// The kinds of operations that clients perform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Creates a payment.
    Create,
    /// Reads a payment, with or without a condition.
    Read,
    /// Replaces a payment.
    Replace,
    /// Changes a payment with a JSON Patch.
    JsonPatch,
    /// Changes a payment with a merge patch.
    MergePatch,
    /// Deletes a payment.
    Delete,
    /// Reads a page of a walk through all payments.
    List,
    /// Reads one version of a payment, as it was.
    PastVersion,
    /// Reads a page of the history of a payment.
    PastVersions,
    /// Reads a page of events.
    Events,
    /// Follows the stream of events.
    Stream,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Create,
        Self::Read,
        Self::Replace,
        Self::JsonPatch,
        Self::MergePatch,
        Self::Delete,
        Self::List,
        Self::PastVersion,
        Self::PastVersions,
        Self::Events,
        Self::Stream,
    ];

    /// The operation of the contract, by its `operationId`.
    #[must_use]
    pub const fn operation_id(self) -> &'static str {
        match self {
            Self::Create => "createPayment",
            Self::Read => "getPayment",
            Self::Replace => "updatePayment",
            Self::JsonPatch | Self::MergePatch => "patchPayment",
            Self::Delete => "deletePayment",
            Self::List => "listPayments",
            Self::PastVersion => "getPaymentVersion",
            Self::PastVersions => "listPaymentHistory",
            Self::Events => "listEvents",
            Self::Stream => "streamEvents",
        }
    }

    /// The media type of the body that is sent; none if there is no body.
    #[must_use]
    pub const fn media_type(self) -> Option<&'static str> {
        match self {
            Self::Create | Self::Replace => Some("application/json"),
            Self::JsonPatch => Some("application/json-patch+json"),
            Self::MergePatch => Some("application/merge-patch+json"),
            Self::Read
            | Self::Delete
            | Self::List
            | Self::PastVersion
            | Self::PastVersions
            | Self::Events
            | Self::Stream => None,
        }
    }

    /// The name of the kind, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Replace => "replace",
            Self::JsonPatch => "JSON Patch",
            Self::MergePatch => "merge patch",
            Self::Delete => "delete",
            Self::List => "list",
            Self::PastVersion => "read a version",
            Self::PastVersions => "history",
            Self::Events => "events",
            Self::Stream => "stream",
        }
    }
}
