//! Pages, and how many payments fit on one.

use super::row::Numbered;
use crate::payments::{Page, PageStart, Position, Snapshot};

/// The most bytes of attributes on a page of several payments: 1 MiB.
///
/// A page is in memory several times while it is read, encoded and sent, and clients read pages in parallel. A page of 20
/// usual payments has 20 KiB or so, so only payments of more than 50 KiB make pages shorter.
pub(super) const PAGE_BYTES: usize = 1 << 20;

/// The most bytes of attributes that are read with a page, however many payments it has: 8 KiB. So the text of a page of 20
/// has 160 KiB at most, and that of 1,000, which is the most that `--max-results` allows, 8 MiB. Payments have 1 KiB or so.
/// A page with a payment that has more is read once more, as long as fits: usual pages do not pay for the bound.
pub(super) const SHORT: usize = 8 << 10;

/// The page of `rows`. Without rows it ends at `end`: the store has looked at everything up to there. `has_previous` says
/// whether payments stand before it.
pub(super) fn page(rows: Vec<Numbered>, end: Position, has_previous: bool) -> Snapshot<Page> {
    let first = rows.first().map_or(end.next(), |row| Position(row.seq));
    let last = rows.last().map_or(end, |row| Position(row.seq));
    let payments = rows.into_iter().map(|row| row.payment).collect();
    Page { payments, first, last, has_previous }.into()
}

/// Leaves out the payments at the far end of a page that do not fit. `true` if there were any, and they stand before it.
pub(super) fn shorten(start: PageStart, rows: &mut Vec<Numbered>) -> bool {
    let fits = fitting(start, rows.iter().map(length));
    let left_out = rows.len().saturating_sub(fits);
    match start {
        PageStart::Offset(_) | PageStart::After(_) => {
            rows.truncate(fits);
            false
        }
        PageStart::Before(_) => {
            rows.drain(..left_out);
            left_out > 0
        }
    }
}

/// The length of the attributes in bytes.
pub(super) fn length(row: &Numbered) -> usize {
    row.payment.attributes.as_str().len()
}

/// How many payments fit on a page, of those whose attributes have `sizes` bytes, in order of creation: at least one, so
/// that a walk goes on.
pub(super) fn fitting(start: PageStart, sizes: impl DoubleEndedIterator<Item = usize>) -> usize {
    match start {
        PageStart::Offset(_) | PageStart::After(_) => fitting_first(sizes),
        PageStart::Before(_) => fitting_first(sizes.rev()),
    }
}

fn fitting_first(sizes: impl Iterator<Item = usize>) -> usize {
    let mut total: usize = 0;
    let fits = |size: &usize| {
        total = total.saturating_add(*size);
        total <= PAGE_BYTES
    };
    sizes.take_while(fits).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::{PAGE_BYTES, PageStart, Position, fitting};

    #[test]
    fn a_page_ends_before_it_is_too_large_and_is_never_empty() {
        for (sizes, first, last) in [
            (&[1, 2, 3][..], 3, 3),
            (&[PAGE_BYTES - 1, 1, 1], 2, 2),
            (&[PAGE_BYTES, 1], 1, 1),
            (&[PAGE_BYTES + 1, 1, 1], 1, 2),
            (&[1, PAGE_BYTES, 1], 1, 1),
            (&[1, usize::MAX, usize::MAX], 1, 1),
        ] {
            let fits = |start| fitting(start, sizes.iter().copied());
            let forth = [PageStart::Offset(7), PageStart::After(Position(7))].map(fits);
            assert_eq!((forth, fits(PageStart::Before(Position(7)))), ([first, first], last), "{sizes:?}");
        }
    }
}
