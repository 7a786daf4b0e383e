// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

//! The payments themselves.

use openapi_client::{Call, reqwest::Method};

use crate::{Client, Error, Response, models::Problem};

impl Client {
    /// Create a payment
    ///
    /// Stores a payment at version 0. The client may choose the `id`, which makes it safe to repeat the request: a
    /// second one is refused with `409`. Without an `id` the server assigns a UUIDv7.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 201 | Created | [`PaymentResponse`](crate::models::PaymentResponse) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Location`, `ETag` |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 409 | Conflict | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 413 | Content Too Large | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 415 | Unsupported Media Type | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Accept` |
    /// | 429 | Too Many Requests | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client_2026_11_28::Client) -> Result<(), payments_client_2026_11_28::Error> {
    /// let body: payments_client_2026_11_28::models::PaymentRequest = serde_json::from_str(
    ///     r#"{"data":{"type":"Payment","organisation_id":"harbour-lane-bakery","version":0,"attributes":{"amount":"100.21"}}}"#,
    /// )?;
    /// let response = client.create_payment(&body).send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_payment(&self, body: &crate::models::PaymentRequest) -> CreatePayment {
        let call = Call::new(&self.0, "createPayment", Method::POST, "/v1/payments");
        CreatePayment(call.body("application/json", body))
    }

    /// Delete a payment
    ///
    /// Deletes the payment if `version`, or `If-Match`, is current; one of the two is required. The id stays taken.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 204 | No Content |  | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 404 | Not Found | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 409 | Conflict | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 412 | Precondition Failed | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 429 | Too Many Requests | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client_2026_11_28::Client) -> Result<(), payments_client_2026_11_28::Error> {
    /// let response = client.delete_payment("019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20").send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_payment(&self, id: &str) -> DeletePayment {
        let call = Call::new(&self.0, "deletePayment", Method::DELETE, "/v1/payments/{id}").path("id", id);
        DeletePayment(call)
    }

    /// Read a payment
    ///
    /// The payment as it stands, with its `ETag`. Send the `ETag` you have in `If-None-Match`, and nothing but `304`
    /// comes back while it is still current.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`PaymentResponse`](crate::models::PaymentResponse) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `ETag` |
    /// | 304 | Not Modified |  | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `ETag` |
    /// | 404 | Not Found | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 429 | Too Many Requests | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client_2026_11_28::Client) -> Result<(), payments_client_2026_11_28::Error> {
    /// let response = client.get_payment("019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20").send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_payment(&self, id: &str) -> GetPayment {
        let call = Call::new(&self.0, "getPayment", Method::GET, "/v1/payments/{id}").path("id", id);
        GetPayment(call)
    }

    /// List payments
    ///
    /// Payments in order of creation, a page at a time.
    ///
    /// Follow `links.next` to walk through all of them: what existed throughout the walk is shown exactly once, however
    /// much is created or deleted meanwhile, and page 50,000 costs what page 1 costs. On the last page `links.next` is
    /// where new payments will appear: keep it, and ask again later.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`PaymentList`](crate::models::PaymentList) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 429 | Too Many Requests | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client_2026_11_28::Client) -> Result<(), payments_client_2026_11_28::Error> {
    /// let response = client.list_payments().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_payments(&self) -> ListPayments {
        let call = Call::new(&self.0, "listPayments", Method::GET, "/v1/payments");
        ListPayments(call)
    }

    /// Change a part of a payment
    ///
    /// Applies a patch to the document `{"data": Payment}` as it stands, so a path into it begins with `/data`:
    /// a JSON Patch ([RFC 6902](https://www.rfc-editor.org/rfc/rfc6902)) or a merge patch
    /// ([RFC 7396](https://www.rfc-editor.org/rfc/rfc7396)); the `Content-Type` says which. All of it is applied or none.
    ///
    /// Without a precondition the patch is applied to whatever version is current. To change only the version you
    /// saw, send it as `If-Match`, as `data.version` in a merge patch, or as a `test` of `/data/version`.
    /// Values that the patch does not touch keep their bytes.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`PaymentResponse`](crate::models::PaymentResponse) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `ETag` |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 404 | Not Found | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 409 | Conflict | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 412 | Precondition Failed | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 413 | Content Too Large | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 415 | Unsupported Media Type | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Accept-Patch` |
    /// | 422 | Unprocessable Content | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 429 | Too Many Requests | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client_2026_11_28::Client) -> Result<(), payments_client_2026_11_28::Error> {
    /// let body: payments_client_2026_11_28::models::JsonPatch = serde_json::from_str(
    ///     r#"[{"op":"test","path":"/data/attributes/amount","value":"100.21"},{"op":"replace","path":"/data/attributes/amount","value":"120.00"},{"op":"remove","path":"/data/attributes/end_to_end_reference"}]"#,
    /// )?;
    /// let response = client.patch_payment("019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20", body).send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn patch_payment(&self, id: &str, body: impl Into<PatchPaymentBody>) -> PatchPayment {
        let call = Call::new(&self.0, "patchPayment", Method::PATCH, "/v1/payments/{id}").path("id", id);
        PatchPayment(match body.into() {
            PatchPaymentBody::JsonPatch(body) => call.body("application/json-patch+json", &body),
            PatchPaymentBody::MergePatch(body) => call.body("application/merge-patch+json", &body),
        })
    }

    /// Replace a payment
    ///
    /// Replaces the whole payment. `data.version` is required: the version the client last saw. If it is still the
    /// current one, the payment is replaced and its version becomes one more; otherwise nothing changes, and the answer
    /// is `409`. What `GET` returned can be sent back as it is.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`PaymentResponse`](crate::models::PaymentResponse) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `ETag` |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 404 | Not Found | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 409 | Conflict | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 412 | Precondition Failed | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 413 | Content Too Large | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 415 | Unsupported Media Type | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Accept` |
    /// | 429 | Too Many Requests | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client_2026_11_28::Client) -> Result<(), payments_client_2026_11_28::Error> {
    /// let body: payments_client_2026_11_28::models::PaymentRequest = serde_json::from_str(
    ///     r#"{"data":{"type":"Payment","organisation_id":"harbour-lane-bakery","version":0,"attributes":{"amount":"100.21"}}}"#,
    /// )?;
    /// let response = client.update_payment("019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20", &body).send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_payment(&self, id: &str, body: &crate::models::PaymentRequest) -> UpdatePayment {
        let call = Call::new(&self.0, "updatePayment", Method::PUT, "/v1/payments/{id}").path("id", id);
        UpdatePayment(call.body("application/json", body))
    }
}

