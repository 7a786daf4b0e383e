//! Enters provider states, which interactions name in `given`. Each state begins with an empty store and fills it with
//! fixtures, through the port that the service itself uses.

use crate::fixtures::new_payment;
use payments::payments::{Change, Error as RepoError, Payment, Repo, Timestamp, Version};
use payments_client::Client;
use serde_json::Value;
use std::collections::HashMap;
use test_support::Faulty;

/// Values that a state hands to its interactions, such as a cursor.
pub type StateValues = HashMap<String, Value>;

/// Why a state could not be entered.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A pact names a state that is not defined here.
    #[error("unknown provider state {0:?}: define it in pacts/src/states.rs")]
    Unknown(String),
    /// A fixture does not exist, or breaks a rule.
    #[error("{0}")]
    Fixture(String),
    /// The store refused a payment.
    #[error("the store refused: {0}")]
    Repo(#[from] RepoError),
    /// The service refused a request.
    #[error("the service refused: {0}")]
    Service(#[from] payments_client::Error),
    /// An answer of the service lacks a value that the state hands on.
    #[error("{0}")]
    Answer(String),
}

/// Brings the service at `url` and its store into the state of this name. The plan of the store lets every call fail while
/// it is armed.
///
/// # Errors
/// [`StateError`].
pub async fn enter<R: Repo>(store: &Faulty<R>, url: &str, state: &str) -> Result<StateValues, StateError> {
    store.plan().disarm();
    store.clear().await?;
    match state {
        // The verifier passes "" for interactions without a state.
        "" | "there are no payments" => Ok(StateValues::new()),
        "there is a payment" => there_is_a_payment(store).await,
        "the payment has changed" => the_payment_has_changed(store).await,
        "the payment was deleted" => the_payment_was_deleted(store).await,
        "there are three payments" => there_are_three_payments(store, url).await,
        "the store is away" => Ok(the_store_is_away(store)),
        unknown => Err(StateError::Unknown(unknown.to_owned())),
    }
}

/// `faster-payment` at version 0.
async fn there_is_a_payment<R: Repo>(store: &Faulty<R>) -> Result<StateValues, StateError> {
    create(store, "faster-payment").await?;
    Ok(StateValues::new())
}

/// `faster-payment` at version 1, with other attributes.
async fn the_payment_has_changed<R: Repo>(store: &Faulty<R>) -> Result<StateValues, StateError> {
    let payment = create(store, "faster-payment").await?;
    let attributes = new_payment("bacs-direct-credit").map_err(StateError::Fixture)?.attributes;
    let change = Change { organisation_id: payment.organisation_id, attributes, modified_on: Timestamp::now() };
    store.update(&payment.id, Version::FIRST, change).await?;
    Ok(StateValues::new())
}

/// `faster-payment`, created and deleted.
async fn the_payment_was_deleted<R: Repo>(store: &Faulty<R>) -> Result<StateValues, StateError> {
    let payment = create(store, "faster-payment").await?;
    store.delete(&payment.id, Version::FIRST).await?;
    Ok(StateValues::new())
}

/// `faster-payment`, `bacs-direct-credit` and `only-an-amount`. Hands on the cursors after the `second` and the `third`,
/// which it gets from the service: only the service knows how cursors are made.
async fn there_are_three_payments<R: Repo>(store: &Faulty<R>, url: &str) -> Result<StateValues, StateError> {
    for id in ["faster-payment", "bacs-direct-credit", "only-an-amount"] {
        create(store, id).await?;
    }
    let client = Client::new(url)?;
    let mut values = StateValues::new();
    for (name, size) in [("second", 2), ("third", 3)] {
        let next = client.list_payments().size(size).send().await?.body.links.next;
        let cursor = next.split(['?', '&']).find_map(|part| part.strip_prefix("after="));
        let cursor = cursor.ok_or_else(|| StateError::Answer(format!("links.next has no `after`: {next}")))?;
        values.insert(name.to_owned(), cursor.into());
    }
    Ok(values)
}

/// A store that fails every call.
fn the_store_is_away<R: Repo>(store: &Faulty<R>) -> StateValues {
    store.plan().arm();
    StateValues::new()
}

async fn create<R: Repo>(store: &Faulty<R>, fixture: &str) -> Result<Payment, StateError> {
    let payment = new_payment(fixture).map_err(StateError::Fixture)?;
    Ok(store.create(payment).await?)
}
