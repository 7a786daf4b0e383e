//! The pact of a ledger: it follows what happens to payments, and keeps what each organisation owes.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod following;
mod ledger;

use pacts::consumer::Consumer;

#[tokio::test]
async fn the_committed_pact_is_what_these_tests_generate() {
    Consumer::new("ledger")
        .test(following::events_are_entered_in_their_order)
        .test(following::a_ledger_that_is_up_to_date_stays_as_it_is)
        .test(following::a_cursor_that_leads_nowhere_starts_the_ledger_over)
        .test(following::an_entry_is_explained_by_the_version_that_it_came_from)
        .assert_pact_is_committed()
        .await;
}
