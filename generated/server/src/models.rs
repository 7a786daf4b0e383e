// @generated from api/openapi.yml by `make generate`; do not edit.

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
    /// Checks the JSON text of a `PaymentAttributes`.
    fn payment_attributes(json: Json<'_>, faults: &mut Faults);
    /// Checks the `id` of a `PaymentInput`.
    fn payment_input_id(value: &str, faults: &mut Faults);
    /// Checks the `organisation_id` of a `PaymentInput`.
    fn payment_input_organisation_id(value: &str, faults: &mut Faults);
}

#[doc = r#"Who wrote a version, by the token of the request; absent where there was none, or it was erased."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    #[doc = r#"The `sub` of the token."#]
    pub subject: Option<String>,
    #[doc = r#"The `client_id` or `azp` of the token."#]
    pub client_id: Option<String>,
}

impl<R: Rules + ?Sized> Decode<R> for Author {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let subject = object.optional::<String, R>("subject", faults);
        let client_id = object.optional::<String, R>("client_id", faults);
        Some(Self { subject, client_id })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("Author", const { &[] }) {}
    }
}

impl Encode for Author {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.optional("\"subject\":", self.subject.as_ref());
        members.optional("\"client_id\":", self.client_id.as_ref());
        members.close();
    }
}

#[doc = r#"A deprecated element of the contract, and who uses it."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeprecatedElement {
    #[doc = r#"An operation by its `operationId`, a parameter after the name of its operation, or a property after that of its
schema.
"#]
    pub element: String,
    #[doc = r#"The day on which it was deprecated."#]
    pub deprecated_on: String,
    #[doc = r#"The day from which on it may be gone; absent while that is not decided."#]
    pub sunset_on: Option<String>,
    #[doc = r#"How many requests have used it since this process started."#]
    pub uses: i64,
    #[doc = r#"Who has used it since this process started, the latest first. At most 100 clients are told apart; the others are
counted together, as `other`.
"#]
    pub clients: Vec<models::DeprecatedElementClient>,
}

impl<R: Rules + ?Sized> Decode<R> for DeprecatedElement {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let element = object.required::<String, R>("element", faults);
        let deprecated_on = object.required::<String, R>("deprecated_on", faults);
        faults.check("deprecated_on", deprecated_on.as_ref(), |value, faults| checks::date(value, faults));
        let sunset_on = object.optional::<String, R>("sunset_on", faults);
        faults.check("sunset_on", sunset_on.as_ref(), |value, faults| checks::date(value, faults));
        let uses = object.required::<i64, R>("uses", faults);
        faults.check("uses", uses.as_ref(), |value, faults| checks::minimum(*value, 0, faults));
        let clients = object.required::<Vec<models::DeprecatedElementClient>, R>("clients", faults);
        Some(Self { element: element?, deprecated_on: deprecated_on?, sunset_on, uses: uses?, clients: clients? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("DeprecatedElement", const { &[] }) {
            <String as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
            <i64 as Decode<R>>::deprecated_properties(found);
            <Vec<models::DeprecatedElementClient> as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for DeprecatedElement {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"element\":", &self.element);
        members.required("\"deprecated_on\":", &self.deprecated_on);
        members.optional("\"sunset_on\":", self.sunset_on.as_ref());
        members.required("\"uses\":", &self.uses);
        members.required("\"clients\":", &self.clients);
        members.close();
    }
}

#[doc = r#"A client that has used a deprecated element."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeprecatedElementClient {
    #[doc = r#"The first product in its `User-Agent`, without the version; `unknown` if it sends none.
"#]
    pub client: String,
    #[doc = r#"The version of the contract that its requests were of; a dash at paths that have none."#]
    pub contract_version: String,
    #[doc = r#"How many of its requests have used it."#]
    pub uses: i64,
    #[doc = r#"When the last of them arrived."#]
    pub last_used_on: String,
    #[doc = r#"The `X-Request-Id` of the last of them, by which the log has its line."#]
    pub last_request_id: String,
}

impl<R: Rules + ?Sized> Decode<R> for DeprecatedElementClient {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let client = object.required::<String, R>("client", faults);
        let contract_version = object.required::<String, R>("contract_version", faults);
        let uses = object.required::<i64, R>("uses", faults);
        faults.check("uses", uses.as_ref(), |value, faults| checks::minimum(*value, 1, faults));
        let last_used_on = object.required::<String, R>("last_used_on", faults);
        faults.check("last_used_on", last_used_on.as_ref(), |value, faults| checks::date_time(value, faults));
        let last_request_id = object.required::<String, R>("last_request_id", faults);
        Some(Self {
            client: client?,
            contract_version: contract_version?,
            uses: uses?,
            last_used_on: last_used_on?,
            last_request_id: last_request_id?,
        })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("DeprecatedElementClient", const { &[] }) {
            <i64 as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for DeprecatedElementClient {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"client\":", &self.client);
        members.required("\"contract_version\":", &self.contract_version);
        members.required("\"uses\":", &self.uses);
        members.required("\"last_used_on\":", &self.last_used_on);
        members.required("\"last_request_id\":", &self.last_request_id);
        members.close();
    }
}

#[doc = r#"What is deprecated."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeprecationList {
    #[doc = r#"The deprecated elements of the contract, by name."#]
    pub data: Vec<models::DeprecatedElement>,
}

