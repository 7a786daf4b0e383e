//! The operations of the tag `payments`.

use super::{
    Service,
    paging::Asked,
    patches::Patch,
    precondition::{IfMatch, entity_tag, none_match_names},
    wire::{self, Said, fault},
};
use crate::{
    http::problem::Error,
    payments::{Change, Error as PaymentsError, Payment, PaymentId, Repo, Version},
};
use payments_server::{
    Faults, decode, models,
    payments::{
        CreatePaymentRequest, CreatePaymentResponse, DeletePaymentRequest, DeletePaymentResponse, GetPaymentRequest,
        GetPaymentResponse, ListPaymentsRequest, ListPaymentsResponse, PatchPaymentRequest, PatchPaymentResponse,
        Payments, UpdatePaymentRequest, UpdatePaymentResponse,
    },
};
use std::sync::Arc;

/// How often a write that names no version is tried against the version that is current. Each failure means that another
/// writer succeeded.
const ATTEMPTS: usize = 64;

impl<R: Repo> Payments for Service<R> {
    async fn list_payments(&self, request: ListPaymentsRequest) -> Result<ListPaymentsResponse, Error> {
        let asked = Asked::read(request, self.settings.max_results)?;
        let page = self.repo.list(asked.start, asked.size).await?;
        Ok(ListPaymentsResponse::Ok { body: self.list_response(&page, &asked) })
    }

    async fn create_payment(&self, request: CreatePaymentRequest) -> Result<CreatePaymentResponse, Error> {
        let new = Said::read(request.body)?.into_new(|| self.new_id(), self.now());
        let payment = self.repo.create(new).await?;
        Ok(CreatePaymentResponse::Created {
            location: self.payment_url(&payment.id),
            e_tag: entity_tag(payment.version),
            body: self.payment_response(payment),
        })
    }

    async fn get_payment(&self, request: GetPaymentRequest) -> Result<GetPaymentResponse, Error> {
        let payment = self.repo.fetch(&known_id(&request.id)?).await?;
        let e_tag = entity_tag(payment.version);
        Ok(if none_match_names(request.if_none_match.as_deref(), payment.version) {
            GetPaymentResponse::NotModified { e_tag }
        } else {
            GetPaymentResponse::Ok { e_tag, body: self.shared_response(&payment) }
        })
    }

    async fn update_payment(&self, request: UpdatePaymentRequest) -> Result<UpdatePaymentResponse, Error> {
        let id = known_id(&request.id)?;
        let condition = IfMatch::read(request.if_match.as_deref())?;
        let (expected, change) = Said::read(request.body)?.into_change(&id, self.now())?;
        self.hold_to(&condition, &id, expected).await?;
        let payment = self.repo.update(&id, expected, change).await.map_err(|error| judge(error, &condition))?;
        Ok(UpdatePaymentResponse::Ok { e_tag: entity_tag(payment.version), body: self.payment_response(payment) })
    }

    async fn patch_payment(&self, request: PatchPaymentRequest) -> Result<PatchPaymentResponse, Error> {
        let id = known_id(&request.id)?;
        let condition = IfMatch::read(request.if_match.as_deref())?;
        let patch = Arc::new(Patch::read::<R>(&request.body)?);
        let payment = self.patch(&id, &condition, &patch).await?;
        Ok(PatchPaymentResponse::Ok { e_tag: entity_tag(payment.version), body: self.payment_response(payment) })
    }

    async fn delete_payment(&self, request: DeletePaymentRequest) -> Result<DeletePaymentResponse, Error> {
        let id = known_id(&request.id)?;
        let condition = IfMatch::read(request.if_match.as_deref())?;
        match request.version {
            Some(number) => self.delete_at(&id, &condition, number).await?,
            None if request.if_match.is_some() => self.delete_current(&id, &condition).await?,
            None => {
                return Err(
                    fault("/query/version", "is missing; say which version to delete, here or in If-Match").into()
                );
            }
        }
        Ok(DeletePaymentResponse::NoContent {})
    }
}

impl<R: Repo> Service<R> {
    /// Refuses a write of version `expected` that the condition rules out, whichever version is current.
    async fn hold_to(&self, condition: &IfMatch, id: &PaymentId, expected: Version) -> Result<(), Error> {
        if condition.holds(expected) {
            return Ok(());
        }
        let current = self.repo.fetch(id).await?.version;
        Err(judge(PaymentsError::VersionConflict { current }, condition))
    }

    async fn patch(&self, id: &PaymentId, condition: &IfMatch, patch: &Arc<Patch>) -> Result<Payment, Error> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let current = self.repo.fetch(id).await?;
            let version = current.version;
            if !condition.holds(version) {
                return Err(Error::PreconditionFailed { current: version });
            }
            let change = self.patched(current.into_inner(), patch).await?;
            match self.repo.update(id, version, change).await {
                Err(conflict @ PaymentsError::VersionConflict { .. }) => last = Some(conflict),
                outcome => return Ok(outcome?),
            }
        }
        Err(last.unwrap_or(PaymentsError::NotFound).into())
    }

    /// The change that turns `current` into what the patch makes of it.
    async fn patched(&self, current: Payment, patch: &Arc<Patch>) -> Result<Change, Error> {
        let (id, version) = (current.id.clone(), current.version);
        let text = patch.apply(wire::payment(current), self.settings.max_body).await?;
        let mut faults = Faults::default();
        let request = decode::<models::PaymentRequest, Self>(text.as_bytes(), &mut faults);
        let Some(request) = request.filter(|_| faults.is_empty()) else {
            return Err(Error::PatchNotApplicable(faults.into_vec()));
        };
        let said = Said::read(request).map_err(|fault| Error::PatchNotApplicable(vec![fault]))?;
        let (expected, change) = said.into_change(&id, self.now()).map_err(Error::PatchNotApplicable)?;
        if expected != version {
            return Err(PaymentsError::VersionConflict { current: version }.into());
        }
        Ok(change)
    }

    async fn delete_at(&self, id: &PaymentId, condition: &IfMatch, number: i64) -> Result<(), Error> {
        let expected = Version::parse(number).map_err(|rule| fault("/query/version", rule.0))?;
        self.hold_to(condition, id, expected).await?;
        self.repo.delete(id, expected).await.map_err(|error| judge(error, condition))
    }

    async fn delete_current(&self, id: &PaymentId, condition: &IfMatch) -> Result<(), Error> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let current = self.repo.fetch(id).await?.version;
            if !condition.holds(current) {
                return Err(Error::PreconditionFailed { current });
            }
            match self.repo.delete(id, current).await {
                Err(conflict @ PaymentsError::VersionConflict { .. }) => last = Some(conflict),
                outcome => return Ok(outcome?),
            }
        }
        Err(last.unwrap_or(PaymentsError::NotFound).into())
    }
}

/// The id in a path. One that no payment can have is one that no payment has.
fn known_id(text: &str) -> Result<PaymentId, PaymentsError> {
    PaymentId::parse(text).map_err(|_| PaymentsError::NotFound)
}

/// Tells a version that is not current from a condition that does not hold. The condition is looked at first: RFC 9110,
/// section 13.2.1, has it evaluated before the content is.
fn judge(error: PaymentsError, condition: &IfMatch) -> Error {
    if let PaymentsError::VersionConflict { current } = error
        && !condition.holds(current)
    {
        return Error::PreconditionFailed { current };
    }
    error.into()
}
