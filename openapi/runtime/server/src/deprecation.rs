//! Deprecated elements of the contract: since when and until when, and which of them a request uses.
//!
//! Operations, parameters and headers are found in the head of a request, before it is dispatched. Properties of a body are found
//! by its decoder, which leaves their names in a list that travels in the extensions of the request.

use axum::{
    extract::Request,
    http::{Extensions, HeaderValue},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use percent_encoding::percent_decode_str;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

/// A deprecated element of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecation {
    /// The name of the element: `listThings`, `listThings.offset`, `ThingInput.code`.
    pub element: &'static str,
    /// Where a request has it.
    pub place: Place,
    /// The day on which it was deprecated.
    pub on: NaiveDate,
    /// The day from which on it may be gone, if that is decided.
    pub sunset: Option<NaiveDate>,
}

/// Where a request has a deprecated element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The operation itself: every request to it.
    Operation,
    /// The parameter of this name in the query.
    Query(&'static str),
    /// The header of this name, in lower case.
    Header(&'static str),
    /// A property in the body.
    Body,
}

impl Deprecation {
    /// The value of the header `Deprecation` (RFC 9745, section 2.1).
    #[must_use]
    pub fn deprecation_header(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(structured_date(midnight(self.on))).ok()
    }

    /// The value of the header `Sunset` (RFC 8594, section 3).
    #[must_use]
    pub fn sunset_header(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(http_date(midnight(self.sunset?))).ok()
    }

    /// Whether the head of `request` uses the element.
    fn is_used_by(&self, request: &Request) -> bool {
        match self.place {
            Place::Operation => true,
            Place::Query(name) => request.uri().query().is_some_and(|query| has_parameter(query, name)),
            Place::Header(name) => request.headers().contains_key(name),
            Place::Body => false,
        }
    }
}

/// A date of the contract, `YYYY-MM-DD`. Evaluated at compile time: a date that no calendar has does not compile.
#[must_use]
#[expect(clippy::panic, reason = "a panic at compile time is a compile error")]
pub const fn date(text: &str) -> NaiveDate {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        panic!("a date of the contract is not YYYY-MM-DD")
    };
    let year = digit(y1) * 1000 + digit(y2) * 100 + digit(y3) * 10 + digit(y4);
    match NaiveDate::from_ymd_opt(year as i32, digit(m1) * 10 + digit(m2), digit(d1) * 10 + digit(d2)) {
        Some(date) => date,
        None => panic!("a date of the contract is on no calendar"),
    }
}

#[expect(clippy::panic, reason = "a panic at compile time is a compile error")]
const fn digit(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => (byte - b'0') as u32,
        _ => panic!("a date of the contract is not YYYY-MM-DD"),
    }
}

/// The moment at which a day begins.
fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc()
}

/// A date of structured fields (RFC 9651, section 3.3.7).
fn structured_date(time: DateTime<Utc>) -> String {
    format!("@{}", time.timestamp())
}

/// A date of HTTP in the form that is preferred (RFC 9110, section 5.6.7).
fn http_date(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Whether a query has a parameter of this name. Allocates only for names that are percent-encoded.
fn has_parameter(query: &str, name: &str) -> bool {
    query.split('&').any(|parameter| {
        let key = parameter.split('=').next().unwrap_or_default();
        key == name || (key.contains('%') && percent_decode_str(key).eq(name.bytes()))
    })
}

/// The names of the deprecated elements that one request uses. Clones share the list.
#[derive(Debug, Clone, Default)]
pub struct DeprecatedUses(Arc<Mutex<Vec<&'static str>>>);

impl DeprecatedUses {
    /// Finds the elements among `deprecations` that the head of `request` uses. The list goes into the extensions of the request
    /// too if its body may use others. `None` if nothing is used, and nothing will be.
    pub(crate) fn find<'a>(
        deprecations: impl Iterator<Item = &'a Deprecation> + Clone,
        request: &mut Request,
    ) -> Option<Self> {
        let has_body = deprecations.clone().any(|deprecation| deprecation.place == Place::Body);
        let used = deprecations.filter(|deprecation| deprecation.is_used_by(request));
        let used: Vec<_> = used.map(|deprecation| deprecation.element).collect();
        if used.is_empty() && !has_body {
            return None;
        }
        let uses = Self(Arc::new(Mutex::new(used)));
        if has_body {
            request.extensions_mut().insert(uses.clone());
        }
        Some(uses)
    }

    /// The names, without repetition.
    #[must_use]
    pub fn elements(&self) -> Vec<&'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds what a decoder has found to the list of a request, if that has one.
    pub(crate) fn add(extensions: &Extensions, found: &[&'static str]) {
        if let Some(Self(uses)) = extensions.get() {
            uses.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        }
    }
}

/// Collects the deprecated properties that a body may have, from its model and the models inside.
#[derive(Debug, Default)]
pub struct DeprecatedProperties {
    found: Vec<Deprecation>,
    models: BTreeSet<&'static str>,
}

impl DeprecatedProperties {
    /// Adds the properties of a model. Returns whether those of the models inside have to follow: not if the model was added before,
    /// because models may contain themselves.
    pub fn add(&mut self, model: &'static str, own: &[Deprecation]) -> bool {
        let is_new = self.models.insert(model);
        if is_new {
            self.found.extend_from_slice(own);
        }
        is_new
    }

    /// The deprecated properties, each once.
    #[must_use]
    pub fn into_vec(self) -> Vec<Deprecation> {
        self.found
    }
}

#[cfg(test)]
mod tests;