impl<R: Rules + ?Sized> Decode<R> for DeprecationList {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let data = object.required::<Vec<models::DeprecatedElement>, R>("data", faults);
        Some(Self { data: data? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("DeprecationList", const { &[] }) {
            <Vec<models::DeprecatedElement> as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for DeprecationList {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"data\":", &self.data);
        members.close();
    }
}

#[doc = r#"Something that happened to a payment, in the shape of [Standard Webhooks](https://www.standardwebhooks.com).
"#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    #[doc = r#"The name of the event, the same each time that it is shown."#]
    pub id: String,
    /// See [`models::EventType`].
    pub kind: models::EventType,
    #[doc = r#"When it happened. Events do not stand in the order of their timestamps, if clocks differ."#]
    pub timestamp: String,
    /// See `data` in the contract.
    pub data: models::EventData,
}

impl<R: Rules + ?Sized> Decode<R> for Event {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let id = object.required::<String, R>("id", faults);
        let kind = object.required::<models::EventType, R>("type", faults);
        let timestamp = object.required::<String, R>("timestamp", faults);
        faults.check("timestamp", timestamp.as_ref(), |value, faults| checks::date_time(value, faults));
        let data = object.required::<models::EventData, R>("data", faults);
        Some(Self { id: id?, kind: kind?, timestamp: timestamp?, data: data? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("Event", const { &[] }) {
            <models::EventType as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
            <models::EventData as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for Event {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"id\":", &self.id);
        members.required("\"type\":", &self.kind);
        members.required("\"timestamp\":", &self.timestamp);
        members.required("\"data\":", &self.data);
        members.close();
    }
}

#[doc = r#"Whether events include the payment as it became (`full`) or not (`thin`)."#]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventContent {
    /// `"thin"`
    Thin,
    /// `"full"`
    Full,
}

openapi_server::string_enum!(EventContent, Thin = "thin", Full = "full");

#[doc = r#"What it happened to."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventData {
    #[doc = r#"The id of the payment."#]
    pub payment_id: String,
    #[doc = r#"The organisation that owned the payment from then on."#]
    pub organisation_id: String,
    #[doc = r#"The version that the payment came to."#]
    pub version: i64,
    /// See `payment` in the contract.
    pub payment: Option<models::Payment>,
    /// See `links` in the contract.
    pub links: models::PaymentVersionLinks,
}

impl<R: Rules + ?Sized> Decode<R> for EventData {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let payment_id = object.required::<String, R>("payment_id", faults);
        let organisation_id = object.required::<String, R>("organisation_id", faults);
        let version = object.required::<i64, R>("version", faults);
        faults.check("version", version.as_ref(), |value, faults| checks::minimum(*value, 0, faults));
        let payment = object.optional::<models::Payment, R>("payment", faults);
        let links = object.required::<models::PaymentVersionLinks, R>("links", faults);
        Some(Self {
            payment_id: payment_id?,
            organisation_id: organisation_id?,
            version: version?,
            payment,
            links: links?,
        })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("EventData", const { &[] }) {
            <i64 as Decode<R>>::deprecated_properties(found);
            <models::Payment as Decode<R>>::deprecated_properties(found);
            <models::PaymentVersionLinks as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for EventData {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"payment_id\":", &self.payment_id);
        members.required("\"organisation_id\":", &self.organisation_id);
        members.required("\"version\":", &self.version);
        members.optional("\"payment\":", self.payment.as_ref());
        members.required("\"links\":", &self.links);
        members.close();
    }
}

#[doc = r#"Where this page is, and how to go on."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLinks {
    #[doc = r#"This page."#]
    pub self_url: String,
    #[doc = r#"What comes behind this page, now or later."#]
    pub next: String,
}

