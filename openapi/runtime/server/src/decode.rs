//! Decodes JSON into models, and collects every fault on the way instead of stopping at the first.
//!
//! Decoding goes level by level: an object is split into its keys and the raw text of their values. So a faulty value does not
//! hide the faults beside it, and a value that is kept as text is never built as a tree.

use crate::{
    deprecation::{DeprecatedProperties, DeprecatedUses},
    encode::RawJson,
};
use axum::http::Extensions;
use json_text::{Json, Kind, Outline};
use std::borrow::Cow;

/// The most faults that one request collects; without a limit a body could make the response as large as itself.
pub const MAX_FAULTS: usize = 32;

/// The capacity for the members of an object; most have fewer.
const MEMBERS: usize = 8;
/// The capacity of the pointer to the current value, in bytes; most are shorter.
const POINTER: usize = 64;

/// A fault of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A JSON Pointer (RFC 6901) into the body, or `/query/NAME`, `/header/NAME`.
    pub pointer: String,
    /// What is wrong there, and what is allowed.
    pub detail: Cow<'static, str>,
}

/// The faults that were found before a request reached its operation. They travel in the extensions of the request, and are reported
/// with those that the operation finds.
#[derive(Debug, Clone)]
pub struct EarlierFaults(pub Vec<Fault>);

/// Collects faults, and keeps the pointer to the value that is being decoded.
#[derive(Debug, Default)]
pub struct Faults {
    pointer: String,
    found: Vec<Fault>,
    /// The names of the deprecated properties that the document has.
    deprecated: Vec<&'static str>,
    has_duplicates: bool,
}

impl Faults {
    /// Begins with the faults that were found before.
    #[must_use]
    #[inline]
    pub fn begin(extensions: &Extensions) -> Self {
        let found = extensions.get::<EarlierFaults>().map(|faults| faults.0.clone()).unwrap_or_default();
        Self { found, ..Self::default() }
    }

    /// Reports a fault of the current value.
    pub fn report(&mut self, detail: impl Into<Cow<'static, str>>) {
        if self.found.len() < MAX_FAULTS {
            self.found.push(Fault { pointer: self.pointer.clone(), detail: detail.into() });
        }
    }

    /// Reports a fault of the member `key` of the current value.
    pub fn report_at(&mut self, key: &str, detail: impl Into<Cow<'static, str>>) {
        self.within(key, |faults| faults.report(detail));
    }

    /// Makes the member `key` the current value while `look` runs.
    pub fn within<T>(&mut self, key: &str, look: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.pointer.len();
        self.pointer.push('/');
        if key.contains(['~', '/']) {
            self.pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        } else {
            self.pointer.push_str(key);
        }
        let seen = look(self);
        self.pointer.truncate(length);
        seen
    }

    /// Runs `look` on the member `key` of the current value, if that could be decoded.
    pub fn check<T>(&mut self, key: &str, value: Option<&T>, look: impl FnOnce(&T, &mut Self)) {
        if let Some(value) = value {
            self.within(key, |faults| look(value, faults));
        }
    }

    /// Notes that the document has a deprecated property.
    fn note_use(&mut self, element: &'static str) {
        if !self.deprecated.contains(&element) {
            self.deprecated.push(element);
        }
    }

    /// Adds the deprecated properties that the document has to the list of its request, if that has one.
    #[inline]
    pub fn report_uses(&self, extensions: &Extensions) {
        if !self.deprecated.is_empty() {
            DeprecatedUses::add(extensions, &self.deprecated);
        }
    }

    /// Whether a key stands twice in an object that was split: readers differ in which of its values counts.
    #[must_use]
    pub fn has_duplicates(&self) -> bool {
        self.has_duplicates
    }

    /// Whether there are no faults.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The faults, in the order in which they were reported.
    #[must_use]
    pub fn into_vec(self) -> Vec<Fault> {
        self.found
    }
}

/// A value that can be decoded from JSON, under the rules `R` of the service.
pub trait Decode<R: ?Sized>: Sized {
    /// Decodes the value. `None` means that it could not be, and that `faults` has the reason.
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self>;

    /// Collects the deprecated properties that the value may have.
    fn deprecated_properties(_found: &mut DeprecatedProperties) {}
}

/// Decodes a whole document. `None` means that it could not be, and that `faults` has the reason.
pub fn decode<T: Decode<R>, R: ?Sized>(document: &[u8], faults: &mut Faults) -> Option<T> {
    faults.pointer.reserve(POINTER);
    match Outline::read(document) {
        Ok(outline) => T::decode(outline.json(), faults),
        Err(_) if document.is_empty() => {
            faults.report("is empty; send a JSON document");
            None
        }
        Err(error) => {
            faults.report(format!("is not JSON: {error}"));
            None
        }
    }
}

/// A JSON object, split into its members. Decoding a member takes it, so that the unknown ones remain.
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, Option<Json<'a>>)>,
}

impl<'a> Object<'a> {
    /// Splits an object, and reports keys that stand twice.
    pub fn decode(json: Json<'a>, faults: &mut Faults) -> Option<Self> {
        if !json.get().starts_with('{') {
            mismatch("an object", json, faults);
            return None;
        }
        let mut members = Vec::with_capacity(MEMBERS);
        for (key, value) in json.members() {
            let Some(key) = key.string() else {
                faults.report("has a key that is not valid Unicode: it holds half of a surrogate pair");
                return None;
            };
            members.push((key, Some(value)));
        }
        let mut object = Self { members };
        object.report_duplicates(faults);
        Some(object)
    }

