// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

//! The models of the contract.

#![allow(unused_imports, reason = "not every contract has all kinds of models")]

use crate::models;
use openapi_server::{
    Decode, Encode, Faults, Json, RawJson, checks,
    decode::{Object, mismatch, note_use},
    deprecation,
    encode::Members,
};

/// The checks that the contract leaves to the service (`x-rule`). Each gets a value of the right type, and reports its faults.
pub trait Rules {
    /// Checks the JSON text of a `Notes`.
    fn notes(json: Json<'_>, faults: &mut Faults);
    /// Checks the `code` of a `ThingInput`.
    fn thing_input_code(value: &str, faults: &mut Faults);
    /// Checks the `id` of a `ThingInput`.
    fn thing_input_id(value: &str, faults: &mut Faults);
}

#[doc = r#"How the shop is."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// See [`models::State`].
    pub state: models::State,
}

impl<R: Rules + ?Sized> Decode<R> for Health {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let state = object.required::<models::State, R>("state", faults);
        Some(Self { state: state? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("Health", const { &[] }) {
            <models::State as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for Health {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"state\":", &self.state);
        members.close();
    }
}

#[doc = r#"An enum of one value."#]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `"Thing"`
    Thing,
}

openapi_server::string_enum!(Kind, Thing = "Thing");

#[doc = r#"An object that is kept as it is written."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notes(pub RawJson);

impl<R: Rules + ?Sized> Decode<R> for Notes {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        if !json.get().starts_with('{') {
            mismatch("an object", json, faults);
            return None;
        }
        R::notes(json, faults);
        note_use(json, "author", "Notes.author", faults);
        <RawJson as Decode<R>>::decode(json, faults).map(Self)
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        found.add(
            "Notes",
            const {
                &[deprecation::Deprecation {
                    element: "Notes.author",
                    place: deprecation::Place::Body,
                    on: deprecation::date("2026-11-28"),
                    sunset: None,
                }]
            },
        );
    }
}

impl Encode for Notes {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}

#[doc = r#"A part of a thing."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    #[doc = r#"A text."#]
    pub name: String,
}

impl<R: Rules + ?Sized> Decode<R> for Part {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let name = object.required::<String, R>("name", faults);
        object.report_unknown("name", faults);
        Some(Self { name: name? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("Part", const { &[] }) {}
    }
}

impl Encode for Part {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"name\":", &self.name);
        members.close();
    }
}

#[doc = r#"A list of objects, with a name."#]
pub type Patch = Vec<models::PatchStep>;

#[doc = r#"A step."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchStep {
    /// See [`models::State`].
    pub state: models::State,
    #[doc = r#"A pointer."#]
    pub path: Option<String>,
    /// See [`models::PatchStepInner`].
    pub inner: models::PatchStepInner,
}

impl<R: Rules + ?Sized> Decode<R> for PatchStep {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let state = object.required::<models::State, R>("state", faults);
        let path = object.optional::<String, R>("path", faults);
        let inner = object.required::<models::PatchStepInner, R>("inner", faults);
        Some(Self { state: state?, path, inner: inner? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PatchStep", const { &[] }) {
            <models::State as Decode<R>>::deprecated_properties(found);
            <models::PatchStepInner as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for PatchStep {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"state\":", &self.state);
        members.optional("\"path\":", self.path.as_ref());
        members.required("\"inner\":", &self.inner);
        members.close();
    }
}

#[doc = r#"An object inside an object."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchStepInner {
    #[doc = r#"A boolean inside."#]
    pub deep: bool,
    /// See [`models::PatchStepInnerMore`].
    pub more: Option<models::PatchStepInnerMore>,
}

impl<R: Rules + ?Sized> Decode<R> for PatchStepInner {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let deep = object.required::<bool, R>("deep", faults);
        let more = object.optional::<models::PatchStepInnerMore, R>("more", faults);
        object.report_unknown("deep, more", faults);
        Some(Self { deep: deep?, more })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PatchStepInner", const { &[] }) {
            <bool as Decode<R>>::deprecated_properties(found);
            <models::PatchStepInnerMore as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for PatchStepInner {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"deep\":", &self.deep);
        members.optional("\"more\":", self.more.as_ref());
        members.close();
    }
}

#[doc = r#"An object inside that one."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchStepInnerMore {
    #[doc = r#"A text inside that."#]
    pub text: Option<String>,
}

impl<R: Rules + ?Sized> Decode<R> for PatchStepInnerMore {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let text = object.optional::<String, R>("text", faults);
        object.report_unknown("text", faults);
        Some(Self { text })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PatchStepInnerMore", const { &[] }) {}
    }
}