impl<R: Rules + ?Sized> Decode<R> for EventLinks {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let self_url = object.required::<String, R>("self", faults);
        let next = object.required::<String, R>("next", faults);
        Some(Self { self_url: self_url?, next: next? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("EventLinks", const { &[] }) {}
    }
}

impl Encode for EventLinks {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"self\":", &self.self_url);
        members.required("\"next\":", &self.next);
        members.close();
    }
}

#[doc = r#"A page of events, in order."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventList {
    #[doc = r#"The events of this page; may be empty."#]
    pub data: Vec<models::Event>,
    /// See `links` in the contract.
    pub links: models::EventLinks,
}

impl<R: Rules + ?Sized> Decode<R> for EventList {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let data = object.required::<Vec<models::Event>, R>("data", faults);
        let links = object.required::<models::EventLinks, R>("links", faults);
        Some(Self { data: data?, links: links? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("EventList", const { &[] }) {
            <Vec<models::Event> as Decode<R>>::deprecated_properties(found);
            <models::EventLinks as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for EventList {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"data\":", &self.data);
        members.required("\"links\":", &self.links);
        members.close();
    }
}

#[doc = r#"What happened. `payment.erased` says that the content of the payment was blanked in all of its versions, which have no
`payment` any more; it deletes the payment, too. There will be more: ignore those that you do not know.
"#]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventType {
    /// `"payment.created"`
    PaymentCreated,
    /// `"payment.updated"`
    PaymentUpdated,
    /// `"payment.deleted"`
    PaymentDeleted,
    /// `"payment.erased"`
    PaymentErased,
}

openapi_server::string_enum!(
    EventType,
    PaymentCreated = "payment.created",
    PaymentUpdated = "payment.updated",
    PaymentDeleted = "payment.deleted",
    PaymentErased = "payment.erased"
);

#[doc = r#"The answer of a monitoring endpoint."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// See [`models::HealthStatus`].
    pub status: models::HealthStatus,
    #[doc = r#"Why it is down; absent while it is up."#]
    pub detail: Option<String>,
}

impl<R: Rules + ?Sized> Decode<R> for Health {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let status = object.required::<models::HealthStatus, R>("status", faults);
        let detail = object.optional::<String, R>("detail", faults);
        Some(Self { status: status?, detail })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("Health", const { &[] }) {
            <models::HealthStatus as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for Health {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"status\":", &self.status);
        members.optional("\"detail\":", self.detail.as_ref());
        members.close();
    }
}

#[doc = r#"Up or down."#]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthStatus {
    /// `"up"`
    Up,
    /// `"down"`
    Down,
}

openapi_server::string_enum!(HealthStatus, Up = "up", Down = "down");

#[doc = r#"Where this page is, and how to go on."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLinks {
    #[doc = r#"This page."#]
    pub self_url: String,
    #[doc = r#"The page of the versions before; absent on the last page."#]
    pub next: Option<String>,
}

impl<R: Rules + ?Sized> Decode<R> for HistoryLinks {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let self_url = object.required::<String, R>("self", faults);
        let next = object.optional::<String, R>("next", faults);
        Some(Self { self_url: self_url?, next })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("HistoryLinks", const { &[] }) {}
    }
}

impl Encode for HistoryLinks {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"self\":", &self.self_url);
        members.optional("\"next\":", self.next.as_ref());
        members.close();
    }
}

#[doc = r#"The operations of a JSON Patch (RFC 6902), applied in order, all or none. In all they may look at and move 16,000,000
values; with a removal at the front of an array, for example, all elements behind it move. More is refused with `422`.
An operation with a key that stands twice is refused with `400`; inside of `value`, what holds for `attributes` holds.
"#]
pub type JsonPatch = Vec<models::JsonPatchOperation>;

#[doc = r#"What an operation of a JSON Patch does."#]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonPatchOp {
    /// `"add"`
    Add,
    /// `"remove"`
    Remove,
    /// `"replace"`
    Replace,
    /// `"move"`
    Move,
    /// `"copy"`
    Copy,
    /// `"test"`
    Test,
}

openapi_server::string_enum!(
    JsonPatchOp,
    Add = "add",
    Remove = "remove",
    Replace = "replace",
    Move = "move",
    Copy = "copy",
    Test = "test"
);

#[doc = r#"One operation of a JSON Patch."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPatchOperation {
    /// See [`models::JsonPatchOp`].
    pub op: models::JsonPatchOp,
    #[doc = r#"A JSON Pointer (RFC 6901) into `{"data": Payment}`."#]
    pub path: String,
    #[doc = r#"For `move` and `copy`, where from: a JSON Pointer, which they need. The others ignore it."#]
    pub from: Option<String>,
    #[doc = r#"For `add`, `replace` and `test`, which need it; the others ignore it. `null` is a value like any other."#]
    pub value: Option<RawJson>,
}

