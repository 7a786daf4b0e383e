// @generated from api/openapi.yml by `make generate`; do not edit.

//! The operations of one tag of the contract.

#![allow(unused_imports, reason = "not every tag has operations with a body, or with parameters")]

use crate::models::{self, Rules};
use axum::{
    extract::Request,
    http::HeaderName,
    response::{IntoResponse, Response},
};
use openapi_server::{
    Answering, Api, Decode, Faults, Operation, Refusal, Route, checks, decode, deprecation, input,
    output::{self, With},
};
use std::{future::Future, sync::Arc};

/// The operations of the tag `Events`, implemented by the service.
pub trait Events: Api + Rules {
    #[doc = r#"Read one version of a payment

`GET /v1/payments/{id}/history/{version}`

One version, as the history lists it. It stays when the payment is changed and when it is deleted.

# Errors
- 400 Bad Request
- 401 Unauthorized
- 403 Forbidden
- 404 Not Found
- 406 Not Acceptable
- 410 Gone
- 412 Precondition Failed
- 429 Too Many Requests
- 500 Internal Server Error
- 503 Service Unavailable
"#]
    fn get_payment_version(
        &self,
        caller: Self::Caller,
        request: GetPaymentVersionRequest,
    ) -> impl Future<Output = Result<GetPaymentVersionResponse, Self::Error>> + Send;
    #[doc = r#"List events

`GET /v1/events`

What happened to payments, in the order in which it happened, a page at a time.

`links.next` is always there, and always goes on: past what the filters left out, too. Keep it, and the walk can be
resumed at any time. With `wait`, an answer that would be empty is held until there is news, so that asking for
`links.next` again and again gets each event soon after it happened.

A page may show fewer than `size`, or none, although there are more: filters look at 1,000 events at a time, and with
`content=full` events with more than 1 MiB of attributes together do not fit on one page. Of a page that is full, or
that took no time although `wait` was given, the next page can be asked for at once.

# Errors
- 400 Bad Request
- 401 Unauthorized
- 403 Forbidden
- 406 Not Acceptable
- 410 Gone
- 412 Precondition Failed
- 429 Too Many Requests
- 500 Internal Server Error
- 503 Service Unavailable
"#]
    fn list_events(
        &self,
        caller: Self::Caller,
        request: ListEventsRequest,
    ) -> impl Future<Output = Result<ListEventsResponse, Self::Error>> + Send;
    #[doc = r#"List the versions of a payment

`GET /v1/payments/{id}/history`

Every version that the payment had, newest first, a page at a time: what made it, when, by whom, and the payment as it
was. A deletion is the last version. The history stays when the payment is deleted.

Follow `links.next` to the versions before; the page that has none is the last one. A page may show fewer than `size`:
versions with more than 1 MiB of attributes together do not fit on one page.

# Errors
- 400 Bad Request
- 401 Unauthorized
- 403 Forbidden
- 404 Not Found
- 406 Not Acceptable
- 410 Gone
- 412 Precondition Failed
- 429 Too Many Requests
- 500 Internal Server Error
- 503 Service Unavailable
"#]
    fn list_payment_history(
        &self,
        caller: Self::Caller,
        request: ListPaymentHistoryRequest,
    ) -> impl Future<Output = Result<ListPaymentHistoryResponse, Self::Error>> + Send;
    #[doc = r#"Follow events

`GET /v1/events/stream`

The events of `GET /v1/events` as server-sent events
([HTML Standard](https://html.spec.whatwg.org/multipage/server-sent-events.html)), as they happen: `event` is the type,
`data` the event as one line of JSON, and `id` the cursor behind it, which the client sends in `Last-Event-ID` when it
connects again.

When nothing happens, a `bookmark` comes every 15 seconds: an event whose `id` is the cursor to go on from, and whose
`data` is `{}`. The server ends the stream when the token expires, when it stops, and after an hour; it is to be resumed
then. When the cursor's events are gone, a stream cannot begin: `410`.

# Errors
- 400 Bad Request
- 401 Unauthorized
- 403 Forbidden
- 406 Not Acceptable
- 410 Gone
- 412 Precondition Failed
- 429 Too Many Requests
- 500 Internal Server Error
- 503 Service Unavailable
"#]
    fn stream_events(
        &self,
        caller: Self::Caller,
        request: StreamEventsRequest,
    ) -> impl Future<Output = Result<StreamEventsResponse, Self::Error>> + Send;
}

/// The routes of the tag.
#[must_use]
pub fn routes<A: Events>() -> Vec<Route<A>> {
    vec![
        Route { operation: &GET_PAYMENT_VERSION, serve: serve_get_payment_version, properties: |_| {} },
        Route { operation: &LIST_EVENTS, serve: serve_list_events, properties: |_| {} },
        Route { operation: &LIST_PAYMENT_HISTORY, serve: serve_list_payment_history, properties: |_| {} },
        Route { operation: &STREAM_EVENTS, serve: serve_stream_events, properties: |_| {} },
    ]
}

/// The request of [`Events::get_payment_version`].
#[derive(Debug)]
pub struct GetPaymentVersionRequest {
    #[doc = r#"The id of the payment."#]
    pub id: String,
    #[doc = r#"The number of the version."#]
    pub version: String,
    #[doc = r#"Do it only if this is `*`, because there is no `ETag` that a tag could match (RFC 9110, section 13.1.1)."#]
    pub if_match: Option<String>,
}

/// The successful responses of [`Events::get_payment_version`].
#[derive(Debug)]
pub enum GetPaymentVersionResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: output::Document<models::PaymentVersionResponse>,
    },
}

