//! The words of a precondition that does not hold.

use crate::payments::Version;
use std::borrow::Cow;

/// A precondition that does not hold (RFC 9110, section 13.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnmetPrecondition {
    /// `If-Match` does not name the version of the payment.
    NotMatched {
        /// The version that is current.
        current: Version,
        /// Whether a weak tag names it.
        weak: bool,
    },
    /// `If-None-Match` names the version of the payment, or none.
    Matched {
        /// The version that is current.
        current: Version,
    },
    /// `If-Match` names a tag of a resource that has none.
    NotTagged,
    /// `If-None-Match` is `*` at a resource that exists and has no tag.
    Exists,
}

impl UnmetPrecondition {
    /// Describes it, for the client.
    pub(super) fn detail(self) -> Cow<'static, str> {
        match self {
            Self::NotMatched { current, weak: false } => {
                format!("The payment is at version {current}, which If-Match does not name. Read it again, and decide.")
                    .into()
            }
            Self::NotMatched { current, weak: true } => format!(
                "If-Match names version {current}, which is current, with a weak tag, and a weak tag never matches. A proxy \
                 may have weakened it: send \"{current}\" without W/."
            )
            .into(),
            Self::Matched { current } => {
                format!("The payment is at version {current}, which If-None-Match rules out. Nothing was done.").into()
            }
            Self::NotTagged => "There is no ETag here, so If-Match holds only if it is *. Leave it out.".into(),
            Self::Exists => {
                "If-None-Match: * holds where nothing is, and what is asked for here is always there. Leave it out.".into()
            }
        }
    }
}