impl<R: Rules + ?Sized> Decode<R> for JsonPatchOperation {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let op = object.required::<models::JsonPatchOp, R>("op", faults);
        let path = object.required::<String, R>("path", faults);
        let from = object.optional::<String, R>("from", faults);
        let value = object.optional::<RawJson, R>("value", faults);
        Some(Self { op: op?, path: path?, from, value })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("JsonPatchOperation", const { &[] }) {
            <models::JsonPatchOp as Decode<R>>::deprecated_properties(found);
            <RawJson as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for JsonPatchOperation {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"op\":", &self.op);
        members.required("\"path\":", &self.path);
        members.optional("\"from\":", self.from.as_ref());
        members.optional("\"value\":", self.value.as_ref());
        members.close();
    }
}

#[doc = r#"A merge patch (RFC 7396) of `{"data": Payment}`: what it names is replaced, what is `null` in it is removed, and the
rest stays. An object in it with a key that stands twice is refused with `400`, unless it is an element of an array:
arrays are not merged, but kept as they were written.
"#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergePatch {
    #[doc = r#"The part of the payment that changes."#]
    pub data: Option<RawJson>,
}

impl<R: Rules + ?Sized> Decode<R> for MergePatch {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let data = object.optional::<RawJson, R>("data", faults);
        Some(Self { data })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("MergePatch", const { &[] }) {
            <RawJson as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for MergePatch {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.optional("\"data\":", self.data.as_ref());
        members.close();
    }
}

#[doc = r#"Where this page is, and how to go on."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLinks {
    #[doc = r#"This page."#]
    pub self_url: String,
    #[doc = r#"The page after this one. On the last page, the place where new payments will appear."#]
    pub next: String,
    #[doc = r#"The page before this one, when this one is not the beginning."#]
    pub prev: Option<String>,
}

impl<R: Rules + ?Sized> Decode<R> for PageLinks {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let self_url = object.required::<String, R>("self", faults);
        let next = object.required::<String, R>("next", faults);
        let prev = object.optional::<String, R>("prev", faults);
        Some(Self { self_url: self_url?, next: next?, prev })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PageLinks", const { &[] }) {}
    }
}

impl Encode for PageLinks {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"self\":", &self.self_url);
        members.required("\"next\":", &self.next);
        members.optional("\"prev\":", self.prev.as_ref());
        members.close();
    }
}

#[doc = r#"A payment, as the service shows it. Later versions may show more: ignore what you do not know.
"#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    #[doc = r#"The name of the payment; visible ASCII characters without `/ ? # %`, and not only dots. It is unique for ever:
the id of a deleted payment is not reused.
"#]
    pub id: Option<String>,
    /// See [`models::PaymentType`].
    pub kind: models::PaymentType,
    #[doc = r#"0 when the payment was created, one more after each change. The `ETag` is this number in quotes.
"#]
    pub version: Option<i64>,
    #[doc = r#"The organisation that owns the payment. Not blank, and without control characters."#]
    pub organisation_id: String,
    /// See `attributes` in the contract.
    pub attributes: models::PaymentAttributes,
    #[doc = r#"When the payment was created."#]
    pub created_on: Option<String>,
    #[doc = r#"When this version was written."#]
    pub modified_on: Option<String>,
}

