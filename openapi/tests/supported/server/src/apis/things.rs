// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

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

/// The operations of the tag `Things`, implemented by the service.
pub trait Things: Api + Rules {
    #[doc = r#"Create a thing

`POST /things`

Two successes with the same body.

```json
{"data": {"name": "a"}}
```

# Errors
- 400 Bad Request
"#]
    fn create_thing(
        &self,
        request: CreateThingRequest,
    ) -> impl Future<Output = Result<CreateThingResponse, Self::Error>> + Send;
    #[doc = r#"Delete a thing

`DELETE /things/{id}`

No body, neither way.
# Errors
- 400 Bad Request
- 404 Not Found
"#]
    fn delete_thing(
        &self,
        caller: Self::Caller,
        request: DeleteThingRequest,
    ) -> impl Future<Output = Result<DeleteThingResponse, Self::Error>> + Send;
    #[doc = r#"Read a thing

`GET /things/{id}`

A conditional read.
# Errors
- 404 Not Found
"#]
    fn get_thing(
        &self,
        caller: Self::Caller,
        request: GetThingRequest,
    ) -> impl Future<Output = Result<GetThingResponse, Self::Error>> + Send;
    #[doc = r#"List things

`GET /things`

All parameters that a query can have.
# Errors
- 400 Bad Request
- 406 Not Acceptable
"#]
    fn list_things(
        &self,
        request: ListThingsRequest,
    ) -> impl Future<Output = Result<ListThingsResponse, Self::Error>> + Send;
    #[doc = r#"Change a thing

`PATCH /things/{id}`

A body of two media types, which the service reads.
# Errors
- 404 Not Found
"#]
    fn patch_thing(
        &self,
        caller: Self::Caller,
        request: PatchThingRequest,
    ) -> impl Future<Output = Result<PatchThingResponse, Self::Error>> + Send;
    #[doc = r#"Watch things

`GET /things/watch`

A body that goes on.
# Errors
- 400 Bad Request
- 404 Not Found
- 406 Not Acceptable
"#]
    fn watch_things(
        &self,
        caller: Self::Caller,
        request: WatchThingsRequest,
    ) -> impl Future<Output = Result<WatchThingsResponse, Self::Error>> + Send;
}

/// The routes of the tag.
#[must_use]
pub fn routes<A: Things>() -> Vec<Route<A>> {
    vec![
        Route {
            operation: &CREATE_THING,
            serve: serve_create_thing,
            properties: <models::ThingRequest as Decode<A>>::deprecated_properties,
        },
        Route { operation: &DELETE_THING, serve: serve_delete_thing, properties: |_| {} },
        Route { operation: &GET_THING, serve: serve_get_thing, properties: |_| {} },
        Route { operation: &LIST_THINGS, serve: serve_list_things, properties: |_| {} },
        Route { operation: &PATCH_THING, serve: serve_patch_thing, properties: |_| {} },
        Route { operation: &WATCH_THINGS, serve: serve_watch_things, properties: |_| {} },
    ]
}

/// The request of [`Things::create_thing`].
#[derive(Debug)]
pub struct CreateThingRequest {
    /// The body.
    pub body: models::ThingRequest,
}

/// The successful responses of [`Things::create_thing`].
#[derive(Debug)]
pub enum CreateThingResponse {
    /// 201 Created
    Created {
        /// The header `Location`.
        location: String,
        /// The body.
        body: output::Document<models::ThingResponse>,
    },
    /// 202 Accepted
    Accepted {
        /// The body.
        body: output::Document<models::ThingResponse>,
    },
}

impl IntoResponse for CreateThingResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Created { location, body } => {
                output::json(output::status(201), body).with(const { HeaderName::from_static("location") }, location)
            }
            Self::Accepted { body } => output::json(output::status(202), body),
        }
    }
}

static CREATE_THING: Operation = Operation {
    id: "createThing",
    tag: "things",
    method: "POST",
    path: "/things",
    query: &[],
    produces: &["application/json", "application/json"],
    failures: &[400],
    scope: None,
    deprecations: &[],
};

fn serve_create_thing<A: Things>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        let read: Result<_, Refusal> = async {
            input::acceptable(&head.headers, &CREATE_THING)?;
            input::media_type(&head.headers, &["application/json"])?;
            let bytes = input::body(&head.headers, body, api.max_body()).await?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            let body = decode::<_, A>(&bytes, &mut faults);
            faults.report_uses(&head.extensions);
            let Some(body) = body else {
                return Err(Refusal::Invalid(faults.into_vec()));
            };
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(CreateThingRequest { body })
        }
        .await;
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.create_thing(request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&CREATE_THING, outcome)
    })
}

/// The request of [`Things::delete_thing`].
#[derive(Debug)]
pub struct DeleteThingRequest {
    #[doc = r#"A text."#]
    pub id: String,
}

/// The successful responses of [`Things::delete_thing`].
#[derive(Debug)]
pub enum DeleteThingResponse {
    /// 204 No Content
    NoContent {},
}

