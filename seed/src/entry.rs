//! Defines what a source of payments yields: a payment, or why there is none, and where in the source it stands.

use payments_client::models::PaymentInput;
use std::fmt;

/// Says where in its source a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceLocation {
    /// A position in a text. Both numbers count from 1; columns count characters.
    Text {
        /// The line.
        line: u64,
        /// The column.
        column: u64,
    },
    /// The number of a synthetic payment, from 1.
    Number(u64),
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { line, column } => write!(f, "line {line}, column {column}"),
            Self::Number(number) => write!(f, "number {number}"),
        }
    }
}

/// One item of a source.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) location: SourceLocation,
    /// The progress within the source, this entry included: bytes of a file, or the number of a synthetic payment.
    pub(crate) position: u64,
    /// How many bytes of memory the entry takes, approximately.
    pub(crate) size: usize,
    pub(crate) content: EntryContent,
}

/// The content of an entry.
#[derive(Debug)]
pub(crate) enum EntryContent {
    /// A payment with an id.
    Payment(Box<PaymentInput>),
    /// An element that is not loaded, and why. The reader goes on with the next element.
    Invalid { id: Option<String>, reason: String },
    /// The end of what can be read, and why. No entry follows.
    Unreadable(String),
}