impl<R: Rules + ?Sized> Decode<R> for Payment {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let id = object.optional::<String, R>("id", faults);
        faults.check("id", id.as_ref(), |value, faults| checks::min_length(value, 1, faults));
        faults.check("id", id.as_ref(), |value, faults| checks::max_length(value, 64, faults));
        let kind = object.required::<models::PaymentType, R>("type", faults);
        let version = object.optional::<i64, R>("version", faults);
        faults.check("version", version.as_ref(), |value, faults| checks::minimum(*value, 0, faults));
        let organisation_id = object.required::<String, R>("organisation_id", faults);
        faults.check("organisation_id", organisation_id.as_ref(), |value, faults| checks::min_length(value, 1, faults));
        faults
            .check("organisation_id", organisation_id.as_ref(), |value, faults| checks::max_length(value, 64, faults));
        let attributes = object.required::<models::PaymentAttributes, R>("attributes", faults);
        let created_on = object.optional::<String, R>("created_on", faults);
        faults.check("created_on", created_on.as_ref(), |value, faults| checks::date_time(value, faults));
        let modified_on = object.optional::<String, R>("modified_on", faults);
        faults.check("modified_on", modified_on.as_ref(), |value, faults| checks::date_time(value, faults));
        Some(Self {
            id,
            kind: kind?,
            version,
            organisation_id: organisation_id?,
            attributes: attributes?,
            created_on,
            modified_on,
        })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("Payment", const { &[] }) {
            <models::PaymentType as Decode<R>>::deprecated_properties(found);
            <i64 as Decode<R>>::deprecated_properties(found);
            <models::PaymentAttributes as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for Payment {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.optional("\"id\":", self.id.as_ref());
        members.required("\"type\":", &self.kind);
        members.optional("\"version\":", self.version.as_ref());
        members.required("\"organisation_id\":", &self.organisation_id);
        members.required("\"attributes\":", &self.attributes);
        members.optional("\"created_on\":", self.created_on.as_ref());
        members.optional("\"modified_on\":", self.modified_on.as_ref());
        members.close();
    }
}

#[doc = r#"What the payment says. Only `amount` is required and checked. Anything else may stand beside it, and everything
comes back exactly as it was written: key order, nulls, number spelling and white space included.

Objects and arrays nest at most 64 deep, every string is valid Unicode, and `amount` stands there once.

What payments usually carry has names that all clients share: the vocabulary at the top of this contract.
"#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentAttributes(pub RawJson);

impl<R: Rules + ?Sized> Decode<R> for PaymentAttributes {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        if !json.get().starts_with('{') {
            mismatch("an object", json, faults);
            return None;
        }
        R::payment_attributes(json, faults);
        <RawJson as Decode<R>>::decode(json, faults).map(Self)
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        found.add("PaymentAttributes", const { &[] });
    }
}

impl Encode for PaymentAttributes {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}

#[doc = r#"A page of the versions of a payment, newest first."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentHistory {
    #[doc = r#"The versions of this page."#]
    pub data: Vec<models::PaymentVersion>,
    /// See `links` in the contract.
    pub links: models::HistoryLinks,
}

impl<R: Rules + ?Sized> Decode<R> for PaymentHistory {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let data = object.required::<Vec<models::PaymentVersion>, R>("data", faults);
        let links = object.required::<models::HistoryLinks, R>("links", faults);
        Some(Self { data: data?, links: links? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PaymentHistory", const { &[] }) {
            <Vec<models::PaymentVersion> as Decode<R>>::deprecated_properties(found);
            <models::HistoryLinks as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for PaymentHistory {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"data\":", &self.data);
        members.required("\"links\":", &self.links);
        members.close();
    }
}

#[doc = r#"A payment, as a client sends it. Keys beside these are refused; what you want to keep beside the amount belongs into
`attributes`. A `Payment` that was read is one, and can be sent back as it came.
"#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentInput {
    #[doc = r#"The client chooses it; visible ASCII characters without `/ ? # %`, and not only dots. It is unique for ever:
the id of a deleted payment is not reused. Leave it out of a create, and the server assigns a UUIDv7.
"#]
    pub id: Option<String>,
    /// See [`models::PaymentType`].
    pub kind: models::PaymentType,
    #[doc = r#"0 on create, whatever was sent; one more after each change. A `PUT` must send the version it replaces.
"#]
    pub version: Option<i64>,
    #[doc = r#"The organisation that owns the payment. Not blank, and without control characters."#]
    pub organisation_id: String,
    /// See `attributes` in the contract.
    pub attributes: models::PaymentAttributes,
    #[doc = r#"When the payment was created. Set by the server; ignored in requests."#]
    pub created_on: Option<String>,
    #[doc = r#"When this version was written. Set by the server; ignored in requests."#]
    pub modified_on: Option<String>,
}

