//! The ledger: a consumer written with the generated client.

use payments_client::{
    Client, Error,
    models::{Event, EventContent, EventType, Payment},
};
use std::collections::BTreeMap;

/// How many events the ledger reads at once.
const PAGE: i64 = 2;

/// The amount of each payment that is not deleted, and where the ledger has come to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Ledger {
    pub(crate) amounts: BTreeMap<String, String>,
    /// The link to the events that are not entered yet.
    pub(crate) next: Option<String>,
}

/// What became of an update.
#[derive(Debug, PartialEq)]
pub(crate) enum Updated {
    /// Everything that has happened is entered.
    UpToDate,
    /// The service has other data now: the ledger was emptied, and begins anew.
    StartedOver,
}

impl Ledger {
    /// Enters all that has happened since the last time.
    pub(crate) async fn update(&mut self, client: &Client) -> Result<Updated, Error> {
        loop {
            let request = client.list_events();
            let request = match &self.next {
                Some(link) => request.follow(link),
                None => request.size(PAGE).content(EventContent::Full),
            };
            let page = match request.send().await {
                Ok(page) => page.body,
                Err(error) if is_expired(&error) => {
                    *self = Self::default();
                    return Ok(Updated::StartedOver);
                }
                Err(error) => return Err(error),
            };
            let is_last = page.data.is_empty();
            page.data.into_iter().for_each(|event| self.enter(event));
            self.next = Some(page.links.next);
            if is_last {
                return Ok(Updated::UpToDate);
            }
        }
    }

    fn enter(&mut self, Event { kind, data, .. }: Event) {
        match (kind, data.payment) {
            (EventType::PaymentCreated | EventType::PaymentUpdated, Some(payment)) => {
                self.amounts.insert(data.payment_id, payment.attributes.amount().to_owned());
            }
            (EventType::PaymentDeleted | EventType::PaymentErased, _) => drop(self.amounts.remove(&data.payment_id)),
            // What it does not know does not change amounts.
            _ => {}
        }
    }
}

/// Returns what a payment was at a version, for people who ask why an amount is what it is.
pub(crate) async fn explain(client: &Client, id: &str, version: i64) -> Result<Option<Payment>, Error> {
    Ok(client.get_payment_version(id, &version.to_string()).send().await?.body.data.payment)
}

fn is_expired(error: &Error) -> bool {
    matches!(error, Error::Problem(problem) if problem.body.kind == "/problems/cursor-expired")
}