/// Create a payment: the request of [`Client::create_payment`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct CreatePayment(Call);

impl CreatePayment {
    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::create_payment`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::PaymentResponse>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            201 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}

/// Delete a payment: the request of [`Client::delete_payment`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct DeletePayment(Call);

impl DeletePayment {
    /// The version that the client last saw.
    pub fn version(self, version: i64) -> Self {
        Self(self.0.query("version", version))
    }

    /// Do it only if the current `ETag` is among these (RFC 9110, section 13.1.1); `*` holds for every payment that
    /// exists. Weak tags never match.
    pub fn if_match(self, if_match: &str) -> DeletePayment {
        DeletePayment(self.0.header("If-Match", if_match))
    }

    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::delete_payment`] lists the problems.
    pub async fn send(self) -> Result<Response<()>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            204 => Ok(response.empty()),
            _ => Err(response.error()),
        }
    }
}

/// Read a payment: the request of [`Client::get_payment`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct GetPayment(Call);

impl GetPayment {
    /// Answer `304` if the current `ETag` is among these (RFC 9110, section 13.1.2).
    pub fn if_none_match(self, if_none_match: &str) -> ConditionalGetPayment {
        ConditionalGetPayment(self.0.header("If-None-Match", if_none_match))
    }

    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::get_payment`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::PaymentResponse>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}

/// Read a payment, conditionally: the request of [`Client::get_payment`] with a condition.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct ConditionalGetPayment(Call);

impl ConditionalGetPayment {
    /// Answer `304` if the current `ETag` is among these (RFC 9110, section 13.1.2).
    pub fn if_none_match(self, if_none_match: &str) -> ConditionalGetPayment {
        ConditionalGetPayment(self.0.header("If-None-Match", if_none_match))
    }

    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request. `None` means `304` Not Modified: the version that the caller has is current.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::get_payment`] lists the problems.
    pub async fn send(self) -> Result<Response<Option<crate::models::PaymentResponse>>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            304 => Ok(response.empty().map(|()| None)),
            200 => response.json("application/json").map(|response| response.map(Some)),
            _ => Err(response.error()),
        }
    }
}

