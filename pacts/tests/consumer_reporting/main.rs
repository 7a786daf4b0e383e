//! What a nightly report needs of payments: it walks through all of them, a page at a time, and reads some in detail.

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
async fn the_pact_of_the_report_is_what_it_says_now() {
    Consumer::new("reporting")
        .scenario(reporting::all_payments_are_walked_through)
        .scenario(reporting::nothing_is_a_report_too)
        .scenario(reporting::a_walk_that_is_interrupted_goes_on_later)
        .scenario(reporting::a_walk_begins_anew_when_its_cursor_is_lost)
        .scenario(reporting::a_payment_is_read_in_detail)
        .scenario(reporting::a_payment_that_went_away_meanwhile_is_left_out)
        .agrees_with_what_is_committed()
        .await;
}