impl<R: Rules + ?Sized> Decode<R> for PaymentInput {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let id = object.optional::<String, R>("id", faults);
        faults.check("id", id.as_ref(), |value, faults| R::payment_input_id(value, faults));
        let kind = object.required::<models::PaymentType, R>("type", faults);
        let version = object.optional::<i64, R>("version", faults);
        faults.check("version", version.as_ref(), |value, faults| checks::minimum(*value, 0, faults));
        let organisation_id = object.required::<String, R>("organisation_id", faults);
        faults.check("organisation_id", organisation_id.as_ref(), |value, faults| {
            R::payment_input_organisation_id(value, faults)
        });
        let attributes = object.required::<models::PaymentAttributes, R>("attributes", faults);
        let created_on = object.optional::<String, R>("created_on", faults);
        faults.check("created_on", created_on.as_ref(), |value, faults| checks::date_time(value, faults));
        let modified_on = object.optional::<String, R>("modified_on", faults);
        faults.check("modified_on", modified_on.as_ref(), |value, faults| checks::date_time(value, faults));
        object.report_unknown("id, type, version, organisation_id, attributes, created_on, modified_on", faults);
        Some(Self {
            id,
            kind: kind?,
            version,
            organisation_id: organisation_id?,
            attributes: attributes?,
            created_on,
            modified_on,
        })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PaymentInput", const { &[] }) {
            <models::PaymentType as Decode<R>>::deprecated_properties(found);
            <i64 as Decode<R>>::deprecated_properties(found);
            <models::PaymentAttributes as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for PaymentInput {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.optional("\"id\":", self.id.as_ref());
        members.required("\"type\":", &self.kind);
        members.optional("\"version\":", self.version.as_ref());
        members.required("\"organisation_id\":", &self.organisation_id);
        members.required("\"attributes\":", &self.attributes);
        members.optional("\"created_on\":", self.created_on.as_ref());
        members.optional("\"modified_on\":", self.modified_on.as_ref());
        members.close();
    }
}

/// Converts what was read into what can be sent, property by property.
impl From<Payment> for PaymentInput {
    #[allow(
        clippy::useless_conversion,
        reason = "a property may be required in one of the two, and optional in the other"
    )]
    fn from(read: Payment) -> Self {
        Self {
            id: read.id.into(),
            kind: read.kind.into(),
            version: read.version.into(),
            organisation_id: read.organisation_id.into(),
            attributes: read.attributes.into(),
            created_on: read.created_on.into(),
            modified_on: read.modified_on.into(),
        }
    }
}

#[doc = r#"Where the payment lives."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLinks {
    #[doc = r#"The payment's own address."#]
    pub self_url: String,
}

impl<R: Rules + ?Sized> Decode<R> for PaymentLinks {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let self_url = object.required::<String, R>("self", faults);
        Some(Self { self_url: self_url? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PaymentLinks", const { &[] }) {}
    }
}

impl Encode for PaymentLinks {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"self\":", &self.self_url);
        members.close();
    }
}

#[doc = r#"A page of payments, in order of creation."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentList {
    #[doc = r#"The payments of this page; empty when there are none."#]
    pub data: Vec<models::Payment>,
    /// See `links` in the contract.
    pub links: models::PageLinks,
}

impl<R: Rules + ?Sized> Decode<R> for PaymentList {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let data = object.required::<Vec<models::Payment>, R>("data", faults);
        let links = object.required::<models::PageLinks, R>("links", faults);
        Some(Self { data: data?, links: links? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PaymentList", const { &[] }) {
            <Vec<models::Payment> as Decode<R>>::deprecated_properties(found);
            <models::PageLinks as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for PaymentList {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"data\":", &self.data);
        members.required("\"links\":", &self.links);
        members.close();
    }
}

#[doc = r#"A payment on its way in."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRequest {
    /// See [`models::PaymentInput`].
    pub data: models::PaymentInput,
    #[doc = r#"Ignored, so that a response can be sent back as it came."#]
    pub links: Option<RawJson>,
}

impl<R: Rules + ?Sized> Decode<R> for PaymentRequest {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let data = object.required::<models::PaymentInput, R>("data", faults);
        let links = object.optional::<RawJson, R>("links", faults);
        object.report_unknown("data, links", faults);
        Some(Self { data: data?, links })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PaymentRequest", const { &[] }) {
            <models::PaymentInput as Decode<R>>::deprecated_properties(found);
            <RawJson as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for PaymentRequest {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"data\":", &self.data);
        members.optional("\"links\":", self.links.as_ref());
        members.close();
    }
}

#[doc = r#"A payment on its way out."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentResponse {
    /// See `data` in the contract.
    pub data: models::Payment,
    /// See `links` in the contract.
    pub links: models::PaymentLinks,
}

impl<R: Rules + ?Sized> Decode<R> for PaymentResponse {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let data = object.required::<models::Payment, R>("data", faults);
        let links = object.required::<models::PaymentLinks, R>("links", faults);
        Some(Self { data: data?, links: links? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PaymentResponse", const { &[] }) {
            <models::Payment as Decode<R>>::deprecated_properties(found);
            <models::PaymentLinks as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for PaymentResponse {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"data\":", &self.data);
        members.required("\"links\":", &self.links);
        members.close();
    }
}

#[doc = r#"Always `Payment`."#]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentType {
    /// `"Payment"`
    Payment,
}

openapi_server::string_enum!(PaymentType, Payment = "Payment");

