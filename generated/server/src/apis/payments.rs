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

/// The operations of the tag `Payments`, implemented by the service.
pub trait Payments: Api + Rules {
    #[doc = r#"Create a payment

`POST /v1/payments`

Stores a payment at version 0. The client may choose the `id`, which makes it safe to repeat the request: a
second one is refused with `409`. Without an `id` the server assigns a UUIDv7.

No precondition is needed for that: `If-Match` and `If-None-Match` are about the list of all payments, to which the
request goes, and that is always there.

# Errors
- 400 Bad Request
- 401 Unauthorized
- 403 Forbidden
- 406 Not Acceptable
- 408 Request Timeout
- 409 Conflict
- 410 Gone
- 412 Precondition Failed
- 413 Content Too Large
- 415 Unsupported Media Type
- 429 Too Many Requests
- 500 Internal Server Error
- 503 Service Unavailable
"#]
    fn create_payment(
        &self,
        caller: Self::Caller,
        request: CreatePaymentRequest,
    ) -> impl Future<Output = Result<CreatePaymentResponse, Self::Error>> + Send;
    #[doc = r#"Delete a payment

`DELETE /v1/payments/{id}`

Deletes the payment if `version`, or `If-Match`, is current; one of the two is required. The id stays taken.

# Errors
- 400 Bad Request
- 401 Unauthorized
- 403 Forbidden
- 404 Not Found
- 409 Conflict
- 410 Gone
- 412 Precondition Failed
- 429 Too Many Requests
- 500 Internal Server Error
- 503 Service Unavailable
"#]
    fn delete_payment(
        &self,
        caller: Self::Caller,
        request: DeletePaymentRequest,
    ) -> impl Future<Output = Result<DeletePaymentResponse, Self::Error>> + Send;
    #[doc = r#"Read a payment

`GET /v1/payments/{id}`

The payment as it stands, with its `ETag`. Send the `ETag` you have in `If-None-Match`, and nothing but `304`
comes back while it is still current.

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
    fn get_payment(
        &self,
        caller: Self::Caller,
        request: GetPaymentRequest,
    ) -> impl Future<Output = Result<GetPaymentResponse, Self::Error>> + Send;
    #[doc = r#"List payments

`GET /v1/payments`

Payments in order of creation, a page at a time.

Follow `links.next` to walk through all of them: what existed throughout the walk is shown exactly once, however
much is created or deleted meanwhile, and page 50,000 costs what page 1 costs. On the last page `links.next` is
where new payments will appear: keep it, and ask again later.

A page may show fewer than `size`, although there are more: payments with more than 1 MiB of attributes together do
not fit on one page. Only an empty page is the end. `links.prev` leads back, and the first page has none.

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
    fn list_payments(
        &self,
        caller: Self::Caller,
        request: ListPaymentsRequest,
    ) -> impl Future<Output = Result<ListPaymentsResponse, Self::Error>> + Send;
    #[doc = r#"Change a part of a payment

`PATCH /v1/payments/{id}`

Applies a patch to the document `{"data": Payment}` as it stands, so a path into it begins with `/data`:
a JSON Patch ([RFC 6902](https://www.rfc-editor.org/rfc/rfc6902)) or a merge patch
([RFC 7396](https://www.rfc-editor.org/rfc/rfc7396)); the `Content-Type` says which. All of it is applied or none.

Without a precondition the patch is applied to whatever version is current. To change only the version you
saw, send it as `If-Match`, as `data.version` in a merge patch, or as a `test` of `/data/version`.
Values that the patch does not touch keep their bytes.

# Errors
- 400 Bad Request
- 401 Unauthorized
- 403 Forbidden
- 404 Not Found
- 406 Not Acceptable
- 408 Request Timeout
- 409 Conflict
- 410 Gone
- 412 Precondition Failed
- 413 Content Too Large
- 415 Unsupported Media Type
- 422 Unprocessable Content
- 429 Too Many Requests
- 500 Internal Server Error
- 503 Service Unavailable
"#]
    fn patch_payment(
        &self,
        caller: Self::Caller,
        request: PatchPaymentRequest,
    ) -> impl Future<Output = Result<PatchPaymentResponse, Self::Error>> + Send;
    #[doc = r#"Replace a payment

`PUT /v1/payments/{id}`

Replaces the whole payment. `data.version` is required: the version the client last saw. If it is still the
current one, the payment is replaced and its version becomes one more; otherwise nothing changes, and the answer
is `409`. What `GET` returned can be sent back as it is.

# Errors
- 400 Bad Request
- 401 Unauthorized
- 403 Forbidden
- 404 Not Found
- 406 Not Acceptable
- 408 Request Timeout
- 409 Conflict
- 410 Gone
- 412 Precondition Failed
- 413 Content Too Large
- 415 Unsupported Media Type
- 429 Too Many Requests
- 500 Internal Server Error
- 503 Service Unavailable
"#]
    fn update_payment(
        &self,
        caller: Self::Caller,
        request: UpdatePaymentRequest,
    ) -> impl Future<Output = Result<UpdatePaymentResponse, Self::Error>> + Send;
}

/// The routes of the tag.
#[must_use]
pub fn routes<A: Payments>() -> Vec<Route<A>> {
    vec![
        Route {
            operation: &CREATE_PAYMENT,
            serve: serve_create_payment,
            properties: <models::PaymentRequest as Decode<A>>::deprecated_properties,
        },
        Route { operation: &DELETE_PAYMENT, serve: serve_delete_payment, properties: |_| {} },
        Route { operation: &GET_PAYMENT, serve: serve_get_payment, properties: |_| {} },
        Route { operation: &LIST_PAYMENTS, serve: serve_list_payments, properties: |_| {} },
        Route { operation: &PATCH_PAYMENT, serve: serve_patch_payment, properties: |_| {} },
        Route {
            operation: &UPDATE_PAYMENT,
            serve: serve_update_payment,
            properties: <models::PaymentRequest as Decode<A>>::deprecated_properties,
        },
    ]
}

/// The request of [`Payments::create_payment`].
#[derive(Debug)]
pub struct CreatePaymentRequest {
    #[doc = r#"Do it only if this is `*`, because there is no `ETag` that a tag could match (RFC 9110, section 13.1.1)."#]
    pub if_match: Option<String>,
    #[doc = r#"Do it only if this is not `*` (RFC 9110, section 13.1.2). Tags always hold, because there is no `ETag` that one could
match.
"#]
    pub if_none_match: Option<String>,
    /// The body.
    pub body: models::PaymentRequest,
}

/// The successful responses of [`Payments::create_payment`].
#[derive(Debug)]
pub enum CreatePaymentResponse {
    /// 201 Created
    Created {
        /// The header `Location`.
        location: String,
        /// The header `ETag`.
        e_tag: String,
        /// The body.
        body: output::Document<models::PaymentResponse>,
    },
}

impl IntoResponse for CreatePaymentResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Created { location, e_tag, body } => output::json(output::status(201), body)
                .with(const { HeaderName::from_static("location") }, location)
                .with(const { HeaderName::from_static("etag") }, e_tag),
        }
    }
}

static CREATE_PAYMENT: Operation = Operation {
    id: "createPayment",
    tag: "payments",
    method: "POST",
    path: "/v1/payments",
    query: &[],
    produces: &["application/json"],
    failures: &[400, 401, 403, 406, 408, 409, 410, 412, 413, 415, 429, 500, 503],
    scope: Some("payments:write"),
    deprecations: &[],
};

fn serve_create_payment<A: Payments>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        let read: Result<_, Refusal> = async {
            input::acceptable(&head.headers, &CREATE_PAYMENT)?;
            input::media_type(&head.headers, &["application/json"])?;
            let bytes = input::body(&head.headers, body, api.max_body()).await?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            input::Query::read(&head.uri).refuse_others(&CREATE_PAYMENT, &mut faults);
            let if_match =
                input::header(&head.headers, (const { HeaderName::from_static("if-match") }, "If-Match"), &mut faults);
            let if_none_match = input::header(
                &head.headers,
                (const { HeaderName::from_static("if-none-match") }, "If-None-Match"),
                &mut faults,
            );
            let body = decode::<_, A>(&bytes, &mut faults);
            faults.report_uses(&head.extensions);
            let Some(body) = body else {
                return Err(Refusal::Invalid(faults.into_vec()));
            };
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(CreatePaymentRequest { if_match, if_none_match, body })
        }
        .await;
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.create_payment(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&CREATE_PAYMENT, outcome)
    })
}

