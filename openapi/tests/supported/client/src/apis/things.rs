// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

//! Things that are sold.

use openapi_client::{Call, reqwest::Method};

use crate::{Client, Error, Response, models::Problem};

impl Client {
    /// Create a thing
    ///
    /// Two successes with the same body.
    ///
    /// ```json
    /// {"data": {"name": "a"}}
    /// ```
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 201 | Created | [`ThingResponse`](crate::models::ThingResponse) | `Location` |
    /// | 202 | Accepted | [`ThingResponse`](crate::models::ThingResponse) |  |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) |  |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: supported_client::Client) -> Result<(), supported_client::Error> {
    /// let body: supported_client::models::ThingRequest = serde_json::from_str(
    ///     r#""#,
    /// )?;
    /// let response = client.create_thing(&body).send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_thing(&self, body: &crate::models::ThingRequest) -> CreateThing {
        let call = Call::new(&self.0, "createThing", Method::POST, "/things");
        CreateThing(call.body("application/json", body))
    }

    /// Delete a thing
    ///
    /// No body, neither way.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 204 | No Content |  |  |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) |  |
    /// | 404 | Not Found | [`Problem`](crate::models::Problem) |  |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: supported_client::Client) -> Result<(), supported_client::Error> {
    /// let response = client.delete_thing("a").send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_thing(&self, id: &str) -> DeleteThing {
        let call = Call::new(&self.0, "deleteThing", Method::DELETE, "/things/{id}").path("id", id);
        DeleteThing(call)
    }

    /// Read a thing
    ///
    /// A conditional read.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`ThingResponse`](crate::models::ThingResponse) | `ETag` |
    /// | 304 | Not Modified |  | `ETag` |
    /// | 404 | Not Found | [`Problem`](crate::models::Problem) |  |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: supported_client::Client) -> Result<(), supported_client::Error> {
    /// let response = client.get_thing("a").send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_thing(&self, id: &str) -> GetThing {
        let call = Call::new(&self.0, "getThing", Method::GET, "/things/{id}").path("id", id);
        GetThing(call)
    }

    /// List things
    ///
    /// All parameters that a query can have.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`ThingList`](crate::models::ThingList) | `X-Request-Id`, `X-Total` |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) |  |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) |  |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: supported_client::Client) -> Result<(), supported_client::Error> {
    /// let response = client.list_things("open".into(), "main street").send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_things(&self, state: crate::models::State, shop: &str) -> ListThings {
        let call = Call::new(&self.0, "listThings", Method::GET, "/things").query("state", state).query("shop", shop);
        ListThings(call)
    }

    /// Change a thing
    ///
    /// A body of two media types, which the service reads.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 204 | No Content |  |  |
    /// | 404 | Not Found | [`Problem`](crate::models::Problem) |  |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: supported_client::Client) -> Result<(), supported_client::Error> {
    /// let body: supported_client::models::Patch = serde_json::from_str(
    ///     r#""#,
    /// )?;
    /// let response = client.patch_thing("a", body).send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn patch_thing(&self, id: &str, body: impl Into<PatchThingBody>) -> PatchThing {
        let call = Call::new(&self.0, "patchThing", Method::PATCH, "/things/{id}").path("id", id);
        PatchThing(match body.into() {
            PatchThingBody::Patch(body) => call.body("application/json-patch+json", &body),
            PatchThingBody::Notes(body) => call.body("application/merge-patch+json", &body),
        })
    }

    /// Watch things
    ///
    /// A body that goes on.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | events | `X-Total` |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) |  |
    /// | 404 | Not Found | [`Problem`](crate::models::Problem) |  |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) |  |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: supported_client::Client) -> Result<(), supported_client::Error> {
    /// let response = client.watch_things(1).send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch_things(&self, page_after: i64) -> WatchThings {
        let call = Call::new(&self.0, "watchThings", Method::GET, "/things/watch").query("page[after]", page_after);
        WatchThings(call)
    }
}

/// Create a thing: the request of [`Client::create_thing`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct CreateThing(Call);

impl CreateThing {
    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::create_thing`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::ThingResponse>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            201 => response.json("application/json"),
            202 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}

/// Delete a thing: the request of [`Client::delete_thing`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct DeleteThing(Call);

impl DeleteThing {
    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::delete_thing`] lists the problems.
    pub async fn send(self) -> Result<Response<()>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            204 => Ok(response.empty()),
            _ => Err(response.error()),
        }
    }
}

