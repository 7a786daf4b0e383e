//! What the checkout of a shop needs of payments: it creates, reads, corrects and cancels them, and knows what to do when
//! it may not.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod changing;
mod checkout;
mod creating;
mod deleting;
mod expected;
mod reading;

use pacts::consumer::Consumer;

#[tokio::test]
async fn the_pact_of_the_checkout_is_what_it_says_now() {
    Consumer::new("checkout")
        .scenario(creating::a_payment_is_created)
        .scenario(creating::a_payment_without_an_id_is_given_one)
        .scenario(creating::every_fault_is_shown_to_the_shopper)
        .scenario(creating::an_id_that_is_taken_is_an_order_that_was_paid)
        .scenario(creating::a_deleted_id_stays_taken)
        .scenario(creating::a_store_that_is_away_is_tried_again)
        .scenario(reading::a_payment_is_read)
        .scenario(reading::a_payment_that_is_known_is_not_sent_again)
        .scenario(reading::a_payment_that_has_changed_is_sent_again)
        .scenario(reading::a_payment_that_was_never_there_is_missing)
        .scenario(reading::a_payment_that_was_deleted_is_missing)
        .scenario(reading::a_store_that_is_away_is_tried_again)
        .scenario(changing::a_payment_is_replaced)
        .scenario(changing::a_replacement_with_faults_is_refused)
        .scenario(changing::whoever_replaces_an_old_version_is_late)
        .scenario(changing::a_replacement_of_what_is_missing_is_missing)
        .scenario(changing::a_part_is_changed)
        .scenario(changing::whoever_changes_what_has_changed_is_late)
        .scenario(changing::an_amount_is_raised_if_it_is_what_it_was)
        .scenario(changing::an_amount_that_is_another_is_not_raised)
        .scenario(changing::a_change_during_an_outage_is_tried_again)
        .scenario(deleting::a_payment_is_deleted)
        .scenario(deleting::a_deletion_needs_a_version)
        .scenario(deleting::whoever_deletes_an_old_version_is_late)
        .scenario(deleting::whoever_deletes_by_an_old_etag_is_late)
        .scenario(deleting::a_deletion_of_what_is_missing_is_missing)
        .agrees_with_what_is_committed()
        .await;
}
