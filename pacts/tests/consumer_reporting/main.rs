//! The pact of a nightly report: it lists all payments page by page, and reads some in detail.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod report;
mod reporting;

use pacts::consumer::Consumer;

#[tokio::test]
async fn the_committed_pact_is_what_these_tests_generate() {
    Consumer::new("reporting")
        .test(reporting::all_payments_are_walked_through)
        .test(reporting::an_empty_list_gives_an_empty_report)
        .test(reporting::an_interrupted_walk_is_resumed_later)
        .test(reporting::an_invalid_cursor_starts_the_walk_over)
        .test(reporting::a_payment_is_read_in_detail)
        .test(reporting::a_payment_that_was_deleted_meanwhile_is_left_out)
        .assert_pact_is_committed()
        .await;
}
