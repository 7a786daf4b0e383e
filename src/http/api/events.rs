//! The operations of the tag `events`: the history of a payment, and the feed and the stream of what happens to payments.

mod cursor;
mod feed;
mod listeners;
mod pages;
mod sse;
mod stream;
mod wire;

pub(super) use listeners::Listeners;
pub(super) use stream::MAX_READS as MAX_STREAM_READS;
pub(super) use wire::EventIds;

use super::{Service, payments::parse_id, precondition::Preconditions};
use crate::{
    http::{
        caller::Caller,
        problem::{Error, fault},
    },
    payments::{Repo, Version},
};
use cursor::EventCursors;
use feed::Feed;
use payments_server::{
    events::{
        Events, GetPaymentVersionRequest, GetPaymentVersionResponse, ListEventsRequest, ListEventsResponse,
        ListPaymentHistoryRequest, ListPaymentHistoryResponse, StreamEventsRequest, StreamEventsResponse,
    },
    models,
};

impl<R: Repo> Events for Service<R> {
    async fn list_payment_history(
        &self,
        caller: Caller,
        request: ListPaymentHistoryRequest,
    ) -> Result<ListPaymentHistoryResponse, Error> {
        Preconditions::of_read(request.if_match.as_deref(), None)?.evaluate_untagged()?;
        let id = parse_id(&request.id)?;
        let below = request.below.map(Version::parse).transpose().map_err(|rule| fault("/query/below", rule.0))?;
        let max_size = self.settings.max_results;
        let size = request.size.map_or(max_size, |size| u32::try_from(size).unwrap_or(u32::MAX).min(max_size));
        let history = self.repo.history(caller.tenant(), &id, below, size).await?;
        Ok(ListPaymentHistoryResponse::Ok {
            body: self.history_page(&id, (request.below, request.size), size, history),
        })
    }

    async fn get_payment_version(
        &self,
        caller: Caller,
        request: GetPaymentVersionRequest,
    ) -> Result<GetPaymentVersionResponse, Error> {
        Preconditions::of_read(request.if_match.as_deref(), None)?.evaluate_untagged()?;
        let id = parse_id(&request.id)?;
        let version = pages::parse_version(&request.version);
        let history = self.repo.history(caller.tenant(), &id, version.and_then(Version::next), 1).await?;
        let event = history.events.into_iter().next().filter(|event| Some(event.version) == version);
        let event = event.ok_or(Error::VersionNotFound { asked: version, newest: history.newest })?;
        let links = self.version_links(&event);
        let body = models::PaymentVersionResponse { data: self.payment_version(event), links };
        Ok(GetPaymentVersionResponse::Ok { body: body.into() })
    }

    async fn list_events(&self, caller: Caller, request: ListEventsRequest) -> Result<ListEventsResponse, Error> {
        Preconditions::of_read(request.if_match.as_deref(), None)?.evaluate_untagged()?;
        let tenant = caller.tenant();
        let feed = Feed::of_list(request, self, tenant)?;
        let page = self.page_or_news(&caller, &feed).await?;
        let cursors = EventCursors::of(tenant, feed.fingerprint, self.repo.secret())?;
        self.listeners.count_sent(page.events.len());
        let data = page.events.iter().map(|event| self.event(tenant, event)).collect();
        let body = models::EventList { data, links: feed.links(page.last, &cursors) };
        Ok(ListEventsResponse::Ok { body: body.into() })
    }

    async fn stream_events(&self, caller: Caller, request: StreamEventsRequest) -> Result<StreamEventsResponse, Error> {
        Preconditions::of_read(request.if_match.as_deref(), None)?.evaluate_untagged()?;
        let feed = Feed::of_stream(request, self, caller.tenant())?;
        Ok(StreamEventsResponse::Ok { body: self.open_stream(&caller, feed).await?.into() })
    }
}
