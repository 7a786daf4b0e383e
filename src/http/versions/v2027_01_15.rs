//! What version 2027-01-15 changed: a list has no `to`, and query parameters that are not declared are refused.

use super::change::{Change, Descent, set_query};
use axum::extract::Request;
use json_text::{MergePatch, Outline, PatchError, PatchLimits, Pointer};
use payments_server::{
    Deprecation, Faults, Operation,
    deprecation::{Place, date},
    input::Query,
};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// The operation that had `to`.
const LIST: &str = "listPayments";

const TO: &[Deprecation] = &[Deprecation {
    element: "listPayments.to",
    place: Place::Query("to"),
    on: date("2026-11-28"),
    sunset: Some(date("2027-11-28")),
}];

/// A page was once asked for by `from` and `to`; now `size`, their difference, says the same.
#[derive(Debug)]
pub(super) struct NoTo;

impl Change for NoTo {
    fn climb(&self, operation: &'static Operation, request: &mut Request, faults: &mut Faults) -> Option<Descent> {
        let query = request.uri().query().filter(|_| operation.id == LIST)?;
        let page = OldPage::read(&Query::read(request.uri()), faults)?;
        let size = format!("size={}", page.size());
        let others = query.split('&').filter(|parameter| name(parameter) != "to");
        let query = others.chain([&*size]).collect::<Vec<_>>().join("&");
        set_query(request, &query);
        Some(Box::new(move |list| page.restore_link(list)))
    }

    fn deprecations(&self, operation: &'static Operation) -> &'static [Deprecation] {
        if operation.id == LIST { TO } else { &[] }
    }
}

/// A page as it was asked for: the payments from one number to another, that one left out.
struct OldPage {
    from: Option<i64>,
    to: i64,
}

impl OldPage {
    /// Reads `to`, if it is there, and reports what it cannot stand beside. The faults of other parameters are found later.
    fn read(query: &Query<'_>, faults: &mut Faults) -> Option<Self> {
        let to = query.integer("to", Some(1), faults)?;
        let mut later = Faults::default();
        let from = query.integer("from", Some(0), &mut later);
        let mut has = |name| query.string(name, &mut later).is_some();
        let fault = if has("size") {
            "cannot stand beside size; send size alone"
        } else if has("after") || has("before") {
            "cannot stand beside a cursor; send size instead"
        } else if to <= from.unwrap_or(0) {
            "must be greater than from"
        } else {
            return Some(Self { from, to });
        };
        // A number that is too small has its fault already.
        if faults.is_empty() {
            faults.within("query", |faults| faults.report_at("to", fault));
        }
        None
    }

    fn size(&self) -> i64 {
        self.to.saturating_sub(self.from.unwrap_or(0))
    }

    /// Puts the parameters that the client sent back into `links.self`.
    fn restore_link(&self, list: &str) -> Result<String, PatchError> {
        let from = self.from.map(|from| format!("from={from}&")).unwrap_or_default();
        let query = format!("{from}to={}", self.to);
        let outline = Outline::read(list.as_bytes()).ok();
        let pointer = Pointer::parse("/links/self").ok();
        let link = pointer.zip(outline.as_ref()).and_then(|(pointer, outline)| pointer.find(outline.json()));
        let collection = link.and_then(|link| link.get().split('?').next()).unwrap_or("\"");
        let patch = format!(r#"{{"links":{{"self":{collection}?{query}"}}}}"#);
        MergePatch(&patch).apply(list, &PatchLimits { bytes: usize::MAX, ..PatchLimits::default() })
    }
}

/// Query parameters that an operation does not declare were ignored; now they are refused.
#[derive(Debug)]
pub(super) struct ClosedQueries;

impl Change for ClosedQueries {
    fn climb(&self, operation: &'static Operation, request: &mut Request, _faults: &mut Faults) -> Option<Descent> {
        let query = request.uri().query()?;
        let is_known = |parameter: &&str| operation.query.contains(&&*name(parameter));
        if !query.split('&').all(|parameter| is_known(&parameter)) {
            let known = query.split('&').filter(is_known).collect::<Vec<_>>().join("&");
            set_query(request, &known);
        }
        None
    }
}

/// The name of a parameter, decoded.
fn name(parameter: &str) -> Cow<'_, str> {
    let name = parameter.split('=').next().unwrap_or_default();
    // Fast path: hardly any name has an escape.
    if !name.contains(['%', '+']) {
        return name.into();
    }
    percent_decode_str(&name.replace('+', " ")).decode_utf8_lossy().into_owned().into()
}