#[doc = r#"A version of a payment, and how it came about."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentVersion {
    #[doc = r#"The number of the version."#]
    pub version: i64,
    /// See [`models::EventType`].
    pub kind: models::EventType,
    #[doc = r#"When the version was written."#]
    pub timestamp: String,
    /// See `author` in the contract.
    pub author: Option<models::Author>,
    #[doc = r#"The `X-Request-Id` of the request that wrote it; absent where that is not known."#]
    pub request_id: Option<String>,
    /// See `payment` in the contract.
    pub payment: Option<models::Payment>,
}

impl<R: Rules + ?Sized> Decode<R> for PaymentVersion {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let version = object.required::<i64, R>("version", faults);
        faults.check("version", version.as_ref(), |value, faults| checks::minimum(*value, 0, faults));
        let kind = object.required::<models::EventType, R>("type", faults);
        let timestamp = object.required::<String, R>("timestamp", faults);
        faults.check("timestamp", timestamp.as_ref(), |value, faults| checks::date_time(value, faults));
        let author = object.optional::<models::Author, R>("author", faults);
        let request_id = object.optional::<String, R>("request_id", faults);
        let payment = object.optional::<models::Payment, R>("payment", faults);
        Some(Self { version: version?, kind: kind?, timestamp: timestamp?, author, request_id, payment })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PaymentVersion", const { &[] }) {
            <i64 as Decode<R>>::deprecated_properties(found);
            <models::EventType as Decode<R>>::deprecated_properties(found);
            <String as Decode<R>>::deprecated_properties(found);
            <models::Author as Decode<R>>::deprecated_properties(found);
            <models::Payment as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for PaymentVersion {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"version\":", &self.version);
        members.required("\"type\":", &self.kind);
        members.required("\"timestamp\":", &self.timestamp);
        members.optional("\"author\":", self.author.as_ref());
        members.optional("\"request_id\":", self.request_id.as_ref());
        members.optional("\"payment\":", self.payment.as_ref());
        members.close();
    }
}

#[doc = r#"Where the version lives."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentVersionLinks {
    #[doc = r#"The version's own address."#]
    pub self_url: String,
}

impl<R: Rules + ?Sized> Decode<R> for PaymentVersionLinks {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let self_url = object.required::<String, R>("self", faults);
        Some(Self { self_url: self_url? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PaymentVersionLinks", const { &[] }) {}
    }
}

impl Encode for PaymentVersionLinks {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"self\":", &self.self_url);
        members.close();
    }
}

#[doc = r#"A version of a payment."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentVersionResponse {
    /// See `data` in the contract.
    pub data: models::PaymentVersion,
    /// See `links` in the contract.
    pub links: models::PaymentVersionLinks,
}

impl<R: Rules + ?Sized> Decode<R> for PaymentVersionResponse {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let data = object.required::<models::PaymentVersion, R>("data", faults);
        let links = object.required::<models::PaymentVersionLinks, R>("links", faults);
        Some(Self { data: data?, links: links? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("PaymentVersionResponse", const { &[] }) {
            <models::PaymentVersion as Decode<R>>::deprecated_properties(found);
            <models::PaymentVersionLinks as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for PaymentVersionResponse {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"data\":", &self.data);
        members.required("\"links\":", &self.links);
        members.close();
    }
}

#[doc = r#"What went wrong, and what to do about it (RFC 9457)."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    #[doc = r#"The kind of problem; stable, so programs may decide by it."#]
    pub kind: String,
    #[doc = r#"The kind of problem in words; the same for every problem of its kind."#]
    pub title: String,
    #[doc = r#"The status code, again."#]
    pub status: i32,
    #[doc = r#"What happened this time, and what to change."#]
    pub detail: String,
    #[doc = r#"The path that was asked for, as a URI reference: a `%` that stands for itself is `%25`, and a path that begins
with `//`, which would name a host, begins with `/.//`.
"#]
    pub instance: String,
    #[doc = r#"The `X-Request-Id` of the request; tell us this one when you ask what happened."#]
    pub request_id: Option<String>,
    #[doc = r#"Every fault of the request (at most the first 32), for 400 and 422."#]
    pub errors: Option<Vec<models::ProblemError>>,
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
        let instance = object.required::<String, R>("instance", faults);
        let request_id = object.optional::<String, R>("request_id", faults);
        let errors = object.optional::<Vec<models::ProblemError>, R>("errors", faults);
        faults.check("errors", errors.as_ref(), |value, faults| checks::max_items(value, 32, faults));
        Some(Self {
            kind: kind?,
            title: title?,
            status: status?,
            detail: detail?,
            instance: instance?,
            request_id,
            errors,
        })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("Problem", const { &[] }) {
            <i32 as Decode<R>>::deprecated_properties(found);
            <Vec<models::ProblemError> as Decode<R>>::deprecated_properties(found);
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
        members.required("\"instance\":", &self.instance);
        members.optional("\"request_id\":", self.request_id.as_ref());
        members.optional("\"errors\":", self.errors.as_ref());
        members.close();
    }
}

#[doc = r#"One fault of a request."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemError {
    #[doc = r#"A JSON Pointer (RFC 6901) to the fault in the body; the empty string is the whole body. What is not in the body is
pointed at as `/query/NAME`, `/header/NAME` and `/path/NAME`.
"#]
    pub pointer: String,
    #[doc = r#"What is wrong there, and what would do."#]
    pub detail: String,
}