impl IntoResponse for GetPaymentVersionResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::json(output::status(200), body),
        }
    }
}

static GET_PAYMENT_VERSION: Operation = Operation {
    id: "getPaymentVersion",
    tag: "events",
    method: "GET",
    path: "/v1/payments/{id}/history/{version}",
    query: &[],
    produces: &["application/json"],
    failures: &[400, 401, 403, 404, 406, 410, 412, 429, 500, 503],
    scope: Some("payments:read"),
    deprecations: &[],
};

fn serve_get_payment_version<A: Events>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &GET_PAYMENT_VERSION)?;
            let id = input::path(&head.uri, &GET_PAYMENT_VERSION, "id")?;
            let version = input::path(&head.uri, &GET_PAYMENT_VERSION, "version")?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            input::Query::read(&head.uri).refuse_others(&GET_PAYMENT_VERSION, &mut faults);
            let if_match =
                input::header(&head.headers, (const { HeaderName::from_static("if-match") }, "If-Match"), &mut faults);
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(GetPaymentVersionRequest { id, version, if_match })
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.get_payment_version(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&GET_PAYMENT_VERSION, outcome)
    })
}

/// The request of [`Events::list_events`].
#[derive(Debug)]
pub struct ListEventsRequest {
    #[doc = r#"An opaque cursor, from `links.next` or from the `id` of a stream's event; the page begins behind it. `now` stands for the
end as it is: only what happens from now on. Without it the page begins with the first event that is kept.
"#]
    pub after: Option<String>,
    #[doc = r#"How many events a page shows at most. More than the server's limit is capped, not refused."#]
    pub size: Option<i64>,
    #[doc = r#"How many seconds the answer is held when there is nothing to show; more than 30 is 30."#]
    pub wait: Option<i64>,
    #[doc = r#"Whether events include the payment as it became."#]
    pub content: Option<models::EventContent>,
    #[doc = r#"Only events of this type."#]
    pub filter_type: Option<models::EventType>,
    #[doc = r#"Only events of this payment."#]
    pub filter_payment_id: Option<String>,
    #[doc = r#"Only events of payments of this organisation."#]
    pub filter_organisation_id: Option<String>,
    #[doc = r#"Do it only if this is `*`, because there is no `ETag` that a tag could match (RFC 9110, section 13.1.1)."#]
    pub if_match: Option<String>,
}

/// The successful responses of [`Events::list_events`].
#[derive(Debug)]
pub enum ListEventsResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: output::Document<models::EventList>,
    },
}

impl IntoResponse for ListEventsResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::json(output::status(200), body),
        }
    }
}

static LIST_EVENTS: Operation = Operation {
    id: "listEvents",
    tag: "events",
    method: "GET",
    path: "/v1/events",
    query: &["after", "size", "wait", "content", "filter[type]", "filter[payment_id]", "filter[organisation_id]"],
    produces: &["application/json"],
    failures: &[400, 401, 403, 406, 410, 412, 429, 500, 503],
    scope: Some("payments:read"),
    deprecations: &[],
};

fn serve_list_events<A: Events>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &LIST_EVENTS)?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            let query = input::Query::read(&head.uri);
            let after = query.string("after", &mut faults);
            let size = query.integer("size", Some(1), &mut faults);
            let wait = query.integer("wait", Some(0), &mut faults);
            let content = query.word("content", &mut faults);
            let filter_type = query.word("filter[type]", &mut faults);
            let filter_payment_id = query.string("filter[payment_id]", &mut faults);
            let filter_organisation_id = query.string("filter[organisation_id]", &mut faults);
            query.refuse_others(&LIST_EVENTS, &mut faults);
            let if_match =
                input::header(&head.headers, (const { HeaderName::from_static("if-match") }, "If-Match"), &mut faults);
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(ListEventsRequest {
                after,
                size,
                wait,
                content,
                filter_type,
                filter_payment_id,
                filter_organisation_id,
                if_match,
            })
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.list_events(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&LIST_EVENTS, outcome)
    })
}

