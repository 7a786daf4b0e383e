//! Deprecated elements of the contract: announces them to the clients that use them, and remembers who does.
//!
//! The contract says what is deprecated, and since when and until when. A response to a request that uses it has the
//! headers `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`. Uses are counted by client, so that an operator
//! can tell whether an element may be removed, and whom to ask.

use super::{request_id::RequestId, urls};
use crate::{metrics::OnScrape, payments::Timestamp};
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use payments_server::{DeprecatedUses, Deprecation, Operation, Target};
use prometheus::{IntCounterVec, Opts, Registry};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// The most clients that are told apart for each element: each is a time series.
const MAX_CLIENTS: usize = 100;
/// The name under which all further clients are counted.
const OTHER: &str = "other";
/// The name of clients that send no `User-Agent`, or none that begins with a product.
const UNKNOWN: &str = "unknown";
/// The most bytes of a client's name.
const MAX_NAME: usize = 64;

/// The deprecated elements of the contract, by name.
#[derive(Debug, Default)]
pub(in crate::http) struct Deprecations(BTreeMap<&'static str, Element>);

/// A deprecated element, what responses say of it, and who has used it since the service started.
#[derive(Debug)]
struct Element {
    deprecation: Deprecation,
    /// The oldest version of the contract that has the element; a dash if its path has none.
    version: &'static str,
    since: Option<HeaderValue>,
    sunset: Option<HeaderValue>,
    link: Option<HeaderValue>,
    clients: Mutex<Clients>,
}

/// The clients of an element, by their name and the version of the contract that their requests are of.
type Clients = BTreeMap<(Box<str>, &'static str), ClientUses>;

/// The uses of one element by one client.
#[derive(Debug, Clone)]
pub(in crate::http) struct ClientUses {
    pub(in crate::http) uses: u64,
    pub(in crate::http) last_used_on: Timestamp,
    pub(in crate::http) last_request_id: Box<str>,
}

/// What an operator is told of one element.
#[derive(Debug)]
pub(in crate::http) struct ElementReport {
    pub(in crate::http) deprecation: Deprecation,
    /// The clients that have used it, by name and version; the latest first.
    pub(in crate::http) clients: Vec<((Box<str>, &'static str), ClientUses)>,
}

/// The deprecated elements that one request uses. Dropping it records them, also for a request that was abandoned.
#[derive(Debug)]
pub(in crate::http) struct RequestUses {
    deprecations: Arc<Deprecations>,
    uses: DeprecatedUses,
    client: Box<str>,
    version: &'static str,
    request_id: Box<str>,
    time: SystemTime,
}

impl Deprecations {
    /// Lists what is deprecated of these operations. `version` gives the oldest version of the contract that has an
    /// operation; the documentation is at `external_url`.
    pub(in crate::http) fn new(
        operations: impl IntoIterator<Item = (&'static Operation, Vec<Deprecation>)>,
        version: impl Fn(&Operation) -> &'static str,
        external_url: &str,
    ) -> Self {
        let mut elements = BTreeMap::new();
        for (operation, deprecations) in operations {
            for deprecation in deprecations {
                // A property that several operations read is one element.
                elements.entry(deprecation.element).or_insert_with(|| Element {
                    deprecation,
                    version: version(operation),
                    since: deprecation.deprecation_header(),
                    sunset: deprecation.sunset_header(),
                    link: link(operation, external_url),
                    clients: Mutex::default(),
                });
            }
        }
        Self(elements)
    }

    /// Finds what `request` uses of its target and of what only older versions have, `older`; `version` is the version that
    /// the request is of. `None` if that is nothing, and will be nothing.
    pub(in crate::http) fn find<E>(
        self: &Arc<Self>,
        target: &Target<E>,
        (version, older): (&'static str, impl Iterator<Item = &'static Deprecation> + Clone),
        request: &mut Request,
        id: &RequestId,
        time: SystemTime,
    ) -> Option<Box<RequestUses>> {
        let uses = target.deprecated_uses(request, older)?;
        let (client, request_id) = (client_name(request.headers()).into(), id.as_str().into());
        Some(Box::new(RequestUses { deprecations: Arc::clone(self), uses, client, version, request_id, time }))
    }

    /// Reports every element with its clients.
    pub(in crate::http) fn report(&self) -> Vec<ElementReport> {
        let report = |element: &Element| {
            let mut clients: Vec<_> = element.uses_by_client().into_iter().collect();
            clients.sort_by_key(|(_, uses)| std::cmp::Reverse(uses.last_used_on));
            ElementReport { deprecation: element.deprecation, clients }
        };
        self.0.values().map(report).collect()
    }

    /// Registers the metric that counts uses.
    ///
    /// # Errors
    /// When `registry` has it already.
    pub(in crate::http) fn measure(self: &Arc<Self>, registry: &Registry) -> Result<(), prometheus::Error> {
        let options =
            Opts::new("http_deprecated_uses_total", "Requests that used a deprecated element of the contract.");
        let counter = IntCounterVec::new(options, &["element", "version", "client"])?;
        let deprecations = Arc::clone(self);
        OnScrape::register(registry, counter, move |counter| {
            counter.reset();
            for (name, element) in &deprecations.0 {
                // There before the first use, so that a query finds a zero rather than nothing.
                counter.with_label_values(&[*name, element.version, OTHER]).inc_by(0);
                for ((client, version), uses) in element.uses_by_client() {
                    counter.with_label_values(&[*name, version, &*client]).inc_by(uses.uses);
                }
            }
        })
    }
}

impl Element {
    fn uses_by_client(&self) -> Clients {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn record(&self, (client, version): (&str, &'static str), request_id: &str, time: SystemTime) {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = clients.len() >= MAX_CLIENTS;
        let client = if is_full && !clients.contains_key(&(client.into(), version)) { OTHER } else { client };
        let uses = clients.entry((client.into(), version)).or_insert_with(|| ClientUses {
            uses: 0,
            last_used_on: Timestamp::UNIX_EPOCH,
            last_request_id: Box::default(),
        });
        uses.uses += 1;
        uses.last_used_on = chrono::DateTime::<chrono::Utc>::from(time).into();
        uses.last_request_id = request_id.into();
    }
}

impl RequestUses {
    /// The names of the elements that are used, with commas between; empty if there are none.
    pub(in crate::http) fn names(&self) -> String {
        self.uses.elements().join(",")
    }

    /// Announces in the headers of the response what its request uses.
    pub(in crate::http) fn announce(&self, headers: &mut HeaderMap) {
        announce(self.elements().collect(), headers);
    }

    fn elements(&self) -> impl Iterator<Item = &Element> {
        self.uses.elements().into_iter().filter_map(move |name| self.deprecations.0.get(name))
    }
}

impl Drop for RequestUses {
    fn drop(&mut self) {
        for element in self.elements() {
            element.record((&self.client, self.version), &self.request_id, self.time);
        }
    }
}

/// Announces the elements: of several the earliest days, and each page.
fn announce(used: Vec<&Element>, headers: &mut HeaderMap) {
    let since = used.iter().min_by_key(|element| element.deprecation.on).and_then(|first| first.since.clone());
    let ending = used.iter().filter(|element| element.sunset.is_some());
    let sunset = ending.min_by_key(|element| element.deprecation.sunset).and_then(|first| first.sunset.clone());
    headers.extend(since.map(|since| (DEPRECATION, since)));
    headers.extend(sunset.map(|sunset| (SUNSET, sunset)));
    let mut links: Vec<_> = used.into_iter().filter_map(|element| element.link.as_ref()).collect();
    links.dedup();
    for link in links {
        headers.append(header::LINK, link.clone());
    }
}

/// The link (RFC 9745, section 3) to the operation in the documentation.
fn link(operation: &Operation, external_url: &str) -> Option<HeaderValue> {
    let url = urls::encode_url(external_url);
    let (tag, id) = (operation.tag, operation.id);
    HeaderValue::try_from(format!(r#"<{url}/docs#/{tag}/{id}>; rel="deprecation"; type="text/html""#)).ok()
}

/// The name of a client: the first product of its `User-Agent` (RFC 9110, section 10.1.5), without the version. A client
/// has many versions, and all of them are asked to change.
fn client_name(headers: &HeaderMap) -> &str {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let length = agent.bytes().take(MAX_NAME).take_while(|byte| is_token(*byte)).count();
    agent.get(..length).filter(|name| !name.is_empty()).unwrap_or(UNKNOWN)
}

#[cfg(test)]
mod tests;
