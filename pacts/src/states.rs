//! Enters provider states, which interactions name in `given`. The states of one interaction add up: the first begins with an
//! empty store, and each adds its payments through the port that the service itself uses. What an earlier state has put
//! there is taken as it is, and states that contradict each other fail.

mod parameters;

use crate::fixtures::new_payment;
use parameters::Parameters;
use payments::payments::{Change, Deletion, Error as RepoError, Origin, Payment, Repo, Tenant, Timestamp};
use payments_client::Client;
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};
use test_support::Faulty;

/// The fixture that states are about unless they name another.
const USUAL: &str = "faster-payment";
/// Values that a state hands to its interactions, such as a cursor.
pub type StateValues = HashMap<String, Value>;

/// Why a state could not be entered.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A pact names a state that is not defined here.
    #[error("unknown provider state {0:?}: define it in pacts/src/states.rs")]
    Unknown(String),
    /// A pact gives a state a parameter that it does not take.
    #[error("the provider state {state:?} takes no parameter {name:?}; it takes {known}")]
    UnknownParameter {
        /// The state.
        state: String,
        /// The parameter.
        name: String,
        /// The parameters that it takes, or "none".
        known: String,
    },
    /// A parameter has a value of the wrong type.
    #[error("the parameter {name:?} of the provider state {state:?} must be a string, not {value}")]
    WrongParameter {
        /// The state.
        state: String,
        /// The parameter.
        name: String,
        /// The value.
        value: Value,
    },
    /// An earlier state of the interaction has put payments into the store that this one excludes.
    #[error("the provider state {0:?} comes after one that has payments; leave one of them out")]
    Contradiction(String),
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

/// The states of a service and its store. The plan of the store lets every call fail while it is armed.
pub(crate) struct States<R> {
    store: Faulty<R>,
    /// The service.
    client: Client,
    /// Whose payments states make.
    tenant: Tenant,
    /// Whether the store is away for the interaction. States that follow still reach it.
    is_away: AtomicBool,
}

impl<R: Repo> States<R> {
    pub(crate) fn new(store: Faulty<R>, client: Client, tenant: Tenant) -> Self {
        Self { store, client, tenant, is_away: AtomicBool::new(false) }
    }

    /// Begins an interaction: empties the store.
    pub(crate) async fn reset(&self) -> Result<(), StateError> {
        self.is_away.store(false, Ordering::SeqCst);
        self.store.plan().disarm();
        Ok(self.store.clear().await?)
    }

    /// Enters the state of this name, beside those that the interaction has already.
    pub(crate) async fn enter(&self, name: &str, params: &HashMap<String, Value>) -> Result<StateValues, StateError> {
        self.store.plan().disarm();
        let entered = self.dispatch(name, Parameters::of(name, params)).await;
        if self.is_away.load(Ordering::SeqCst) {
            self.store.plan().arm();
        }
        entered
    }

    async fn dispatch(&self, name: &str, parameters: Parameters<'_>) -> Result<StateValues, StateError> {
        match name {
            // The verifier passes "" for interactions without a state.
            "" | "there are no payments" => self.there_are_no_payments(name, parameters).await,
            "there is a payment" => self.there_is_a_payment(parameters).await,
            "the payment has changed" => self.the_payment_has_changed(parameters).await,
            "the payment was deleted" => self.the_payment_was_deleted(parameters).await,
            "there are three payments" => self.there_are_three_payments(parameters).await,
            "the store was emptied since" => self.the_store_was_emptied_since(parameters).await,
            "the store is away" => self.the_store_is_away(parameters),
            unknown => Err(StateError::Unknown(unknown.to_owned())),
        }
    }

    async fn there_are_no_payments(&self, name: &str, parameters: Parameters<'_>) -> Result<StateValues, StateError> {
        parameters.none()?;
        match self.store.info().await? {
            info if info.payments > 0 => Err(StateError::Contradiction(name.to_owned())),
            _ => Ok(StateValues::new()),
        }
    }