impl Encode for PatchStepInnerMore {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.optional("\"text\":", self.text.as_ref());
        members.close();
    }
}

#[doc = r#"What went wrong."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    #[doc = r#"The kind of problem."#]
    pub kind: String,
    #[doc = r#"The kind in words."#]
    pub title: String,
    #[doc = r#"The status."#]
    pub status: i32,
    #[doc = r#"What happened."#]
    pub detail: String,
}

impl<R: Rules + ?Sized> Decode<R> for Problem {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let kind = object.required::<String, R>("type", faults);
        let title = object.required::<String, R>("title", faults);
        let status = object.required::<i32, R>("status", faults);
        faults.check("status", status.as_ref(), |value, faults| checks::minimum(*value, 400, faults));
        faults.check("status", status.as_ref(), |value, faults| checks::maximum(*value, 599, faults));
        let detail = object.required::<String, R>("detail", faults);
        Some(Self { kind: kind?, title: title?, status: status?, detail: detail? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("Problem", const { &[] }) {
            <i32 as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for Problem {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"type\":", &self.kind);
        members.required("\"title\":", &self.title);
        members.required("\"status\":", &self.status);
        members.required("\"detail\":", &self.detail);
        members.close();
    }
}

#[doc = r#"An enum."#]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// `"open"`
    Open,
    /// `"shut"`
    Shut,
    /// `"half-open"`
    HalfOpen,
}

openapi_server::string_enum!(State, Open = "open", Shut = "shut", HalfOpen = "half-open");

#[doc = r#"A thing as it is read, open to additions."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// See [`models::Kind`].
    pub kind: models::Kind,
    #[doc = r#"A name that Rust keeps for itself."#]
    pub self_url: Option<String>,
    #[doc = r#"Another one."#]
    pub r_match: Option<String>,
    #[doc = r#"A text."#]
    pub name: String,
    #[doc = r#"A text."#]
    pub code: Option<String>,
    #[doc = r#"A text with a format."#]
    pub id: Option<String>,
    #[doc = r#"A list of texts."#]
    pub tags: Vec<String>,
    #[doc = r#"A list of numbers."#]
    pub counts: Option<Vec<i64>>,
    #[doc = r#"A list of lists."#]
    pub grid: Option<Vec<Vec<bool>>>,
    #[doc = r#"A list of enums."#]
    pub states: Option<Vec<models::State>>,
    /// See [`models::State`].
    pub state: Option<models::State>,
    #[doc = r#"A text that may be null."#]
    pub note: Option<String>,
    #[doc = r#"A text that may be null."#]
    pub remark: Option<String>,
    #[doc = r#"A number that may be null."#]
    pub count: Option<i64>,
    #[doc = r#"A small number."#]
    pub small: Option<i32>,
    #[doc = r#"A boolean."#]
    pub open: bool,
    #[doc = r#"A date."#]
    pub day: Option<String>,
    #[doc = r#"A date-time that may be null."#]
    pub until: Option<String>,
    #[doc = r#"A list of objects."#]
    pub parts: Option<Vec<models::Part>>,
    /// See `notes` in the contract.
    pub notes: models::Notes,
    #[doc = r#"Any JSON."#]
    pub anything: RawJson,
    #[doc = r#"Any JSON too."#]
    pub value: Option<RawJson>,
    #[doc = r#"Set by the service."#]
    pub created_on: String,
    /// See `tree` in the contract.
    pub tree: Option<models::Tree>,
}

