//! Replays the inputs that were kept, each target in a test of its own.

use super::{access_token, decoded, key_set};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fuzz_corpora::replay;

#[test]
fn tokens_are_accepted_as_a_plain_verifier_accepts_them() {
    replay("access_token", access_token);
}

#[test]
fn key_sets_have_the_keys_that_a_plain_reader_finds_usable() {
    replay("key_set", key_set);
}

#[test]
fn the_plain_decoder_reads_base64url() {
    for bytes in ["", "a", "ab", "abc", "\u{7ff}\u{ffff}"] {
        assert_eq!(decoded(&URL_SAFE_NO_PAD.encode(bytes)).as_deref(), Some(bytes.as_bytes()), "{bytes:?}");
    }
    for wrong in ["A", "AB", "AAB", "AA=", "A+", "AA\n"] {
        assert_eq!(decoded(wrong), None, "{wrong:?}");
    }
}
