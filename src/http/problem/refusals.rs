//! What problems say of requests that the generated layer refuses.

use super::{Occurrence, fault, internal};
use axum::http::{HeaderName, HeaderValue, header};
use payments_server::Refusal;
use std::borrow::Cow;

/// Describes one refusal.
pub(super) fn describe(refusal: Refusal) -> Occurrence {
    match refusal {
        Refusal::PathNotFound => Occurrence::new("Nothing is served at this path; /openapi.yml says what is."),
        Refusal::Path => Occurrence::new("No payment can have this id: it is not UTF-8."),
        Refusal::MethodNotAllowed { allow } => Occurrence {
            headers: allow.map(|methods| (header::ALLOW, methods)).into_iter().collect(),
            ..Occurrence::new("The header Allow lists the methods that this path has.")
        },
        Refusal::NotAcceptable { produces } => Occurrence::new(format!(
            "The answer is {}, which Accept rules out; nothing was done.",
            produces.join(" or ")
        )),
        Refusal::Invalid(faults) => Occurrence::of_faults(faults),
        Refusal::MediaType { sent, accepted } => media_type(sent.as_deref(), accepted),
        Refusal::MediaTypes { count, accepted } => {
            let list = accepted.join(" or ");
            accepting(format!("The header Content-Type is there {count} times; send it once: {list}."), accepted)
        }
        Refusal::ContentEncoding { sent, accepted } => {
            accepting(format!("The body is encoded as {}; send it without Content-Encoding.", shorten(&sent)), accepted)
                .with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))
        }
        Refusal::BodyTooLarge { limit } => Occurrence::new(format!("The body is larger than {limit} bytes.")),
        Refusal::BodyLost(_) => Occurrence::of_faults(vec![fault("", "broke off before its end")]),
        // The enum is non-exhaustive.
        Refusal::Undeclared { .. } | _ => internal(),
    }
}

fn media_type(sent: Option<&str>, accepted: &'static [&'static str]) -> Occurrence {
    let list = accepted.join(", ");
    let detail = match sent {
        Some(sent) => format!("The body is {}; send {list}.", shorten(sent)),
        None => format!("The header Content-Type is missing; send {list}."),
    };
    accepting(detail, accepted)
}

/// An occurrence that lists the accepted media types, in a header.
fn accepting(detail: String, accepted: &'static [&'static str]) -> Occurrence {
    // RFC 5789, section 3.1, has a header of its own for what PATCH accepts.
    let patches = accepted.iter().all(|media_type| media_type.contains("patch"));
    let name = if patches { HeaderName::from_static("accept-patch") } else { header::ACCEPT };
    let value = HeaderValue::try_from(accepted.join(", ")).unwrap_or(HeaderValue::from_static("application/json"));
    Occurrence::new(detail).with_header(name, value)
}

/// Shortens text that a client sent, to repeat it in a response.
fn shorten(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}
