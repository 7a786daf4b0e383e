//! Creates one payment in the service, or finds out why it is not created.

use super::{
    clock::Clock,
    difference::differences,
    report::LoadOutcome,
    retry::{CallError, Retrier},
};
use payments_client::{
    Client, Error, StatusCode,
    models::{Payment, PaymentInput, PaymentRequest},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Creates payments in a service, and never overwrites one.
#[derive(Debug)]
pub(super) struct Loader<C> {
    client: Client,
    retrier: Arc<Retrier<C>>,
    /// Whether the last payment was in the service before. If so the next one is looked up first: a load that is
    /// repeated then sends one request for each payment, not a POST that fails and a GET.
    last_was_present: AtomicBool,
}

/// The load was stopped before the outcome for the payment was known.
#[derive(Debug)]
pub(super) struct Stopped;

impl<C: Clock> Loader<C> {
    pub(super) fn new(client: Client, retrier: Arc<Retrier<C>>) -> Self {
        Self { client, retrier, last_was_present: AtomicBool::new(false) }
    }

    /// Creates the payment, unless the service has one of its id.
    pub(super) async fn load(&self, payment: PaymentInput) -> Result<LoadOutcome, Stopped> {
        let id = payment.id.clone().unwrap_or_default();
        if self.last_was_present.load(Ordering::Relaxed) {
            match self.find(&id).await? {
                Ok(Some(stored)) => return Ok(compare(&payment, &stored)),
                Ok(None) => self.last_was_present.store(false, Ordering::Relaxed),
                Err(refused) => return Ok(refused),
            }
        }
        let request = PaymentRequest::new(payment);
        let call = self.client.create_payment(&request);
        match self.retrier.call(|| call.clone().send()).await {
            Ok(_) => Ok(LoadOutcome::Created),
            Err(CallError::Refused(error)) if error.status() == Some(StatusCode::CONFLICT) => {
                match self.find(&id).await? {
                    Ok(Some(stored)) => {
                        self.last_was_present.store(true, Ordering::Relaxed);
                        Ok(compare(&request.data, &stored))
                    }
                    Ok(None) => Ok(LoadOutcome::Refused(
                        "a payment of this id was deleted, and its id is never given out again".to_owned(),
                    )),
                    Err(refused) => Ok(refused),
                }
            }
            Err(error) => refused(error),
        }
    }

    /// Reads the payment of this id. The inner error is the outcome if the service refuses to show it.
    async fn find(&self, id: &str) -> Result<Result<Option<Payment>, LoadOutcome>, Stopped> {
        match self.retrier.call(|| self.client.get_payment(id).send()).await {
            Ok(answer) => Ok(Ok(Some(answer.body.data))),
            Err(CallError::Refused(error)) if error.status() == Some(StatusCode::NOT_FOUND) => Ok(Ok(None)),
            Err(error) => refused(error).map(Err),
        }
    }
}

fn compare(wanted: &PaymentInput, stored: &Payment) -> LoadOutcome {
    let differing = differences(wanted, stored);
    if differing.is_empty() { LoadOutcome::Present } else { LoadOutcome::Differing(differing) }
}

fn refused(error: CallError) -> Result<LoadOutcome, Stopped> {
    match error {
        CallError::Refused(error) => Ok(LoadOutcome::Refused(reason(&error))),
        CallError::RetriesExhausted { attempts, last } => {
            Ok(LoadOutcome::Refused(format!("{}; gave up after {attempts} attempts", reason(&last))))
        }
        CallError::Stopped => Err(Stopped),
    }
}

/// Why the service refuses: every fault that the problem document names, or else the error itself.
fn reason(error: &Error) -> String {
    match error.problem().and_then(|problem| problem.errors.as_deref()) {
        Some(faults @ [_, ..]) => {
            let faults = faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail));
            faults.collect::<Vec<_>>().join("; ")
        }
        Some([]) | None => error.to_string(),
    }
}
