//! Replays the inputs that were kept.

use super::{json_patch, json_reader, merge_patch};
use fuzz_corpora::replay;

#[test]
fn kept_texts_are_read_as_a_plain_reader_does() {
    replay("json_reader", json_reader);
}

#[test]
fn kept_patches_do_what_the_rfcs_say() {
    replay("json_patch", json_patch);
    replay("merge_patch", merge_patch);
}
