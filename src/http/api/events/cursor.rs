//! Cursors of events: places in the order of all events of a tenant, with the filters of the walk.
//!
//! A cursor has the position of an event, and its timestamp, by which the store knows that it still has that event. A walk with
//! filters has passed what they leave out, so a cursor is for the same filters only: it has a fingerprint of them.

use crate::{
    http::api::cursor_codec::{self, CursorCodec, EVENTS, NotACursor},
    payments::{Error, EventQuery, Mark, Position, Secret, Tenant, Timestamp},
};
use ring::digest::{Context, SHA256};

/// How many bytes a fingerprint has. It tells mistakes, and protects nothing.
const FINGERPRINT: usize = 4;

/// Tells the filters of a walk from others; `None` for a walk without filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint(Option<[u8; FINGERPRINT]>);

/// Why a text is no cursor of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotOfWalk {
    /// It is no cursor of events of this tenant.
    NotACursor(NotACursor),
    /// It is a cursor of a walk with other filters.
    OtherFilters,
}

impl Fingerprint {
    /// The fingerprint of what a query leaves out. Size and content are no filters: they may change on the way.
    pub(super) fn of(query: &EventQuery) -> Self {
        let EventQuery { kind, payment_id, organisation_id, with_content: _, size: _, kept_since: _ } = query;
        let kind = kind.map(super::wire::type_name);
        let payment_id = payment_id.as_ref().map(|id| id.as_str());
        let filters = [kind, payment_id, organisation_id.as_ref().map(|organisation| organisation.as_str())];
        if filters.iter().all(Option::is_none) {
            return Self(None);
        }
        let mut context = Context::new(&SHA256);
        for filter in filters {
            // The length keeps neighbours apart; no filter is as long as the number that stands for none.
            context.update(&filter.map_or(u64::MAX, |text| text.len() as u64).to_be_bytes());
            context.update(filter.unwrap_or_default().as_bytes());
        }
        Self(context.finish().as_ref().first_chunk().copied())
    }
}

/// Reads and writes the cursors of one walk, for one response.
#[derive(Debug)]
pub(super) struct EventCursors {
    codec: CursorCodec,
    fingerprint: Fingerprint,
}

impl EventCursors {
    /// The cursors of `tenant` for walks with these filters, in a store that has this secret.
    ///
    /// # Errors
    /// [`Error::Internal`] when the system has no random numbers.
    pub(super) fn of(tenant: &Tenant, fingerprint: Fingerprint, secret: &Secret) -> Result<Self, Error> {
        Ok(Self { codec: CursorCodec::of(&EVENTS, tenant, secret)?, fingerprint })
    }

    /// Writes a place as a cursor. No two of one response have the same `number`.
    pub(super) fn write(&self, mark: Mark, number: u16) -> String {
        let Mark { position: Position(position), timestamp } = mark;
        let (position, timestamp) = (position.to_be_bytes(), timestamp.micros().to_be_bytes());
        let filters = self.fingerprint.0.as_ref().map_or(&[][..], |fingerprint| fingerprint);
        self.codec.write(&[&position, &timestamp, filters].concat(), number)
    }

    /// The place that a cursor was written from.
    ///
    /// # Errors
    /// Why the text is no cursor of this walk.
    pub(super) fn read(&self, text: &str) -> Result<Mark, NotOfWalk> {
        let content = self.codec.read(text).map_err(NotOfWalk::NotACursor)?;
        let garbled = NotOfWalk::NotACursor(NotACursor::Garbled);
        let (position, rest) = content.split_at_checked(8).ok_or(garbled)?;
        let (timestamp, filters) = rest.split_at_checked(8).ok_or(garbled)?;
        let position = cursor_codec::number(position).filter(|position| *position >= 0).ok_or(garbled)?;
        let timestamp = cursor_codec::number(timestamp).and_then(Timestamp::from_micros).ok_or(garbled)?;
        if filters != self.fingerprint.0.as_ref().map_or(&[][..], |fingerprint| fingerprint) {
            return Err(NotOfWalk::OtherFilters);
        }
        Ok(Mark { position: Position(position), timestamp })
    }
}