impl<R: Rules + ?Sized> Decode<R> for Thing {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let kind = object.required::<models::Kind, R>("type", faults);
        let self_url = object.optional::<String, R>("self", faults);
        let r_match = object.optional::<String, R>("match", faults);
        let name = object.required::<String, R>("name", faults);
        let code = object.optional::<String, R>("code", faults);
        let id = object.optional::<String, R>("id", faults);
        let tags = object.required::<Vec<String>, R>("tags", faults);
        let counts = object.optional::<Vec<i64>, R>("counts", faults);
        let grid = object.optional::<Vec<Vec<bool>>, R>("grid", faults);
        let states = object.optional::<Vec<models::State>, R>("states", faults);
        let state = object.optional::<models::State, R>("state", faults);
        let note = object.required::<Option<String>, R>("note", faults);
        let remark = object.optional::<Option<String>, R>("remark", faults).flatten();
        let count = object.optional::<Option<i64>, R>("count", faults).flatten();
        let small = object.optional::<i32, R>("small", faults);
        let open = object.required::<bool, R>("open", faults);
        let day = object.optional::<String, R>("day", faults);
        faults.check("day", day.as_ref(), |value, faults| checks::date(value, faults));
        let until = object.required::<Option<String>, R>("until", faults);
        faults
            .check("until", until.as_ref().and_then(Option::as_ref), |value, faults| checks::date_time(value, faults));
        let parts = object.optional::<Vec<models::Part>, R>("parts", faults);
        let notes = object.required::<models::Notes, R>("notes", faults);
        let anything = object.required::<RawJson, R>("anything", faults);
        let value = object.optional::<RawJson, R>("value", faults);
        let created_on = object.required::<String, R>("created_on", faults);
        faults.check("created_on", created_on.as_ref(), |value, faults| checks::date_time(value, faults));
        let tree = object.optional::<models::Tree, R>("tree", faults);
        Some(Self {
            kind: kind?,
            self_url,
            r_match,
            name: name?,
            code,
            id,
            tags: tags?,
            counts,
            grid,
            states,
            state,
            note: note?,
            remark,
            count,
            small,
            open: open?,
            day,
            until: until?,
            parts,
            notes: notes?,
            anything: anything?,
            value,
            created_on: created_on?,
            tree,
        })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("Thing", const { &[] }) {
            <models::Kind as Decode<R>>::deprecated_properties(found);
            <Vec<String> as Decode<R>>::deprecated_properties(found);
            <Vec<i64> as Decode<R>>::deprecated_properties(found);
            <Vec<Vec<bool>> as Decode<R>>::deprecated_properties(found);
            <Vec<models::State> as Decode<R>>::deprecated_properties(found);
            <models::State as Decode<R>>::deprecated_properties(found);
            <i64 as Decode<R>>::deprecated_properties(found);
            <i32 as Decode<R>>::deprecated_properties(found);
            <bool as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
            <Vec<models::Part> as Decode<R>>::deprecated_properties(found);
            <models::Notes as Decode<R>>::deprecated_properties(found);
            <RawJson as Decode<R>>::deprecated_properties(found);
            <RawJson as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
            <models::Tree as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for Thing {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"type\":", &self.kind);
        members.optional("\"self\":", self.self_url.as_ref());
        members.optional("\"match\":", self.r_match.as_ref());
        members.required("\"name\":", &self.name);
        members.optional("\"code\":", self.code.as_ref());
        members.optional("\"id\":", self.id.as_ref());
        members.required("\"tags\":", &self.tags);
        members.optional("\"counts\":", self.counts.as_ref());
        members.optional("\"grid\":", self.grid.as_ref());
        members.optional("\"states\":", self.states.as_ref());
        members.optional("\"state\":", self.state.as_ref());
        members.required("\"note\":", &self.note);
        members.optional("\"remark\":", self.remark.as_ref());
        members.optional("\"count\":", self.count.as_ref());
        members.optional("\"small\":", self.small.as_ref());
        members.required("\"open\":", &self.open);
        members.optional("\"day\":", self.day.as_ref());
        members.required("\"until\":", &self.until);
        members.optional("\"parts\":", self.parts.as_ref());
        members.required("\"notes\":", &self.notes);
        members.required("\"anything\":", &self.anything);
        members.optional("\"value\":", self.value.as_ref());
        members.required("\"created_on\":", &self.created_on);
        members.optional("\"tree\":", self.tree.as_ref());
        members.close();
    }
}

#[doc = r#"All that a property can be, in a request, where every rule is checked."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingInput {
    /// See [`models::Kind`].
    pub kind: models::Kind,
    #[doc = r#"A name that Rust keeps for itself."#]
    pub self_url: Option<String>,
    #[doc = r#"Another one."#]
    pub r_match: Option<String>,
    #[doc = r#"A text with a length."#]
    pub name: String,
    #[doc = r#"A text whose rule the service checks."#]
    pub code: Option<String>,
    #[doc = r#"A text with a format that the service checks."#]
    pub id: Option<String>,
    #[doc = r#"A list of texts."#]
    pub tags: Vec<String>,
    #[doc = r#"A list of numbers."#]
    pub counts: Option<Vec<i64>>,
    #[doc = r#"A list of lists."#]
    pub grid: Option<Vec<Vec<bool>>>,
    #[doc = r#"A list of enums."#]
    pub states: Option<Vec<models::State>>,
    /// See [`models::State`].
    pub state: Option<models::State>,
    #[doc = r#"A text that is there and may be null."#]
    pub note: Option<String>,
    #[doc = r#"A text that may be absent or null."#]
    pub remark: Option<String>,
    #[doc = r#"A number that may be null."#]
    pub count: Option<i64>,
    #[doc = r#"A small number."#]
    pub small: Option<i32>,
    #[doc = r#"A boolean."#]
    pub open: bool,
    #[doc = r#"A date."#]
    pub day: Option<String>,
    #[doc = r#"A date-time that may be null."#]
    pub until: Option<String>,
    #[doc = r#"A list of objects."#]
    pub parts: Option<Vec<models::Part>>,
    /// See `notes` in the contract.
    pub notes: models::Notes,
    #[doc = r#"Any JSON."#]
    pub anything: RawJson,
    #[doc = r#"Any JSON too."#]
    pub value: Option<RawJson>,
}