impl IntoResponse for DeleteThingResponse {
    fn into_response(self) -> Response {
        match self {
            Self::NoContent {} => output::status(204).into_response(),
        }
    }
}

static DELETE_THING: Operation = Operation {
    id: "deleteThing",
    tag: "things",
    method: "DELETE",
    path: "/things/{id}",
    query: &[],
    produces: &[],
    failures: &[400, 404],
    scope: Some("things:write"),
    deprecations: &[],
};

fn serve_delete_thing<A: Things>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &DELETE_THING)?;
            let id = input::path(&head.uri, &DELETE_THING, "id")?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            input::Query::read(&head.uri).refuse_others(&DELETE_THING, &mut faults);
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(DeleteThingRequest { id })
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.delete_thing(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&DELETE_THING, outcome)
    })
}

/// The request of [`Things::get_thing`].
#[derive(Debug)]
pub struct GetThingRequest {
    #[doc = r#"A text."#]
    pub id: String,
    #[doc = r#"A condition."#]
    pub if_none_match: Option<String>,
}

/// The successful responses of [`Things::get_thing`].
#[derive(Debug)]
pub enum GetThingResponse {
    /// 200 OK
    Ok {
        /// The header `ETag`.
        e_tag: String,
        /// The body.
        body: output::Document<models::ThingResponse>,
    },
    /// 304 Not Modified
    NotModified {
        /// The header `ETag`.
        e_tag: String,
    },
}

impl IntoResponse for GetThingResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { e_tag, body } => {
                output::json(output::status(200), body).with(const { HeaderName::from_static("etag") }, e_tag)
            }
            Self::NotModified { e_tag } => {
                output::status(304).into_response().with(const { HeaderName::from_static("etag") }, e_tag)
            }
        }
    }
}

static GET_THING: Operation = Operation {
    id: "getThing",
    tag: "things",
    method: "GET",
    path: "/things/{id}",
    query: &[],
    produces: &["application/json"],
    failures: &[404],
    scope: Some("things:read"),
    deprecations: &[],
};

fn serve_get_thing<A: Things>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &GET_THING)?;
            let id = input::path(&head.uri, &GET_THING, "id")?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            let if_none_match = input::header(
                &head.headers,
                (const { HeaderName::from_static("if-none-match") }, "If-None-Match"),
                &mut faults,
            );
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(GetThingRequest { id, if_none_match })
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.get_thing(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&GET_THING, outcome)
    })
}

/// The request of [`Things::list_things`].
#[derive(Debug)]
pub struct ListThingsRequest {
    #[doc = r#"A required enum."#]
    pub state: models::State,
    #[doc = r#"A required text."#]
    pub shop: String,
    #[doc = r#"An enum."#]
    pub other_state: Option<models::State>,
    #[doc = r#"A boolean."#]
    pub deep: Option<bool>,
    #[doc = r#"A date."#]
    pub day: Option<String>,
    #[doc = r#"A date-time."#]
    pub since: Option<String>,
    #[doc = r#"An integer."#]
    pub size: Option<i64>,
    #[doc = r#"An integer without bounds."#]
    pub offset: Option<i64>,
    #[doc = r#"A name with brackets."#]
    pub filter_type: Option<models::State>,
    #[doc = r#"A deprecated name with brackets."#]
    pub filter_shop_id: Option<String>,
    #[doc = r#"A word that Rust keeps for itself."#]
    pub r#type: Option<String>,
    #[doc = r#"A rule that the service checks."#]
    pub code: Option<String>,
    #[doc = r#"A header."#]
    pub x_shop: Option<String>,
}

/// The successful responses of [`Things::list_things`].
#[derive(Debug)]
pub enum ListThingsResponse {
    /// 200 OK
    Ok {
        /// The header `X-Total`.
        x_total: i64,
        /// The body.
        body: output::Document<models::ThingList>,
    },
}

impl IntoResponse for ListThingsResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { x_total, body } => {
                output::json(output::status(200), body).with(const { HeaderName::from_static("x-total") }, x_total)
            }
        }
    }
}

static LIST_THINGS: Operation = Operation {
    id: "listThings",
    tag: "things",
    method: "GET",
    path: "/things",
    query: &[
        "state",
        "shop",
        "other_state",
        "deep",
        "day",
        "since",
        "size",
        "offset",
        "filter[type]",
        "filter[shop_id]",
        "type",
        "code",
    ],
    produces: &["application/json"],
    failures: &[400, 406],
    scope: None,
    deprecations: &[
        deprecation::Deprecation {
            element: "listThings.offset",
            place: deprecation::Place::Query("offset"),
            on: deprecation::date("2026-11-28"),
            sunset: Some(deprecation::date("2027-11-28")),
        },
        deprecation::Deprecation {
            element: "listThings.filter[shop_id]",
            place: deprecation::Place::Query("filter[shop_id]"),
            on: deprecation::date("2026-11-28"),
            sunset: None,
        },
        deprecation::Deprecation {
            element: "listThings.X-Shop",
            place: deprecation::Place::Header("x-shop"),
            on: deprecation::date("2026-10-01"),
            sunset: None,
        },
    ],
};

