//! Pages of a list: reads which one a request names, and writes the links to the pages around it.
//!
//! Links carry cursors. A cursor is the position of a payment in the order of creation, opaque to clients, so that a
//! walk skips and repeats nothing while payments come and go. A page without payments before it has no link back, whatever
//! way a client came to it, so that a walk back ends.

use crate::{
    http::problem::fault,
    payments::{Page, PageStart, Position},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use payments_server::{Fault, models, payments::ListPaymentsRequest};

/// The first byte of every cursor. A change of the format needs another, so that old cursors are refused.
const CURSOR_FORMAT: u8 = 1;

/// The page that a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageQuery {
    pub(super) start: PageStart,
    /// The most payments on the page.
    pub(super) size: u32,
    sent: SentParameters,
}

/// The query parameters as they were sent, to be repeated in `links.self`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SentParameters {
    from: Option<i64>,
    to: Option<i64>,
    after: Option<String>,
    before: Option<String>,
    size: Option<i64>,
}

impl PageQuery {
    /// Reads the query parameters, and reports all that contradict each other. `max_size` caps the size.
    pub(super) fn read(request: ListPaymentsRequest, max_size: u32) -> Result<Self, Vec<Fault>> {
        let ListPaymentsRequest { after, before, size, from, to } = request;
        let mut faults = Vec::new();
        let start = read_start(after.as_deref(), before.as_deref(), from, &mut faults);
        let wanted = read_size(size, from, to, start, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let sent = SentParameters { from, to, after, before, size };
        let size = wanted.map_or(max_size, |size| u32::try_from(size).unwrap_or(u32::MAX).min(max_size));
        Ok(Self { start, size, sent })
    }

    /// The links of `page`, which this query found. `collection` is the address of all payments.
    pub(super) fn links(&self, page: &Page, collection: &str) -> models::PageLinks {
        let Self { start: _, size, sent } = self;
        let query = sent.query();
        let prev = page.has_previous.then(|| format!("{collection}?before={}&size={size}", cursor(page.first)));
        let separator = if query.is_empty() { "" } else { "?" };
        models::PageLinks {
            self_url: format!("{collection}{separator}{query}"),
            next: format!("{collection}?after={}&size={size}", cursor(page.last)),
            prev,
        }
    }
}

impl SentParameters {
    /// Writes them as a query string.
    fn query(&self) -> String {
        let Self { from, to, after, before, size } = self;
        let number = |number: &Option<i64>| number.map(|number| number.to_string());
        let parameters = [
            ("from", number(from)),
            ("to", number(to)),
            ("after", after.clone()),
            ("before", before.clone()),
            ("size", number(size)),
        ];
        let sent = parameters.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        sent.collect::<Vec<_>>().join("&")
    }
}

/// Reads where the page starts: at a cursor, or at an offset.
fn read_start(after: Option<&str>, before: Option<&str>, from: Option<i64>, faults: &mut Vec<Fault>) -> PageStart {
    let mut position = |name: &str, text: &str| {
        read_cursor(text).unwrap_or_else(|| {
            faults.push(fault(&format!("/query/{name}"), "is not a cursor; take it from links.next or links.prev"));
            Position::BEGINNING
        })
    };
    let start = match (after, before) {
        (None, None) => return PageStart::Offset(u64::try_from(from.unwrap_or(0)).unwrap_or(0)),
        (Some(after), None) => PageStart::After(position("after", after)),
        (None, Some(before)) => PageStart::Before(position("before", before)),
        (Some(_), Some(_)) => {
            faults.push(fault("/query/before", "cannot stand beside after; send one of the two"));
            return PageStart::Offset(0);
        }
    };
    if from.is_some() {
        faults.push(fault("/query/from", "cannot stand beside a cursor; send one of the two"));
    }
    start
}

/// Reads the size of the page: `size`, or the difference of `to` and `from`.
fn read_size(
    size: Option<i64>,
    from: Option<i64>,
    to: Option<i64>,
    start: PageStart,
    faults: &mut Vec<Fault>,
) -> Option<i64> {
    let Some(to) = to else { return size };
    if size.is_some() {
        faults.push(fault("/query/to", "cannot stand beside size; send size alone"));
    } else if !matches!(start, PageStart::Offset(_)) {
        faults.push(fault("/query/to", "cannot stand beside a cursor; send size instead"));
    } else if to <= from.unwrap_or(0) {
        faults.push(fault("/query/to", "must be greater than from"));
    }
    Some(to.saturating_sub(from.unwrap_or(0)))
}

/// Writes a position as a cursor.
fn cursor(Position(number): Position) -> String {
    let mut bytes = [CURSOR_FORMAT; 9];
    let (_, tail) = bytes.split_at_mut(1);
    tail.copy_from_slice(&number.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read_cursor(text: &str) -> Option<Position> {
    let mut bytes = [0; 9];
    if text.len() != 12 || URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) != Ok(9) {
        return None;
    }
    let [CURSOR_FORMAT, number @ ..] = bytes else { return None };
    Some(i64::from_be_bytes(number)).filter(|number| *number >= 0).map(Position)
}

#[cfg(test)]
mod tests {
    use super::{PageQuery, cursor, read_cursor};
    use crate::payments::{Page, PageStart, Position};
    use payments_server::payments::ListPaymentsRequest;
    use proptest::prelude::*;

    const ALL: ListPaymentsRequest =
        ListPaymentsRequest { after: None, before: None, size: None, from: None, to: None };

    fn page() -> Page {
        Page { payments: Vec::new(), first: Position(7), last: Position(9), has_previous: true }
    }

    #[test]
    fn a_query_without_parameters_asks_for_the_first_page() {
        let query = PageQuery::read(ALL, 20).unwrap();
        assert_eq!((query.start, query.size), (PageStart::Offset(0), 20));
        let links = query.links(&page(), "http://x/v1/payments");
        assert_eq!(links.self_url, "http://x/v1/payments");
        assert_eq!(links.next, format!("http://x/v1/payments?after={}&size=20", cursor(Position(9))));
    }

    #[test]
    fn only_a_page_with_payments_before_it_has_a_link_back() {
        let first = Page { has_previous: false, ..page() };
        for request in [
            ALL,
            ListPaymentsRequest { from: Some(5), ..ALL },
            ListPaymentsRequest { after: Some(cursor(Position(6))), ..ALL },
            ListPaymentsRequest { before: Some(cursor(Position(10))), ..ALL },
        ] {
            let query = PageQuery::read(request, 20).unwrap();
            assert_eq!(query.links(&first, "").prev, None, "{query:?}");
            let back = format!("?before={}&size=20", cursor(Position(7)));
            assert_eq!(query.links(&page(), "").prev, Some(back), "{query:?}");
        }
    }

    #[test]
    fn size_is_capped_and_to_is_its_older_form() {
        for (from, to, size, expected) in [
            (None, None, Some(5), 5),
            (None, None, Some(21), 20),
            (None, None, Some(i64::MAX), 20),
            (Some(10), Some(13), None, 3),
            (None, Some(4), None, 4),
            (Some(0), Some(i64::MAX), None, 20),
        ] {
            let query = PageQuery::read(ListPaymentsRequest { from, to, size, ..ALL }, 20).unwrap();
            assert_eq!(query.size, expected, "from {from:?}, to {to:?}, size {size:?}");
        }
    }

    #[test]
    fn all_contradictions_are_reported() {
        let cursor = Some(cursor(Position(3)));
        for (request, pointers) in [
            (ListPaymentsRequest { after: Some("garbage".into()), ..ALL }, vec!["/query/after"]),
            (ListPaymentsRequest { after: cursor.clone(), before: cursor.clone(), ..ALL }, vec!["/query/before"]),
            (
                ListPaymentsRequest { after: cursor.clone(), from: Some(1), to: Some(2), ..ALL },
                vec!["/query/from", "/query/to"],
            ),
            (ListPaymentsRequest { size: Some(1), to: Some(2), ..ALL }, vec!["/query/to"]),
            (ListPaymentsRequest { from: Some(2), to: Some(2), ..ALL }, vec!["/query/to"]),
        ] {
            let sent = format!("{request:?}");
            let faults = PageQuery::read(request, 20).unwrap_err();
            assert_eq!(faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), pointers, "{sent}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_as_the_position_that_it_was_written_from(number in 0..=i64::MAX) {
            prop_assert_eq!(read_cursor(&cursor(Position(number))), Some(Position(number)));
        }

        #[test]
        fn text_that_is_read_as_a_cursor_is_written_the_same(text in "[A-Za-z0-9_-]{12}|.{0,20}") {
            if let Some(position) = read_cursor(&text) {
                prop_assert_eq!(cursor(position), text);
            }
        }
    }
}