    /// Reports each key that stands twice, and drops its later values.
    fn report_duplicates(&mut self, faults: &mut Faults) {
        // For a few keys, comparing each with each other is faster than sorting.
        let is_new = |(index, (key, _)): (usize, &(Cow<'a, str>, _))| {
            self.members.iter().take(index).all(|(earlier, _)| earlier != key)
        };
        if self.members.len() <= MEMBERS && self.members.iter().enumerate().all(is_new) {
            return;
        }
        let mut order: Vec<usize> = (0..self.members.len()).collect();
        let key = |index: &usize| self.members.get(*index).map(|(key, _)| key.as_ref());
        order.sort_by_key(key); // The sort is stable: of equal keys the first stays first.
        let same = |pair: &&[usize]| matches!(pair, [first, second] if key(first) == key(second));
        let later: Vec<usize> = order.windows(2).filter(same).filter_map(|pair| pair.last().copied()).collect();
        for index in later {
            if let Some((key, value)) = self.members.get_mut(index) {
                *value = None;
                faults.has_duplicates = true;
                faults.report_at(key, "stands twice in the same object; keep one");
            }
        }
    }

    /// Decodes the member `key`, if the object has it.
    pub fn optional<T: Decode<R>, R: ?Sized>(&mut self, key: &str, faults: &mut Faults) -> Option<T> {
        let (_, value) = self.members.iter_mut().find(|(name, _)| name == key)?;
        let value = value.take()?;
        faults.within(key, |faults| T::decode(value, faults))
    }

    /// Decodes the member `key`, and reports that it is missing if the object does not have it.
    pub fn required<T: Decode<R>, R: ?Sized>(&mut self, key: &str, faults: &mut Faults) -> Option<T> {
        if !self.members.iter().any(|(name, _)| name == key) {
            faults.report_at(key, "is missing");
        }
        self.optional(key, faults)
    }

    /// Notes a use of the deprecated `element`, if the object has the member `key`. Comes before the member is decoded.
    pub fn note_use(&self, key: &str, element: &'static str, faults: &mut Faults) {
        if self.members.iter().any(|(name, _)| name == key) {
            faults.note_use(element);
        }
    }

    /// Reports the members that were not decoded. `known` lists the keys that the contract names.
    pub fn report_unknown(&self, known: &'static str, faults: &mut Faults) {
        for (key, _) in self.members.iter().filter(|(_, value)| value.is_some()) {
            faults.report_at(key, format!("is not known here; remove it (known: {known})"));
        }
    }
}

impl<T: Decode<R>, R: ?Sized> Decode<R> for Vec<T> {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        if !json.get().starts_with('[') {
            mismatch("an array", json, faults);
            return None;
        }
        let decoded: Vec<Option<T>> = json
            .elements()
            .enumerate()
            .map(|(index, element)| faults.within(&index.to_string(), |faults| T::decode(element, faults)))
            .collect();
        decoded.into_iter().collect()
    }

    fn deprecated_properties(found: &mut DeprecatedProperties) {
        T::deprecated_properties(found);
    }
}

impl<R: ?Sized> Decode<R> for String {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        if !json.get().starts_with('"') {
            mismatch("a string", json, faults);
            return None;
        }
        let text = json.string();
        if text.is_none() {
            faults.report("is not valid Unicode: it holds half of a surrogate pair");
        }
        text.map(Cow::into_owned)
    }
}

impl<R: ?Sized> Decode<R> for i64 {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let number = json.get().parse();
        if number.is_err() {
            mismatch("an integer", json, faults);
        }
        number.ok()
    }
}

impl<R: ?Sized> Decode<R> for i32 {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let number = json.get().parse();
        if number.is_err() {
            mismatch("an integer", json, faults);
        }
        number.ok()
    }
}

impl<R: ?Sized> Decode<R> for bool {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        match json.get() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                mismatch("a boolean", json, faults);
                None
            }
        }
    }
}

/// A value that may be `null`.
impl<T: Decode<R>, R: ?Sized> Decode<R> for Option<T> {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        if json.get() == "null" { Some(None) } else { T::decode(json, faults).map(Some) }
    }

    fn deprecated_properties(found: &mut DeprecatedProperties) {
        T::deprecated_properties(found);
    }
}

impl<R: ?Sized> Decode<R> for RawJson {
    fn decode(json: Json<'_>, _faults: &mut Faults) -> Option<Self> {
        Some(Self::new(json.get().into()))
    }
}

/// Notes a use of the deprecated `element`, if an object that is kept as text has the member `key`.
pub fn note_use(json: Json<'_>, key: &str, element: &'static str, faults: &mut Faults) {
    if json.members().any(|(name, _)| name.string().is_some_and(|name| name == key)) {
        faults.note_use(element);
    }
}

/// Reports a value of the wrong type.
pub fn mismatch(expected: &'static str, json: Json<'_>, faults: &mut Faults) {
    let more = if json.kind() == Kind::Number && expected == "an integer" { " that is none, or too large" } else { "" };
    faults.report(format!("must be {expected}, not {}{more}", json.kind()));
}

#[cfg(test)]
mod tests;
