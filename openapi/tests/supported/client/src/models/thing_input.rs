// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

use crate::models;

/// All that a property can be, in a request, where every rule is checked.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ThingInput {
    /// See [`models::Kind`].
    #[serde(rename = "type")]
    pub kind: models::Kind,
    /// A name that Rust keeps for itself.
    #[serde(rename = "self", default, skip_serializing_if = "Option::is_none")]
    pub self_url: Option<String>,
    /// Another one.
    #[serde(rename = "match", default, skip_serializing_if = "Option::is_none")]
    pub r#match: Option<String>,
    /// A text with a length.
    #[serde(rename = "name")]
    pub name: String,
    /// A text whose rule the service checks.
    #[serde(rename = "code", default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A text with a format that the service checks.
    #[serde(rename = "id", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A list of texts.
    #[serde(rename = "tags")]
    pub tags: Vec<String>,
    /// A list of numbers.
    #[serde(rename = "counts", default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Vec<i64>>,
    /// A list of lists.
    #[serde(rename = "grid", default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<Vec<Vec<bool>>>,
    /// A list of enums.
    #[serde(rename = "states", default, skip_serializing_if = "Option::is_none")]
    pub states: Option<Vec<models::State>>,
    /// See [`models::State`].
    #[serde(rename = "state", default, skip_serializing_if = "Option::is_none")]
    pub state: Option<models::State>,
    /// A text that is there and may be null.
    #[serde(rename = "note")]
    pub note: Option<String>,
    /// A text that may be absent or null.
    #[deprecated = "deprecated by the contract on 2026-11-28, to be removed on 2027-11-28"]
    #[serde(rename = "remark", default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// A number that may be null.
    #[serde(rename = "count", default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// A small number.
    #[serde(rename = "small", default, skip_serializing_if = "Option::is_none")]
    pub small: Option<i32>,
    /// A boolean.
    #[serde(rename = "open")]
    pub open: bool,
    /// A date.
    #[serde(rename = "day", default, skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// A date-time that may be null.
    #[serde(rename = "until")]
    pub until: Option<String>,
    /// A list of objects.
    #[serde(rename = "parts", default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<models::Part>>,
    /// See [`models::Notes`].
    #[serde(rename = "notes")]
    pub notes: models::Notes,
    /// Any JSON.
    #[serde(rename = "anything")]
    pub anything: crate::Json,
    /// Any JSON too.
    #[serde(
        rename = "value",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "openapi_client::present"
    )]
    pub value: Option<crate::Json>,
}

impl ThingInput {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(
        name: impl Into<String>,
        tags: Vec<String>,
        note: Option<String>,
        open: bool,
        until: Option<String>,
        notes: models::Notes,
        anything: impl Into<crate::Json>,
    ) -> Self {
        Self {
            kind: models::Kind::Thing,
            self_url: None,
            r#match: None,
            name: name.into(),
            code: None,
            id: None,
            tags,
            counts: None,
            grid: None,
            states: None,
            state: None,
            note,
            remark: None,
            count: None,
            small: None,
            open,
            day: None,
            until,
            parts: None,
            notes,
            anything: anything.into(),
            value: None,
        }
    }

    /// A name that Rust keeps for itself.
    #[must_use]
    pub fn self_url(mut self, self_url: impl Into<String>) -> Self {
        self.self_url = Some(self_url.into());
        self
    }

    /// Another one.
    #[must_use]
    pub fn r#match(mut self, r#match: impl Into<String>) -> Self {
        self.r#match = Some(r#match.into());
        self
    }

    /// A text whose rule the service checks.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// A text with a format that the service checks.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// A list of numbers.
    #[must_use]
    pub fn counts(mut self, counts: Vec<i64>) -> Self {
        self.counts = Some(counts);
        self
    }

    /// A list of lists.
    #[must_use]
    pub fn grid(mut self, grid: Vec<Vec<bool>>) -> Self {
        self.grid = Some(grid);
        self
    }

    /// A list of enums.
    #[must_use]
    pub fn states(mut self, states: Vec<models::State>) -> Self {
        self.states = Some(states);
        self
    }

    /// See [`models::State`].
    #[must_use]
    pub fn state(mut self, state: models::State) -> Self {
        self.state = Some(state);
        self
    }

    /// A text that may be absent or null.
    #[deprecated = "deprecated by the contract on 2026-11-28, to be removed on 2027-11-28"]
    #[must_use]
    pub fn remark(mut self, remark: impl Into<String>) -> Self {
        self.remark = Some(remark.into());
        self
    }

    /// A number that may be null.
    #[must_use]
    pub fn count(mut self, count: i64) -> Self {
        self.count = Some(count);
        self
    }

    /// A small number.
    #[must_use]
    pub fn small(mut self, small: i32) -> Self {
        self.small = Some(small);
        self
    }

    /// A date.
    #[must_use]
    pub fn day(mut self, day: String) -> Self {
        self.day = Some(day);
        self
    }

    /// A list of objects.
    #[must_use]
    pub fn parts(mut self, parts: Vec<models::Part>) -> Self {
        self.parts = Some(parts);
        self
    }

    /// Any JSON too.
    #[must_use]
    pub fn value(mut self, value: impl Into<crate::Json>) -> Self {
        self.value = Some(value.into());
        self
    }
}

impl From<crate::models::Thing> for ThingInput {
    #[allow(clippy::useless_conversion, reason = "some of the fields have types of their own")]
    fn from(value: crate::models::Thing) -> Self {
        Self {
            kind: value.kind.into(),
            self_url: value.self_url.into(),
            r#match: value.r#match.into(),
            name: value.name.into(),
            code: value.code.into(),
            id: value.id.into(),
            tags: value.tags.into(),
            counts: value.counts.into(),
            grid: value.grid.into(),
            states: value.states.into(),
            state: value.state.into(),
            note: value.note.into(),
            remark: value.remark.into(),
            count: value.count.into(),
            small: value.small.into(),
            open: value.open.into(),
            day: value.day.into(),
            until: value.until.into(),
            parts: value.parts.into(),
            notes: value.notes.into(),
            anything: value.anything.into(),
            value: value.value.into(),
        }
    }
}