impl<R: Rules + ?Sized> Decode<R> for ThingInput {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let kind = object.required::<models::Kind, R>("type", faults);
        let self_url = object.optional::<String, R>("self", faults);
        let r_match = object.optional::<String, R>("match", faults);
        let name = object.required::<String, R>("name", faults);
        faults.check("name", name.as_ref(), |value, faults| checks::min_length(value, 1, faults));
        faults.check("name", name.as_ref(), |value, faults| checks::max_length(value, 5, faults));
        let code = object.optional::<String, R>("code", faults);
        faults.check("code", code.as_ref(), |value, faults| R::thing_input_code(value, faults));
        let id = object.optional::<String, R>("id", faults);
        faults.check("id", id.as_ref(), |value, faults| R::thing_input_id(value, faults));
        let tags = object.required::<Vec<String>, R>("tags", faults);
        faults.check("tags", tags.as_ref(), |value, faults| checks::min_items(value, 1, faults));
        faults.check("tags", tags.as_ref(), |value, faults| checks::max_items(value, 3, faults));
        let counts = object.optional::<Vec<i64>, R>("counts", faults);
        let grid = object.optional::<Vec<Vec<bool>>, R>("grid", faults);
        let states = object.optional::<Vec<models::State>, R>("states", faults);
        let state = object.optional::<models::State, R>("state", faults);
        let note = object.required::<Option<String>, R>("note", faults);
        object.note_use("remark", "ThingInput.remark", faults);
        let remark = object.optional::<Option<String>, R>("remark", faults).flatten();
        let count = object.optional::<Option<i64>, R>("count", faults).flatten();
        faults.check("count", count.as_ref(), |value, faults| checks::minimum(*value, 1, faults));
        faults.check("count", count.as_ref(), |value, faults| checks::maximum(*value, 9, faults));
        let small = object.optional::<i32, R>("small", faults);
        faults.check("small", small.as_ref(), |value, faults| checks::minimum(*value, 1, faults));
        let open = object.required::<bool, R>("open", faults);
        let day = object.optional::<String, R>("day", faults);
        faults.check("day", day.as_ref(), |value, faults| checks::date(value, faults));
        let until = object.required::<Option<String>, R>("until", faults);
        faults
            .check("until", until.as_ref().and_then(Option::as_ref), |value, faults| checks::date_time(value, faults));
        let parts = object.optional::<Vec<models::Part>, R>("parts", faults);
        let notes = object.required::<models::Notes, R>("notes", faults);
        let anything = object.required::<RawJson, R>("anything", faults);
        let value = object.optional::<RawJson, R>("value", faults);
        object.report_unknown("type, self, match, name, code, id, tags, counts, grid, states, state, note, remark, count, small, open, day, until, parts, notes, anything, value", faults);
        Some(Self {
            kind: kind?,
            self_url,
            r_match,
            name: name?,
            code,
            id,
            tags: tags?,
            counts,
            grid,
            states,
            state,
            note: note?,
            remark,
            count,
            small,
            open: open?,
            day,
            until: until?,
            parts,
            notes: notes?,
            anything: anything?,
            value,
        })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add(
            "ThingInput",
            const {
                &[deprecation::Deprecation {
                    element: "ThingInput.remark",
                    place: deprecation::Place::Body,
                    on: deprecation::date("2026-11-28"),
                    sunset: Some(deprecation::date("2027-11-28")),
                }]
            },
        ) {
            <models::Kind as Decode<R>>::deprecated_properties(found);
            <Vec<String> as Decode<R>>::deprecated_properties(found);
            <Vec<i64> as Decode<R>>::deprecated_properties(found);
            <Vec<Vec<bool>> as Decode<R>>::deprecated_properties(found);
            <Vec<models::State> as Decode<R>>::deprecated_properties(found);
            <models::State as Decode<R>>::deprecated_properties(found);
            <i64 as Decode<R>>::deprecated_properties(found);
            <i32 as Decode<R>>::deprecated_properties(found);
            <bool as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
            <Vec<models::Part> as Decode<R>>::deprecated_properties(found);
            <models::Notes as Decode<R>>::deprecated_properties(found);
            <RawJson as Decode<R>>::deprecated_properties(found);
            <RawJson as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for ThingInput {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"type\":", &self.kind);
        members.optional("\"self\":", self.self_url.as_ref());
        members.optional("\"match\":", self.r_match.as_ref());
        members.required("\"name\":", &self.name);
        members.optional("\"code\":", self.code.as_ref());
        members.optional("\"id\":", self.id.as_ref());
        members.required("\"tags\":", &self.tags);
        members.optional("\"counts\":", self.counts.as_ref());
        members.optional("\"grid\":", self.grid.as_ref());
        members.optional("\"states\":", self.states.as_ref());
        members.optional("\"state\":", self.state.as_ref());
        members.required("\"note\":", &self.note);
        members.optional("\"remark\":", self.remark.as_ref());
        members.optional("\"count\":", self.count.as_ref());
        members.optional("\"small\":", self.small.as_ref());
        members.required("\"open\":", &self.open);
        members.optional("\"day\":", self.day.as_ref());
        members.required("\"until\":", &self.until);
        members.optional("\"parts\":", self.parts.as_ref());
        members.required("\"notes\":", &self.notes);
        members.required("\"anything\":", &self.anything);
        members.optional("\"value\":", self.value.as_ref());
        members.close();
    }
}

