//! What problems say of requests that are refused for their token.

use super::Occurrence;
use crate::http::identity::TokenFault;
use axum::http::{HeaderValue, header};
use std::time::Duration;

/// Describes a request without a valid token.
pub(super) fn unauthenticated(fault: TokenFault) -> Occurrence {
    const SEND: &str = "Send one of the issuer that WWW-Authenticate leads to, as Authorization: Bearer TOKEN.";
    Occurrence::new(match fault {
        TokenFault::Missing => format!("There is no token. {SEND}"),
        TokenFault::NotBearer => format!("The header Authorization has another scheme than Bearer. {SEND}"),
        TokenFault::Twice => "The header Authorization is there more than once. Send it once.".to_owned(),
        TokenFault::Invalid(reason) => format!("The token is not valid: {reason}. Fetch another one."),
        TokenFault::NoOrganisation => {
            "The token names no organisation, whose payments this would be about. Ask the issuer for one that does."
                .to_owned()
        }
    })
}

/// Describes a request whose token lacks a scope.
pub(super) fn insufficient_scope(scope: &str) -> Occurrence {
    Occurrence::new(format!(
        "The token has no scope {scope}, which the operation asks for. Ask the issuer for a token that has it."
    ))
}

/// Describes a request whose token cannot be judged.
pub(super) fn issuer_away(retry_after: Duration) -> Occurrence {
    Occurrence::new("The issuer of tokens cannot be reached, so that none can be judged. Nothing was done: try again.")
        .with_header(header::RETRY_AFTER, HeaderValue::from(super::whole_seconds(retry_after).max(1)))
}
