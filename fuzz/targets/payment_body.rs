#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| payments::http::fuzzing::payment_body(bytes));
