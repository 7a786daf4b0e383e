//! The first event that is kept.

use super::EventReader;
use crate::payments::{Error, Mark, Timestamp};

/// The number of the first event from `since` on, found by bisection: times grow with numbers, but for differences between
/// clocks. `None` if all events up to `newest` are older.
pub(super) async fn first_kept(
    reader: &mut impl EventReader,
    newest: Mark,
    since: Timestamp,
) -> Result<Option<i64>, Error> {
    if newest.timestamp < since {
        return Ok(None);
    }
    // The events before `low` are older, the one at `high` is not.
    let (mut low, mut high) = (0, newest.position.0);
    while low < high {
        let middle = low + (high - low) / 2;
        match reader.scan(middle, 1).await?.first().map(|found| &found.event) {
            Some(event) if event.timestamp < since => low = event.position.0 + 1,
            // There may be a gap between the middle and the event.
            Some(_) => high = middle,
            // The store was emptied meanwhile.
            None => return Ok(None),
        }
    }
    Ok(Some(high))
}