fn serve_list_things<A: Things>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &LIST_THINGS)?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            let query = input::Query::read(&head.uri);
            let state = query.word("state", &mut faults);
            query.required("state", &mut faults);
            let shop = query.string("shop", &mut faults);
            query.required("shop", &mut faults);
            let other_state = query.word("other_state", &mut faults);
            let deep = query.word("deep", &mut faults);
            let day = query.checked("day", checks::date, &mut faults);
            let since = query.checked("since", checks::date_time, &mut faults);
            let size = query.integer("size", Some(1), &mut faults);
            let offset = query.integer("offset", None, &mut faults);
            let filter_type = query.word("filter[type]", &mut faults);
            let filter_shop_id = query.string("filter[shop_id]", &mut faults);
            let r#type = query.string("type", &mut faults);
            let code = query.string("code", &mut faults);
            query.refuse_others(&LIST_THINGS, &mut faults);
            let x_shop =
                input::header(&head.headers, (const { HeaderName::from_static("x-shop") }, "X-Shop"), &mut faults);
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            let Some(state) = state else { return Err(Refusal::Invalid(faults.into_vec())) };
            let Some(shop) = shop else { return Err(Refusal::Invalid(faults.into_vec())) };
            Ok(ListThingsRequest {
                state,
                shop,
                other_state,
                deep,
                day,
                since,
                size,
                offset,
                filter_type,
                filter_shop_id,
                r#type,
                code,
                x_shop,
            })
        })();
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.list_things(request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&LIST_THINGS, outcome)
    })
}

/// The request of [`Things::patch_thing`].
#[derive(Debug)]
pub struct PatchThingRequest {
    #[doc = r#"A text."#]
    pub id: String,
    /// The body.
    pub body: input::RawBody,
}

/// The successful responses of [`Things::patch_thing`].
#[derive(Debug)]
pub enum PatchThingResponse {
    /// 204 No Content
    NoContent {},
}

impl IntoResponse for PatchThingResponse {
    fn into_response(self) -> Response {
        match self {
            Self::NoContent {} => output::status(204).into_response(),
        }
    }
}

static PATCH_THING: Operation = Operation {
    id: "patchThing",
    tag: "things",
    method: "PATCH",
    path: "/things/{id}",
    query: &[],
    produces: &[],
    failures: &[404],
    scope: Some("things:write"),
    deprecations: &[],
};

fn serve_patch_thing<A: Things>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        let read: Result<_, Refusal> = async {
            input::acceptable(&head.headers, &PATCH_THING)?;
            let id = input::path(&head.uri, &PATCH_THING, "id")?;
            let media_type =
                input::media_type(&head.headers, &["application/json-patch+json", "application/merge-patch+json"])?;
            let bytes = input::body(&head.headers, body, api.max_body()).await?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            let body = input::RawBody { media_type, bytes };
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(PatchThingRequest { id, body })
        }
        .await;
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.patch_thing(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&PATCH_THING, outcome)
    })
}

/// The request of [`Things::watch_things`].
#[derive(Debug)]
pub struct WatchThingsRequest {
    #[doc = r#"A required name with brackets."#]
    pub page_after: i64,
    #[doc = r#"A header."#]
    pub last_event_id: Option<String>,
}

/// The successful responses of [`Things::watch_things`].
#[derive(Debug)]
pub enum WatchThingsResponse {
    /// 200 OK
    Ok {
        /// The header `X-Total`.
        x_total: i64,
        /// The body.
        body: output::EventStream,
    },
}

impl IntoResponse for WatchThingsResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { x_total, body } => output::event_stream(output::status(200), body)
                .with(const { HeaderName::from_static("x-total") }, x_total),
        }
    }
}

static WATCH_THINGS: Operation = Operation {
    id: "watchThings",
    tag: "things",
    method: "GET",
    path: "/things/watch",
    query: &["page[after]"],
    produces: &["text/event-stream"],
    failures: &[400, 404, 406],
    scope: Some("things:read"),
    deprecations: &[],
};

fn serve_watch_things<A: Things>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &WATCH_THINGS)?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            let query = input::Query::read(&head.uri);
            let page_after = query.integer("page[after]", Some(1), &mut faults);
            query.required("page[after]", &mut faults);
            query.refuse_others(&WATCH_THINGS, &mut faults);
            let last_event_id = input::header(
                &head.headers,
                (const { HeaderName::from_static("last-event-id") }, "Last-Event-ID"),
                &mut faults,
            );
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            let Some(page_after) = page_after else { return Err(Refusal::Invalid(faults.into_vec())) };
            Ok(WatchThingsRequest { page_after, last_event_id })
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.watch_things(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&WATCH_THINGS, outcome)
    })
}
