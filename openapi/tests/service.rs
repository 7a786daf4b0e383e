//! A service of supported.yml, and a client of it.

use axum::{Router, body::Body, extract::Request, http::Extensions, response::IntoResponse};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};
use supported_client::Client;
use supported_server::{
    Api, Document, Faults, Json, Refusal, Routes,
    health::{self, GetAboutResponse, GetHealthResponse, Health},
    models::{self, Rules},
    problem,
    things::{self, *},
};

/// Keeps one thing, and shows what it was asked last.
#[derive(Default)]
pub(crate) struct Shop {
    pub(crate) thing: Mutex<Option<models::ThingInput>>,
    pub(crate) list: Mutex<Option<ListThingsRequest>>,
    pub(crate) watch: Mutex<Option<WatchThingsRequest>>,
    /// The body of the next stream; without one there is nothing to watch.
    pub(crate) stream: Mutex<Option<Body>>,
    pub(crate) patch: Mutex<Option<(&'static str, String)>>,
    /// The deprecated elements that the last request used; `None` where it could not.
    pub(crate) uses: Mutex<Option<Vec<&'static str>>>,
    /// Who called the last operation that asks for a scope.
    pub(crate) buyer: Mutex<Option<Buyer>>,
    /// Makes `getAbout` fail with 404, which the contract does not declare for it.
    pub(crate) is_closed: AtomicBool,
}

#[derive(Debug)]
pub(crate) enum Failure {
    Refused(Refusal),
    NotFound,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Rules for Shop {
    fn notes(json: Json<'_>, faults: &mut Faults) {
        if json.members().count() < 2 {
            faults.report("must have a title and pages");
        }
    }

    fn thing_input_code(value: &str, faults: &mut Faults) {
        if !value.bytes().all(|byte| byte.is_ascii_lowercase()) {
            faults.report("must be small letters");
        }
    }

    fn thing_input_id(value: &str, faults: &mut Faults) {
        if value.len() != 36 {
            faults.report("must be a UUID");
        }
    }
}

/// Who calls an operation that asks for a scope, as middleware said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Buyer(pub(crate) &'static str);

impl Api for Shop {
    type Error = Failure;
    type Caller = Option<Buyer>;

    fn caller(extensions: &mut Extensions) -> Option<Buyer> {
        extensions.remove()
    }

    fn max_body(&self) -> usize {
        1 << 16
    }

    fn status(error: &Failure) -> u16 {
        match error {
            Failure::Refused(Refusal::Invalid(_)) => 400,
            Failure::Refused(Refusal::NotAcceptable { .. }) => 406,
            Failure::Refused(_) => 500,
            Failure::NotFound => 404,
        }
    }
}

/// The thing that a client gets to read, with what only the service knows of it.
fn read(input: models::ThingInput) -> models::Thing {
    let models::ThingInput {
        kind,
        self_url,
        r_match,
        name,
        code,
        id,
        tags,
        counts,
        grid,
        states,
        state,
        note,
        remark,
        ..
    } = input;
    let models::ThingInput { count, small, open, day, until, parts, notes, anything, value, .. } = input;
    let created_on = "2026-01-18T09:00:00Z".to_owned();
    let tree = Some(models::Tree { branches: Some(vec![models::Tree { branches: None, mail: None }]), mail: None });
    models::Thing {
        kind,
        self_url,
        r_match,
        name,
        code,
        id,
        tags,
        counts,
        grid,
        states,
        state,
        note,
        remark,
        count,
        small,
        open,
        day,
        until,
        parts,
        notes,
        anything,
        value,
        created_on,
        tree,
    }
}

impl Shop {
    fn response(&self) -> Result<Document<models::ThingResponse>, Failure> {
        let thing = self.thing.lock().unwrap().clone().ok_or(Failure::NotFound)?;
        Ok(models::ThingResponse { data: read(thing) }.into())
    }
}

impl Things for Shop {
    async fn create_thing(&self, request: CreateThingRequest) -> Result<CreateThingResponse, Failure> {
        let is_later = self.thing.lock().unwrap().replace(request.body.data).is_some();
        let body = self.response()?;
        let location = "/things/a".to_owned();
        Ok(if is_later {
            CreateThingResponse::Accepted { body }
        } else {
            CreateThingResponse::Created { location, body }
        })
    }

