//! The checkout: a consumer written with the generated client.

use payments_client::{
    Client, Error,
    models::{
        JsonPatch, JsonPatchOp, JsonPatchOperation, MergePatch, Payment, PaymentAttributes, PaymentInput,
        PaymentRequest, Problem,
    },
};
use serde_json::json;
use std::time::Duration;

pub(crate) struct Checkout {
    payments: Client,
}

/// A payment, and the entity tag of its version.
#[derive(Debug)]
pub(crate) struct VersionedPayment {
    pub(crate) payment: Payment,
    pub(crate) etag: String,
}

/// Errors, by what the checkout does about them.
#[derive(Debug, PartialEq)]
pub(crate) enum CheckoutError {
    /// Shows the shopper what to correct: pointers and details.
    Invalid(Vec<(String, String)>),
    /// Reports that the payment does not exist.
    NotFound,
    /// Treats the order as paid: its id is in use.
    AlreadyPaid,
    /// Reads the payment again: it has changed.
    Conflict,
    /// Retries after this time.
    Unavailable(Duration),
    /// Alerts an operator.
    Unexpected(String),
}

impl From<Error> for CheckoutError {
    fn from(error: Error) -> Self {
        let Some(problem) = error.problem() else { return Self::Unexpected(error.to_string()) };
        match (problem.kind.as_str(), error.retry_after()) {
            ("/problems/invalid-request", _) => Self::Invalid(faults(problem)),
            ("/problems/payment-not-found", _) => Self::NotFound,
            ("/problems/payment-exists", _) => Self::AlreadyPaid,
            ("/problems/version-conflict" | "/problems/precondition-failed" | "/problems/patch-test-failed", _) => {
                Self::Conflict
            }
            ("/problems/unavailable", Some(wait)) => Self::Unavailable(wait),
            _ => Self::Unexpected(error.to_string()),
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
    pub(crate) async fn pay(&self, order: PaymentInput) -> Result<(String, VersionedPayment), CheckoutError> {
        let created = self.payments.create_payment(&PaymentRequest::new(order)).send().await?;
        let location =
            created.location().ok_or_else(|| CheckoutError::Unexpected("no Location".to_owned()))?.to_owned();
        Ok((location, VersionedPayment { etag: etag(created.etag())?, payment: created.body.data }))
    }

    pub(crate) async fn read(&self, id: &str) -> Result<VersionedPayment, CheckoutError> {
        let found = self.payments.get_payment(id).send().await?;
        Ok(VersionedPayment { etag: etag(found.etag())?, payment: found.body.data })
    }

    /// Reads a payment unless it is still at `etag`.
    pub(crate) async fn read_if_changed(&self, id: &str, etag: &str) -> Result<Option<Payment>, CheckoutError> {
        let found = self.payments.get_payment(id).if_none_match(etag).send().await?;
        Ok(found.body.map(|body| body.data))
    }

    /// Replaces a payment by a changed copy.
    pub(crate) async fn replace(&self, id: &str, payment: PaymentInput) -> Result<VersionedPayment, CheckoutError> {
        let replaced = self.payments.update_payment(id, &PaymentRequest::new(payment)).send().await?;
        Ok(VersionedPayment { etag: etag(replaced.etag())?, payment: replaced.body.data })
    }

    /// Sets the reference of a payment that is still at `etag_seen`.
    pub(crate) async fn set_reference(
        &self,
        id: &str,
        etag_seen: &str,
        reference: &str,
    ) -> Result<VersionedPayment, CheckoutError> {
        let patch = MergePatch::new().data(json!({"attributes": {"reference": reference}}));
        let changed = self.payments.patch_payment(id, patch).if_match(etag_seen).send().await?;
        Ok(VersionedPayment { etag: etag(changed.etag())?, payment: changed.body.data })
    }

    /// Raises the amount if it is still `from`.
    pub(crate) async fn raise_amount(&self, id: &str, from: &str, to: &str) -> Result<VersionedPayment, CheckoutError> {
        let patch = JsonPatch::from([
            JsonPatchOperation::new(JsonPatchOp::Test, "/data/attributes/amount").value(from),
            JsonPatchOperation::new(JsonPatchOp::Replace, "/data/attributes/amount").value(to),
        ]);
        let raised = self.payments.patch_payment(id, patch).send().await?;
        Ok(VersionedPayment { etag: etag(raised.etag())?, payment: raised.body.data })
    }

    pub(crate) async fn cancel(&self, id: &str, version: i64) -> Result<(), CheckoutError> {
        self.payments.delete_payment(id).version(version).send().await?;
        Ok(())
    }

    pub(crate) async fn cancel_at_etag(&self, id: &str, etag: &str) -> Result<(), CheckoutError> {
        self.payments.delete_payment(id).if_match(etag).send().await?;
        Ok(())
    }

    pub(crate) async fn cancel_any_version(&self, id: &str) -> Result<(), CheckoutError> {
        self.payments.delete_payment(id).send().await?;
        Ok(())
    }
}

/// Requires an `ETag`: without it the payment could not be changed later.
fn etag(etag: Option<&str>) -> Result<String, CheckoutError> {
    etag.map(str::to_owned).ok_or_else(|| CheckoutError::Unexpected("no ETag".to_owned()))
}

/// The payment of an order.
pub(crate) fn order(amount: &str) -> PaymentInput {
    let attributes = PaymentAttributes::new(amount).with("currency", "GBP").expect("JSON");
    PaymentInput::new("harbour-lane-bakery", attributes)
}
