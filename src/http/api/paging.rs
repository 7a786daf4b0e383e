//! Pages of a list: reads which one a request names, and writes the links to the pages around it.
//!
//! Links carry [cursors](super::cursors). A cursor is the position of a payment in the order of creation, opaque to clients,
//! so that a walk skips and repeats nothing while payments come and go. A page without payments before it has no link back, whatever
//! way a client came to it, so that a walk back ends.

use super::{
    cursor_codec::NotACursor,
    cursors::{Cursors, Direction},
};
use crate::{
    http::problem::fault,
    payments::{Page, PageStart, Position},
};
use payments_server::{Fault, models, payments::ListPaymentsRequest};

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
    after: Option<String>,
    before: Option<String>,
    size: Option<i64>,
}

impl PageQuery {
    /// Reads the query parameters, and reports all that contradict each other. `max_size` caps the size.
    pub(super) fn read(request: ListPaymentsRequest, max_size: u32, cursors: &Cursors) -> Result<Self, Vec<Fault>> {
        let ListPaymentsRequest { after, before, size, from, if_match: _ } = request;
        let mut faults = Vec::new();
        let start = read_start(cursors, (after.as_deref(), before.as_deref()), from, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let sent = SentParameters { from, after, before, size };
        let size = size.map_or(max_size, |size| u32::try_from(size).unwrap_or(u32::MAX).min(max_size));
        Ok(Self { start, size, sent })
    }

    /// The links of `page`, which this query found. `collection` is the address of all payments.
    pub(super) fn links(&self, page: &Page, collection: &str, cursors: &Cursors) -> models::PageLinks {
        let Self { start: _, size, sent } = self;
        let query = sent.query();
        let before = || cursors.write(page.first, Direction::Previous);
        let prev = page.has_previous.then(|| format!("{collection}?before={}&size={size}", before()));
        let after = cursors.write(page.last, Direction::Next);
        let separator = if query.is_empty() { "" } else { "?" };
        models::PageLinks {
            self_url: format!("{collection}{separator}{query}"),
            next: format!("{collection}?after={after}&size={size}"),
            prev,
        }
    }
}

impl SentParameters {
    /// Writes them as a query string.
    fn query(&self) -> String {
        let Self { from, after, before, size } = self;
        let number = |number: &Option<i64>| number.map(|number| number.to_string());
        let parameters =
            [("from", number(from)), ("after", after.clone()), ("before", before.clone()), ("size", number(size))];
        let sent = parameters.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        sent.collect::<Vec<_>>().join("&")
    }
}

/// Reads where the page starts: at a cursor, or at an offset.
fn read_start(
    cursors: &Cursors,
    (after, before): (Option<&str>, Option<&str>),
    from: Option<i64>,
    faults: &mut Vec<Fault>,
) -> PageStart {
    let mut position = |name: &str, text: &str| {
        cursors.read(text).unwrap_or_else(|reason| {
            let reason = match reason {
                NotACursor::Garbled => "is not a cursor",
                NotACursor::OtherEndpoint => "is a cursor of events",
                NotACursor::OtherTenant => "is a cursor of another tenant, or was changed",
            };
            faults.push(fault(&format!("/query/{name}"), format!("{reason}; take it from links.next or links.prev")));
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
    // Clients whose generator sends zero for what was not set send it on every page.
    if from.is_some_and(|from| from != 0) {
        faults.push(fault("/query/from", "cannot stand beside a cursor unless it is 0; send one of the two"));
    }
    start
}

#[cfg(test)]
mod tests {
    use super::{Cursors, Direction, PageQuery};
    use crate::payments::{Page, PageStart, Position};
    use payments_server::payments::ListPaymentsRequest;

    fn cursor(position: Position) -> String {
        Cursors::CLEAR.write(position, Direction::Next)
    }

    const ALL: ListPaymentsRequest =
        ListPaymentsRequest { after: None, before: None, size: None, from: None, if_match: None };

    fn page() -> Page {
        Page { payments: Vec::new(), first: Position(7), last: Position(9), has_previous: true }
    }

    #[test]
    fn a_query_without_parameters_asks_for_the_first_page() {
        let query = PageQuery::read(ALL, 20, &Cursors::CLEAR).unwrap();
        assert_eq!((query.start, query.size), (PageStart::Offset(0), 20));
        let links = query.links(&page(), "http://x/v1/payments", &Cursors::CLEAR);
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
            let query = PageQuery::read(request, 20, &Cursors::CLEAR).unwrap();
            assert_eq!(query.links(&first, "", &Cursors::CLEAR).prev, None, "{query:?}");
            let back = format!("?before={}&size=20", cursor(Position(7)));
            assert_eq!(query.links(&page(), "", &Cursors::CLEAR).prev, Some(back), "{query:?}");
        }
    }

    #[test]
    fn size_is_capped() {
        for (size, expected) in [(5, 5), (21, 20), (i64::MAX, 20)] {
            let query = PageQuery::read(ListPaymentsRequest { size: Some(size), ..ALL }, 20, &Cursors::CLEAR).unwrap();
            assert_eq!(query.size, expected, "size {size}");
        }
    }

    #[test]
    fn an_offset_of_zero_stands_beside_a_cursor() {
        let after = ListPaymentsRequest { after: Some(cursor(Position(3))), from: Some(0), ..ALL };
        assert_eq!(PageQuery::read(after, 20, &Cursors::CLEAR).unwrap().start, PageStart::After(Position(3)));
        let before = ListPaymentsRequest { before: Some(cursor(Position(3))), from: Some(0), ..ALL };
        assert_eq!(PageQuery::read(before, 20, &Cursors::CLEAR).unwrap().start, PageStart::Before(Position(3)));
    }

    #[test]
    fn all_contradictions_are_reported() {
        let cursor = Some(cursor(Position(3)));
        for (request, pointers) in [
            (ListPaymentsRequest { after: Some("garbage".into()), ..ALL }, vec!["/query/after"]),
            (ListPaymentsRequest { after: cursor.clone(), before: cursor.clone(), ..ALL }, vec!["/query/before"]),
            (ListPaymentsRequest { after: cursor.clone(), from: Some(1), ..ALL }, vec!["/query/from"]),
            (
                ListPaymentsRequest { after: Some("garbage".into()), from: Some(1), ..ALL },
                vec!["/query/after", "/query/from"],
            ),
        ] {
            let sent = format!("{request:?}");
            let faults = PageQuery::read(request, 20, &Cursors::CLEAR).unwrap_err();
            assert_eq!(faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), pointers, "{sent}");
        }
    }
}
