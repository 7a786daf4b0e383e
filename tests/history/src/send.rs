//! Turns calls into requests, and answers into outcomes.

mod changes;
mod sse;

use crate::model::{Call, Condition, Content, Entry, Id, Kind, Number, Outcome, ReadCondition, Seen, Times};
pub use changes::{cursor_in, first_events, first_versions, stream};
use serde_json::{Value, json};
pub use sse::{Heard, Listen, listen};
use test_support::{Answer, Client};

/// Where all payments are.
const PAYMENTS: &str = "/v1/payments";
/// What organisations are called before the number of the write that names them.
const ORGANISATION: &str = "acme-";

/// A request, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Request {
    /// The request of a call. `number` is left in what it writes; `page` is the path of the page that a list reads.
    #[must_use]
    pub fn of(call: &Call, number: Number, page: &str) -> Self {
        let mut headers = Vec::new();
        headers.extend(call.kind().media_type().map(|media_type| ("content-type", media_type.to_owned())));
        headers.extend(condition_header(call));
        let path = call.id().map(|id| format!("{PAYMENTS}/{id}"));
        let path = path.unwrap_or_else(|| PAYMENTS.to_owned());
        let (method, path, body) = match call {
            Call::Create { id } => ("POST", PAYMENTS.to_owned(), whole(id.as_ref(), 0, number)),
            Call::Read { .. } => ("GET", path, String::new()),
            Call::Replace { id, version, .. } => ("PUT", path, whole(Some(id), *version, number)),
            Call::JsonPatch { condition, .. } => ("PATCH", path, json_patch(*condition, number)),
            Call::MergePatch { condition, .. } => ("PATCH", path, merge_patch(*condition, number)),
            Call::Delete { condition: Condition::Version(version), .. } => {
                ("DELETE", format!("{path}?version={version}"), String::new())
            }
            Call::Delete { condition: Condition::Any | Condition::IfMatch(_), .. } => ("DELETE", path, String::new()),
            Call::PastVersion { version, .. } => ("GET", format!("{path}/history/{version}"), String::new()),
            Call::List { .. } | Call::PastVersions { .. } | Call::Events(_) | Call::Stream(_) => {
                ("GET", page.to_owned(), String::new())
            }
        };
        Self { method, path, headers, body }
    }

    /// Sends the request, and waits for its answer.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(&self, client: &Client) -> Result<Answer, reqwest::Error> {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        client.try_send(self.method, &self.path, &headers, self.body.as_str()).await
    }
}

fn condition_header(call: &Call) -> Option<(&'static str, String)> {
    let tag = |version: u64| format!("\"{version}\"");
    match call {
        Call::Read { condition, .. } => match condition {
            ReadCondition::Any => None,
            ReadCondition::IfNoneMatch(version) => Some(("if-none-match", tag(*version))),
            ReadCondition::IfMatch(version) => Some(("if-match", tag(*version))),
        },
        Call::Replace { if_match, .. } => if_match.map(|version| ("if-match", tag(version))),
        Call::JsonPatch { condition, .. } | Call::MergePatch { condition, .. } => match condition {
            Condition::IfMatch(version) => Some(("if-match", tag(*version))),
            Condition::Any | Condition::Version(_) => None,
        },
        Call::Delete { condition, .. } => match condition {
            Condition::IfMatch(version) => Some(("if-match", tag(*version))),
            Condition::Any => Some(("if-match", "*".to_owned())),
            Condition::Version(_) => None,
        },
        Call::Create { .. }
        | Call::List { .. }
        | Call::PastVersion { .. }
        | Call::PastVersions { .. }
        | Call::Events(_)
        | Call::Stream(_) => None,
    }
}

fn whole(id: Option<&Id>, version: u64, number: Number) -> String {
    let attributes = json!({"amount": amount(number), "by": number, "log": [number]});
    let organisation = format!("{ORGANISATION}{number}");
    let mut data =
        json!({"type": "Payment", "version": version, "organisation_id": organisation, "attributes": attributes});
    if let (Some(id), Some(data)) = (id, data.as_object_mut()) {
        data.insert("id".to_owned(), json!(**id));
    }
    json!({"data": data}).to_string()
}

/// The amount that a write chooses; zero is none.
fn amount(number: Number) -> String {
    format!("{}.50", u64::from(number).saturating_add(1))
}

fn json_patch(condition: Condition, number: Number) -> String {
    let test = match condition {
        Condition::Version(version) => Some(json!({"op": "test", "path": "/data/version", "value": version})),
        Condition::Any | Condition::IfMatch(_) => None,
    };
    let changes = [
        json!({"op": "replace", "path": "/data/attributes/by", "value": number}),
        json!({"op": "add", "path": "/data/attributes/log/-", "value": number}),
    ];
    Value::Array(test.into_iter().chain(changes).collect()).to_string()
}

fn merge_patch(condition: Condition, number: Number) -> String {
    let attributes = json!({"by": number, "note": number});
    let data = match condition {
        Condition::Version(version) => json!({"version": version, "attributes": attributes}),
        Condition::Any | Condition::IfMatch(_) => json!({"attributes": attributes}),
    };
    json!({"data": data}).to_string()
}

