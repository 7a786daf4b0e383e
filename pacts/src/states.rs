//! Provider states: what consumers' interactions are `given`. Each begins with an empty store and fills it with fixtures,
//! through the port that the service itself uses.

use crate::{
    fixtures,
    provider::{Provider, Values},
};
use payments::payments::{Change, Error as RepoError, Payment, Repo, Version};
use payments_client::Client;

/// Why a state could not be entered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Some consumer relies on what we have never heard of.
    #[error("nobody knows the provider state {0:?}; pacts/src/states.rs is where it belongs")]
    Unknown(String),
    /// There is no such fixture, or it breaks a rule.
    #[error("{0}")]
    Fixture(String),
    /// The store refused.
    #[error("the store refused: {0}")]
    Repo(#[from] RepoError),
    /// The service refused.
    #[error("the service refused: {0}")]
    Service(#[from] payments_client::Error),
    /// The service answered in a way that leaves a state without what it must tell.
    #[error("{0}")]
    Answer(String),
}

/// Brings the service into the state of this name.
///
/// # Errors
/// [`Error`] says why it could not be done.
pub async fn enter<R: Repo>(provider: &Provider<R>, state: &str) -> Result<Values, Error> {
    provider.store().set_away(false);
    provider.store().clear().await?;
    match state {
        // Interactions without a state say nothing of the store: an empty one must do.
        "" | "there are no payments" => Ok(Values::new()),
        "there is a payment" => there_is_a_payment(provider).await,
        "the payment has changed" => the_payment_has_changed(provider).await,
        "the payment was deleted" => the_payment_was_deleted(provider).await,
        "there are three payments" => there_are_three_payments(provider).await,
        "the store is away" => Ok(the_store_is_away(provider)),
        unknown => Err(Error::Unknown(unknown.to_owned())),
    }
}

/// `faster-payment`, at version 0.
async fn there_is_a_payment<R: Repo>(provider: &Provider<R>) -> Result<Values, Error> {
    create(provider, "faster-payment").await?;
    Ok(Values::new())
}

/// `faster-payment` at version 1: someone has put another reference on it.
async fn the_payment_has_changed<R: Repo>(provider: &Provider<R>) -> Result<Values, Error> {
    let payment = create(provider, "faster-payment").await?;
    let attributes = fixtures::payment("bacs-direct-credit").map_err(Error::Fixture)?.attributes;
    let change = Change { organisation_id: payment.organisation_id, attributes, modified_on: chrono::Utc::now() };
    provider.store().update(&payment.id, Version::FIRST, change).await?;
    Ok(Values::new())
}

/// `faster-payment` was there.
async fn the_payment_was_deleted<R: Repo>(provider: &Provider<R>) -> Result<Values, Error> {
    let payment = create(provider, "faster-payment").await?;
    provider.store().delete(&payment.id, Version::FIRST).await?;
    Ok(Values::new())
}

/// `faster-payment`, `bacs-direct-credit` and `only-an-amount`. Tells the cursors behind the `second` and the `third`;
/// the service hands them out, nobody else knows how they are made.
async fn there_are_three_payments<R: Repo>(provider: &Provider<R>) -> Result<Values, Error> {
    for id in ["faster-payment", "bacs-direct-credit", "only-an-amount"] {
        create(provider, id).await?;
    }
    let client = Client::new(&provider.url())?;
    let mut values = Values::new();
    for (name, size) in [("second", 2), ("third", 3)] {
        let next = client.list_payments().size(size).send().await?.body.links.next;
        let cursor = next.split(['?', '&']).find_map(|part| part.strip_prefix("after="));
        let cursor = cursor.ok_or_else(|| Error::Answer(format!("links.next has no `after`: {next}")))?;
        values.insert(name.to_owned(), cursor.into());
    }
    Ok(values)
}

/// The store is there, but cannot be reached.
fn the_store_is_away<R: Repo>(provider: &Provider<R>) -> Values {
    provider.store().set_away(true);
    Values::new()
}

async fn create<R: Repo>(provider: &Provider<R>, fixture: &str) -> Result<Payment, Error> {
    let payment = fixtures::payment(fixture).map_err(Error::Fixture)?;
    Ok(provider.store().create(payment).await?)
}
