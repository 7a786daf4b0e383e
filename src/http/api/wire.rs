//! Converts between the contract's models and the domain's types, and keeps the encoded JSON of what was sent before.
//!
//! Both sides are destructured in full: a new field of the contract does not compile until it has its place here.

use super::{Service, cursors::Cursors, date_time, paging::PageQuery};
use crate::{
    http::{caller::Caller, problem::fault, urls},
    payments::{
        Attributes, BrokenRule, Change, NewPayment, OrganisationId, Origin, Page, Payment, PaymentId, Repo, Snapshot,
        Timestamp, Version,
    },
};
use payments_server::{Document, Fault, RawJson, models};
use std::{any::Any, sync::Arc};

/// A payment as a client sent it, in the domain's types: to create one or to replace one.
pub(super) struct CheckedInput {
    id: Option<PaymentId>,
    version: Option<Version>,
    organisation_id: OrganisationId,
    attributes: Attributes,
}

impl CheckedInput {
    /// Reads the model. The decoder has checked its values by the same rules, so a fault here is unexpected, but
    /// reported.
    pub(super) fn read(request: models::PaymentRequest) -> Result<Self, Fault> {
        // Links and times are read-only: clients may send back those that they received, and they are ignored.
        let models::PaymentRequest { data, links: _ } = request;
        let models::PaymentInput { id, kind, version, organisation_id, attributes, created_on: _, modified_on: _ } =
            data;
        let models::PaymentType::Payment = kind;
        Ok(Self {
            id: id.map(|id| PaymentId::parse(&id)).transpose().map_err(|rule| broken("/data/id", rule))?,
            version: version.map(Version::parse).transpose().map_err(|rule| broken("/data/version", rule))?,
            organisation_id: OrganisationId::parse(&organisation_id)
                .map_err(|rule| broken("/data/organisation_id", rule))?,
            // Not checked again: that is one more pass over text of up to a megabyte.
            attributes: Attributes::checked(attributes.0.into_text()),
        })
    }

    /// Holds the input to the organisation of the caller. What the fault says, the caller knows already.
    pub(super) fn of(self, caller: &Caller) -> Result<Self, Fault> {
        if !caller.may_name(&self.organisation_id) {
            return Err(fault("/data/organisation_id", "must be the organisation that the token names"));
        }
        Ok(self)
    }

    /// Turns the input into a payment to create. Its version is ignored: every payment begins at the first.
    pub(super) fn into_new(self, new_id: impl FnOnce() -> PaymentId, now: Timestamp, origin: Origin) -> NewPayment {
        let Self { id, version: _, organisation_id, attributes } = self;
        NewPayment { id: id.unwrap_or_else(new_id), organisation_id, attributes, created_on: now, origin }
    }

    /// Turns the input into a change of the payment `of`, and the version that this payment is expected to be at.
    pub(super) fn into_change(
        self,
        of: &PaymentId,
        now: Timestamp,
        origin: Origin,
    ) -> Result<(Version, Change), Vec<Fault>> {
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
        Ok((version, Change { organisation_id, attributes, modified_on: now, origin }))
    }
}

/// Turns a payment into the contract's model.
pub(super) fn payment(payment: Payment) -> models::Payment {
    let Payment { id, version, organisation_id, attributes, created_on, modified_on } = payment;
    let created_on_text = date_time::format(created_on);
    // A payment that was never changed has two equal times.
    let modified_on_text =
        if modified_on == created_on { created_on_text.clone() } else { date_time::format(modified_on) };
    models::Payment {
        id: Some(id.as_str().to_owned()),
        kind: models::PaymentType::Payment,
        version: Some(version.number()),
        organisation_id: organisation_id.as_str().to_owned(),
        attributes: models::PaymentAttributes(RawJson::new(attributes.into_text())),
        created_on: Some(created_on_text),
        modified_on: Some(modified_on_text),
    }
}

/// The encoded response to a query, memoised in the snapshot that it was made from.
struct Encoded<Q, D> {
    /// What the links begin with. Two services over one store may have different addresses.
    collection: Arc<str>,
    query: Q,
    document: Document<D>,
}

impl<Q: PartialEq, D> Encoded<Q, D> {
    fn answers(&self, collection: &Arc<str>, query: &Q) -> bool {
        Arc::ptr_eq(&self.collection, collection) && self.query == *query
    }
}

impl<R: Repo> Service<R> {
    /// The address of a payment.
    pub(super) fn payment_url(&self, id: &PaymentId) -> String {
        let mut url = String::with_capacity(self.collection_url().len() + 1 + id.as_str().len());
        url.push_str(self.collection_url());
        url.push('/');
        urls::push_segment(&mut url, id.as_str());
        url
    }

    /// Encodes the response that carries a payment.
    pub(super) fn payment_response(&self, stored: Payment) -> Document<models::PaymentResponse> {
        let links = models::PaymentLinks { self_url: self.payment_url(&stored.id) };
        models::PaymentResponse { data: payment(stored), links }.into()
    }

    /// Like [`payment_response`](Self::payment_response), but encodes each snapshot once.
    pub(super) fn snapshot_response(&self, stored: &Snapshot) -> Document<models::PaymentResponse> {
        self.memoised(stored, &(), |stored: &Payment| self.payment_response(stored.clone()))
    }

