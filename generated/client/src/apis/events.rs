// @generated from api/openapi.yml by `make generate`; do not edit.

//! What happened to payments; the history of each, and all events in one order.

use openapi_client::{Call, reqwest::Method};

use crate::{Client, Error, Response, models::Problem};

impl Client {
    /// Read one version of a payment
    ///
    /// One version, as the history lists it. It stays when the payment is changed and when it is deleted.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`PaymentVersionResponse`](crate::models::PaymentVersionResponse) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 401 | Unauthorized | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 403 | Forbidden | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 404 | Not Found | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 410 | Gone | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 412 | Precondition Failed | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 429 | Too Many Requests | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client::Client) -> Result<(), payments_client::Error> {
    /// let response = client.get_payment_version("019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20", "0").send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_payment_version(&self, id: &str, version: &str) -> GetPaymentVersion {
        let call = Call::new(&self.0, "getPaymentVersion", Method::GET, "/v1/payments/{id}/history/{version}")
            .path("id", id)
            .path("version", version);
        GetPaymentVersion(call)
    }

    /// List events
    ///
    /// What happened to payments, in the order in which it happened, a page at a time.
    ///
    /// `links.next` is always there, and always goes on: past what the filters left out, too. Keep it, and the walk can be
    /// resumed at any time. With `wait`, an answer that would be empty is held until there is news, so that asking for
    /// `links.next` again and again gets each event soon after it happened.
    ///
    /// A page may show fewer than `size`, or none, although there are more: filters look at 1,000 events at a time, and with
    /// `content=full` events with more than 1 MiB of attributes together do not fit on one page. Of a page that is full, or
    /// that took no time although `wait` was given, the next page can be asked for at once.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`EventList`](crate::models::EventList) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 401 | Unauthorized | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 403 | Forbidden | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 410 | Gone | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 412 | Precondition Failed | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 429 | Too Many Requests | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client::Client) -> Result<(), payments_client::Error> {
    /// let response = client.list_events().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_events(&self) -> ListEvents {
        let call = Call::new(&self.0, "listEvents", Method::GET, "/v1/events");
        ListEvents(call)
    }

    /// List the versions of a payment
    ///
    /// Every version that the payment had, newest first, a page at a time: what made it, when, by whom, and the payment as it
    /// was. A deletion is the last version. The history stays when the payment is deleted.
    ///
    /// Follow `links.next` to the versions before; the page that has none is the last one. A page may show fewer than `size`:
    /// versions with more than 1 MiB of attributes together do not fit on one page.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`PaymentHistory`](crate::models::PaymentHistory) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 401 | Unauthorized | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 403 | Forbidden | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 404 | Not Found | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 410 | Gone | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 412 | Precondition Failed | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 429 | Too Many Requests | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client::Client) -> Result<(), payments_client::Error> {
    /// let response = client.list_payment_history("019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20").send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_payment_history(&self, id: &str) -> ListPaymentHistory {
        let call = Call::new(&self.0, "listPaymentHistory", Method::GET, "/v1/payments/{id}/history").path("id", id);
        ListPaymentHistory(call)
    }

    /// Follow events
    ///
    /// The events of `GET /v1/events` as server-sent events
    /// ([HTML Standard](https://html.spec.whatwg.org/multipage/server-sent-events.html)), as they happen: `event` is the type,
    /// `data` the event as one line of JSON, and `id` the cursor behind it, which the client sends in `Last-Event-ID` when it
    /// connects again.
    ///
    /// When nothing happens, a `bookmark` comes every 15 seconds: an event whose `id` is the cursor to go on from, and whose
    /// `data` is `{}`. The server ends the stream when the token expires, when it stops, and after an hour; it is to be resumed
    /// then. When the cursor's events are gone, a stream cannot begin: `410`.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | events | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `X-Accel-Buffering` |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 401 | Unauthorized | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 403 | Forbidden | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 410 | Gone | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 412 | Precondition Failed | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 429 | Too Many Requests | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client::Client) -> Result<(), payments_client::Error> {
    /// let response = client.stream_events().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream_events(&self) -> StreamEvents {
        let call = Call::new(&self.0, "streamEvents", Method::GET, "/v1/events/stream");
        StreamEvents(call)
    }
}

/// Read one version of a payment: the request of [`Client::get_payment_version`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct GetPaymentVersion(Call);

