//! JSON into models, with every fault that can be found in one go.
//!
//! A document is read level by level: an object is split into its keys and the raw text of their values, so a faulty
//! value does not hide the faults beside it, and raw text costs no tree.

use crate::{
    encode::RawJson,
    json::{Json, Outline},
};
use std::borrow::Cow;

/// The most faults that are kept; one body cannot make the answer as large as itself.
pub const MAX_FAULTS: usize = 32;

/// How many members an object usually has at most.
const USUAL: usize = 8;
/// Room for the usual pointer, in bytes.
const POINTER: usize = 64;

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A JSON Pointer (RFC 6901) into the body, or `/query/NAME`, `/header/NAME`.
    pub pointer: String,
    /// What is wrong there, and what would do.
    pub detail: Cow<'static, str>,
}

/// The faults found so far, and where the search stands.
#[derive(Debug, Default)]
pub struct Faults {
    pointer: String,
    found: Vec<Fault>,
}

impl Faults {
    /// Reports a fault of the value at hand.
    pub fn report(&mut self, detail: impl Into<Cow<'static, str>>) {
        if self.found.len() < MAX_FAULTS {
            self.found.push(Fault { pointer: self.pointer.clone(), detail: detail.into() });
        }
    }

    /// Reports a fault of what the value at hand has under `key`.
    pub fn report_at(&mut self, key: &str, detail: impl Into<Cow<'static, str>>) {
        self.within(key, |faults| faults.report(detail));
    }

    /// Looks into what the value at hand has under `key`.
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

    /// Whether none were found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What was found.
    #[must_use]
    pub fn into_vec(self) -> Vec<Fault> {
        self.found
    }
}

/// A value that can be read from JSON by the rules `R`.
pub trait Decode<R: ?Sized>: Sized {
    /// Reads the value; `None` when it could not be read, for a reason that `faults` then holds.
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self>;
}

/// Reads a whole document; `None` when something is wrong, which `faults` then holds.
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

/// An object, split into its members.
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, Option<Json<'a>>)>,
}

impl<'a> Object<'a> {
    /// Splits an object; a key that stands twice is a fault.
    pub fn decode(json: Json<'a>, faults: &mut Faults) -> Option<Self> {
        if !json.get().starts_with('{') {
            mismatch("an object", json, faults);
            return None;
        }
        let mut members = Vec::with_capacity(USUAL);
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

    /// Reports each key that stands twice, and passes over its later values.
    fn report_duplicates(&mut self, faults: &mut Faults) {
        // To compare a few with each other is quicker than to sort them.
        let is_new = |(index, (key, _)): (usize, &(Cow<'a, str>, _))| {
            self.members.iter().take(index).all(|(earlier, _)| earlier != key)
        };
        if self.members.len() <= USUAL && self.members.iter().enumerate().all(is_new) {
            return;
        }
        let mut order: Vec<usize> = (0..self.members.len()).collect();
        let key = |index: &usize| self.members.get(*index).map(|(key, _)| key.as_ref());
        order.sort_by_key(key); // A stable sort: the first of equal keys stays the first.
        let same = |pair: &&[usize]| matches!(pair, [first, second] if key(first) == key(second));
        let later: Vec<usize> = order.windows(2).filter(same).filter_map(|pair| pair.last().copied()).collect();
        for index in later {
            if let Some((key, value)) = self.members.get_mut(index) {
                *value = None;
                faults.report_at(key, "stands twice in the same object; keep one");
            }
        }
    }

    /// Reads the member `key`, if the object has it.
    pub fn optional<T: Decode<R>, R: ?Sized>(&mut self, key: &str, faults: &mut Faults) -> Option<T> {
        let (_, value) = self.members.iter_mut().find(|(name, _)| name == key)?;
        let value = value.take()?;
        faults.within(key, |faults| T::decode(value, faults))
    }

    /// Reads the member `key`, which the object must have.
    pub fn required<T: Decode<R>, R: ?Sized>(&mut self, key: &str, faults: &mut Faults) -> Option<T> {
        if !self.members.iter().any(|(name, _)| name == key) {
            faults.report_at(key, "is missing");
        }
        self.optional(key, faults)
    }

    /// Reports the members that nobody has read.
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

impl<R: ?Sized> Decode<R> for RawJson {
    fn decode(json: Json<'_>, _faults: &mut Faults) -> Option<Self> {
        Some(Self::new(json.get().into()))
    }
}

/// Reports a value of the wrong type.
pub fn mismatch(expected: &'static str, json: Json<'_>, faults: &mut Faults) {
    let got = match json.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ if expected == "an integer" => "a number that is none, or too large",
        _ => "a number",
    };
    faults.report(format!("must be {expected}, not {got}"));
}

/// Reports a number below its minimum.
pub fn minimum(number: Option<i64>, least: i64, faults: &mut Faults) {
    if number.is_some_and(|number| number < least) {
        faults.report(format!("must be at least {least}"));
    }
}

/// Reports text that is no RFC 3339 date-time.
pub fn date_time(text: Option<&str>, faults: &mut Faults) {
    if text.is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_err()) {
        faults.report("must be an RFC 3339 date-time, such as 2026-01-18T09:00:00Z");
    }
}
