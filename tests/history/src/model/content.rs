//! The content that clients write, which tells who wrote it on top of what.

use super::{Call, Number};
use std::fmt;

/// The content of a version. Every write leaves its number, so that each content tells who wrote it, and patches keep what
/// they found, so that it tells on top of what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Content {
    /// The operation that wrote the version.
    pub by: Number,
    /// The creation or replacement that began the log, and the JSON Patches since.
    pub log: Vec<Number>,
    /// The last merge patch since the log began.
    pub note: Option<Number>,
}

impl Content {
    /// The content that the write `by` makes of the content before it; none if the content before it would have to be known.
    #[must_use]
    pub fn written(call: &Call, by: Number, before: Option<&Self>) -> Option<Self> {
        match call {
            Call::Create { .. } | Call::Replace { .. } => Some(Self { by, log: vec![by], note: None }),
            Call::JsonPatch { .. } => before.map(|before| {
                let mut log = before.log.clone();
                log.push(by);
                Self { by, log, note: before.note }
            }),
            Call::MergePatch { .. } => before.map(|before| Self { by, log: before.log.clone(), note: Some(by) }),
            Call::Read { .. }
            | Call::Delete { .. }
            | Call::List { .. }
            | Call::PastVersion { .. }
            | Call::PastVersions { .. }
            | Call::Events(_)
            | Call::Stream(_) => None,
        }
    }

    /// The write that chose the amount and the organisation, which patches keep: the one that began the log.
    #[must_use]
    pub fn owner(&self) -> Number {
        self.log.first().copied().unwrap_or(self.by)
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "by #{}, log {:?}, note {}",
            self.by,
            self.log,
            self.note.map_or("none".to_owned(), |note| note.to_string())
        )
    }
}
