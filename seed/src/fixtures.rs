//! Offers the fixtures: handmade payments, whose ids say what each is for.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::LazyLock;

/// The text of `seed/payments.json`: a payment list as the contract defines it.
pub const JSON: &str = include_str!("../payments.json");

/// A handmade payment. Every text in it is a slice of [`JSON`], byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixture {
    id: &'static str,
    organisation_id: &'static str,
    attributes: &'static str,
    json: &'static str,
}

impl Fixture {
    /// The id, which says what the payment is for.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The organisation that owns the payment.
    #[must_use]
    pub fn organisation_id(&self) -> &'static str {
        self.organisation_id
    }

    /// The attributes in JSON. The service returns exactly these bytes.
    #[must_use]
    pub fn attributes(&self) -> &'static str {
        self.attributes
    }

    /// The payment in JSON.
    #[must_use]
    pub fn json(&self) -> &'static str {
        self.json
    }

    /// The body of a request that creates the payment.
    #[must_use]
    pub fn request(&self) -> String {
        format!(r#"{{"data":{}}}"#, self.json)
    }

    /// The body of a request that creates the payment under another id, for a test that needs several of a kind.
    ///
    /// The id must not contain a character that JSON escapes.
    #[must_use]
    pub fn request_as(&self, id: &str) -> String {
        self.request().replacen(&format!(r#""id": "{}""#, self.id), &format!(r#""id": "{id}""#), 1)
    }
}

/// All fixtures, in the order of the file.
#[must_use]
pub fn fixtures() -> &'static [Fixture] {
    &FIXTURES
}

/// The fixture with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Fixture> {
    FIXTURES.iter().find(|fixture| fixture.id == id)
}

/// The fixture with this id.
///
/// # Panics
/// If there is no such fixture. The message lists the ids that exist.
#[must_use]
#[track_caller]
#[expect(clippy::panic, reason = "the caller is a test with a misspelt id")]
pub fn fixture(id: &str) -> &'static Fixture {
    find(id).unwrap_or_else(|| {
        let known: Vec<&str> = FIXTURES.iter().map(Fixture::id).collect();
        panic!("seed/payments.json has no payment {id:?}; it has {}", known.join(", "))
    })
}

#[expect(clippy::panic, reason = "the file is compiled in, and a test parses it")]
static FIXTURES: LazyLock<Vec<Fixture>> =
    LazyLock::new(|| read(JSON).unwrap_or_else(|error| panic!("seed/payments.json: {error}")));

fn read(json: &'static str) -> Result<Vec<Fixture>, serde_json::Error> {
    #[derive(Deserialize)]
    struct List {
        #[serde(borrow)]
        data: Vec<&'static RawValue>,
    }

    #[derive(Deserialize)]
    struct Payment {
        id: &'static str,
        organisation_id: &'static str,
        #[serde(borrow)]
        attributes: &'static RawValue,
    }

    let list: List = serde_json::from_str(json)?;
    let fixture = |payment: &'static RawValue| {
        let Payment { id, organisation_id, attributes } = serde_json::from_str(payment.get())?;
        Ok(Fixture { id, organisation_id, attributes: attributes.get(), json: payment.get() })
    };
    list.data.into_iter().map(fixture).collect()
}

#[cfg(test)]
mod tests {
    use super::{JSON, find, fixture, fixtures};
    use std::collections::HashSet;

    #[test]
    fn fixtures_are_found_by_id() {
        assert!(fixtures().len() >= 14, "{} fixtures", fixtures().len());
        let ids: HashSet<&str> = fixtures().iter().map(super::Fixture::id).collect();
        assert_eq!(ids.len(), fixtures().len(), "an id occurs twice");
        assert_eq!(find("no-such-payment"), None);
        for known in fixtures() {
            assert_eq!(fixture(known.id()), known);
        }
    }

    #[test]
    #[should_panic(expected = "has no payment \"sepa\"; it has faster-payment, ")]
    fn an_unknown_id_panics_with_the_known_ones() {
        let _ = fixture("sepa");
    }

    #[test]
    fn fixtures_are_slices_of_the_file() {
        for fixture in fixtures() {
            assert!(JSON.contains(fixture.json()) && fixture.json().contains(fixture.attributes()));
        }
        assert_eq!(fixture("only-an-amount").attributes(), r#"{ "amount": "7.5" }"#);
    }

    #[test]
    fn fixtures_can_be_created_under_another_id() {
        for fixture in fixtures() {
            let (original, renamed) = (fixture.request(), fixture.request_as("another"));
            assert!(renamed.contains(r#""id": "another""#), "{renamed}");
            assert_eq!(renamed.replace(r#""id": "another""#, &format!(r#""id": "{}""#, fixture.id())), original);
        }
    }

    /// Asserts the variety that the fixtures exist for.
    #[test]
    fn fixtures_cover_schemes_currencies_and_optional_parts() {
        let any = |part: &str| fixtures().iter().any(|fixture| fixture.attributes().contains(part));
        for scheme in ["FPS", "BACS", "CHAPS", "SEPA", "SWIFT"] {
            assert!(any(&format!(r#""payment_scheme": "{scheme}""#)), "no payment by {scheme}");
        }
        for currency in ["GBP", "EUR", "USD", "JPY", "KWD"] {
            assert!(any(&format!(r#""currency": "{currency}""#)), "no payment in {currency}");
        }
        for part in ["address", "account_number_code", "sender_charges", "fx", "sponsor_party"] {
            assert!(any(&format!(r#""{part}":"#)), "no payment with {part}");
        }
        let organisations: HashSet<&str> = fixtures().iter().map(super::Fixture::organisation_id).collect();
        assert!(organisations.len() > 3, "{organisations:?}");
    }

    /// Invalid account numbers cannot belong to anybody: the check digits of every IBAN are 00, which no IBAN has, and
    /// sort codes begin with 000.
    #[test]
    fn fixtures_name_no_account_that_exists() {
        let values = |key: &str| -> Vec<&'static str> {
            JSON.split(&format!(r#""{key}": ""#)).skip(1).filter_map(|rest| rest.split('"').next()).collect()
        };
        let numbers = values("account_number");
        assert!(numbers.len() > 20, "{numbers:?}");
        for number in numbers {
            let iban = number.starts_with(|letter: char| letter.is_ascii_uppercase());
            assert!(if iban { &number[2..4] == "00" } else { number.starts_with("0000") }, "{number}");
        }
        for bank in values("bank_id") {
            assert!(bank.starts_with("000") || bank.starts_with("XXXX"), "{bank}");
        }
    }
}