/// Converts what was read into what can be sent, property by property.
impl From<Thing> for ThingInput {
    #[allow(
        clippy::useless_conversion,
        reason = "a property may be required in one of the two, and optional in the other"
    )]
    fn from(read: Thing) -> Self {
        Self {
            kind: read.kind.into(),
            self_url: read.self_url.into(),
            r_match: read.r_match.into(),
            name: read.name.into(),
            code: read.code.into(),
            id: read.id.into(),
            tags: read.tags.into(),
            counts: read.counts.into(),
            grid: read.grid.into(),
            states: read.states.into(),
            state: read.state.into(),
            note: read.note.into(),
            remark: read.remark.into(),
            count: read.count.into(),
            small: read.small.into(),
            open: read.open.into(),
            day: read.day.into(),
            until: read.until.into(),
            parts: read.parts.into(),
            notes: read.notes.into(),
            anything: read.anything.into(),
            value: read.value.into(),
        }
    }
}

#[doc = r#"Things."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingList {
    #[doc = r#"The things."#]
    pub data: Vec<models::Thing>,
}

impl<R: Rules + ?Sized> Decode<R> for ThingList {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let data = object.required::<Vec<models::Thing>, R>("data", faults);
        Some(Self { data: data? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("ThingList", const { &[] }) {
            <Vec<models::Thing> as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for ThingList {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"data\":", &self.data);
        members.close();
    }
}

#[doc = r#"A thing on its way in."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingRequest {
    /// See [`models::ThingInput`].
    pub data: models::ThingInput,
}

impl<R: Rules + ?Sized> Decode<R> for ThingRequest {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let data = object.required::<models::ThingInput, R>("data", faults);
        object.report_unknown("data", faults);
        Some(Self { data: data? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("ThingRequest", const { &[] }) {
            <models::ThingInput as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for ThingRequest {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"data\":", &self.data);
        members.close();
    }
}

/// Converts what was read into what can be sent, property by property.
impl From<ThingResponse> for ThingRequest {
    #[allow(
        clippy::useless_conversion,
        reason = "a property may be required in one of the two, and optional in the other"
    )]
    fn from(read: ThingResponse) -> Self {
        Self { data: read.data.into() }
    }
}

#[doc = r#"A thing on its way out."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingResponse {
    /// See `data` in the contract.
    pub data: models::Thing,
}

impl<R: Rules + ?Sized> Decode<R> for ThingResponse {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let data = object.required::<models::Thing, R>("data", faults);
        Some(Self { data: data? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("ThingResponse", const { &[] }) {
            <models::Thing as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for ThingResponse {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"data\":", &self.data);
        members.close();
    }
}

#[doc = r#"A thing that holds things of its kind."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    #[doc = r#"The branches."#]
    pub branches: Option<Vec<models::Tree>>,
    #[doc = r#"An address."#]
    pub mail: Option<String>,
}

impl<R: Rules + ?Sized> Decode<R> for Tree {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let branches = object.optional::<Vec<models::Tree>, R>("branches", faults);
        let mail = object.optional::<String, R>("mail", faults);
        Some(Self { branches, mail })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("Tree", const { &[] }) {
            <Vec<models::Tree> as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for Tree {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.optional("\"branches\":", self.branches.as_ref());
        members.optional("\"mail\":", self.mail.as_ref());
        members.close();
    }
}