impl NotOfWalk {
    /// What a fault says of it.
    pub(super) fn detail(self) -> &'static str {
        match self {
            Self::NotACursor(NotACursor::Garbled) => {
                "is not a cursor; take it from links.next, or from the id of a stream's event"
            }
            Self::NotACursor(NotACursor::OtherEndpoint) => {
                "is a cursor of the list of payments; take it from links.next of events, or from the id of a stream's event"
            }
            Self::NotACursor(NotACursor::OtherTenant) => {
                "is a cursor of another tenant, or was changed; take it from links.next, or from the id of a stream's event"
            }
            Self::OtherFilters => "is a cursor for other filters; send those with which it was made, or leave it out",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{EventCursors, Fingerprint, NotACursor, NotOfWalk};
    use crate::{
        http::api::cursors::{Cursors, Direction},
        payments::{EventKind, EventQuery, Mark, OrganisationId, PaymentId, Position, Secret, Tenant, Timestamp},
    };
    use proptest::prelude::*;
    use std::num::NonZeroU32;

    const SECRET: Secret = Secret::new([7; Secret::LENGTH]);
    const ALL: EventQuery = EventQuery {
        kind: None,
        payment_id: None,
        organisation_id: None,
        with_content: false,
        size: NonZeroU32::MIN,
        kept_since: None,
    };

    fn tenant(name: &str) -> Tenant {
        Tenant::stored(name).unwrap()
    }

    fn cursors(name: &str, query: &EventQuery) -> EventCursors {
        EventCursors::of(&tenant(name), Fingerprint::of(query), &SECRET).unwrap()
    }

    fn mark(position: i64, micros: i64) -> Mark {
        Mark { position: Position(position), timestamp: Timestamp::from_micros(micros).unwrap() }
    }

    fn queries() -> Vec<EventQuery> {
        let id = |text| Some(PaymentId::parse(text).unwrap());
        let organisation = |text| Some(OrganisationId::parse(text).unwrap());
        vec![
            ALL,
            EventQuery { kind: Some(EventKind::Created), ..ALL },
            EventQuery { kind: Some(EventKind::Deleted), ..ALL },
            EventQuery { payment_id: id("a"), ..ALL },
            EventQuery { payment_id: id("b"), ..ALL },
            EventQuery { organisation_id: organisation("a"), ..ALL },
            EventQuery { payment_id: id("a"), organisation_id: organisation("a"), ..ALL },
        ]
    }

    #[test]
    fn an_anonymous_cursor_is_what_the_contract_shows() {
        assert_eq!(cursors("", &ALL).write(mark(1, 0), 0), "AwAAAAAAAAABAAAAAAAAAAA");
    }

    #[test]
    fn a_cursor_is_for_its_tenant_its_filters_and_its_endpoint() {
        for (writer, reader) in [("", ""), ("acme", "acme"), ("", "acme"), ("acme", ""), ("acme", "acme2")] {
            for (written, query) in queries().iter().enumerate() {
                let cursor = cursors(writer, query).write(mark(41, 1_700_000_000_000_000), 0);
                for (read, other) in queries().iter().enumerate() {
                    let expected = match (writer == reader, written == read) {
                        (true, true) => Ok(mark(41, 1_700_000_000_000_000)),
                        (true, false) => Err(NotOfWalk::OtherFilters),
                        (false, _) => Err(NotOfWalk::NotACursor(NotACursor::OtherTenant)),
                    };
                    assert_eq!(
                        cursors(reader, other).read(&cursor),
                        expected,
                        "{writer:?} {query:?}, {reader:?} {other:?}"
                    );
                }
            }
            let list = Cursors::of(&tenant(writer), &SECRET).unwrap();
            let of_list = list.write(Position(41), Direction::Next);
            let other_endpoint = Err(NotOfWalk::NotACursor(NotACursor::OtherEndpoint));
            assert_eq!(cursors(reader, &ALL).read(&of_list), other_endpoint, "a cursor of the list");
            let of_events = cursors(writer, &ALL).write(mark(41, 0), 0);
            assert_eq!(list.read(&of_events), Err(NotACursor::OtherEndpoint), "a cursor of events");
        }
    }

    #[test]
    fn size_content_and_what_is_kept_may_change_on_the_way() {
        let cursor = cursors("acme", &ALL).write(mark(41, 0), 0);
        let size = NonZeroU32::new(7).unwrap();
        let kept_since = Some(Timestamp::UNIX_EPOCH);
        let query = EventQuery { with_content: true, size, kept_since, ..ALL };
        assert_eq!(cursors("acme", &query).read(&cursor), Ok(mark(41, 0)));
    }

    #[test]
    fn no_two_cursors_of_a_response_have_the_same_nonce() {
        let cursors = cursors("acme", &ALL);
        let nonces: std::collections::HashSet<_> = (0..1000).map(|number| cursors.write(mark(1, 0), number)).collect();
        assert_eq!(nonces.len(), 1000);
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_as_the_place_that_it_was_written_from(position in 0..=i64::MAX, micros in 0..253_402_300_800_000_000_i64) {
            for tenant in ["", "acme"] {
                for query in queries() {
                    let cursors = cursors(tenant, &query);
                    prop_assert_eq!(cursors.read(&cursors.write(mark(position, micros), 3)), Ok(mark(position, micros)));
                }
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "A[wQ-][A-Za-z0-9_-]{20,26}|.{0,40}") {
            for tenant in ["", "acme"] {
                if let Ok(mark) = cursors(tenant, &ALL).read(&text) {
                    prop_assert_eq!(cursors(tenant, &ALL).write(mark, 0), text.clone());
                }
            }
        }
    }
}
