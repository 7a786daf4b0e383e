//! What happens to every request, whatever it asks for: it gets a name, is counted against its client's limit, is answered
//! within a deadline even if a handler panics, and is logged.

use super::{
    access_log::Entry,
    caching, client_address, compression,
    cors::{self, Origins},
    metrics::{HttpMetrics, InFlight},
    rate_limit::{Limit, RateLimit, Verdict},
};
use crate::{
    deadline,
    http::{
        problem::{self, Asked, Error, whole_seconds},
        request_id::{self, RequestId},
        site::Site,
    },
};
use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    http::{HeaderName, HeaderValue, Method, Version, header},
    response::Response,
};
use futures_util::FutureExt;
use ipnet::IpNet;
use payments_server::{Answering, Target};
use std::{
    any::Any,
    convert::Infallible,
    mem,
    net::IpAddr,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};
use tokio::time::Instant;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_http::cors::CorsLayer;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A browser takes the media type at its word.
const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// How requests are let through.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many requests a client may make of the versioned paths; `None`: as many as it likes.
    pub rate: Option<Limit>,
    /// How long a request may take.
    pub timeout: Duration,
    /// The proxies whose word we take for who the client is.
    pub trusted_proxies: Vec<IpNet>,
}

/// A request that has come, and is not answered yet.
pub(in crate::http) struct Begun {
    next: Next,
    entry: Entry,
    in_flight: Option<InFlight>,
}

/// What is to be done with a request.
enum Next {
    /// It waits for its handler.
    Wait(Called),
    /// What browsers need comes first. In a box: hardly any service is told to do that, and it would make every request larger.
    Negotiate(Box<Request>),
}

/// A request that was handed over to its handler.
struct Called {
    answering: Answering<Error>,
    path: Box<str>,
    verdict: Option<Verdict>,
}

/// The way of a request through the service.
#[derive(Debug)]
pub struct Pipeline {
    site: Site,
    /// What the paths begin with that are counted. Monitoring and admin must work when nothing else does.
    counted: String,
    rate: Option<RateLimit>,
    timeout: Duration,
    trusted_proxies: Vec<IpNet>,
    cors: Option<CorsLayer>,
    compress: bool,
    metrics: Option<Arc<HttpMetrics>>,
    leaving: AtomicBool,
}

impl Pipeline {
    /// The way to `site`, whose versioned paths begin with `/{api_version}/`.
    #[must_use]
    pub fn new(site: impl Into<Site>, api_version: &str, limits: Limits) -> Self {
        let Limits { rate, timeout, trusted_proxies } = limits;
        Self {
            site: site.into(),
            counted: format!("/{api_version}/"),
            rate: rate.map(RateLimit::new),
            timeout,
            trusted_proxies,
            cors: None,
            compress: false,
            metrics: None,
            leaving: AtomicBool::new(false),
        }
    }

    /// Lets the pages of these origins in.
    #[must_use]
    pub fn open_to(self, origins: Option<&Origins>) -> Self {
        Self { cors: origins.map(cors::layer), ..self }
    }

    /// Compresses responses, or does not.
    #[must_use]
    pub fn compressing(self, compress: bool) -> Self {
        Self { compress, ..self }
    }

    /// Measures every request, if there is somebody to tell.
    #[must_use]
    pub fn measured(self, metrics: Option<HttpMetrics>) -> Self {
        Self { metrics: metrics.map(Arc::new), ..self }
    }

    /// From now on, asks clients to open their next connection elsewhere. One that is closed under a client that keeps it for
    /// later takes a request along with it now and then.
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    /// Does with a request that came from `peer` whatever is done at once. The request itself goes no further than into the
    /// box of its handler: each future that carried it would copy it.
    pub(in crate::http) fn begin(&self, request: Request, peer: IpAddr) -> Begun {
        let began = (Instant::now(), SystemTime::now());
        let client = client_address::of(peer, request.headers(), &self.trusted_proxies);
        let id = RequestId::give(request.headers(), began.1);
        let target = self.site.find(&request);
        let entry = Entry::begin(&request, client, id, target.and_then(Target::operation), began);
        let in_flight = self.metrics.as_ref().map(|metrics| metrics.begin(request.body()));
        let next = if self.cors.is_none() && !self.compress {
            Next::Wait(self.call(target, request, &entry))
        } else {
            Next::Negotiate(Box::new(request))
        };
        Begun { next, entry, in_flight }
    }

