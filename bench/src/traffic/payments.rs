//! Builds the payments that requests write and answers must show, from numbers.

use std::fmt::Write;

/// Hashes a number (the output function of SplitMix64).
pub(super) fn hash(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The id of the payment with this number: a UUID, so that neighbouring numbers have distant ids.
pub(crate) fn payment_id(number: u64) -> String {
    let (high, low) = (hash(number), hash(!number));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0xfff,
        low & 0xffff_ffff_ffff
    )
}

/// The organisation of all payments.
pub(crate) const ORGANISATION: &str = "harbour-lane-bakery";

/// The attributes of a payment: some 450 bytes, a usual size.
pub(super) fn attributes(reference: &str) -> String {
    format!(
        r#"{{"amount":"100.21","currency":"GBP","end_to_end_reference":"{reference}","beneficiary":{{"name":"Wilfred Jeremiah Owens","account_number":"31926819","bank_id":"403000","bank_id_code":"GBDSC"}},"debtor":{{"name":"Emelia Jane Brown","account_number":"GB29XABC10161234567801","account_type":0,"bank_id":"203301"}},"fx":{{"contract":"FX123","rate":2.00000,"original":"200.42"}},"numeric_reference":"1002001","scheme":"FPS","processing_date":"2026-01-18"}}"#
    )
}

/// Writes the first bytes of an answer that shows a payment: everything before its times and links.
pub(super) fn payment_prefix(id: &str, version: u64, reference: &str, out: &mut String) {
    out.clear();
    let attributes = attributes(reference);
    // Writing to a string never fails.
    let _ = write!(
        out,
        r#"{{"data":{{"id":"{id}","type":"Payment","version":{version},"organisation_id":"{ORGANISATION}","attributes":{attributes},"created_on":""#
    );
}

/// Appends a GET. `path` follows `/v1`.
pub(super) fn write_get(path: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"GET /v1");
    out.extend_from_slice(path.as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\nhost: localhost:8080\r\naccept: application/json\r\n\r\n");
}

/// Appends a request with a body. `path` follows `/v1/payments`.
pub(super) fn write_with_body(method: &str, path: &str, body: &str, out: &mut Vec<u8>) {
    let media_type = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let head = format!(
        "{method} /v1/payments{path} HTTP/1.1\r\nhost: localhost:8080\r\naccept: application/json\r\n\
         content-type: {media_type}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(body.as_bytes());
}
