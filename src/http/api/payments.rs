//! The operations of the tag `payments`. Each handler reads the request, calls the store, and writes the response.
//!
//! A write that names no version (PATCH, and DELETE with `If-Match` alone) reads the current version first, and starts
//! over when another writer was faster: an optimistic loop.

use super::{
    Service,
    paging::PageQuery,
    patches::Patch,
    precondition::{IfMatch, entity_tag, if_none_match},
    wire::{self, CheckedInput},
};
use crate::{
    http::problem::{Error, fault},
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

/// The most attempts of a write that names no version. Each failed attempt means that another writer succeeded.
const MAX_ATTEMPTS: usize = 64;

impl<R: Repo> Payments for Service<R> {
    async fn list_payments(&self, request: ListPaymentsRequest) -> Result<ListPaymentsResponse, Error> {
        let query = PageQuery::read(request, self.settings.max_results)?;
        let page = self.repo.list(query.start, query.size).await?;
        Ok(ListPaymentsResponse::Ok { body: self.list_response(&page, &query) })
    }

    async fn create_payment(&self, request: CreatePaymentRequest) -> Result<CreatePaymentResponse, Error> {
        let new = CheckedInput::read(request.body)?.into_new(|| self.new_id(), self.now());
        let payment = self.repo.create(new).await?;
        Ok(CreatePaymentResponse::Created {
            location: self.payment_url(&payment.id),
            e_tag: entity_tag(payment.version),
            body: self.payment_response(payment),
        })
    }

    async fn get_payment(&self, request: GetPaymentRequest) -> Result<GetPaymentResponse, Error> {
        let payment = self.repo.fetch(&parse_id(&request.id)?).await?;
        let e_tag = entity_tag(payment.version);
        Ok(if if_none_match(request.if_none_match.as_deref(), payment.version) {
            GetPaymentResponse::NotModified { e_tag }
        } else {
            GetPaymentResponse::Ok { e_tag, body: self.snapshot_response(&payment) }
        })
    }

    async fn update_payment(&self, request: UpdatePaymentRequest) -> Result<UpdatePaymentResponse, Error> {
        let id = parse_id(&request.id)?;
        let condition = IfMatch::parse(request.if_match.as_deref())?;
        let (expected, change) = CheckedInput::read(request.body)?.into_change(&id, self.now())?;
        self.ensure_precondition(&condition, &id, expected).await?;
        let payment = self
            .repo
            .update(&id, expected, change)
            .await
            .map_err(|error| conflict_or_precondition(error, &condition))?;
        Ok(UpdatePaymentResponse::Ok { e_tag: entity_tag(payment.version), body: self.payment_response(payment) })
    }

    async fn patch_payment(&self, request: PatchPaymentRequest) -> Result<PatchPaymentResponse, Error> {
        let id = parse_id(&request.id)?;
        let condition = IfMatch::parse(request.if_match.as_deref())?;
        let patch = Arc::new(Patch::read::<R>(&request.body)?);
        let payment = self.patch(&id, &condition, &patch).await?;
        Ok(PatchPaymentResponse::Ok { e_tag: entity_tag(payment.version), body: self.payment_response(payment) })
    }

    async fn delete_payment(&self, request: DeletePaymentRequest) -> Result<DeletePaymentResponse, Error> {
        let id = parse_id(&request.id)?;
        let condition = IfMatch::parse(request.if_match.as_deref())?;
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
    /// Refuses a write of version `expected` if the precondition does not hold for that version.
    async fn ensure_precondition(&self, condition: &IfMatch, id: &PaymentId, expected: Version) -> Result<(), Error> {
        if condition.holds(expected) {
            return Ok(());
        }
        let current = self.repo.fetch(id).await?.version;
        Err(conflict_or_precondition(PaymentsError::VersionConflict { current }, condition))
    }

    /// Patches the current version, and starts over when another writer was faster. An attempt that takes long, or that is
    /// not the first, waits for its turn, unless it is for one version only and never repeated.
    async fn patch(&self, id: &PaymentId, condition: &IfMatch, patch: &Arc<Patch>) -> Result<Payment, Error> {
        let may_repeat = *condition == IfMatch::Any;
        let mut turn = if may_repeat && !patch.is_small() { self.turns.take(id).await } else { None };
        let mut last = None;
        for _ in 0..MAX_ATTEMPTS {
            let current = self.repo.fetch(id).await?;
            let version = current.version;
            if !condition.holds(version) {
                return Err(Error::PreconditionFailed { current: version });
            }
            let change = self.apply_patch(current.into_inner(), patch).await?;
            match self.repo.update(id, version, change).await {
                Err(conflict @ PaymentsError::VersionConflict { .. }) => last = Some(conflict),
                outcome => return Ok(outcome?),
            }
            if may_repeat && turn.is_none() {
                turn = self.turns.take(id).await;
            }
        }
        Err(last.unwrap_or(PaymentsError::NotFound).into())
    }

    /// Applies the patch to `current`, and validates the result like the body of a PUT.
    async fn apply_patch(&self, current: Payment, patch: &Arc<Patch>) -> Result<Change, Error> {
        let (id, version) = (current.id.clone(), current.version);
        let text = patch.apply(wire::payment(current), self.settings.max_body).await?;
        let mut faults = Faults::default();
        let request = decode::<models::PaymentRequest, Self>(text.as_bytes(), &mut faults);
        let Some(request) = request.filter(|_| faults.is_empty()) else {
            return Err(Error::PatchNotApplicable(faults.into_vec()));
        };
        let input = CheckedInput::read(request).map_err(|fault| Error::PatchNotApplicable(vec![fault]))?;
        let (expected, change) = input.into_change(&id, self.now()).map_err(Error::PatchNotApplicable)?;
        if expected != version {
            return Err(PaymentsError::VersionConflict { current: version }.into());
        }
        Ok(change)
    }

    /// Deletes the payment at the version that the client named.
    async fn delete_at(&self, id: &PaymentId, condition: &IfMatch, number: i64) -> Result<(), Error> {
        let expected = Version::parse(number).map_err(|rule| fault("/query/version", rule.0))?;
        self.ensure_precondition(condition, id, expected).await?;
        self.repo.delete(id, expected).await.map_err(|error| conflict_or_precondition(error, condition))
    }

    /// Deletes the current version, and starts over when another writer was faster.
    async fn delete_current(&self, id: &PaymentId, condition: &IfMatch) -> Result<(), Error> {
        let mut last = None;
        for _ in 0..MAX_ATTEMPTS {
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

/// Parses the id in a path. An invalid id is reported as not found: no payment has it.
fn parse_id(text: &str) -> Result<PaymentId, PaymentsError> {
    PaymentId::parse(text).map_err(|_| PaymentsError::NotFound)
}

/// Turns a version conflict into a failed precondition if the precondition does not hold for the current version.
///
/// The precondition comes first, because RFC 9110, section 13.2.1, has it evaluated before the content.
fn conflict_or_precondition(error: PaymentsError, condition: &IfMatch) -> Error {
    if let PaymentsError::VersionConflict { current } = error
        && !condition.holds(current)
    {
        return Error::PreconditionFailed { current };
    }
    error.into()
}
