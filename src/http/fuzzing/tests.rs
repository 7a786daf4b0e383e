//! Replays the inputs that were kept, each target in a test of its own.

use fuzz_corpora::replay;

#[test]
fn the_media_type_is_the_one_that_accept_prefers() {
    replay("accept", super::accept);
}

#[test]
fn cursors_are_read_bit_by_bit() {
    replay("cursor", super::cursor);
}

#[test]
fn entity_tags_are_read_character_by_character() {
    replay("entity_tags", super::entity_tags);
}

#[test]
fn proxies_are_believed_and_their_clients_are_not() {
    replay("forwarded", super::forwarded);
}

#[test]
fn queries_of_lists_mean_what_the_contract_says() {
    replay("list_query", super::list_query);
}

#[test]
fn a_payment_that_is_accepted_keeps_every_rule() {
    replay("payment_body", super::payment_body);
}

#[test]
fn a_head_is_incomplete_from_its_first_byte_to_its_request() {
    replay("request_heads", super::request_heads);
}

#[test]
fn every_header_that_names_a_version_counts() {
    replay("version_choice", super::version_choice);
}
