//! Dispatches requests to their handlers, once their callers are known and within their limits.
//!
//! A request whose token is not valid counts against the limit of its address, one of a caller against the limit of the
//! caller. A token that is not remembered counts against that of its address as well: otherwise tokens that are made up
//! would buy as much verification as their sender likes.

use super::{Dispatched, Entry, Phase, Pipeline, Request, Reserved, deadline};
use crate::{
    http::{
        caller::{CallContext, Caller, Client},
        middleware::{
            authorisation::{self, Authorisation, Authorised},
            rate_limit::{Decision, RateLimit, RateLimitKey},
            streams::is_stream,
        },
        problem::Error,
        site::Site,
    },
    payments::Origin,
};
use axum::http::HeaderMap;
use payments_server::{Operation, Target};
use std::{
    net::{IpAddr, Ipv4Addr},
    pin::pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

impl Pipeline {
    /// Dispatches a request whose caller is known, or that needs none.
    pub(super) fn recall_and_dispatch(
        &self,
        target: Option<&Target<Error>>,
        request: Request,
        entry: &Entry,
        reserved: Reserved,
    ) -> Phase {
        let operation = target.and_then(Target::operation);
        match authorisation::recall(self.identity.as_ref(), operation, request.headers()) {
            Ok(Authorisation::NotAsked) => {
                Phase::Dispatched(self.dispatch(target, None, request, entry, reserved, entry.client.into()))
            }
            Ok(Authorisation::Granted(authorised)) => {
                Phase::Dispatched(self.dispatch_for(authorised, target, request, entry, reserved))
            }
            Ok(Authorisation::Unverified) => Phase::Undispatched(Box::new((request, reserved))),
            Err(error) => Phase::Dispatched(self.refuse(target, request, entry, reserved, error)),
        }
    }

    /// Verifies the token of a request if that is needed, and dispatches it.
    pub(super) async fn verify_and_dispatch(&self, request: Request, entry: &Entry, reserved: Reserved) -> Dispatched {
        let target = self.site.find(&request);
        let (request, reserved) = match self.recall_and_dispatch(target, request, entry, reserved) {
            Phase::Dispatched(dispatched) => return dispatched,
            Phase::Undispatched(request) => *request,
        };
        // The address pays for the verification.
        let decision = self.check_rate_limit(target, entry.client.into());
        if let Some(Decision { allowed: false, reset, .. }) = decision {
            let error = Error::TooManyRequests { wait: reset };
            return Dispatched { decision, ..Dispatched::refused(request, error, reserved) };
        }
        match self.verify(target, request.headers(), entry).await {
            Ok(Some(authorised)) => self.dispatch_for(authorised, target, request, entry, reserved),
            Ok(None) => self.dispatch(target, None, request, entry, reserved, entry.client.into()),
            Err(error) => Dispatched { decision, ..Dispatched::refused(request, error, reserved) },
        }
    }

    /// Verifies a token, before the deadline of its request.
    async fn verify(
        &self,
        target: Option<&Target<Error>>,
        headers: &HeaderMap,
        entry: &Entry,
    ) -> Result<Option<Authorised>, Error> {
        let Some(identity) = &self.identity else { return Ok(None) };
        let verified = pin!(authorisation::verify(identity, target.and_then(Target::operation), headers));
        let verified = deadline::before(|| entry.started_at.monotonic + self.timeout, verified).await;
        verified.unwrap_or(Err(Error::TimedOut { after: self.timeout }))
    }

    /// Dispatches the request of a caller.
    fn dispatch_for(
        &self,
        Authorised { caller, holder }: Authorised,
        target: Option<&Target<Error>>,
        request: Request,
        entry: &Entry,
        reserved: Reserved,
    ) -> Dispatched {
        let key = self.rate.as_ref().map_or(entry.client.into(), |rate: &RateLimit| rate.key_of(&holder));
        // Set once: a request has one token.
        let _ = entry.holder.set(holder);
        self.dispatch(target, Some(caller), request, entry, reserved, key)
    }

    /// Counts the request against the limit of its client, and moves it into its handler's future. The handler does
    /// nothing until that is polled.
    fn dispatch(
        &self,
        target: Option<&Target<Error>>,
        caller: Option<Caller>,
        mut request: Request,
        entry: &Entry,
        reserved: Reserved,
        client: RateLimitKey,
    ) -> Dispatched {
        let decision = self.check_rate_limit(target, client);
        // Copied, because the URI shares the connection's read buffer, and hyper could not reuse that.
        let path = request.uri().path().into();
        let context = target.and_then(Target::operation).filter(|operation| needs_context(operation));
        let context = context.map(|_| Arc::clone(entry.context.get_or_init(|| context_of(entry))));
        if caller.is_some() || context.is_some() {
            let caller = caller.unwrap_or(Caller::ANONYMOUS).with(context);
            request.extensions_mut().insert(caller);
        }
        let answering = self.site.answer(target, entry.chosen, request, &entry.id);
        Dispatched { answering, path, decision, reserved }
    }

    /// Refuses a request for its token, and counts it against the limit of its address.
    fn refuse(
        &self,
        target: Option<&Target<Error>>,
        request: Request,
        entry: &Entry,
        reserved: Reserved,
        error: Error,
    ) -> Dispatched {
        let decision = self.check_rate_limit(target, entry.client.into());
        Dispatched { decision, ..Dispatched::refused(request, error, reserved) }
    }

    /// Counts a request for an operation at a versioned path. Monitoring and admin are exempt, because they must work
    /// under overload; a path or a method that does not exist costs as little to refuse as the limit.
    fn check_rate_limit(&self, target: Option<&Target<Error>>, client: RateLimitKey) -> Option<Decision> {
        let rate = self.rate.as_ref()?;
        target.and_then(Target::operation).filter(|operation| Site::is_versioned(operation))?;
        Some(rate.check(client))
    }
}

/// Returns whether an operation needs more of its request than the tenant of its caller: it writes, or waits for events.
fn needs_context(operation: &Operation) -> bool {
    operation.method != "GET" || is_stream(operation) || operation.query.contains(&"wait")
}

/// What the log entry of a request knows, for its operation.
fn context_of(entry: &Entry) -> Arc<CallContext> {
    let holder = entry.holder.get();
    let origin = Origin {
        subject: holder.map(|holder| Arc::clone(holder.shared_subject())),
        client_id: holder.and_then(|holder| holder.shared_client()).cloned(),
        request_id: Some(entry.id.as_str().into()),
    };
    let client = match holder {
        Some(holder) => {
            let name = holder.shared_client().unwrap_or_else(|| holder.shared_subject());
            Client::Holder(holder.organisation().map(Into::into), Arc::clone(name))
        }
        None => Client::Address(match RateLimitKey::from(entry.client) {
            RateLimitKey::Address(address) => address,
            RateLimitKey::Holder(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        }),
    };
    let since_1970 = holder.map(|holder| Duration::from_secs(u64::try_from(holder.expires_at()).unwrap_or_default()));
    // A time that no clock can show is none.
    CallContext::new(origin, client, since_1970.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since)))
}