    /// Answers a request that was begun with.
    pub(in crate::http) async fn finish(&self, begun: &mut Begun) -> Response {
        let Begun { next, entry, in_flight } = begun;
        let mut response = match next {
            Next::Wait(called) => self.pass(called, entry).await,
            Next::Negotiate(request) => Box::pin(self.negotiate(mem::take(request), entry)).await,
        };
        let took = entry.write(response.status());
        if let Some(in_flight) = in_flight.take() {
            in_flight.answered(&entry.method, entry.route(), took, &response);
        }
        caching::mark(&mut response, &entry.method);
        response.headers_mut().insert(request_id::HEADER, entry.id.take());
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
        // HTTP/2 has a frame of its own for this, and forbids the header.
        if entry.version < Version::HTTP_2 && self.leaving.load(Ordering::Relaxed) {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if entry.method == Method::HEAD { without_body(response) } else { response }
    }

    /// Answers in a way that suits browsers.
    async fn negotiate(&self, request: Request, entry: &Entry) -> Response {
        let pass = service_fn(async |request: Request| {
            let mut called = self.call(self.site.find(&request), request, entry);
            Ok::<_, Infallible>(self.pass(&mut called, entry).await)
        });
        let compress = self.compress.then(|| {
            ServiceBuilder::new()
                .map_response(|response: axum::http::Response<_>| response.map(Body::new))
                .layer(compression::layer())
        });
        let cors = self.cors.clone();
        let answered = ServiceBuilder::new().option_layer(cors).option_layer(compress).service(pass).oneshot(request);
        match answered.await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// Counts the request, and hands it over. Its handler does nothing before somebody waits for it.
    fn call(&self, target: Option<&Target<Error>>, request: Request, entry: &Entry) -> Called {
        let verdict = self.count(request.uri().path(), entry.client);
        // A copy: more than that would keep the connection from using the memory again.
        let path = request.uri().path().into();
        Called { answering: self.site.answer(target, request, &entry.id), path, verdict }
    }

    fn count(&self, path: &str, client: IpAddr) -> Option<Verdict> {
        let rate = self.rate.as_ref().filter(|_| path.starts_with(&self.counted))?;
        Some(rate.count(client))
    }

    /// Waits for the answer, if the request may pass.
    async fn pass(&self, called: &mut Called, entry: &Entry) -> Response {
        let mut response = match self.attempt(called, entry).await {
            Ok(response) => response,
            Err(error) => {
                problem::response(error, &Asked { path: mem::take(&mut called.path), id: Some(entry.id.clone()) })
            }
        };
        if let (Some(verdict), Some(rate)) = (&called.verdict, &self.rate) {
            announce(&mut response, rate, verdict);
        }
        response
    }

    async fn attempt(&self, Called { answering, verdict, .. }: &mut Called, entry: &Entry) -> Result<Response, Error> {
        if let Some(Verdict { passes: false, reset, .. }) = verdict {
            self.note(HttpMetrics::rate_limited);
            return Err(Error::TooManyRequests { wait: *reset });
        }
        // Whatever a handler shares is behind locks and channels that survive a panic, so the next request may use it.
        let answered = pin!(AssertUnwindSafe(answering).catch_unwind());
        match deadline::before(|| entry.began.0 + self.timeout, answered).await {
            Some(Ok(answered)) => answered,
            Some(Err(panic)) => {
                self.note(HttpMetrics::panicked);
                Err(Error::Panicked(describe(&*panic)))
            }
            None => {
                self.note(HttpMetrics::timed_out);
                Err(Error::TimedOut { after: self.timeout })
            }
        }
    }

    fn note(&self, event: fn(&HttpMetrics)) {
        if let Some(metrics) = &self.metrics {
            event(metrics);
        }
    }
}

/// What answers `HEAD`: all but the body, of which the length is told (RFC 9110, section 9.3.2).
fn without_body(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        head.headers.entry(header::CONTENT_LENGTH).or_insert(length.into());
    }
    Response::from_parts(head, Body::empty())
}

/// Tells the client how much of its limit is left (draft-ietf-httpapi-ratelimit-headers-10).
fn announce(response: &mut Response, rate: &RateLimit, verdict: &Verdict) {
    let left = format!("\"client\";r={};t={}", verdict.remaining, whole_seconds(verdict.reset));
    for (name, text) in [(RATE_LIMIT_POLICY, rate.limit().policy()), (RATE_LIMIT, left)] {
        if let Ok(value) = HeaderValue::try_from(text) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// What a panic says.
fn describe(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::{HttpMetrics, Limits, Pipeline};
    use axum::{
        Router,
        body::Body,
        extract::Request,
        http::{HeaderMap, Version},
        response::Response,
        routing::get,
    };
    use std::{net::IpAddr, time::Duration};

    const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn pipeline(rate: Option<&str>) -> Pipeline {
        let router = Router::new()
            .route("/v1/well", get(async || "well"))
            .route("/health", get(async || "up"))
            .route("/slow", get(async || tokio::time::sleep(Duration::from_secs(3600)).await))
            .route("/broken", get(async || -> &'static str { panic!("it broke") }));
        let rate = rate.map(|text| text.parse().unwrap());
        Pipeline::new(router, "v1", Limits { rate, timeout: Duration::from_secs(60), trusted_proxies: Vec::new() })
    }

    async fn answer(pipeline: &Pipeline, request: Request) -> Response {
        let mut begun = pipeline.begin(request, CLIENT);
        pipeline.finish(&mut begun).await
    }

    async fn ask(pipeline: &Pipeline, path: &str) -> (u16, HeaderMap, String) {
        let request = Request::builder().uri(path).header("x-request-id", "r-1").body(Body::empty()).unwrap();
        let (head, body) = answer(pipeline, request).await.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        assert_eq!(head.headers["x-request-id"], "r-1", "{path}");
        (head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_takes_too_long_is_given_up() {
        let (status, headers, body) = ask(&pipeline(None), "/slow").await;
        assert_eq!((status, &headers["retry-after"]), (503, &"1".parse().unwrap()));
        assert!(body.contains("longer than 60 s") && body.contains(r#""request_id":"r-1""#), "{body}");
    }

    #[tokio::test]
    async fn a_panic_is_our_fault_and_the_next_request_is_served() {
        let pipeline = pipeline(None);
        let (status, headers, body) = ask(&pipeline, "/broken").await;
        assert_eq!((status, &headers["content-type"]), (500, &"application/problem+json".parse().unwrap()));
        assert!(!body.contains("it broke"), "internals in {body}");
        assert_eq!(ask(&pipeline, "/v1/well").await.0, 200);
    }

    #[tokio::test(start_paused = true)]
    async fn panics_and_deadlines_are_counted_and_so_is_who_went_away() {
        let registry = prometheus::Registry::new();
        let pipeline = pipeline(None).measured(Some(HttpMetrics::register(&registry).unwrap()));
        ask(&pipeline, "/broken").await;
        ask(&pipeline, "/slow").await;
        let impatient = tokio::time::timeout(Duration::from_secs(1), ask(&pipeline, "/slow")).await;
        assert!(impatient.is_err());
        // Some have gone before anybody begins to work out their answer.
        drop(pipeline.begin(Request::builder().uri("/slow").body(Body::empty()).unwrap(), CLIENT));
        let text = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        for sample in [
            "http_handler_panics_total 1",
            "http_requests_timed_out_total 1",
            "http_requests_abandoned_total 2",
            "http_requests_in_flight 0",
            r#"http_requests_total{method="GET",route="-",status="500"} 1"#,
            r#"http_requests_total{method="GET",route="-",status="503"} 1"#,
        ] {
            assert!(text.contains(sample), "{sample} in {text}");
        }
    }

    #[tokio::test]
    async fn a_client_over_its_limit_is_told_when_to_come_back() {
        let pipeline = pipeline(Some("2-M"));
        for left in ["\"client\";r=1;t=30", "\"client\";r=0;t=60"] {
            let (status, headers, _) = ask(&pipeline, "/v1/well").await;
            assert_eq!((status, headers["ratelimit"].to_str().unwrap()), (200, left));
            assert_eq!(headers["ratelimit-policy"], "\"client\";q=2;w=60");
        }
        let (status, headers, body) = ask(&pipeline, "/v1/well").await;
        assert_eq!((status, &headers["retry-after"]), (429, &"30".parse().unwrap()));
        assert!(body.contains("/problems/too-many-requests"), "{body}");
        let (status, headers, _) = ask(&pipeline, "/health").await;
        assert_eq!((status, headers.get("ratelimit")), (200, None), "monitoring is not counted");
    }

    #[tokio::test]
    async fn who_leaves_says_so_in_the_words_of_each_protocol() {
        let pipeline = pipeline(None);
        let ask = async |version| {
            let request = Request::builder().uri("/v1/well").version(version).body(Body::empty()).unwrap();
            answer(&pipeline, request).await.headers().get("connection").cloned()
        };
        assert_eq!(ask(Version::HTTP_11).await, None);
        pipeline.leave();
        assert_eq!(ask(Version::HTTP_11).await.unwrap(), "close");
        assert_eq!(ask(Version::HTTP_2).await, None);
    }
}