/// List payments: the request of [`Client::list_payments`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct ListPayments(Call);

impl ListPayments {
    /// An opaque cursor from `links.next`; the page begins after it.
    pub fn after(self, after: &str) -> Self {
        Self(self.0.query("after", after))
    }

    /// An opaque cursor from `links.prev`; the page ends before it.
    pub fn before(self, before: &str) -> Self {
        Self(self.0.query("before", before))
    }

    /// How many payments a page shows at most. More than the server's limit is capped, not refused.
    pub fn size(self, size: i64) -> Self {
        Self(self.0.query("size", size))
    }

    /// How many payments to skip from the beginning. Not together with a cursor, and slower than one.
    pub fn from(self, from: i64) -> Self {
        Self(self.0.query("from", from))
    }

    /// The older way to say `size`, which is `to` less `from`. Not together with `size` or a cursor.
    #[deprecated = "deprecated by the contract"]
    pub fn to(self, to: i64) -> Self {
        Self(self.0.query("to", to))
    }

    /// Follows a link of the service: the query of the link replaces the parameters that were set so far.
    ///
    /// The rest of the link is ignored. The request goes to the service of this client, whatever host the link names.
    pub fn follow(self, link: &str) -> Self {
        Self(self.0.follow(link))
    }

    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::list_payments`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::PaymentList>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}

/// Change a part of a payment: the request of [`Client::patch_payment`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct PatchPayment(Call);

impl PatchPayment {
    /// Do it only if the current `ETag` is among these (RFC 9110, section 13.1.1); `*` holds for every payment that
    /// exists. Weak tags never match.
    pub fn if_match(self, if_match: &str) -> PatchPayment {
        PatchPayment(self.0.header("If-Match", if_match))
    }

    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::patch_payment`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::PaymentResponse>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}

/// The body of [`Client::patch_payment`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PatchPaymentBody {
    /// `application/json-patch+json`
    JsonPatch(crate::models::JsonPatch),
    /// `application/merge-patch+json`
    MergePatch(crate::models::MergePatch),
}

impl From<crate::models::JsonPatch> for PatchPaymentBody {
    fn from(body: crate::models::JsonPatch) -> Self {
        Self::JsonPatch(body)
    }
}

impl From<crate::models::MergePatch> for PatchPaymentBody {
    fn from(body: crate::models::MergePatch) -> Self {
        Self::MergePatch(body)
    }
}

/// Replace a payment: the request of [`Client::update_payment`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct UpdatePayment(Call);

impl UpdatePayment {
    /// Do it only if the current `ETag` is among these (RFC 9110, section 13.1.1); `*` holds for every payment that
    /// exists. Weak tags never match.
    pub fn if_match(self, if_match: &str) -> UpdatePayment {
        UpdatePayment(self.0.header("If-Match", if_match))
    }

    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::update_payment`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::PaymentResponse>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}