    /// Encodes the response that carries a page, once for each snapshot.
    pub(super) fn list_response(
        &self,
        stored: &Snapshot<Page>,
        query: &PageQuery,
        cursors: &Cursors,
    ) -> Document<models::PaymentList> {
        let encode = |stored: &Page| {
            let data = stored.payments.iter().cloned().map(payment).collect();
            Document::from(models::PaymentList { data, links: query.links(stored, self.collection_url(), cursors) })
        };
        self.memoised(stored, query, encode)
    }

    /// Returns the document that is memoised in the snapshot if it answers the same query, and otherwise encodes one.
    ///
    /// A snapshot holds one document, that of its first query: stores share snapshots between requests, and most
    /// requests for one snapshot are alike.
    fn memoised<T, Q, D>(&self, stored: &Snapshot<T>, query: &Q, encode: impl Fn(&T) -> Document<D>) -> Document<D>
    where
        Q: Any + PartialEq + Clone + Send + Sync,
        D: 'static,
    {
        let collection = self.collection_url();
        let encoded = stored.memo(|stored| Encoded {
            collection: Arc::clone(collection),
            query: query.clone(),
            document: encode(stored),
        });
        match encoded {
            Some(encoded) if encoded.answers(collection, query) => encoded.document.clone(),
            Some(_) | None => encode(stored),
        }
    }
}

fn broken(pointer: &str, BrokenRule(detail): BrokenRule) -> Fault {
    fault(pointer, detail)
}

#[cfg(test)]
mod tests {
    use crate::{
        http::{
            Service, Settings, Sources,
            api::{cursors::Cursors, paging::PageQuery},
        },
        payments::{Attributes, OrganisationId, Page, Payment, PaymentId, Position, Snapshot, Timestamp, Version},
        repo::{Sqlite, SqliteOptions},
    };
    use payments_server::{Faults, Json, decode, models, payments::ListPaymentsRequest};
    use proptest::{prelude::*, sample::select};
    use std::sync::Arc;

    /// Rules that accept every value.
    struct NoRules;

    impl models::Rules for NoRules {
        fn payment_input_id(_: &str, _: &mut Faults) {}
        fn payment_input_organisation_id(_: &str, _: &mut Faults) {}
        fn payment_attributes(_: Json<'_>, _: &mut Faults) {}
    }

    /// JSON with brackets, quotes and keys where a naive reader would take them for the document's own.
    const TRICKY: &[&str] = &[
        r#"{}"#,
        r#"{"a":"}"}"#,
        r#"{ "a\"" : [ "]" , { "\\" : "\\\"," } ] }"#,
        r#"{"é💰":[[],[[-1.5E+3]],true,null]}"#,
        "{\t\"data\"\n:\r{ \"attributes\" : { } } }",
    ];

    proptest! {
        #[test]
        fn attributes_are_cut_out_of_a_request_byte_for_byte(
            attributes in select(TRICKY),
            name in r#"[a-z"\\\[{,:é]{1,8}"#,
            order in Just([0, 1, 2]).prop_shuffle(),
            space in select(&["", " ", "\r\n\t"][..]),
        ) {
            let written = serde_json::to_string(&name).unwrap();
            let members = [
                format!(r#""type"{space}:"Payment""#),
                format!(r#""organisation\u005fid":{space}{written}"#),
                format!(r#""attributes":{space}{attributes}"#),
            ];
            let members = order.map(|index| members[index].as_str()).join(&format!("{space},{space}"));
            let text = format!(r#"{space}{{{space}"data"{space}:{space}{{{members}{space}}}{space}}}{space}"#);
            let mut faults = Faults::default();
            let read = decode::<models::PaymentRequest, NoRules>(text.as_bytes(), &mut faults);
            prop_assert_eq!(faults.into_vec(), []);
            let payment = read.unwrap().data;
            prop_assert_eq!((payment.organisation_id, payment.attributes.0.as_str()), (name, attributes), "{}", text);
        }
    }

    async fn service(external_url: &str) -> Arc<Service<Sqlite>> {
        let settings = Settings { external_url: external_url.to_owned(), ..Settings::for_tests() };
        Service::new(Sqlite::open(SqliteOptions::default()).await.unwrap(), settings, Sources::default())
    }

    #[tokio::test]
    async fn two_services_that_share_a_snapshot_have_their_own_links() {
        let (one, other) = (service("http://one").await, service("http://other").await);
        let snapshot: Snapshot = Payment {
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
                let document = format!("{:?}", service.snapshot_response(&snapshot));
                assert!(document.ends_with(&format!(r#""links":{{"self":"{link}"}}}}"#)), "{document}");
            }
        }
    }

    #[tokio::test]
    async fn two_queries_that_share_a_page_have_their_own_links() {
        let service = service("http://one").await;
        let page: Snapshot<Page> =
            Page { payments: Vec::new(), first: Position(1), last: Position(2), has_previous: false }.into();
        // The page is the same: 20 is the size of a page for which no size is named.
        for _ in 0..2 {
            for (size, sent) in [(None, ""), (Some(20), "?size=20")] {
                let request = ListPaymentsRequest { after: None, before: None, size, from: None, if_match: None };
                let query = PageQuery::read(request, 20, &Cursors::CLEAR).unwrap();
                let document = format!("{:?}", service.list_response(&page, &query, &Cursors::CLEAR));
                let link = format!(r#""self":"http://one/v1/payments{sent}""#);
                assert!(document.contains(&link), "expected {link}, got {document}");
            }
        }
    }
}
