use super::Synthetic;
use crate::entry::EntryContent;
use payments_client::models::PaymentInput;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashSet},
    time::Instant,
};

fn generate(seed: u64, organisations: u32, count: u64) -> Vec<PaymentInput> {
    let payment = |content| match content {
        EntryContent::Payment(payment) => *payment,
        other @ (EntryContent::Invalid { .. } | EntryContent::Unreadable(_)) => panic!("{other:?}"),
    };
    Synthetic::new(seed, organisations, count).map(|entry| payment(entry.content)).collect()
}

/// A demo that was filled by an older version must load again without differences.
#[test]
fn the_payments_of_a_seed_never_change() {
    let payments: Vec<String> =
        generate(42, 3, 3).iter().map(|payment| serde_json::to_string(payment).unwrap()).collect();
    assert_eq!(payments, GOLDEN);
}

#[test]
fn payments_do_not_depend_on_the_count() {
    assert_eq!(generate(7, 3, 10), generate(7, 3, 1000)[..10]);
}

#[test]
fn ids_are_unique_within_and_across_seeds() {
    let mut ids = HashSet::new();
    for seed in [0, 1, 2, 42, u64::MAX] {
        for payment in generate(seed, 3, 5_000) {
            assert!(ids.insert(payment.id.unwrap()), "an id occurs twice");
        }
    }
}

#[test]
fn payments_belong_to_as_many_organisations_as_requested() {
    for count in [1, 3, 40] {
        let organisations: HashSet<String> =
            generate(42, count, 2000).into_iter().map(|payment| payment.organisation_id).collect();
        assert_eq!(organisations.len(), usize::try_from(count).unwrap(), "{organisations:?}");
    }
}

#[derive(Deserialize)]
struct ParsedAttributes {
    amount: String,
    currency: String,
    payment_scheme: String,
    processing_date: String,
    debtor_party: Party,
    beneficiary_party: Party,
}

#[derive(Deserialize)]
struct Party {
    account_number: String,
    account_number_code: String,
}

#[test]
fn payments_are_realistic() {
    let mut schemes: BTreeMap<(String, String), u32> = BTreeMap::new();
    let mut months: BTreeMap<String, u32> = BTreeMap::new();
    for payment in generate(42, 3, 10_000) {
        let attributes: ParsedAttributes = serde_json::from_str(payment.attributes.as_json()).unwrap();
        let decimals = attributes.amount.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let expected = match attributes.currency.as_str() {
            "JPY" => 0,
            "KWD" => 3,
            _ => 2,
        };
        assert_eq!(decimals, expected, "{} {}", attributes.amount, attributes.currency);
        for party in [&attributes.debtor_party, &attributes.beneficiary_party] {
            let number = &party.account_number;
            assert!(
                if party.account_number_code == "IBAN" { &number[2..4] == "00" } else { number.starts_with("00") },
                "{number}"
            );
            let length = match &number[..2] {
                "GB" | "DE" => 22,
                "KW" => 30,
                _ => number.len(),
            };
            assert_eq!(number.len(), length, "{number}");
        }
        *schemes.entry((attributes.payment_scheme, attributes.currency)).or_default() += 1;
        *months.entry(attributes.processing_date[..7].to_owned()).or_default() += 1;
    }
    let found: Vec<String> = schemes.keys().map(|(scheme, currency)| format!("{scheme} {currency}")).collect();
    let expected = ["BACS GBP", "CHAPS GBP", "FPS GBP", "SEPA EUR", "SWIFT EUR", "SWIFT JPY", "SWIFT KWD", "SWIFT USD"];
    assert_eq!(found, expected);
    assert!(schemes.values().all(|count| *count > 50), "{schemes:?}");
    assert_eq!(months.len(), 12);
    assert!(months.values().all(|count| (600..1100).contains(count)), "{months:?}");
}

