//! What a store does wrong with histories and events.

use payments::payments::{Event, EventPage, History};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PastFault {
    /// A page of events leaves one out.
    SkipsEvents,
    /// No page ever shows some events.
    HidesEvents,
    /// An event that has just come is left out, and its place is passed: it falls behind the cursor.
    PassesLateEvents,
    /// A page shows an event twice.
    RepeatsEvents,
    /// A page shows two versions of one payment in the wrong order.
    SwapsVersions,
    /// A page shows events of two payments in another order than other pages.
    SwapsPayments,
    /// An event shows another time than its version has.
    ShiftsTimes,
    /// A history leaves out a version.
    SkipsVersions,
    /// A history shows the content of another version.
    MixesVersions,
    /// A history ends too early.
    ForgetsVersions,
}

impl PastFault {
    /// Does the wrong to a page of events, if `now` is the time.
    pub(crate) fn on_events(self, page: &mut EventPage, now: impl FnOnce() -> bool) {
        let events = &mut page.events;
        match self {
            Self::SkipsEvents => {
                if events.len() > 2 && now() {
                    events.remove(1);
                }
            }
            Self::HidesEvents => events.retain(|event| !is_hidden(event)),
            Self::PassesLateEvents => {
                if page.is_at_end && !events.is_empty() && now() {
                    events.pop();
                }
            }
            Self::RepeatsEvents => {
                if let Some(again) = events.first().cloned().filter(|_| now()) {
                    events.insert(1, again);
                }
            }
            Self::SwapsVersions => swap(events, |one, other| one.payment_id == other.payment_id, now),
            Self::SwapsPayments => swap(events, |one, other| one.payment_id != other.payment_id, now),
            Self::ShiftsTimes => {
                if let [first, .., last] = events.as_mut_slice()
                    && now()
                {
                    first.timestamp = last.timestamp;
                }
            }
            Self::SkipsVersions | Self::MixesVersions | Self::ForgetsVersions => {}
        }
    }

    /// Does the wrong to a page of a history, if `now` is the time.
    pub(crate) fn on_history(self, history: &mut History, now: impl FnOnce() -> bool) {
        let events = &mut history.events;
        match self {
            Self::SkipsVersions => {
                if events.len() > 2 && now() {
                    events.remove(1);
                }
            }
            Self::MixesVersions => {
                if let [newest, .., oldest] = events.as_mut_slice()
                    && now()
                {
                    newest.attributes = oldest.attributes.clone();
                    newest.organisation_id = oldest.organisation_id.clone();
                }
            }
            Self::ForgetsVersions => {
                if events.len() > 1 && !history.has_older && now() {
                    events.pop();
                }
            }
            Self::SkipsEvents
            | Self::HidesEvents
            | Self::PassesLateEvents
            | Self::RepeatsEvents
            | Self::SwapsVersions
            | Self::SwapsPayments
            | Self::ShiftsTimes => {}
        }
    }
}

/// Swaps two events of which this holds, if `now` is the time: the first two that there are.
fn swap(events: &mut [Event], holds: impl Fn(&Event, &Event) -> bool, now: impl FnOnce() -> bool) {
    let pairs = (0..events.len()).flat_map(|one| (one + 1..events.len()).map(move |other| (one, other)));
    let mut fitting = pairs.filter(|(one, other)| match (events.get(*one), events.get(*other)) {
        (Some(one), Some(other)) => holds(one, other),
        _ => false,
    });
    if let Some((one, other)) = fitting.next().filter(|_| now()) {
        events.swap(one, other);
    }
}

/// Some updates, always the same ones.
fn is_hidden(event: &Event) -> bool {
    event.version.number() % 4 == 3
}
