//! The operations of the tag `payments`. Each handler reads the request, calls the store, and writes the response.
//!
//! A write that names no version (PATCH, and DELETE with `If-Match` alone) reads the current version first, and starts
//! over when another writer was faster: an optimistic loop.

use super::{
    Service,
    paging::PageQuery,
    patches::Patch,
    precondition::{Preconditions, entity_tag},
    wire::{self, CheckedInput},
};
use crate::{
    http::{
        caller::Caller,
        problem::{Error, UnmetPrecondition, fault},
    },
    payments::{Change, Deletion, Error as PaymentsError, Payment, PaymentId, Repo, Tenant, Version},
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
    async fn list_payments(&self, caller: Caller, request: ListPaymentsRequest) -> Result<ListPaymentsResponse, Error> {
        // Without an entity tag, the whole list is the answer to every If-None-Match.
        Preconditions::of_read(request.if_match.as_deref(), None)?.evaluate_untagged()?;
        let tenant = caller.tenant();
        let cursors = self.cursors(tenant)?;
        let query = PageQuery::read(request, self.settings.max_results, &cursors)?;
        let page = self.repo.list(tenant, query.start, query.size).await?;
        Ok(ListPaymentsResponse::Ok { body: self.list_response(&page, &query, &cursors) })
    }

    async fn create_payment(
        &self,
        caller: Caller,
        request: CreatePaymentRequest,
    ) -> Result<CreatePaymentResponse, Error> {
        let tenant = caller.tenant();
        let CreatePaymentRequest { if_match, if_none_match, body } = request;
        Preconditions::of_change(if_match.as_deref(), if_none_match.as_deref())?.evaluate_untagged()?;
        let new = CheckedInput::read(body)?.of(&caller)?.into_new(|| self.new_id(), self.now(), caller.origin());
        let payment = self.repo.create(tenant, new).await?;
        Ok(CreatePaymentResponse::Created {
            location: self.payment_url(&payment.id),
            e_tag: entity_tag(payment.version),
            body: self.payment_response(payment),
        })
    }

    async fn get_payment(&self, caller: Caller, request: GetPaymentRequest) -> Result<GetPaymentResponse, Error> {
        let (tenant, id) = (caller.tenant(), parse_id(&request.id)?);
        let preconditions = Preconditions::of_read(request.if_match.as_deref(), request.if_none_match.as_deref())?;
        let payment = self.repo.fetch(tenant, &id).await?;
        let e_tag = entity_tag(payment.version);
        match preconditions.evaluate(payment.version) {
            Ok(()) => Ok(GetPaymentResponse::Ok { e_tag, body: self.snapshot_response(&payment) }),
            Err(UnmetPrecondition::Matched { .. }) => Ok(GetPaymentResponse::NotModified { e_tag }),
            Err(unmet) => Err(unmet.into()),
        }
    }

    async fn update_payment(
        &self,
        caller: Caller,
        request: UpdatePaymentRequest,
    ) -> Result<UpdatePaymentResponse, Error> {
        let UpdatePaymentRequest { id, if_match, if_none_match, body } = request;
        let (tenant, id) = (caller.tenant(), parse_id(&id)?);
        let preconditions = Preconditions::of_change(if_match.as_deref(), if_none_match.as_deref())?;
        let (expected, change) =
            CheckedInput::read(body)?.of(&caller)?.into_change(&id, self.now(), caller.origin())?;
        self.ensure_preconditions(&preconditions, tenant, &id, expected).await?;
        let payment = self
            .repo
            .update(tenant, &id, expected, change)
            .await
            .map_err(|error| conflict_or_precondition(error, &preconditions))?;
        Ok(UpdatePaymentResponse::Ok { e_tag: entity_tag(payment.version), body: self.payment_response(payment) })
    }

    async fn patch_payment(&self, caller: Caller, request: PatchPaymentRequest) -> Result<PatchPaymentResponse, Error> {
        let id = parse_id(&request.id)?;
        let preconditions = Preconditions::of_change(request.if_match.as_deref(), request.if_none_match.as_deref())?;
        let patch = Arc::new(Patch::read::<R>(&request.body)?);
        let payment = self.patch(&caller, &id, &preconditions, &patch).await?;
        Ok(PatchPaymentResponse::Ok { e_tag: entity_tag(payment.version), body: self.payment_response(payment) })
    }

    async fn delete_payment(
        &self,
        caller: Caller,
        request: DeletePaymentRequest,
    ) -> Result<DeletePaymentResponse, Error> {
        let id = parse_id(&request.id)?;
        let preconditions = Preconditions::of_change(request.if_match.as_deref(), request.if_none_match.as_deref())?;
        match request.version {
            Some(number) => self.delete_at(&caller, &id, &preconditions, number).await?,
            None if request.if_match.is_some() => self.delete_current(&caller, &id, &preconditions).await?,
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
    fn deletion(&self, caller: &Caller) -> Deletion {
        Deletion { deleted_on: self.now(), origin: caller.origin() }
    }

    /// Refuses a write of version `expected` if a precondition does not hold for that version.
    async fn ensure_preconditions(
        &self,
        preconditions: &Preconditions<'_>,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
    ) -> Result<(), Error> {
        if preconditions.evaluate(expected).is_ok() {
            return Ok(());
        }
        let current = self.repo.fetch(tenant, id).await?.version;
        Err(conflict_or_precondition(PaymentsError::VersionConflict { current }, preconditions))
    }

    /// Patches the current version, and starts over when another writer was faster. An attempt that takes long, or that is
    /// not the first, waits for its turn, unless it is for one version only and never repeated.
    async fn patch(
        &self,
        caller: &Caller,
        id: &PaymentId,
        preconditions: &Preconditions<'_>,
        patch: &Arc<Patch>,
    ) -> Result<Payment, Error> {
        let tenant = caller.tenant();
        let may_repeat = !preconditions.names_versions();
        let mut turn = if may_repeat && !patch.is_small() { self.turns.take(tenant, id).await } else { None };
        let mut last = None;
        for _ in 0..MAX_ATTEMPTS {
            let current = self.repo.fetch(tenant, id).await?;
            let version = current.version;
            preconditions.evaluate(version)?;
            let change = self.apply_patch(caller, current.into_inner(), patch).await?;
            match self.repo.update(tenant, id, version, change).await {
                Err(conflict @ PaymentsError::VersionConflict { .. }) => last = Some(conflict),
                outcome => return Ok(outcome?),
            }
            if may_repeat && turn.is_none() {
                turn = self.turns.take(tenant, id).await;
            }
        }
        Err(last.unwrap_or(PaymentsError::NotFound).into())
    }

    /// Applies the patch to `current`, and validates the result like the body of a PUT.
    async fn apply_patch(&self, caller: &Caller, current: Payment, patch: &Arc<Patch>) -> Result<Change, Error> {
        let (id, version) = (current.id.clone(), current.version);
        let text = patch.apply(wire::payment(current), self.settings.max_body).await?;
        let mut faults = Faults::default();
        let request = decode::<models::PaymentRequest, Self>(text.as_bytes(), &mut faults);
        let Some(request) = request.filter(|_| faults.is_empty()) else {
            return Err(Error::PatchNotApplicable(faults.into_vec()));
        };
        let input = CheckedInput::read(request).and_then(|input| input.of(caller));
        let input = input.map_err(|fault| Error::PatchNotApplicable(vec![fault]))?;
        let (expected, change) =
            input.into_change(&id, self.now(), caller.origin()).map_err(Error::PatchNotApplicable)?;
        if expected != version {
            return Err(PaymentsError::VersionConflict { current: version }.into());
        }
        Ok(change)
    }

    /// Deletes the payment at the version that the client named.
    async fn delete_at(
        &self,
        caller: &Caller,
        id: &PaymentId,
        preconditions: &Preconditions<'_>,
        number: i64,
    ) -> Result<(), Error> {
        let expected = Version::parse(number).map_err(|rule| fault("/query/version", rule.0))?;
        self.ensure_preconditions(preconditions, caller.tenant(), id, expected).await?;
        self.repo
            .delete(caller.tenant(), id, expected, self.deletion(caller))
            .await
            .map_err(|error| conflict_or_precondition(error, preconditions))
    }

    /// Deletes the current version, and starts over when another writer was faster.
    async fn delete_current(
        &self,
        caller: &Caller,
        id: &PaymentId,
        preconditions: &Preconditions<'_>,
    ) -> Result<(), Error> {
        let (tenant, mut last) = (caller.tenant(), None);
        for _ in 0..MAX_ATTEMPTS {
            let current = self.repo.fetch(tenant, id).await?.version;
            preconditions.evaluate(current)?;
            match self.repo.delete(tenant, id, current, self.deletion(caller)).await {
                Err(conflict @ PaymentsError::VersionConflict { .. }) => last = Some(conflict),
                outcome => return Ok(outcome?),
            }
        }
        Err(last.unwrap_or(PaymentsError::NotFound).into())
    }
}

/// Parses the id in a path. An invalid id is reported as not found: no payment has it.
pub(super) fn parse_id(text: &str) -> Result<PaymentId, PaymentsError> {
    PaymentId::parse(text).map_err(|_| PaymentsError::NotFound)
}

/// Turns a version conflict into a failed precondition if one does not hold for the current version.
///
/// Preconditions come first, because RFC 9110, section 13.2.1, has them evaluated before the content.
fn conflict_or_precondition(error: PaymentsError, preconditions: &Preconditions<'_>) -> Error {
    if let PaymentsError::VersionConflict { current } = error
        && let Err(unmet) = preconditions.evaluate(current)
    {
        return unmet.into();
    }
    error.into()
}