/// The request of [`Events::list_payment_history`].
#[derive(Debug)]
pub struct ListPaymentHistoryRequest {
    #[doc = r#"The id of the payment."#]
    pub id: String,
    #[doc = r#"Only versions below this one."#]
    pub below: Option<i64>,
    #[doc = r#"How many versions a page shows at most. More than the server's limit is capped, not refused."#]
    pub size: Option<i64>,
    #[doc = r#"Do it only if this is `*`, because there is no `ETag` that a tag could match (RFC 9110, section 13.1.1)."#]
    pub if_match: Option<String>,
}

/// The successful responses of [`Events::list_payment_history`].
#[derive(Debug)]
pub enum ListPaymentHistoryResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: output::Document<models::PaymentHistory>,
    },
}

impl IntoResponse for ListPaymentHistoryResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::json(output::status(200), body),
        }
    }
}

static LIST_PAYMENT_HISTORY: Operation = Operation {
    id: "listPaymentHistory",
    tag: "events",
    method: "GET",
    path: "/v1/payments/{id}/history",
    query: &["below", "size"],
    produces: &["application/json"],
    failures: &[400, 401, 403, 404, 406, 410, 412, 429, 500, 503],
    scope: Some("payments:read"),
    deprecations: &[],
};

fn serve_list_payment_history<A: Events>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &LIST_PAYMENT_HISTORY)?;
            let id = input::path(&head.uri, &LIST_PAYMENT_HISTORY, "id")?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            let query = input::Query::read(&head.uri);
            let below = query.integer("below", Some(0), &mut faults);
            let size = query.integer("size", Some(1), &mut faults);
            query.refuse_others(&LIST_PAYMENT_HISTORY, &mut faults);
            let if_match =
                input::header(&head.headers, (const { HeaderName::from_static("if-match") }, "If-Match"), &mut faults);
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(ListPaymentHistoryRequest { id, below, size, if_match })
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.list_payment_history(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&LIST_PAYMENT_HISTORY, outcome)
    })
}

/// The request of [`Events::stream_events`].
#[derive(Debug)]
pub struct StreamEventsRequest {
    #[doc = r#"An opaque cursor, from `links.next` or from the `id` of a stream's event; the page begins behind it. `now` stands for the
end as it is: only what happens from now on. Without it the page begins with the first event that is kept.
"#]
    pub after: Option<String>,
    #[doc = r#"Whether events include the payment as it became."#]
    pub content: Option<models::EventContent>,
    #[doc = r#"Only events of this type."#]
    pub filter_type: Option<models::EventType>,
    #[doc = r#"Only events of this payment."#]
    pub filter_payment_id: Option<String>,
    #[doc = r#"Only events of payments of this organisation."#]
    pub filter_organisation_id: Option<String>,
    #[doc = r#"The `id` of the last event that the client got; the stream goes on behind it, whatever `after` says."#]
    pub last_event_id: Option<String>,
    #[doc = r#"Do it only if this is `*`, because there is no `ETag` that a tag could match (RFC 9110, section 13.1.1)."#]
    pub if_match: Option<String>,
}

/// The successful responses of [`Events::stream_events`].
#[derive(Debug)]
pub enum StreamEventsResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: output::EventStream,
    },
}

impl IntoResponse for StreamEventsResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::event_stream(output::status(200), body),
        }
    }
}

static STREAM_EVENTS: Operation = Operation {
    id: "streamEvents",
    tag: "events",
    method: "GET",
    path: "/v1/events/stream",
    query: &["after", "content", "filter[type]", "filter[payment_id]", "filter[organisation_id]"],
    produces: &["text/event-stream"],
    failures: &[400, 401, 403, 406, 410, 412, 429, 500, 503],
    scope: Some("payments:read"),
    deprecations: &[],
};

fn serve_stream_events<A: Events>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &STREAM_EVENTS)?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            let query = input::Query::read(&head.uri);
            let after = query.string("after", &mut faults);
            let content = query.word("content", &mut faults);
            let filter_type = query.word("filter[type]", &mut faults);
            let filter_payment_id = query.string("filter[payment_id]", &mut faults);
            let filter_organisation_id = query.string("filter[organisation_id]", &mut faults);
            query.refuse_others(&STREAM_EVENTS, &mut faults);
            let last_event_id = input::header(
                &head.headers,
                (const { HeaderName::from_static("last-event-id") }, "Last-Event-ID"),
                &mut faults,
            );
            let if_match =
                input::header(&head.headers, (const { HeaderName::from_static("if-match") }, "If-Match"), &mut faults);
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(StreamEventsRequest {
                after,
                content,
                filter_type,
                filter_payment_id,
                filter_organisation_id,
                last_event_id,
                if_match,
            })
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.stream_events(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&STREAM_EVENTS, outcome)
    })
}