/// The outcome of a call that was answered, or not.
#[must_use]
pub fn outcome(call: &Call, answer: Result<&Answer, &reqwest::Error>) -> Outcome {
    match answer {
        Ok(answer) => read(call, answer).unwrap_or_else(|| Outcome::Unexpected(answer.to_string())),
        Err(error) if error.is_connect() => Outcome::NotDone("no connection".to_owned()),
        Err(error) => Outcome::Unknown(reason(error)),
    }
}

/// The innermost cause of an error.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Reads an answer; none if the contract has no such answer for the call.
fn read(call: &Call, answer: &Answer) -> Option<Outcome> {
    let body: Value = if answer.bytes.is_empty() { Value::Null } else { serde_json::from_slice(&answer.bytes).ok()? };
    let kind = call.kind();
    let problem = body.get("type").and_then(Value::as_str).and_then(|it| it.strip_prefix("/problems/"));
    Some(match (answer.status, problem) {
        (201, None) if kind == Kind::Create => {
            let (id, seen) = payment(body.get("data")?)?;
            has_tag(answer, seen.version).then_some(())?;
            call.id().is_none_or(|asked| *asked == id).then_some(())?;
            Outcome::Created(id, seen)
        }
        (200, None) if kind == Kind::List => Outcome::Page(entries(&body)?),
        (200, None) if matches!(kind, Kind::Read | Kind::Replace | Kind::JsonPatch | Kind::MergePatch) => {
            let (id, seen) = payment(body.get("data")?)?;
            (has_tag(answer, seen.version) && call.id() == Some(&id)).then_some(())?;
            if kind == Kind::Read { Outcome::Read(seen) } else { Outcome::Changed(seen) }
        }
        (204, None) if kind == Kind::Delete => Outcome::Deleted,
        (304, None) if kind == Kind::Read => Outcome::Unmodified(tag(answer)?),
        (200, None) if kind == Kind::PastVersion => Outcome::Version(changes::change(call.id()?, body.get("data")?)?),
        (200, None) if kind == Kind::PastVersions => changes::versions(call.id()?, &body)?,
        (200, None) if kind == Kind::Events => changes::events(&body)?,
        (404, Some("payment-not-found")) if call.id().is_some() && kind != Kind::Create => Outcome::NotFound,
        (404, Some("version-not-found")) if kind == Kind::PastVersion => Outcome::NotFound,
        (409, Some("payment-exists")) if kind == Kind::Create => Outcome::Exists,
        (409, Some("version-conflict")) if call.changes() => Outcome::Conflict,
        (409, Some("patch-test-failed")) if kind == Kind::JsonPatch => Outcome::Conflict,
        (412, Some("precondition-failed")) if call.changes() || kind == Kind::Read => Outcome::PreconditionFailed,
        (503, Some("unavailable")) if answer.says_overloaded() => Outcome::NotDone("overloaded".to_owned()),
        (503, Some("unavailable")) => Outcome::Unknown("503, in doubt".to_owned()),
        _ => return None,
    })
}

/// The version that the `ETag` names.
fn tag(answer: &Answer) -> Option<u64> {
    let tag = answer.headers.get("etag")?.to_str().ok()?;
    tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

fn has_tag(answer: &Answer, version: u64) -> bool {
    tag(answer) == Some(version)
}

fn payment(data: &Value) -> Option<(Id, Seen)> {
    let attributes = data.get("attributes")?;
    let number = |value: &Value| value.as_u64().and_then(|number| Number::try_from(number).ok());
    let log = attributes.get("log")?.as_array()?.iter().map(number).collect::<Option<Vec<_>>>()?;
    let note = match attributes.get("note") {
        Some(note) => Some(number(note)?),
        None => None,
    };
    let content = Content { by: number(attributes.get("by")?)?, log, note };
    // The amount and the organisation are those that the log began with.
    let owner = changes::owner(data.get("organisation_id")?)?;
    (owner == content.owner() && attributes.get("amount")?.as_str()? == amount(owner)).then_some(())?;
    let times = Times { created_on: time(data.get("created_on")?)?, modified_on: time(data.get("modified_on")?)? };
    Some((data.get("id")?.as_str()?.into(), Seen { version: data.get("version")?.as_u64()?, content, times }))
}

/// A moment, if it is written as the service writes all of them.
fn time(value: &Value) -> Option<String> {
    const FORM: &str = "0000-00-00T00:00:00.000000Z";
    let text = value.as_str()?;
    let form: String = text.chars().map(|character| if character.is_ascii_digit() { '0' } else { character }).collect();
    (form == FORM).then(|| text.to_owned())
}

fn entries(body: &Value) -> Option<Vec<Entry>> {
    let entry = |data: &Value| payment(data).map(|(id, seen)| Entry { id, seen });
    body.get("data")?.as_array()?.iter().map(entry).collect()
}

/// The path of the first page of a walk.
#[must_use]
pub fn first_page(size: u32) -> String {
    format!("{PAYMENTS}?size={size}")
}

/// The path of the page after this one.
#[must_use]
pub fn next_page(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.bytes).ok()?;
    let link = body.get("links")?.get("next")?.as_str()?;
    let (_, path) = link.split_once("/v1/")?;
    Some(format!("/v1/{path}"))
}