impl<R: Rules + ?Sized> Decode<R> for ProblemError {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let pointer = object.required::<String, R>("pointer", faults);
        let detail = object.required::<String, R>("detail", faults);
        Some(Self { pointer: pointer?, detail: detail? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("ProblemError", const { &[] }) {}
    }
}

impl Encode for ProblemError {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"pointer\":", &self.pointer);
        members.required("\"detail\":", &self.detail);
        members.close();
    }
}

#[doc = r#"What store is in use, and how much it holds."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repo {
    #[doc = r#"The store, as `--repo` names it."#]
    pub repo: String,
    #[doc = r#"How many payments there are."#]
    pub payments: i64,
    #[doc = r#"How many payments were deleted; their ids stay taken."#]
    pub deleted: i64,
}

impl<R: Rules + ?Sized> Decode<R> for Repo {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let repo = object.required::<String, R>("repo", faults);
        let payments = object.required::<i64, R>("payments", faults);
        faults.check("payments", payments.as_ref(), |value, faults| checks::minimum(*value, 0, faults));
        let deleted = object.required::<i64, R>("deleted", faults);
        faults.check("deleted", deleted.as_ref(), |value, faults| checks::minimum(*value, 0, faults));
        Some(Self { repo: repo?, payments: payments?, deleted: deleted? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("Repo", const { &[] }) {
            <i64 as Decode<R>>::deprecated_properties(found);
            <i64 as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for Repo {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"repo\":", &self.repo);
        members.required("\"payments\":", &self.payments);
        members.required("\"deleted\":", &self.deleted);
        members.close();
    }
}

#[doc = r#"The store, described."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepoResponse {
    /// See `data` in the contract.
    pub data: models::Repo,
}

impl<R: Rules + ?Sized> Decode<R> for RepoResponse {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let data = object.required::<models::Repo, R>("data", faults);
        Some(Self { data: data? })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("RepoResponse", const { &[] }) {
            <models::Repo as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for RepoResponse {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"data\":", &self.data);
        members.close();
    }
}

#[doc = r#"A protected resource, and who issues tokens for it (RFC 9728, section 2)."#]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceMetadata {
    #[doc = r#"The address of the service."#]
    pub resource: String,
    #[doc = r#"The issuers whose tokens are taken."#]
    pub authorization_servers: Vec<String>,
    #[doc = r#"The scopes that operations ask for."#]
    pub scopes_supported: Vec<String>,
    #[doc = r#"How a token is sent."#]
    pub bearer_methods_supported: Vec<String>,
}

impl<R: Rules + ?Sized> Decode<R> for ResourceMetadata {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let resource = object.required::<String, R>("resource", faults);
        let authorization_servers = object.required::<Vec<String>, R>("authorization_servers", faults);
        let scopes_supported = object.required::<Vec<String>, R>("scopes_supported", faults);
        let bearer_methods_supported = object.required::<Vec<String>, R>("bearer_methods_supported", faults);
        Some(Self {
            resource: resource?,
            authorization_servers: authorization_servers?,
            scopes_supported: scopes_supported?,
            bearer_methods_supported: bearer_methods_supported?,
        })
    }

    fn deprecated_properties(found: &mut deprecation::DeprecatedProperties) {
        if found.add("ResourceMetadata", const { &[] }) {
            <Vec<String> as Decode<R>>::deprecated_properties(found);
            <Vec<String> as Decode<R>>::deprecated_properties(found);
            <Vec<String> as Decode<R>>::deprecated_properties(found);
        }
    }
}

impl Encode for ResourceMetadata {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        members.required("\"resource\":", &self.resource);
        members.required("\"authorization_servers\":", &self.authorization_servers);
        members.required("\"scopes_supported\":", &self.scopes_supported);
        members.required("\"bearer_methods_supported\":", &self.bearer_methods_supported);
        members.close();
    }
}