/// Generating must not slow a load down: even unoptimised it makes more payments a second than any service stores.
#[test]
fn generating_is_faster_than_loading() {
    let took = || {
        let began = Instant::now();
        assert_eq!(Synthetic::new(42, 3, 5_000).count(), 5_000);
        began.elapsed()
    };
    // The quickest of several counts, because a machine that stands still makes only some of them slow.
    let mut quickest = took();
    for _ in 0..4 {
        if quickest.as_secs() >= 5 {
            quickest = quickest.min(took());
        }
    }
    assert!(quickest.as_secs() < 5, "5,000 payments took {quickest:?} at least");
}

const GOLDEN: [&str; 3] = [
    r#"{"id":"ccf7d166-7ea4-8d4d-80ce-7be94df2f88f","type":"Payment","version":0,"organisation_id":"sleeping-compass-saddlery","attributes":{"amount":"740.00","currency":"GBP","payment_id":"2025021400000001","payment_type":"Credit","payment_purpose":"Goods","payment_scheme":"BACS","scheme_payment_type":"DirectCredit","processing_date":"2025-02-14","reference":"Order 84827","end_to_end_reference":"SCS-00000001","numeric_reference":"572059","debtor_party":{"name":"Sleeping Compass Saddlery Ltd","address":"4 Sealing Wax Yard, Nether Wire","account_number":"GB00XXXX00010300000021","account_number_code":"IBAN","bank_id":"000103","bank_id_code":"GBDSC"},"beneficiary_party":{"name":"Inkwell Carpets plc","address":"65 Beacon Steps, Saltmarsh-under-Sea","account_number":"00071743","account_number_code":"BBAN","bank_id":"000449","bank_id_code":"GBDSC"}}}"#,
    r#"{"id":"3a34abd2-0a7f-827b-a98c-5d13c07e9a51","type":"Payment","version":0,"organisation_id":"wandering-teapot-instruments","attributes":{"amount":"1124.00","currency":"EUR","payment_id":"2025031700000002","payment_type":"Credit","payment_purpose":"Advertising","payment_scheme":"SEPA","scheme_payment_type":"SCT","processing_date":"2025-03-17","reference":"Order 83139","end_to_end_reference":"WTI-00000002","debtor_party":{"name":"Wandering Teapot Instruments Ltd","address":"3 Dial Street, Port Nowhere","account_number":"DE00000000000000000014","account_number_code":"IBAN","bank_id":"XXXXDE00","bank_id_code":"SWBIC"},"beneficiary_party":{"name":"Tin Whistle Kettles BV","address":"61 Cobble Row, Zonderdijk","account_number":"DE00000000000000070357","account_number_code":"IBAN","bank_id":"XXXXDE00","bank_id_code":"SWBIC"}}}"#,
    r#"{"id":"7396266b-6caf-872a-b21b-86a2b4695999","type":"Payment","version":0,"organisation_id":"wandering-teapot-instruments","attributes":{"amount":"2925.928","currency":"KWD","payment_id":"2025081900000003","payment_type":"Credit","payment_purpose":"Packaging","payment_scheme":"SWIFT","scheme_payment_type":"CustomerCreditTransfer","processing_date":"2025-08-19","reference":"INV-98387","end_to_end_reference":"WTI-00000003","debtor_party":{"name":"Wandering Teapot Instruments Ltd","address":"3 Dial Street, Port Nowhere","account_number":"GB00XXXX00010200000014","account_number_code":"IBAN","bank_id":"000102","bank_id_code":"GBDSC"},"beneficiary_party":{"name":"Inkwell Instruments GmbH","address":"67 Sealing Wax Yard, Saltmarsh-under-Sea","account_number":"KW00XXXX0000000000000000071757","account_number_code":"IBAN","bank_id":"XXXXKW00","bank_id_code":"SWBIC"},"charges_information":{"bearer_code":"SHAR","sender_charges":[{"amount":"17.95","currency":"GBP"}]}}}"#,
];
