//! Reads histories and events, and writes the paths that lead to them.

use super::{ORGANISATION, PAYMENTS, payment, time};
use crate::model::{Change, ChangeKind, Event, Id, Number, Outcome, Seen, Times};
use serde_json::Value;

/// Where all events are.
const EVENTS: &str = "/v1/events";

/// The path of the first page of a history.
#[must_use]
pub fn first_versions(id: &Id, size: u32) -> String {
    format!("{PAYMENTS}/{id}/history?size={size}")
}

/// The path of a page of events behind a cursor, `now`, or from the beginning.
#[must_use]
pub fn first_events(after: Option<&str>, size: u32, wait: u32, full: bool) -> String {
    let after = after.map_or_else(String::new, |after| format!("&after={after}"));
    let content = if full { "full" } else { "thin" };
    format!("{EVENTS}?size={size}&wait={wait}&content={content}{after}")
}

/// The path of the stream from the beginning, or from `now`.
#[must_use]
pub fn stream(after: Option<&str>) -> String {
    after.map_or_else(|| format!("{EVENTS}/stream"), |after| format!("{EVENTS}/stream?after={after}"))
}

/// The cursor in the path of a page of events.
#[must_use]
pub fn cursor_in(path: &str) -> Option<&str> {
    parameter(path, "after")
}

/// The value of a parameter in a path.
fn parameter<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = path.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// Reads a version of a payment, in the form that histories have.
pub(super) fn change(id: &Id, data: &Value) -> Option<Change> {
    let number = |name| data.get(name)?.as_u64();
    let shown = data.get("payment")?;
    with_payment(id, number("version")?, data, shown.get("organisation_id")?, Some(shown))
}

/// Reads an event.
pub(super) fn event(event: &Value) -> Option<Event> {
    let data = event.get("data")?;
    let id: Id = data.get("payment_id")?.as_str()?.into();
    let version = data.get("version")?.as_u64()?;
    let link = data.get("links")?.get("self")?.as_str()?;
    link.ends_with(&format!("{PAYMENTS}/{id}/history/{version}")).then_some(())?;
    let change = with_payment(&id, version, event, data.get("organisation_id")?, data.get("payment"))?;
    Some(Event { name: event.get("id")?.as_str()?.into(), id, change })
}

/// Reads what histories and events have in common. The payment, if it is there, agrees with all of it.
fn with_payment(id: &Id, version: u64, about: &Value, organisation: &Value, shown: Option<&Value>) -> Option<Change> {
    let kind = match about.get("type")?.as_str()? {
        "payment.created" => ChangeKind::Created,
        "payment.updated" => ChangeKind::Updated,
        "payment.deleted" => ChangeKind::Deleted,
        _ => return None,
    };
    let (at, owner) = (time(about.get("timestamp")?)?, owner(organisation)?);
    let (content, created_on) = match shown {
        Some(shown) => {
            let (shown_id, Seen { version: shown_version, content, times }) = payment(shown)?;
            let Times { created_on, modified_on } = times;
            let agrees = shown_id == *id && shown_version == version && modified_on == at && content.owner() == owner;
            agrees.then_some(())?;
            (Some(content), Some(created_on))
        }
        None => (None, None),
    };
    Some(Change { version, kind, at, created_on, owner, content })
}

/// Reads a page of a history.
pub(super) fn versions(id: &Id, body: &Value) -> Option<Outcome> {
    let changes = body.get("data")?.as_array()?.iter().map(|data| change(id, data)).collect::<Option<_>>()?;
    Some(Outcome::Versions { changes, has_older: body.get("links")?.get("next").is_some() })
}

/// Reads a page of events. It is at the end when it is not full: no filter leaves anything out, and no content is large.
pub(super) fn events(body: &Value) -> Option<Outcome> {
    let events: Vec<_> = body.get("data")?.as_array()?.iter().map(event).collect::<Option<_>>()?;
    let size: usize = parameter(body.get("links")?.get("next")?.as_str()?, "size")?.parse().ok()?;
    let at_end = events.len() < size;
    Some(Outcome::Events { events, at_end })
}

/// The write that named an organisation.
pub(super) fn owner(organisation: &Value) -> Option<Number> {
    organisation.as_str()?.strip_prefix(ORGANISATION)?.parse().ok()
}