    /// The fixture that the parameter `id` names, or `faster-payment`, at version 0 unless an earlier state has changed it.
    async fn there_is_a_payment(&self, parameters: Parameters<'_>) -> Result<StateValues, StateError> {
        let id = parameters.text("id")?;
        self.ensure(id.unwrap_or(USUAL)).await?;
        Ok(StateValues::new())
    }

    /// `faster-payment` at version 1, with other attributes. Hands on the cursor after that event, `changed`.
    async fn the_payment_has_changed(&self, parameters: Parameters<'_>) -> Result<StateValues, StateError> {
        parameters.none()?;
        let payment = self.ensure(USUAL).await?;
        let attributes = new_payment("bacs-direct-credit").map_err(StateError::Fixture)?.attributes;
        let change = Change {
            organisation_id: payment.organisation_id,
            attributes,
            modified_on: Timestamp::now(),
            origin: Origin::default(),
        };
        self.store.update(&self.tenant, &payment.id, payment.version, change).await?;
        Ok([("changed".to_owned(), self.last_event().await?)].into())
    }

    /// No payments any more. Hands on the cursor after an event of before, `gone`.
    async fn the_store_was_emptied_since(&self, parameters: Parameters<'_>) -> Result<StateValues, StateError> {
        parameters.none()?;
        self.ensure(USUAL).await?;
        let gone = self.last_event().await?;
        self.store.clear().await?;
        Ok([("gone".to_owned(), gone)].into())
    }

    /// The cursor after the last event, which the service gives: only the service knows how cursors are made.
    async fn last_event(&self) -> Result<Value, StateError> {
        let next = self.client.list_events().after("now").send().await?.body.links.next;
        cursor(&next)
    }

    /// `faster-payment`, created and deleted.
    async fn the_payment_was_deleted(&self, parameters: Parameters<'_>) -> Result<StateValues, StateError> {
        parameters.none()?;
        let payment = self.ensure(USUAL).await?;
        let deletion = Deletion { deleted_on: Timestamp::now(), origin: Origin::default() };
        self.store.delete(&self.tenant, &payment.id, payment.version, deletion).await?;
        Ok(StateValues::new())
    }

    /// `faster-payment`, `bacs-direct-credit` and `only-an-amount`. Hands on the cursors after the `second` and the `third`,
    /// which it gets from the service: only the service knows how cursors are made.
    async fn there_are_three_payments(&self, parameters: Parameters<'_>) -> Result<StateValues, StateError> {
        parameters.none()?;
        for id in [USUAL, "bacs-direct-credit", "only-an-amount"] {
            self.ensure(id).await?;
        }
        let mut values = StateValues::new();
        for (name, size) in [("second", 2), ("third", 3)] {
            let next = self.client.list_payments().size(size).send().await?.body.links.next;
            values.insert(name.to_owned(), cursor(&next)?);
        }
        Ok(values)
    }

    /// A store that fails every call.
    fn the_store_is_away(&self, parameters: Parameters<'_>) -> Result<StateValues, StateError> {
        parameters.none()?;
        self.is_away.store(true, Ordering::SeqCst);
        Ok(StateValues::new())
    }

    /// Creates a fixture, unless an earlier state has done so, and returns the payment as it stands.
    async fn ensure(&self, fixture: &str) -> Result<Payment, StateError> {
        let payment = new_payment(fixture).map_err(StateError::Fixture)?;
        let id = payment.id.clone();
        match self.store.create(&self.tenant, payment).await {
            Err(RepoError::AlreadyExists) => Ok(self.store.fetch(&self.tenant, &id).await?.into_inner()),
            created => Ok(created?),
        }
    }
}

/// The cursor in a link to the next page.
fn cursor(next: &str) -> Result<Value, StateError> {
    let cursor = next.split(['?', '&']).find_map(|part| part.strip_prefix("after="));
    cursor.map(Value::from).ok_or_else(|| StateError::Answer(format!("links.next has no `after`: {next}")))
}
