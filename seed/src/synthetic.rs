//! Makes payments up: any number of them, the same ones for the same seed, on every machine and for ever.

mod draw;
mod money;
mod words;

use crate::read::{Entry, Found, Place};
pub(crate) use draw::Draw;
use money::{Currency, Scheme};
use payments_client::models::{Payment, PaymentAttributes};
use serde::Serialize;
use words::Company;

/// Payments that never were: those numbered 1 to `count`.
#[derive(Debug)]
pub(crate) struct Synthetic {
    pub(crate) seed: u64,
    pub(crate) organisations: u32,
    pub(crate) count: u64,
    made: u64,
}

impl Synthetic {
    pub(crate) fn new(seed: u64, organisations: u32, count: u64) -> Self {
        Self { seed, organisations: organisations.max(1), count, made: 0 }
    }

    /// The payment with this number. It depends on nothing but the seed, the number, and how many organisations there
    /// are.
    fn payment(&self, number: u64) -> Result<Payment, payments_client::Error> {
        let mut draw = Draw::new(self.seed, number);
        // Before anything else, so that the same payment has the same id whatever else is drawn.
        let id = draw.uuid();
        let owner = Company::organisation(draw.below(u64::from(self.organisations)));
        let other = Company::partner(&mut draw);
        let scheme = Scheme::draw(&mut draw);
        let currency = scheme.currency(&mut draw);
        let attributes = attributes(&mut draw, number, scheme, currency, &owner, &other);
        let attributes = PaymentAttributes::from_value(&attributes)?;
        Ok(Payment::new(owner.slug(), attributes).id(id).version(0))
    }
}

impl Iterator for Synthetic {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        if self.made == self.count {
            return None;
        }
        self.made += 1;
        let number = self.made;
        let found = match self.payment(number) {
            Ok(payment) => Found::Payment(Box::new(payment)),
            Err(error) => Found::Faulty { id: None, reason: error.to_string() },
        };
        Some(Entry { place: Place::Number(number), position: number, size: 1 << 10, found })
    }
}

/// What these payments say, in the vocabulary that the contract suggests.
#[derive(Serialize)]
struct Attributes<'a> {
    amount: String,
    currency: &'static str,
    payment_id: String,
    payment_type: &'static str,
    payment_purpose: &'static str,
    payment_scheme: &'static str,
    scheme_payment_type: &'static str,
    processing_date: String,
    reference: String,
    end_to_end_reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    numeric_reference: Option<String>,
    debtor_party: Party<'a>,
    beneficiary_party: Party<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    charges_information: Option<Charges>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fx: Option<Fx>,
}

#[derive(Serialize)]
struct Party<'a> {
    name: &'a str,
    address: &'a str,
    account_number: String,
    account_number_code: &'static str,
    bank_id: String,
    bank_id_code: &'static str,
}

#[derive(Serialize)]
struct Charges {
    bearer_code: &'static str,
    sender_charges: Vec<Charge>,
}

#[derive(Serialize)]
struct Charge {
    amount: String,
    currency: &'static str,
}

#[derive(Serialize)]
struct Fx {
    contract_reference: String,
    exchange_rate: String,
    original_amount: String,
    original_currency: &'static str,
}

fn attributes<'a>(
    draw: &mut Draw,
    number: u64,
    scheme: Scheme,
    currency: Currency,
    owner: &'a Company,
    other: &'a Company,
) -> Attributes<'a> {
    let amount = scheme.amount(draw, currency);
    let day = scheme.day(draw);
    let initials = owner.initials();
    let purpose = words::purpose(draw);
    // A direct debit is collected by whom the payment belongs to; everything else is paid by it.
    let collected = scheme == Scheme::Bacs && draw.one_in(3);
    let home = scheme.home(currency);
    let (ours, theirs) = (party(draw, owner, home), party(draw, other, currency));
    let (debtor_party, beneficiary_party) = if collected { (theirs, ours) } else { (ours, theirs) };
    Attributes {
        amount: currency.text(amount),
        currency: currency.code(),
        payment_id: format!("{}{number:08}", day.digits()),
        payment_type: if collected { "Debit" } else { "Credit" },
        payment_purpose: purpose,
        payment_scheme: scheme.code(),
        scheme_payment_type: scheme.kind(collected, draw),
        processing_date: day.iso(),
        reference: words::reference(draw, purpose),
        end_to_end_reference: format!("{initials}-{number:08}"),
        numeric_reference: (scheme == Scheme::Bacs).then(|| format!("{:06}", draw.below(1_000_000))),
        debtor_party,
        beneficiary_party,
        charges_information: (scheme == Scheme::Swift).then(|| Charges {
            bearer_code: draw.pick(&["SHAR", "SHAR", "SHAR", "OUR", "BEN"]),
            sender_charges: (0..1 + draw.below(2)).map(|_| charge(draw, home)).collect(),
        }),
        fx: (home != currency && draw.one_in(2)).then(|| {
            let (rate, original) = money::exchange(draw, amount, home, currency);
            Fx {
                contract_reference: format!("{initials}-FX-{}", 1 + draw.below(9999)),
                exchange_rate: rate,
                original_amount: home.text(original),
                original_currency: home.code(),
            }
        }),
    }
}

fn charge(draw: &mut Draw, currency: Currency) -> Charge {
    Charge { amount: currency.text(currency.charge(draw)), currency: currency.code() }
}

/// Accounts that nobody has: the check digits of an IBAN are never 00, no bank is called XXXX, and no sort code begins
/// with 000.
fn party<'a>(draw: &mut Draw, company: &'a Company, currency: Currency) -> Party<'a> {
    let account = company.account();
    let (account_number, account_number_code) = match currency {
        Currency::Gbp if draw.one_in(4) => (format!("GB00XXXX{}{account:08}", company.sort_code()), "IBAN"),
        Currency::Gbp => (format!("{account:08}"), "BBAN"),
        Currency::Eur => (format!("DE00{account:018}"), "IBAN"),
        Currency::Kwd => (format!("KW00XXXX{account:022}"), "IBAN"),
        Currency::Usd => (format!("{account:010}"), "BBAN"),
        Currency::Jpy => (format!("{:07}", account % 10_000_000), "BBAN"),
    };
    let (bank_id, bank_id_code) = match currency {
        Currency::Gbp => (company.sort_code(), "GBDSC"),
        Currency::Eur => ("XXXXDE00".to_owned(), "SWBIC"),
        Currency::Kwd => ("XXXXKW00".to_owned(), "SWBIC"),
        Currency::Usd => ("000000000".to_owned(), "USABA"),
        Currency::Jpy => ("XXXXJP00".to_owned(), "SWBIC"),
    };
    let (name, address) = (company.name(), company.address());
    Party { name, address, account_number, account_number_code, bank_id, bank_id_code }
}

#[cfg(test)]
mod tests;
