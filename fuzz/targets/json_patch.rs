#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| json_text::fuzzing::json_patch(bytes));
