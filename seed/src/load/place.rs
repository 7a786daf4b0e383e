//! Puts one payment into the service, or finds out why it is not to be put there.

use super::{
    calls::{Calls, Failure},
    clock::Clock,
    equal::differences,
    report::Outcome,
};
use payments_client::{
    Client, Error, StatusCode,
    models::{Payment, PaymentRequest},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Puts payments into a service.
#[derive(Debug)]
pub(super) struct Loader<C> {
    client: Client,
    calls: Arc<Calls<C>>,
    /// Whether the last payment was there already. If so the next one may well be, and looking is cheaper than trying:
    /// a load that goes on where another stopped asks once for each payment, not twice.
    there: AtomicBool,
}

/// The load stops; what became of the payment is not known.
#[derive(Debug)]
pub(super) struct Halted;

impl<C: Clock> Loader<C> {
    pub(super) fn new(client: Client, calls: Arc<Calls<C>>) -> Self {
        Self { client, calls, there: AtomicBool::new(false) }
    }

    /// Creates the payment, unless there is one of its id. Nothing is ever overwritten.
    pub(super) async fn place(&self, payment: Payment) -> Result<Outcome, Halted> {
        let id = payment.id.clone().unwrap_or_default();
        if self.there.load(Ordering::Relaxed) {
            match self.find(&id).await? {
                Ok(Some(there)) => return Ok(compare(&payment, &there)),
                Ok(None) => self.there.store(false, Ordering::Relaxed),
                Err(refused) => return Ok(refused),
            }
        }
        let request = PaymentRequest::new(payment);
        let call = self.client.create_payment(&request);
        match self.calls.make(|| call.clone().send()).await {
            Ok(_) => Ok(Outcome::Created),
            Err(Failure::Refused(error)) if error.status() == Some(StatusCode::CONFLICT) => {
                match self.find(&id).await? {
                    Ok(Some(there)) => {
                        self.there.store(true, Ordering::Relaxed);
                        Ok(compare(&request.data, &there))
                    }
                    Ok(None) => Ok(Outcome::Refused(
                        "a payment of this id was deleted, and its id is never given out again".to_owned(),
                    )),
                    Err(refused) => Ok(refused),
                }
            }
            Err(failure) => refused(failure),
        }
    }

    /// The payment of this id, if there is one.
    async fn find(&self, id: &str) -> Result<Result<Option<Payment>, Outcome>, Halted> {
        match self.calls.make(|| self.client.get_payment(id).send()).await {
            Ok(answer) => Ok(Ok(Some(answer.body.data))),
            Err(Failure::Refused(error)) if error.status() == Some(StatusCode::NOT_FOUND) => Ok(Ok(None)),
            Err(failure) => refused(failure).map(Err),
        }
    }
}

fn compare(wanted: &Payment, there: &Payment) -> Outcome {
    let differ = differences(wanted, there);
    if differ.is_empty() { Outcome::Present } else { Outcome::Differing(differ) }
}

fn refused(failure: Failure) -> Result<Outcome, Halted> {
    match failure {
        Failure::Refused(error) => Ok(Outcome::Refused(reason(&error))),
        Failure::GivenUp(error) => Ok(Outcome::Refused(format!("{}; tried again and again", reason(&error)))),
        Failure::Halted => Err(Halted),
    }
}

/// Why the service refuses: every fault that it names, or else what it says.
fn reason(error: &Error) -> String {
    match error.problem().and_then(|problem| problem.errors.as_deref()) {
        Some(faults @ [_, ..]) => {
            let faults = faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail));
            faults.collect::<Vec<_>>().join("; ")
        }
        Some([]) | None => error.to_string(),
    }
}
