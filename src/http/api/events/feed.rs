//! Which events a request asks for, how, and from where; and the links to go on from there.

use super::{
    cursor::{EventCursors, Fingerprint},
    wire::event_kind,
};
use crate::{
    http::{
        api::service::Service,
        caller::LONGEST_WAIT,
        problem::{Error, fault},
        urls,
    },
    payments::{
        BrokenRule, Error as PaymentsError, EventQuery, EventStart, Mark, OrganisationId, PaymentId, Repo, Tenant,
    },
};
use payments_server::{
    Fault,
    events::{ListEventsRequest, StreamEventsRequest},
    models::{EventContent, EventLinks, EventType},
};
use std::{num::NonZeroU32, time::Duration};

/// How many events a page shows if no size is named.
const USUAL_SIZE: NonZeroU32 = NonZeroU32::new(100).unwrap();
/// The most events that a page shows: that many thin ones have some 400 KiB.
const LARGEST_SIZE: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// Stands for the end in place of a cursor.
const NOW: &str = "now";

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) start: EventStart,
    pub(super) query: EventQuery,
    pub(super) fingerprint: Fingerprint,
    /// The address of the events.
    url: String,
    sent: Sent,
}

/// The query parameters as they were sent, to be repeated in links.
#[derive(Debug)]
struct Sent {
    after: Option<String>,
    size: Option<i64>,
    wait: Option<i64>,
    content: Option<EventContent>,
    filters: Filters,
}

/// The filters of a request.
#[derive(Debug)]
struct Filters {
    event_type: Option<EventType>,
    payment_id: Option<String>,
    organisation_id: Option<String>,
}

impl Feed {
    /// Reads a request for a page.
    pub(super) fn of_list<R: Repo>(
        request: ListEventsRequest,
        service: &Service<R>,
        tenant: &Tenant,
    ) -> Result<Self, Error> {
        let ListEventsRequest {
            after,
            size,
            wait,
            content,
            filter_type: event_type,
            filter_payment_id: payment_id,
            filter_organisation_id: organisation_id,
            if_match: _,
        } = request;
        let filters = Filters { event_type, payment_id, organisation_id };
        Self::read(Sent { after, size, wait, content, filters }, None, service.events_url(), service, tenant)
    }

    /// Reads a request for a stream.
    pub(super) fn of_stream<R: Repo>(
        request: StreamEventsRequest,
        service: &Service<R>,
        tenant: &Tenant,
    ) -> Result<Self, Error> {
        let StreamEventsRequest {
            after,
            content,
            filter_type: event_type,
            filter_payment_id: payment_id,
            filter_organisation_id: organisation_id,
            last_event_id,
            if_match: _,
        } = request;
        let filters = Filters { event_type, payment_id, organisation_id };
        let sent = Sent { after, size: None, wait: None, content, filters };
        Self::read(sent, last_event_id, service.events_url() + "/stream", service, tenant)
    }

    /// Reads what was sent, and reports every fault.
    fn read<R: Repo>(
        sent: Sent,
        last_event_id: Option<String>,
        url: String,
        service: &Service<R>,
        tenant: &Tenant,
    ) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let query = sent.query(service, &mut faults);
        let fingerprint = Fingerprint::of(&query);
        let named = last_event_id.as_deref().map(|cursor| ("/header/Last-Event-ID", cursor));
        let named = named.or_else(|| sent.after.as_deref().map(|cursor| ("/query/after", cursor)));
        let start = match named {
            None => EventStart::Beginning,
            Some(("/query/after", NOW)) => EventStart::End,
            Some((pointer, cursor)) => {
                let read = EventCursors::of(tenant, fingerprint, service.repo.secret())?.read(cursor);
                read.map(EventStart::After).unwrap_or_else(|reason| {
                    faults.push(fault(pointer, reason.detail()));
                    EventStart::Beginning
                })
            }
        };
        if faults.is_empty() { Ok(Self { start, query, fingerprint, url, sent }) } else { Err(faults.into()) }
    }

    /// How long an answer without events is held.
    pub(super) fn wait(&self) -> Duration {
        let seconds = self.sent.wait.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or_default();
        Duration::from_secs(seconds).min(LONGEST_WAIT)
    }

    /// The links of a page that ends at `last`.
    pub(super) fn links(&self, last: Mark, cursors: &EventCursors) -> EventLinks {
        let Sent { after, size, .. } = &self.sent;
        let number = |number: &Option<i64>| number.map(|number| number.to_string());
        EventLinks {
            self_url: self.link(after.as_deref(), number(size).as_deref()),
            next: self.link(Some(&cursors.write(last, 0)), Some(&self.query.size.to_string())),
        }
    }

    /// The error of a call of the store. One whose cursor has expired says where to begin anew.
    pub(super) fn error(&self, error: PaymentsError) -> Error {
        if !matches!(error, PaymentsError::Expired) {
            return error.into();
        }
        let size = self.sent.size.map(|size| size.to_string());
        Error::CursorExpired { begin: self.link(None, size.as_deref()) }
    }

    /// The address of a page, with the parameters that a walk keeps.
    fn link(&self, after: Option<&str>, size: Option<&str>) -> String {
        let Sent { after: _, size: _, wait, content, filters } = &self.sent;
        let Filters { event_type, payment_id, organisation_id } = filters;
        let wait = wait.map(|seconds| seconds.to_string());
        let parameters = [
            ("after", after),
            ("size", size),
            ("wait", wait.as_deref()),
            ("content", content.as_ref().map(EventContent::as_str)),
            ("filter[type]", event_type.as_ref().map(EventType::as_str)),
            ("filter[payment_id]", payment_id.as_deref()),
            ("filter[organisation_id]", organisation_id.as_deref()),
        ];
        let mut link = self.url.clone();
        for (name, value) in parameters {
            if let Some(value) = value {
                urls::push_parameter(&mut link, name, value);
            }
        }
        link
    }
}

impl Sent {
    /// What the store is asked for.
    fn query<R: Repo>(&self, service: &Service<R>, faults: &mut Vec<Fault>) -> EventQuery {
        let Self { after: _, size, wait: _, content, filters } = self;
        let Filters { event_type, payment_id, organisation_id } = filters;
        let payment_id = payment_id.as_deref().map(PaymentId::parse);
        let organisation_id = organisation_id.as_deref().map(OrganisationId::parse);
        EventQuery {
            kind: event_type.map(event_kind),
            payment_id: checked("/query/filter[payment_id]", payment_id, faults),
            organisation_id: checked("/query/filter[organisation_id]", organisation_id, faults),
            with_content: *content == Some(EventContent::Full),
            size: size.map_or(USUAL_SIZE, |size| {
                let size = u32::try_from(size).ok().and_then(NonZeroU32::new);
                size.unwrap_or(LARGEST_SIZE).min(LARGEST_SIZE)
            }),
            kept_since: service.kept_since(),
        }
    }
}

/// The value of a filter, or a fault.
fn checked<T>(pointer: &str, read: Option<Result<T, BrokenRule>>, faults: &mut Vec<Fault>) -> Option<T> {
    read?.map_err(|BrokenRule(detail)| faults.push(fault(pointer, detail))).ok()
}
