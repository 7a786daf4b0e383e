//! The checkout itself: a consumer as one would write it on the generated client.

use payments_client::{
    Client, Error,
    models::{
        JsonPatch, JsonPatchOp, JsonPatchOperation, MergePatch, Payment, PaymentAttributes, PaymentRequest, Problem,
    },
};
use serde_json::json;
use std::time::Duration;

pub(crate) struct Checkout {
    payments: Client,
}

/// A payment as it was last seen.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) payment: Payment,
    pub(crate) etag: String,
}

/// What the checkout does about an error.
#[derive(Debug, PartialEq)]
pub(crate) enum Trouble {
    /// Show the shopper what to correct: where, and why.
    Correct(Vec<(String, String)>),
    /// The payment is gone.
    Missing,
    /// The id was used: this order was paid before.
    Taken,
    /// Someone was faster: read it again.
    Late,
    /// Try again after a while.
    Later(Duration),
    /// Wake somebody.
    Broken(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let Some(problem) = error.problem() else { return Self::Broken(error.to_string()) };
        match (problem.kind.as_str(), error.retry_after()) {
            ("/problems/invalid-request", _) => Self::Correct(faults(problem)),
            ("/problems/payment-not-found", _) => Self::Missing,
            ("/problems/payment-exists", _) => Self::Taken,
            ("/problems/version-conflict" | "/problems/precondition-failed" | "/problems/patch-test-failed", _) => {
                Self::Late
            }
            ("/problems/unavailable", Some(wait)) => Self::Later(wait),
            _ => Self::Broken(error.to_string()),
        }
    }
}

fn faults(problem: &Problem) -> Vec<(String, String)> {
    let errors = problem.errors.iter().flatten();
    errors.map(|fault| (fault.pointer.clone(), fault.detail.clone())).collect()
}

impl Checkout {
    pub(crate) fn new(payments: Client) -> Self {
        Self { payments }
    }

    /// Pays an order; the address of the payment, and the payment.
    pub(crate) async fn pay(&self, order: Payment) -> Result<(String, Seen), Trouble> {
        let created = self.payments.create_payment(&PaymentRequest::new(order)).send().await?;
        let location = created.location().ok_or_else(|| Trouble::Broken("no Location".to_owned()))?.to_owned();
        Ok((location, Seen { etag: etag(created.etag())?, payment: created.body.data }))
    }

    pub(crate) async fn look_up(&self, id: &str) -> Result<Seen, Trouble> {
        let found = self.payments.get_payment(id).send().await?;
        Ok(Seen { etag: etag(found.etag())?, payment: found.body.data })
    }

    /// What has changed since `etag`, if anything has.
    pub(crate) async fn news(&self, id: &str, etag: &str) -> Result<Option<Payment>, Trouble> {
        let found = self.payments.get_payment(id).if_none_match(etag).send().await?;
        Ok(found.body.map(|body| body.data))
    }

    /// Writes a payment back, as it was changed here.
    pub(crate) async fn replace(&self, id: &str, payment: Payment) -> Result<Seen, Trouble> {
        let replaced = self.payments.update_payment(id, &PaymentRequest::new(payment)).send().await?;
        Ok(Seen { etag: etag(replaced.etag())?, payment: replaced.body.data })
    }

    /// Puts another reference on a payment that is still what was seen.
    pub(crate) async fn refer(&self, id: &str, etag_seen: &str, reference: &str) -> Result<Seen, Trouble> {
        let patch = MergePatch::new().data(json!({"attributes": {"reference": reference}}));
        let changed = self.payments.patch_payment(id, patch).if_match(etag_seen).send().await?;
        Ok(Seen { etag: etag(changed.etag())?, payment: changed.body.data })
    }

    /// Raises the amount, if it is what it was.
    pub(crate) async fn raise(&self, id: &str, from: &str, to: &str) -> Result<Seen, Trouble> {
        let patch = JsonPatch::from([
            JsonPatchOperation::new(JsonPatchOp::Test, "/data/attributes/amount").value(from),
            JsonPatchOperation::new(JsonPatchOp::Replace, "/data/attributes/amount").value(to),
        ]);
        let raised = self.payments.patch_payment(id, patch).send().await?;
        Ok(Seen { etag: etag(raised.etag())?, payment: raised.body.data })
    }

    pub(crate) async fn cancel(&self, id: &str, version: i64) -> Result<(), Trouble> {
        self.payments.delete_payment(id).version(version).send().await?;
        Ok(())
    }

    pub(crate) async fn cancel_what_was_seen(&self, id: &str, etag: &str) -> Result<(), Trouble> {
        self.payments.delete_payment(id).if_match(etag).send().await?;
        Ok(())
    }

    pub(crate) async fn cancel_whatever_it_is(&self, id: &str) -> Result<(), Trouble> {
        self.payments.delete_payment(id).send().await?;
        Ok(())
    }
}

/// Without an `ETag` nothing could be changed later.
fn etag(etag: Option<&str>) -> Result<String, Trouble> {
    etag.map(str::to_owned).ok_or_else(|| Trouble::Broken("no ETag".to_owned()))
}

/// An order of the shop: flour for the bakery.
pub(crate) fn order(amount: &str) -> Payment {
    let attributes = PaymentAttributes::new(amount).with("currency", "GBP").expect("JSON");
    Payment::new("harbour-lane-bakery", attributes)
}