/// The request of [`Payments::delete_payment`].
#[derive(Debug)]
pub struct DeletePaymentRequest {
    #[doc = r#"The id of the payment."#]
    pub id: String,
    #[doc = r#"The version that the client last saw."#]
    pub version: Option<i64>,
    #[doc = r#"Do it only if the current `ETag` is among these (RFC 9110, section 13.1.1); `*` holds for every payment that
exists. Weak tags never match.
"#]
    pub if_match: Option<String>,
    #[doc = r#"Do it only if the current `ETag` is not among these (RFC 9110, section 13.1.2), weak or not; `*` holds for no payment
that exists.
"#]
    pub if_none_match: Option<String>,
}

/// The successful responses of [`Payments::delete_payment`].
#[derive(Debug)]
pub enum DeletePaymentResponse {
    /// 204 No Content
    NoContent {},
}

impl IntoResponse for DeletePaymentResponse {
    fn into_response(self) -> Response {
        match self {
            Self::NoContent {} => output::status(204).into_response(),
        }
    }
}

static DELETE_PAYMENT: Operation = Operation {
    id: "deletePayment",
    tag: "payments",
    method: "DELETE",
    path: "/v1/payments/{id}",
    query: &["version"],
    produces: &[],
    failures: &[400, 401, 403, 404, 409, 410, 412, 429, 500, 503],
    scope: Some("payments:write"),
    deprecations: &[],
};

