//! Cursors of the list of payments: positions in the order of creation, as clients see them.

use super::cursor_codec::{self, CursorCodec, NotACursor, PAYMENTS};
use crate::payments::{Error, Position, Secret, Tenant};

/// Reads and writes the cursors of one tenant, for one response.
#[derive(Debug)]
pub(super) struct Cursors(CursorCodec);

/// Which cursor of a response one is: no two are sealed with the same nonce.
#[derive(Debug, Clone, Copy)]
pub(super) enum Direction {
    Next = 0,
    Previous = 1,
}

impl Cursors {
    /// The cursors of anonymous callers.
    #[cfg(any(test, fuzzing))]
    pub(super) const CLEAR: Self = Self(CursorCodec::clear(&PAYMENTS));

    /// The cursors of `tenant`, in a store that has this secret.
    ///
    /// # Errors
    /// [`Error::Internal`] when the system has no random numbers.
    pub(super) fn of(tenant: &Tenant, secret: &Secret) -> Result<Self, Error> {
        CursorCodec::of(&PAYMENTS, tenant, secret).map(Self)
    }

    /// Writes a position as a cursor.
    pub(super) fn write(&self, Position(number): Position, direction: Direction) -> String {
        self.0.write(&number.to_be_bytes(), direction as u16)
    }

    /// The position that a cursor was written from.
    ///
    /// # Errors
    /// Why the text is none of this tenant's cursors.
    pub(super) fn read(&self, text: &str) -> Result<Position, NotACursor> {
        let content = self.0.read(text)?;
        let number = cursor_codec::number(&content).filter(|number| *number >= 0);
        number.map(Position).ok_or(NotACursor::Garbled)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursors, Direction, NotACursor};
    use crate::payments::{OrganisationId, Position, Secret, Tenant};
    use proptest::prelude::*;

    const SECRET: Secret = Secret::new([7; Secret::LENGTH]);

    fn of(organisation: &str) -> Cursors {
        of_store(organisation, &SECRET)
    }

    fn of_store(organisation: &str, secret: &Secret) -> Cursors {
        Cursors::of(&Tenant::stored(organisation).unwrap(), secret).unwrap()
    }

    fn write(cursors: &Cursors, number: i64) -> String {
        cursors.write(Position(number), Direction::Next)
    }

    #[test]
    fn an_anonymous_cursor_is_what_it_always_was() {
        let anonymous = of("");
        assert_eq!(write(&anonymous, 2), "AQAAAAAAAAAC");
        assert_eq!(anonymous.read("AQAAAAAAAAAC"), Ok(Position(2)));
    }

    #[test]
    fn no_tenant_reads_the_cursors_of_another() {
        let names = ["", "acme", "acme2", "Acme"];
        for (writer, reader) in names.into_iter().flat_map(|writer| names.map(|reader| (writer, reader))) {
            let cursor = write(&of(writer), 41);
            let read = of(reader).read(&cursor);
            let expected = if writer == reader { Ok(Position(41)) } else { Err(NotACursor::OtherTenant) };
            assert_eq!(read, expected, "written for {writer:?}, read by {reader:?}");
        }
    }

    #[test]
    fn replicas_of_one_store_read_each_others_cursors_and_no_other_stores() {
        let other = Secret::new([8; Secret::LENGTH]);
        let cursor = write(&of("acme"), 41);
        assert_eq!(of("acme").read(&cursor), Ok(Position(41)));
        assert_eq!(of_store("acme", &other).read(&cursor), Err(NotACursor::OtherTenant));
    }

    #[test]
    fn a_sealed_cursor_does_not_show_what_is_in_it() {
        let acme = OrganisationId::parse("acme").unwrap();
        let cursors = || Cursors::of(&Tenant::of(acme.clone()), &SECRET).unwrap();
        let first = cursors();
        let (next, previous) = (write(&first, 41), first.write(Position(41), Direction::Previous));
        assert_ne!(next, previous, "two cursors of one response have the same nonce");
        assert_ne!(next, write(&cursors(), 41), "two cursors of one position are the same");
        assert_eq!(next.len(), write(&cursors(), i64::MAX).len(), "the length tells how large the number is");
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_as_the_position_that_it_was_written_from(number in 0..=i64::MAX) {
            for cursors in [of(""), of("acme")] {
                for direction in [Direction::Next, Direction::Previous] {
                    let cursor = cursors.write(Position(number), direction);
                    prop_assert_eq!(cursors.read(&cursor), Ok(Position(number)));
                }
            }
        }

        #[test]
        fn text_that_is_read_as_a_cursor_is_written_the_same(text in "[A-Za-z0-9_-]{12}|.{0,20}") {
            if let Ok(Position(number)) = of("").read(&text) {
                prop_assert_eq!(write(&of(""), number), text);
            }
        }

        #[test]
        fn a_sealed_cursor_that_was_changed_is_none(number in 0..=i64::MAX, at in 0..50_usize, to in "[A-Za-z0-9_-]") {
            let cursor = write(&of("acme"), number);
            let mut changed = cursor.clone();
            changed.replace_range(at..=at, &to);
            prop_assume!(changed != cursor);
            prop_assert!(of("acme").read(&changed).is_err());
        }
    }
}