/// Read a thing: the request of [`Client::get_thing`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct GetThing(Call);

impl GetThing {
    /// A condition.
    pub fn if_none_match(self, if_none_match: &str) -> ConditionalGetThing {
        ConditionalGetThing(self.0.header("If-None-Match", if_none_match))
    }

    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::get_thing`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::ThingResponse>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}

/// Read a thing, conditionally: the request of [`Client::get_thing`] with a condition.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct ConditionalGetThing(Call);

impl ConditionalGetThing {
    /// A condition.
    pub fn if_none_match(self, if_none_match: &str) -> ConditionalGetThing {
        ConditionalGetThing(self.0.header("If-None-Match", if_none_match))
    }

    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request. `None` means `304` Not Modified: the version that the caller has is current.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::get_thing`] lists the problems.
    pub async fn send(self) -> Result<Response<Option<crate::models::ThingResponse>>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            304 => Ok(response.empty().map(|()| None)),
            200 => response.json("application/json").map(|response| response.map(Some)),
            _ => Err(response.error()),
        }
    }
}

/// List things: the request of [`Client::list_things`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct ListThings(Call);

impl ListThings {
    /// An enum.
    pub fn other_state(self, other_state: crate::models::State) -> Self {
        Self(self.0.query("other_state", other_state))
    }

    /// A boolean.
    pub fn deep(self, deep: bool) -> Self {
        Self(self.0.query("deep", deep))
    }

    /// A date.
    pub fn day(self, day: &str) -> Self {
        Self(self.0.query("day", day))
    }

    /// A date-time.
    pub fn since(self, since: &str) -> Self {
        Self(self.0.query("since", since))
    }

    /// An integer.
    pub fn size(self, size: i64) -> Self {
        Self(self.0.query("size", size))
    }

    /// An integer without bounds.
    #[deprecated = "deprecated by the contract on 2026-11-28, to be removed on 2027-11-28"]
    pub fn offset(self, offset: i64) -> Self {
        Self(self.0.query("offset", offset))
    }

    /// A name with brackets.
    pub fn filter_type(self, filter_type: crate::models::State) -> Self {
        Self(self.0.query("filter[type]", filter_type))
    }

    /// A deprecated name with brackets.
    #[deprecated = "deprecated by the contract on 2026-11-28"]
    pub fn filter_shop_id(self, filter_shop_id: &str) -> Self {
        Self(self.0.query("filter[shop_id]", filter_shop_id))
    }

    /// A word that Rust keeps for itself.
    pub fn r#type(self, r#type: &str) -> Self {
        Self(self.0.query("type", r#type))
    }

    /// A rule that the service checks.
    pub fn code(self, code: &str) -> Self {
        Self(self.0.query("code", code))
    }

    /// A header.
    #[deprecated = "deprecated by the contract on 2026-10-01"]
    pub fn x_shop(self, x_shop: &str) -> ListThings {
        ListThings(self.0.header("X-Shop", x_shop))
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
    /// Any [`Error`]; [`Client::list_things`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::ThingList>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}

/// Change a thing: the request of [`Client::patch_thing`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct PatchThing(Call);

impl PatchThing {
    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::patch_thing`] lists the problems.
    pub async fn send(self) -> Result<Response<()>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            204 => Ok(response.empty()),
            _ => Err(response.error()),
        }
    }
}

/// The body of [`Client::patch_thing`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PatchThingBody {
    /// `application/json-patch+json`
    Patch(crate::models::Patch),
    /// `application/merge-patch+json`
    Notes(crate::models::Notes),
}

impl From<crate::models::Patch> for PatchThingBody {
    fn from(body: crate::models::Patch) -> Self {
        Self::Patch(body)
    }
}

impl From<crate::models::Notes> for PatchThingBody {
    fn from(body: crate::models::Notes) -> Self {
        Self::Notes(body)
    }
}

/// Watch things: the request of [`Client::watch_things`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct WatchThings(Call);

impl WatchThings {
    /// A header.
    pub fn last_event_id(self, last_event_id: &str) -> WatchThings {
        WatchThings(self.0.header("Last-Event-ID", last_event_id))
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
    /// Any [`Error`]; [`Client::watch_things`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::ByteStream>, Error> {
        let response = self.0.open::<Problem>("text/event-stream").await?;
        match response.status.as_u16() {
            200 => response.stream("text/event-stream").await,
            _ => Err(response.read().await?.error()),
        }
    }
}