fn serve_delete_payment<A: Payments>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &DELETE_PAYMENT)?;
            let id = input::path(&head.uri, &DELETE_PAYMENT, "id")?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            let query = input::Query::read(&head.uri);
            let version = query.integer("version", Some(0), &mut faults);
            query.refuse_others(&DELETE_PAYMENT, &mut faults);
            let if_match =
                input::header(&head.headers, (const { HeaderName::from_static("if-match") }, "If-Match"), &mut faults);
            let if_none_match = input::header(
                &head.headers,
                (const { HeaderName::from_static("if-none-match") }, "If-None-Match"),
                &mut faults,
            );
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(DeletePaymentRequest { id, version, if_match, if_none_match })
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.delete_payment(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&DELETE_PAYMENT, outcome)
    })
}

/// The request of [`Payments::get_payment`].
#[derive(Debug)]
pub struct GetPaymentRequest {
    #[doc = r#"The id of the payment."#]
    pub id: String,
    #[doc = r#"Do it only if the current `ETag` is among these (RFC 9110, section 13.1.1); `*` holds for every payment that
exists. Weak tags never match.
"#]
    pub if_match: Option<String>,
    #[doc = r#"Answer `304` if the current `ETag` is among these (RFC 9110, section 13.1.2), weak or not, or if this is `*`. What
cannot be read as tags is ignored.
"#]
    pub if_none_match: Option<String>,
}

/// The successful responses of [`Payments::get_payment`].
#[derive(Debug)]
pub enum GetPaymentResponse {
    /// 200 OK
    Ok {
        /// The header `ETag`.
        e_tag: String,
        /// The body.
        body: output::Document<models::PaymentResponse>,
    },
    /// 304 Not Modified
    NotModified {
        /// The header `ETag`.
        e_tag: String,
    },
}

