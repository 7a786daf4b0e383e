//! Generates payments. The same seed gives the same payments, on every machine and in every version.

mod companies;
mod money;
mod random;

use crate::entry::{Entry, EntryContent, SourceLocation};
use companies::Company;
use money::{Currency, Scheme};
use payments_client::models::{PaymentAttributes, PaymentInput};
pub(crate) use random::SplitMix64;
use serde::Serialize;

/// Iterates over the generated payments numbered 1 to `count`.
#[derive(Debug)]
pub(crate) struct Synthetic {
    pub(crate) seed: u64,
    pub(crate) organisations: u32,
    pub(crate) count: u64,
    generated: u64,
}

impl Synthetic {
    pub(crate) fn new(seed: u64, organisations: u32, count: u64) -> Self {
        Self { seed, organisations: organisations.max(1), count, generated: 0 }
    }

    /// Generates the payment with this number. The result depends on the seed, the number, and the count of organisations
    /// only, so that payments can be generated in any order and any quantity.
    fn payment(&self, number: u64) -> Result<PaymentInput, payments_client::Error> {
        let mut random = SplitMix64::new(self.seed, number);
        // First, so that the id stays the same when a later version draws other attributes.
        let id = random.uuid();
        let owner = Company::organisation(random.below(u64::from(self.organisations)));
        let other = Company::counterparty(&mut random);
        let scheme = Scheme::choose(&mut random);
        let currency = scheme.currency(&mut random);
        let attributes = attributes(&mut random, number, scheme, currency, &owner, &other);
        let attributes = PaymentAttributes::from_value(&attributes)?;
        Ok(PaymentInput::new(owner.slug(), attributes).id(id).version(0))
    }
}

impl Iterator for Synthetic {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        if self.generated == self.count {
            return None;
        }
        self.generated += 1;
        let number = self.generated;
        let content = match self.payment(number) {
            Ok(payment) => EntryContent::Payment(Box::new(payment)),
            Err(error) => EntryContent::Invalid { id: None, reason: error.to_string() },
        };
        Some(Entry { location: SourceLocation::Number(number), position: number, size: 1 << 10, content })
    }
}

/// The attributes, named as the contract suggests.
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
    random: &mut SplitMix64,
    number: u64,
    scheme: Scheme,
    currency: Currency,
    owner: &'a Company,
    other: &'a Company,
) -> Attributes<'a> {
    let amount = scheme.amount(random, currency);
    let day = scheme.day(random);
    let initials = owner.initials();
    let purpose = companies::purpose(random);
    // The owner collects a direct debit, and pays everything else.
    let collected = scheme == Scheme::Bacs && random.one_in(3);
    let home = scheme.home(currency);
    let (ours, theirs) = (party(random, owner, home), party(random, other, currency));
    let (debtor_party, beneficiary_party) = if collected { (theirs, ours) } else { (ours, theirs) };
    Attributes {
        amount: currency.text(amount),
        currency: currency.code(),
        payment_id: format!("{}{number:08}", day.digits()),
        payment_type: if collected { "Debit" } else { "Credit" },
        payment_purpose: purpose,
        payment_scheme: scheme.code(),
        scheme_payment_type: scheme.kind(collected, random),
        processing_date: day.iso(),
        reference: companies::reference(random, purpose),
        end_to_end_reference: format!("{initials}-{number:08}"),
        numeric_reference: (scheme == Scheme::Bacs).then(|| format!("{:06}", random.below(1_000_000))),
        debtor_party,
        beneficiary_party,
        charges_information: (scheme == Scheme::Swift).then(|| Charges {
            bearer_code: random.pick(&["SHAR", "SHAR", "SHAR", "OUR", "BEN"]),
            sender_charges: (0..1 + random.below(2)).map(|_| charge(random, home)).collect(),
        }),
        fx: (home != currency && random.one_in(2)).then(|| {
            let (rate, original) = money::exchange(random, amount, home, currency);
            Fx {
                contract_reference: format!("{initials}-FX-{}", 1 + random.below(9999)),
                exchange_rate: rate,
                original_amount: home.text(original),
                original_currency: home.code(),
            }
        }),
    }
}

fn charge(random: &mut SplitMix64, currency: Currency) -> Charge {
    Charge { amount: currency.text(currency.charge(random)), currency: currency.code() }
}

/// Gives a company an account that cannot exist: the check digits of an IBAN are never 00, no bank code is XXXX, and no
/// sort code begins with 000.
fn party<'a>(random: &mut SplitMix64, company: &'a Company, currency: Currency) -> Party<'a> {
    let account = company.account();
    let (account_number, account_number_code) = match currency {
        Currency::Gbp if random.one_in(4) => (format!("GB00XXXX{}{account:08}", company.sort_code()), "IBAN"),
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