impl GetPaymentVersion {
    /// Do it only if this is `*`, because there is no `ETag` that a tag could match (RFC 9110, section 13.1.1).
    pub fn if_match(self, if_match: &str) -> GetPaymentVersion {
        GetPaymentVersion(self.0.header("If-Match", if_match))
    }

    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::get_payment_version`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::PaymentVersionResponse>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}

/// List events: the request of [`Client::list_events`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct ListEvents(Call);

impl ListEvents {
    /// An opaque cursor, from `links.next` or from the `id` of a stream's event; the page begins behind it. `now` stands for the
    /// end as it is: only what happens from now on. Without it the page begins with the first event that is kept.
    pub fn after(self, after: &str) -> Self {
        Self(self.0.query("after", after))
    }

    /// How many events a page shows at most. More than the server's limit is capped, not refused.
    pub fn size(self, size: i64) -> Self {
        Self(self.0.query("size", size))
    }

    /// How many seconds the answer is held when there is nothing to show; more than 30 is 30.
    pub fn wait(self, wait: i64) -> Self {
        Self(self.0.query("wait", wait))
    }

    /// Whether events include the payment as it became.
    pub fn content(self, content: crate::models::EventContent) -> Self {
        Self(self.0.query("content", content))
    }

    /// Only events of this type.
    pub fn filter_type(self, filter_type: crate::models::EventType) -> Self {
        Self(self.0.query("filter[type]", filter_type))
    }

    /// Only events of this payment.
    pub fn filter_payment_id(self, filter_payment_id: &str) -> Self {
        Self(self.0.query("filter[payment_id]", filter_payment_id))
    }

    /// Only events of payments of this organisation.
    pub fn filter_organisation_id(self, filter_organisation_id: &str) -> Self {
        Self(self.0.query("filter[organisation_id]", filter_organisation_id))
    }

    /// Do it only if this is `*`, because there is no `ETag` that a tag could match (RFC 9110, section 13.1.1).
    pub fn if_match(self, if_match: &str) -> ListEvents {
        ListEvents(self.0.header("If-Match", if_match))
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
    /// Any [`Error`]; [`Client::list_events`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::EventList>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}

/// List the versions of a payment: the request of [`Client::list_payment_history`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct ListPaymentHistory(Call);

impl ListPaymentHistory {
    /// Only versions below this one.
    pub fn below(self, below: i64) -> Self {
        Self(self.0.query("below", below))
    }

    /// How many versions a page shows at most. More than the server's limit is capped, not refused.
    pub fn size(self, size: i64) -> Self {
        Self(self.0.query("size", size))
    }

    /// Do it only if this is `*`, because there is no `ETag` that a tag could match (RFC 9110, section 13.1.1).
    pub fn if_match(self, if_match: &str) -> ListPaymentHistory {
        ListPaymentHistory(self.0.header("If-Match", if_match))
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
    /// Any [`Error`]; [`Client::list_payment_history`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::PaymentHistory>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}

/// Follow events: the request of [`Client::stream_events`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct StreamEvents(Call);

impl StreamEvents {
    /// An opaque cursor, from `links.next` or from the `id` of a stream's event; the page begins behind it. `now` stands for the
    /// end as it is: only what happens from now on. Without it the page begins with the first event that is kept.
    pub fn after(self, after: &str) -> Self {
        Self(self.0.query("after", after))
    }

    /// Whether events include the payment as it became.
    pub fn content(self, content: crate::models::EventContent) -> Self {
        Self(self.0.query("content", content))
    }

    /// Only events of this type.
    pub fn filter_type(self, filter_type: crate::models::EventType) -> Self {
        Self(self.0.query("filter[type]", filter_type))
    }

    /// Only events of this payment.
    pub fn filter_payment_id(self, filter_payment_id: &str) -> Self {
        Self(self.0.query("filter[payment_id]", filter_payment_id))
    }

    /// Only events of payments of this organisation.
    pub fn filter_organisation_id(self, filter_organisation_id: &str) -> Self {
        Self(self.0.query("filter[organisation_id]", filter_organisation_id))
    }

    /// The `id` of the last event that the client got; the stream goes on behind it, whatever `after` says.
    pub fn last_event_id(self, last_event_id: &str) -> StreamEvents {
        StreamEvents(self.0.header("Last-Event-ID", last_event_id))
    }

    /// Do it only if this is `*`, because there is no `ETag` that a tag could match (RFC 9110, section 13.1.1).
    pub fn if_match(self, if_match: &str) -> StreamEvents {
        StreamEvents(self.0.header("If-Match", if_match))
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
    /// Any [`Error`]; [`Client::stream_events`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::ByteStream>, Error> {
        let response = self.0.open::<Problem>("text/event-stream").await?;
        match response.status.as_u16() {
            200 => response.stream("text/event-stream").await,
            _ => Err(response.read().await?.error()),
        }
    }
}