impl IntoResponse for GetPaymentResponse {
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

static GET_PAYMENT: Operation = Operation {
    id: "getPayment",
    tag: "payments",
    method: "GET",
    path: "/v1/payments/{id}",
    query: &[],
    produces: &["application/json"],
    failures: &[400, 401, 403, 404, 406, 410, 412, 429, 500, 503],
    scope: Some("payments:read"),
    deprecations: &[],
};

fn serve_get_payment<A: Payments>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &GET_PAYMENT)?;
            let id = input::path(&head.uri, &GET_PAYMENT, "id")?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            input::Query::read(&head.uri).refuse_others(&GET_PAYMENT, &mut faults);
            let if_match =
                input::header(&head.headers, (const { HeaderName::from_static("if-match") }, "If-Match"), &mut faults);
            let if_none_match = input::header(
                &head.headers,
                (const { HeaderName::from_static("if-none-match") }, "If-None-Match"),
                &mut faults,
            );
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(GetPaymentRequest { id, if_match, if_none_match })
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.get_payment(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&GET_PAYMENT, outcome)
    })
}

/// The request of [`Payments::list_payments`].
#[derive(Debug)]
pub struct ListPaymentsRequest {
    #[doc = r#"An opaque cursor from `links.next`, such as `AQAAAAAAAAAC`; the page begins after it. Not together with `before`.
"#]
    pub after: Option<String>,
    #[doc = r#"An opaque cursor from `links.prev`, such as `AQAAAAAAAAAB`; the page ends before it. Not together with `after`.
"#]
    pub before: Option<String>,
    #[doc = r#"How many payments a page shows at most. More than the server's limit is capped, not refused. A page of large payments
may show fewer.
"#]
    pub size: Option<i64>,
    #[doc = r#"How many payments to skip from the beginning; none, if it is left out. Slower than a cursor. Not together with a
cursor, unless it is 0.
"#]
    pub from: Option<i64>,
    #[doc = r#"Do it only if this is `*`, because there is no `ETag` that a tag could match (RFC 9110, section 13.1.1)."#]
    pub if_match: Option<String>,
}

/// The successful responses of [`Payments::list_payments`].
#[derive(Debug)]
pub enum ListPaymentsResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: output::Document<models::PaymentList>,
    },
}

impl IntoResponse for ListPaymentsResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::json(output::status(200), body),
        }
    }
}

static LIST_PAYMENTS: Operation = Operation {
    id: "listPayments",
    tag: "payments",
    method: "GET",
    path: "/v1/payments",
    query: &["after", "before", "size", "from"],
    produces: &["application/json"],
    failures: &[400, 401, 403, 406, 410, 412, 429, 500, 503],
    scope: Some("payments:read"),
    deprecations: &[],
};

fn serve_list_payments<A: Payments>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &LIST_PAYMENTS)?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            let query = input::Query::read(&head.uri);
            let after = query.string("after", &mut faults);
            let before = query.string("before", &mut faults);
            let size = query.integer("size", Some(1), &mut faults);
            let from = query.integer("from", Some(0), &mut faults);
            query.refuse_others(&LIST_PAYMENTS, &mut faults);
            let if_match =
                input::header(&head.headers, (const { HeaderName::from_static("if-match") }, "If-Match"), &mut faults);
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(ListPaymentsRequest { after, before, size, from, if_match })
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.list_payments(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&LIST_PAYMENTS, outcome)
    })
}

/// The request of [`Payments::patch_payment`].
#[derive(Debug)]
pub struct PatchPaymentRequest {
    #[doc = r#"The id of the payment."#]
    pub id: String,
    #[doc = r#"Do it only if the current `ETag` is among these (RFC 9110, section 13.1.1); `*` holds for every payment that
exists. Weak tags never match.
"#]
    pub if_match: Option<String>,
    #[doc = r#"Do it only if the current `ETag` is not among these (RFC 9110, section 13.1.2), weak or not; `*` holds for no payment
that exists.
"#]
    pub if_none_match: Option<String>,
    /// The body.
    pub body: input::RawBody,
}

/// The successful responses of [`Payments::patch_payment`].
#[derive(Debug)]
pub enum PatchPaymentResponse {
    /// 200 OK
    Ok {
        /// The header `ETag`.
        e_tag: String,
        /// The body.
        body: output::Document<models::PaymentResponse>,
    },
}

impl IntoResponse for PatchPaymentResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { e_tag, body } => {
                output::json(output::status(200), body).with(const { HeaderName::from_static("etag") }, e_tag)
            }
        }
    }
}