    async fn delete_thing(
        &self,
        buyer: Option<Buyer>,
        _request: DeleteThingRequest,
    ) -> Result<DeleteThingResponse, Failure> {
        *self.buyer.lock().unwrap() = buyer;
        self.thing.lock().unwrap().take().map(|_| DeleteThingResponse::NoContent {}).ok_or(Failure::NotFound)
    }

    async fn get_thing(&self, buyer: Option<Buyer>, request: GetThingRequest) -> Result<GetThingResponse, Failure> {
        *self.buyer.lock().unwrap() = buyer;
        let (body, e_tag) = (self.response()?, "\"1\"".to_owned());
        let is_known = request.if_none_match.as_deref() == Some("\"1\"");
        Ok(if is_known { GetThingResponse::NotModified { e_tag } } else { GetThingResponse::Ok { e_tag, body } })
    }

    async fn list_things(&self, request: ListThingsRequest) -> Result<ListThingsResponse, Failure> {
        *self.list.lock().unwrap() = Some(request);
        Ok(ListThingsResponse::Ok { x_total: 0, body: models::ThingList { data: Vec::new() }.into() })
    }

    async fn patch_thing(
        &self,
        buyer: Option<Buyer>,
        request: PatchThingRequest,
    ) -> Result<PatchThingResponse, Failure> {
        *self.buyer.lock().unwrap() = buyer;
        let text = String::from_utf8_lossy(&request.body.bytes).into_owned();
        *self.patch.lock().unwrap() = Some((request.body.media_type, text));
        Ok(PatchThingResponse::NoContent {})
    }

    async fn watch_things(
        &self,
        buyer: Option<Buyer>,
        request: WatchThingsRequest,
    ) -> Result<WatchThingsResponse, Failure> {
        *self.buyer.lock().unwrap() = buyer;
        *self.watch.lock().unwrap() = Some(request);
        let body = self.stream.lock().unwrap().take().ok_or(Failure::NotFound)?;
        Ok(WatchThingsResponse::Ok { x_total: 7, body: body.into() })
    }
}

impl Health for Shop {
    async fn get_about(&self) -> Result<GetAboutResponse, Failure> {
        let is_open = !self.is_closed.load(Ordering::Relaxed);
        is_open.then(|| GetAboutResponse::Ok { body: "A shop.".to_owned() }).ok_or(Failure::NotFound)
    }

    async fn get_health(&self) -> Result<GetHealthResponse, Failure> {
        Ok(GetHealthResponse::ServiceUnavailable { body: models::Health { state: models::State::HalfOpen }.into() })
    }
}

/// A problem with all faults in its detail.
fn respond(failure: Failure) -> axum::response::Response {
    let status = Shop::status(&failure);
    let detail = match failure {
        Failure::Refused(Refusal::Invalid(faults)) => {
            faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect::<Vec<_>>().join("; ")
        }
        other @ (Failure::Refused(_) | Failure::NotFound) => format!("{other:?}"),
    };
    let (kind, title) = ("about:blank".to_owned(), "No".to_owned());
    problem(status.try_into().unwrap(), models::Problem { kind, title, status: status.into(), detail })
}

fn routes(shop: &Arc<Shop>) -> Routes<Failure> {
    let mut routes = things::routes();
    routes.extend(health::routes());
    Routes::new(shop, routes, str::to_owned)
}

/// The problem with which a request is refused.
pub(crate) async fn refuse(request: Request<Body>) -> String {
    let routes = routes(&Arc::default());
    let target = routes.find(request.method(), request.uri().path()).expect("the path is served");
    let response = respond(target.answer(request).await.expect_err("the request is refused"));
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

/// Serves `shop` on a port of its own, for as long as the runtime of the test lives.
pub(crate) async fn serve(shop: &Arc<Shop>) -> String {
    let (shop, routes) = (Arc::clone(shop), Arc::new(routes(shop)));
    let app = Router::new().fallback(move |mut request: Request<Body>| {
        let (routes, shop) = (Arc::clone(&routes), Arc::clone(&shop));
        async move {
            let target = routes.find(request.method(), request.uri().path()).expect("the path is served");
            let uses = target.deprecated_uses(&mut request, std::iter::empty());
            let response = target.answer(request).await.map_or_else(respond, IntoResponse::into_response);
            *shop.uses.lock().unwrap() = uses.map(|uses| uses.elements());
            response
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, app).into_future());
    url
}

/// A shop, and a client of it.
pub(crate) async fn start() -> (Arc<Shop>, Client) {
    let shop = Arc::new(Shop::default());
    let url = serve(&shop).await;
    (shop, Client::new(&url).unwrap())
}
