//! Server-sent events (HTML Standard, section 9.2): the text of a stream.

use crate::http::memory_budget::Permit;
use axum::body::Bytes;
use payments_server::{Encode, models};

/// What every stream begins with: how long, in milliseconds, a client waits before it connects again. It is a part of the first
/// event: some clients take a block without data for an event.
pub(super) const RETRY: &[u8] = b"retry: 1000\n";

/// Appends an event, whose cursor is `id`.
pub(super) fn push_event(text: &mut Vec<u8>, id: &str, event: &models::Event) {
    push_fields(text, id, event.kind.as_str());
    let data = text.len();
    event.encode(text);
    // The attributes of a payment are as their client wrote them, perhaps on many lines. Between tokens of JSON one kind of white
    // space is as good as another, and inside of strings line breaks are escaped.
    for byte in text.iter_mut().skip(data).filter(|byte| matches!(**byte, b'\n' | b'\r')) {
        *byte = b' ';
    }
    text.extend_from_slice(b"\n\n");
}

/// Appends a bookmark: where to go on, when there was nothing to show.
pub(super) fn push_bookmark(text: &mut Vec<u8>, id: &str) {
    push_fields(text, id, "bookmark");
    text.extend_from_slice(b"{}\n\n");
}

fn push_fields(text: &mut Vec<u8>, id: &str, event: &str) {
    text.extend([b"id: ", id.as_bytes(), b"\nevent: ", event.as_bytes(), b"\ndata: "].concat());
}

/// Text that holds a part of the memory budget until its last byte was sent.
struct Held {
    text: Vec<u8>,
    _permit: Permit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

/// Makes a frame of `text`.
pub(super) fn frame(text: Vec<u8>, permit: Permit) -> Bytes {
    Bytes::from_owner(Held { text, _permit: permit })
}

#[cfg(test)]
mod tests {
    use super::{push_bookmark, push_event};
    use payments_server::{RawJson, models};

    fn event(attributes: &str) -> models::Event {
        let payment = models::Payment {
            id: Some("p-1".into()),
            kind: models::PaymentType::Payment,
            version: Some(0),
            organisation_id: "acme".into(),
            attributes: models::PaymentAttributes(RawJson::new(attributes.into())),
            created_on: None,
            modified_on: None,
        };
        models::Event {
            id: "evt_1".into(),
            kind: models::EventType::PaymentCreated,
            timestamp: "2026-01-18T09:00:00.000000Z".into(),
            data: models::EventData {
                payment_id: "p-1".into(),
                organisation_id: "ac\nme".into(),
                version: 0,
                payment: Some(payment),
                links: models::PaymentVersionLinks { self_url: "http://x".into() },
            },
        }
    }

    #[test]
    fn an_event_is_one_line_of_data_whatever_its_client_wrote() {
        let mut text = Vec::new();
        push_event(&mut text, "cursor", &event("{\r\n \"amount\":\r\"1\\n\"\n}"));
        push_bookmark(&mut text, "next");
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<_> = text.split(['\n', '\r']).collect();
        let [id, kind, data, "", "id: next", "event: bookmark", "data: {}", "", ""] = lines[..] else {
            panic!("{lines:#?}")
        };
        assert_eq!((id, kind), ("id: cursor", "event: payment.created"));
        let data: serde_json::Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(data["data"]["payment"]["attributes"]["amount"], "1\n");
        assert_eq!(data["data"]["organisation_id"], "ac\nme");
    }
}
