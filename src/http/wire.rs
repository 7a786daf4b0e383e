//! Between the contract's models and the domain. Nothing is passed over: a new field of the contract does not compile until
//! it has its place here.

use super::Service;
use crate::payments::{
    Attributes, AttributesFault, BrokenRule, Change, NewPayment, OrganisationId, Payment, PaymentId, Repo, Snapshot,
    Timestamp, Version,
};
use chrono::SecondsFormat;
use payments_server::{Document, Fault, RawJson, models};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;

/// What has to be encoded in a segment of a path: everything but `pchar` (RFC 3986, section 3.3).
const NOT_IN_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// The same for a whole path that may be encoded already.
const NOT_IN_PATH: &AsciiSet = &NOT_IN_SEGMENT.remove(b'/').remove(b'%');

/// A path as a valid URI reference, whatever characters it came with.
pub(super) fn uri_path(path: &str) -> String {
    utf8_percent_encode(path, NOT_IN_PATH).to_string()
}

/// What a request says of a payment.
pub(super) struct Said {
    pub(super) id: Option<PaymentId>,
    pub(super) version: Option<Version>,
    pub(super) organisation_id: OrganisationId,
    pub(super) attributes: Attributes,
}

impl Said {
    /// Reads the model. Its values were checked as it was decoded; what fails here all the same is named too.
    pub(super) fn read(request: models::PaymentRequest) -> Result<Self, Fault> {
        // Links say nothing that we did not say; times are the server's.
        let models::PaymentRequest { data, links: _ } = request;
        let models::Payment { id, kind, version, organisation_id, attributes, created_on: _, modified_on: _ } = data;
        let models::PaymentType::Payment = kind;
        let attributes = Attributes::parse(attributes.0.into_text()).map_err(|fault| match fault {
            AttributesFault::Whole(rule) => broken("/data/attributes", rule),
            AttributesFault::Amount(rule) => broken("/data/attributes/amount", rule),
        })?;
        Ok(Self {
            id: id.map(|id| PaymentId::parse(&id)).transpose().map_err(|rule| broken("/data/id", rule))?,
            version: version.map(Version::parse).transpose().map_err(|rule| broken("/data/version", rule))?,
            organisation_id: OrganisationId::parse(&organisation_id)
                .map_err(|rule| broken("/data/organisation_id", rule))?,
            attributes,
        })
    }

    /// The payment that it asks to create. The version counts for nothing: every payment begins at the first.
    pub(super) fn into_new(self, new_id: impl FnOnce() -> PaymentId, now: Timestamp) -> NewPayment {
        let Self { id, version: _, organisation_id, attributes } = self;
        NewPayment { id: id.unwrap_or_else(new_id), organisation_id, attributes, created_on: now }
    }

    /// The change that it asks for, of the payment `id` at the version that comes with it.
    pub(super) fn into_change(self, of: &PaymentId, now: Timestamp) -> Result<(Version, Change), Vec<Fault>> {
        let Self { id, version, organisation_id, attributes } = self;
        let mut faults = Vec::new();
        if id.is_some_and(|id| id != *of) {
            faults.push(fault("/data/id", "must be the id in the path, or be left out"));
        }
        let Some(version) = version else {
            faults.push(fault("/data/version", "is missing; send the version that you last saw"));
            return Err(faults);
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok((version, Change { organisation_id, attributes, modified_on: now }))
    }
}

/// The payment as the contract has it.
pub(super) fn payment(payment: Payment) -> models::Payment {
    let Payment { id, version, organisation_id, attributes, created_on, modified_on } = payment;
    models::Payment {
        id: Some(id.into_text().into()),
        kind: models::PaymentType::Payment,
        version: Some(version.number()),
        organisation_id: organisation_id.into_text().into(),
        attributes: models::PaymentAttributes(RawJson::new(attributes.into_text())),
        created_on: Some(date_time(created_on)),
        modified_on: Some(date_time(modified_on)),
    }
}

/// What is left with a payment that was shown, for the next who asks for it.
struct Shown {
    /// Where it was said to be. A service that says something else has to write it anew.
    collection: Arc<str>,
    document: Document<models::PaymentResponse>,
}

impl<R: Repo> Service<R> {
    /// The address of a payment.
    pub(super) fn payment_url(&self, id: &PaymentId) -> String {
        format!("{}/{}", self.collection_url(), utf8_percent_encode(id.as_str(), NOT_IN_SEGMENT))
    }

    /// The response that carries a payment.
    pub(super) fn payment_response(&self, stored: &Snapshot) -> Document<models::PaymentResponse> {
        let write = |stored: &Payment| {
            let links = models::PaymentLinks { self_url: self.payment_url(&stored.id) };
            Document::from(models::PaymentResponse { data: payment(stored.clone()), links })
        };
        let collection = self.collection_url();
        let shown = stored.note(|stored| Shown { collection: Arc::clone(collection), document: write(stored) });
        match shown {
            Some(shown) if Arc::ptr_eq(&shown.collection, collection) => shown.document.clone(),
            Some(_) | None => write(stored),
        }
    }
}

fn date_time(timestamp: Timestamp) -> String {
    timestamp.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn broken(pointer: &str, BrokenRule(detail): BrokenRule) -> Fault {
    fault(pointer, detail)
}

/// A fault of a request.
pub(super) fn fault(pointer: &str, detail: &'static str) -> Fault {
    Fault { pointer: pointer.to_owned(), detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use crate::{
        http::{Service, Settings, Sources},
        payments::{Attributes, OrganisationId, Payment, PaymentId, Snapshot, Timestamp, Version},
        repo::{Sqlite, SqliteOptions},
    };

    async fn service(external_url: &str) -> Service<Sqlite> {
        let settings = Settings {
            admin: false,
            api_version: "v1".to_owned(),
            external_url: external_url.to_owned(),
            max_body: 1 << 20,
            max_results: 20,
            metrics: None,
            profiling: false,
        };
        Service::new(Sqlite::open(SqliteOptions::default()).await.unwrap(), settings, Sources::default())
    }

    #[tokio::test]
    async fn a_payment_shown_by_two_services_is_where_each_says() {
        let (one, other) = (service("http://one").await, service("http://other").await);
        let shown: Snapshot = Payment {
            id: PaymentId::parse("a{b").unwrap(),
            version: Version::FIRST,
            organisation_id: OrganisationId::parse("acme").unwrap(),
            attributes: Attributes::stored(r#"{"amount":"1"}"#.into()),
            created_on: Timestamp::UNIX_EPOCH,
            modified_on: Timestamp::UNIX_EPOCH,
        }
        .into();
        for _ in 0..2 {
            for (service, link) in [(&one, "http://one/v1/payments/a%7Bb"), (&other, "http://other/v1/payments/a%7Bb")]
            {
                let document = format!("{:?}", service.payment_response(&shown));
                assert!(document.ends_with(&format!(r#""links":{{"self":"{link}"}}}}"#)), "{document}");
            }
        }
    }
}
