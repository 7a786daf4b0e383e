//! Between the contract's models and the domain. Nothing is passed over: a new field of the contract does not compile until
//! it has its place here.

use super::{Service, paging::Asked};
use crate::payments::{
    Attributes, BrokenRule, Change, NewPayment, OrganisationId, Page, Payment, PaymentId, Repo, Snapshot, Timestamp,
    Version,
};
use chrono::{Datelike, SecondsFormat, Timelike};
use payments_server::{Document, Fault, RawJson, models};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::{any::Any, sync::Arc};

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
pub(in crate::http) fn uri_path(path: &str) -> String {
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
    /// Reads the model, which came from the decoder: its values were checked there. What fails here all the same is named too.
    pub(super) fn read(request: models::PaymentRequest) -> Result<Self, Fault> {
        // Links say nothing that we did not say; times are the server's.
        let models::PaymentRequest { data, links: _ } = request;
        let models::Payment { id, kind, version, organisation_id, attributes, created_on: _, modified_on: _ } = data;
        let models::PaymentType::Payment = kind;
        Ok(Self {
            id: id.map(|id| PaymentId::parse(&id)).transpose().map_err(|rule| broken("/data/id", rule))?,
            version: version.map(Version::parse).transpose().map_err(|rule| broken("/data/version", rule))?,
            organisation_id: OrganisationId::parse(&organisation_id)
                .map_err(|rule| broken("/data/organisation_id", rule))?,
            // The decoder has checked them, and to do it again takes long.
            attributes: Attributes::checked(attributes.0.into_text()),
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
    let created_on_text = date_time(created_on);
    // A payment that was never changed has them both alike.
    let modified_on_text = if modified_on == created_on { created_on_text.clone() } else { date_time(modified_on) };
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

/// What is left with something that was shown, for the next who asks the same.
struct Shown<Q, D> {
    /// Where the payments were said to be. A service that says something else has to write it anew.
    collection: Arc<str>,
    asked: Q,
    document: Document<D>,
}

impl<Q: PartialEq, D> Shown<Q, D> {
    fn fits(&self, collection: &Arc<str>, asked: &Q) -> bool {
        Arc::ptr_eq(&self.collection, collection) && self.asked == *asked
    }
}

impl<R: Repo> Service<R> {
    /// The address of a payment.
    pub(super) fn payment_url(&self, id: &PaymentId) -> String {
        let mut url = String::with_capacity(self.collection_url().len() + 1 + id.as_str().len());
        url.push_str(self.collection_url());
        url.push('/');
        // Most are UUIDs. To look at all of them, whatever is found, goes many bytes at a time.
        let is_usual = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-');
        if id.as_str().bytes().fold(true, |usual, byte| usual & is_usual(byte)) {
            url.push_str(id.as_str());
        } else {
            url.extend(utf8_percent_encode(id.as_str(), NOT_IN_SEGMENT));
        }
        url
    }

    /// The response that carries a payment.
    pub(super) fn payment_response(&self, stored: Payment) -> Document<models::PaymentResponse> {
        let links = models::PaymentLinks { self_url: self.payment_url(&stored.id) };
        models::PaymentResponse { data: payment(stored), links }.into()
    }

    /// The same for one that others may ask for too.
    pub(super) fn shared_response(&self, stored: &Snapshot) -> Document<models::PaymentResponse> {
        self.shown(stored, &(), |stored: &Payment| self.payment_response(stored.clone()))
    }

    /// The response that carries a page.
    pub(super) fn list_response(&self, stored: &Snapshot<Page>, asked: &Asked) -> Document<models::PaymentList> {
        let write = |stored: &Page| {
            let data = stored.payments.iter().cloned().map(payment).collect();
            Document::from(models::PaymentList { data, links: asked.links(stored, self.collection_url()) })
        };
        self.shown(stored, asked, write)
    }

    /// What was written for whoever asked the same of the same snapshot, or else what `write` makes of it.
    fn shown<T, Q, D>(&self, stored: &Snapshot<T>, asked: &Q, write: impl Fn(&T) -> Document<D>) -> Document<D>
    where
        Q: Any + PartialEq + Clone + Send + Sync,
        D: 'static,
    {
        let collection = self.collection_url();
        let shown = stored.note(|stored| Shown {
            collection: Arc::clone(collection),
            asked: asked.clone(),
            document: write(stored),
        });
        match shown {
            Some(shown) if shown.fits(collection, asked) => shown.document.clone(),
            Some(_) | None => write(stored),
        }
    }
}

/// RFC 3339 in UTC, to the microsecond.
fn date_time(timestamp: Timestamp) -> String {
    let (date, time) = (timestamp.date_naive(), timestamp.time());
    let (year, micros) = (date.year(), time.nanosecond() / 1000);
    // By hand, because chrono's own goes through `std::fmt` for each part, and a page has 40 times; but it knows the rare cases:
    // years of other than four digits, and leap seconds.
    let (1000..=9999, 0..1_000_000) = (year, micros) else {
        return timestamp.to_rfc3339_opts(SecondsFormat::Micros, true);
    };
    let two = |number: u32| [10, 1].map(|unit| b'0' + (number / unit % 10) as u8);
    let year = year.unsigned_abs();
    let ([y1, y2], [y3, y4], [m1, m2], [d1, d2]) = (two(year / 100), two(year), two(date.month()), two(date.day()));
    let ([h1, h2], [n1, n2], [s1, s2]) = (two(time.hour()), two(time.minute()), two(time.second()));
    let ([u1, u2], [u3, u4], [u5, u6]) = (two(micros / 10_000), two(micros / 100), two(micros));
    let text = [
        y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'.', u1, u2, u3, u4, u5,
        u6, b'Z',
    ];
    // Digits are ASCII.
    String::from_utf8(text.to_vec()).unwrap_or_default()
}

fn broken(pointer: &str, BrokenRule(detail): BrokenRule) -> Fault {
    fault(pointer, detail)
}

/// A fault of a request.
pub(in crate::http) fn fault(pointer: &str, detail: &'static str) -> Fault {
    Fault { pointer: pointer.to_owned(), detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use super::date_time;
    use crate::{
        http::{Service, Settings, Sources},
        payments::{Attributes, OrganisationId, Payment, PaymentId, Snapshot, Timestamp, Version},
        repo::{Sqlite, SqliteOptions},
    };
    use chrono::SecondsFormat;
    use payments_server::{Faults, Json, decode, models};
    use proptest::{prelude::*, sample::select};

    proptest! {
        #[test]
        fn times_are_what_chrono_says(micros in -100_000_000_000_000_000_i64..300_000_000_000_000_000) {
            let time = Timestamp::from_timestamp_micros(micros).unwrap();
            prop_assert_eq!(date_time(time), time.to_rfc3339_opts(SecondsFormat::Micros, true));
        }
    }

    /// Minds nothing.
    struct Anything;

    impl models::Rules for Anything {
        fn payment_id(_: &str, _: &mut Faults) {}
        fn payment_organisation_id(_: &str, _: &mut Faults) {}
        fn payment_attributes(_: Json<'_>, _: &mut Faults) {}
    }

    /// JSON that invites to be split at the wrong place.
    const PIECES: &[&str] = &[
        r#"{}"#,
        r#"{"a":"}"}"#,
        r#"{ "a\"" : [ "]" , { "\\" : "\\\"," } ] }"#,
        r#"{"é💰":[[],[[-1.5E+3]],true,null]}"#,
        "{\t\"data\"\n:\r{ \"attributes\" : { } } }",
    ];

    proptest! {
        #[test]
        fn what_is_split_is_whole(
            attributes in select(PIECES),
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
            let read = decode::<models::PaymentRequest, Anything>(text.as_bytes(), &mut faults);
            prop_assert_eq!(faults.into_vec(), []);
            let payment = read.unwrap().data;
            prop_assert_eq!((payment.organisation_id, payment.attributes.0.as_str()), (name, attributes), "{}", text);
        }
    }

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
                let document = format!("{:?}", service.shared_response(&shown));
                assert!(document.ends_with(&format!(r#""links":{{"self":"{link}"}}}}"#)), "{document}");
            }
        }
    }
}
