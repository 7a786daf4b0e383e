//! The pact of a shop's checkout: it creates, reads, changes and cancels payments, and reacts to each way in which the
//! service may refuse.

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
async fn the_committed_pact_is_what_these_tests_generate() {
    Consumer::new("checkout")
        .test(creating::a_payment_is_created)
        .test(creating::a_payment_without_an_id_is_given_one)
        .test(creating::every_fault_is_shown_to_the_shopper)
        .test(creating::a_taken_id_means_that_the_order_was_paid)
        .test(creating::a_deleted_id_stays_taken)
        .test(creating::an_outage_says_when_to_retry)
        .test(reading::a_payment_is_read)
        .test(reading::an_unchanged_payment_is_not_sent_again)
        .test(reading::a_changed_payment_is_sent_again)
        .test(reading::a_payment_that_never_existed_is_not_found)
        .test(reading::a_deleted_payment_is_not_found)
        .test(reading::an_outage_says_when_to_retry)
        .test(changing::a_payment_is_replaced)
        .test(changing::a_replacement_with_faults_is_refused)
        .test(changing::replacing_an_old_version_is_a_conflict)
        .test(changing::replacing_a_deleted_payment_is_not_found)
        .test(changing::a_part_is_changed)
        .test(changing::changing_an_old_version_is_a_conflict)
        .test(changing::an_unchanged_amount_is_raised)
        .test(changing::an_amount_that_has_changed_is_not_raised)
        .test(changing::an_outage_says_when_to_retry)
        .test(deleting::a_payment_is_deleted)
        .test(deleting::a_deletion_needs_a_version)
        .test(deleting::deleting_an_old_version_is_a_conflict)
        .test(deleting::deleting_by_an_old_etag_is_a_conflict)
        .test(deleting::deleting_a_deleted_payment_is_not_found)
        .assert_pact_is_committed()
        .await;
}