static PATCH_PAYMENT: Operation = Operation {
    id: "patchPayment",
    tag: "payments",
    method: "PATCH",
    path: "/v1/payments/{id}",
    query: &[],
    produces: &["application/json"],
    failures: &[400, 401, 403, 404, 406, 408, 409, 410, 412, 413, 415, 422, 429, 500, 503],
    scope: Some("payments:write"),
    deprecations: &[],
};

fn serve_patch_payment<A: Payments>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        let read: Result<_, Refusal> = async {
            input::acceptable(&head.headers, &PATCH_PAYMENT)?;
            let id = input::path(&head.uri, &PATCH_PAYMENT, "id")?;
            let media_type =
                input::media_type(&head.headers, &["application/json-patch+json", "application/merge-patch+json"])?;
            let bytes = input::body(&head.headers, body, api.max_body()).await?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            input::Query::read(&head.uri).refuse_others(&PATCH_PAYMENT, &mut faults);
            let if_match =
                input::header(&head.headers, (const { HeaderName::from_static("if-match") }, "If-Match"), &mut faults);
            let if_none_match = input::header(
                &head.headers,
                (const { HeaderName::from_static("if-none-match") }, "If-None-Match"),
                &mut faults,
            );
            let body = input::RawBody { media_type, bytes };
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(PatchPaymentRequest { id, if_match, if_none_match, body })
        }
        .await;
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.patch_payment(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&PATCH_PAYMENT, outcome)
    })
}

/// The request of [`Payments::update_payment`].
#[derive(Debug)]
pub struct UpdatePaymentRequest {
    #[doc = r#"The id of the payment."#]
    pub id: String,
    #[doc = r#"Do it only if the current `ETag` is among these (RFC 9110, section 13.1.1); `*` holds for every payment that
exists. Weak tags never match.
"#]
    pub if_match: Option<String>,
    #[doc = r#"Do it only if the current `ETag` is not among these (RFC 9110, section 13.1.2), weak or not; `*` holds for no payment
that exists.
"#]
    pub if_none_match: Option<String>,
    /// The body.
    pub body: models::PaymentRequest,
}

/// The successful responses of [`Payments::update_payment`].
#[derive(Debug)]
pub enum UpdatePaymentResponse {
    /// 200 OK
    Ok {
        /// The header `ETag`.
        e_tag: String,
        /// The body.
        body: output::Document<models::PaymentResponse>,
    },
}

impl IntoResponse for UpdatePaymentResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { e_tag, body } => {
                output::json(output::status(200), body).with(const { HeaderName::from_static("etag") }, e_tag)
            }
        }
    }
}

static UPDATE_PAYMENT: Operation = Operation {
    id: "updatePayment",
    tag: "payments",
    method: "PUT",
    path: "/v1/payments/{id}",
    query: &[],
    produces: &["application/json"],
    failures: &[400, 401, 403, 404, 406, 408, 409, 410, 412, 413, 415, 429, 500, 503],
    scope: Some("payments:write"),
    deprecations: &[],
};

fn serve_update_payment<A: Payments>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        let read: Result<_, Refusal> = async {
            input::acceptable(&head.headers, &UPDATE_PAYMENT)?;
            let id = input::path(&head.uri, &UPDATE_PAYMENT, "id")?;
            input::media_type(&head.headers, &["application/json"])?;
            let bytes = input::body(&head.headers, body, api.max_body()).await?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            input::Query::read(&head.uri).refuse_others(&UPDATE_PAYMENT, &mut faults);
            let if_match =
                input::header(&head.headers, (const { HeaderName::from_static("if-match") }, "If-Match"), &mut faults);
            let if_none_match = input::header(
                &head.headers,
                (const { HeaderName::from_static("if-none-match") }, "If-None-Match"),
                &mut faults,
            );
            let body = decode::<_, A>(&bytes, &mut faults);
            faults.report_uses(&head.extensions);
            let Some(body) = body else {
                return Err(Refusal::Invalid(faults.into_vec()));
            };
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(UpdatePaymentRequest { id, if_match, if_none_match, body })
        }
        .await;
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.update_payment(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&UPDATE_PAYMENT, outcome)
    })
}
