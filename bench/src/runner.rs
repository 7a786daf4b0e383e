//! Measures every selected workload over every selected store.

use crate::{
    Options, Outcome,
    load::Connections,
    measure::{Side, Subject, compare},
    report::BenchReport,
    server::{Server, fetch, fetch_with},
    stores::{MeasuredStore, OpenStore, STORES},
    traffic::{Echoed, Fixed, Post, Traffic, payment_id},
    workloads::{EVENTS, LARGE_FILE_PAYMENTS, Requests, Workload, per_connection, token},
};
use serde_json::Value;
use std::sync::Arc;

/// The baselines.
const AXUM: &str = "axum";
const AXUM_SQLX: &str = "axum + sqlx";
const BEFORE: &str = "the build before";
const FIRST_PAGE: &str = "the first page";
const ITSELF: &str = "no tokens";

/// Measures all that `options` select.
pub(crate) fn run(options: &Options, report: &mut BenchReport) -> Outcome<()> {
    let mut runner = Runner { options, report };
    STORES.iter().try_for_each(|store| runner.measure(store))
}

struct Runner<'a> {
    options: &'a Options,
    report: &'a mut BenchReport,
}

/// The services that run over a store, and the bare server that they share it with.
struct Servers {
    service: Server,
    /// The build before a change, which takes the place of axum.
    before: Option<Server>,
    bare: Option<Server>,
}

impl Runner<'_> {
    fn measure(&mut self, store: &MeasuredStore) -> Outcome<()> {
        let selected = |workload: Workload| self.options.wants(&format!("{} {}", workload.name(), store.name));
        let workloads: Vec<_> = store.workloads.iter().filter(|(workload, _)| selected(*workload)).collect();
        if workloads.is_empty() {
            return Ok(());
        }
        let open = (store.open)(self.options)?;
        let servers = self.start(&*open)?;
        for (workload, target) in workloads {
            self.compare(&servers, *workload, store.name, *target)?;
        }
        Ok(())
    }

    fn start(&self, store: &dyn OpenStore) -> Outcome<Servers> {
        let Options { service, before, ceiling, .. } = self.options;
        let before = before.as_ref().map(|program| store.serve(program, true)).transpose()?;
        let service = store.serve(service, false)?;
        let bare = if before.is_none() { store.serve_bare(ceiling)? } else { None };
        Ok(Servers { service, before, bare })
    }

    /// Compares the service under a workload with its baseline.
    fn compare(
        &mut self,
        Servers { service, before, bare }: &Servers,
        workload: Workload,
        store: &'static str,
        target: Option<f64>,
    ) -> Outcome<()> {
        let page = if workload == Workload::ListDeep {
            last_page(service)?
        } else if workload == Workload::EventsDeep {
            last_events(service)?
        } else {
            String::new()
        };
        let requests = || workload.requests(&page);
        let subject = |baseline, target| Subject { workload: workload.name(), store, baseline, target };
        match (workload, before, bare) {
            (Workload::ListDeep, ..) => {
                let first = (service, Workload::ListFirst.requests(""));
                self.measure_sides(subject(FIRST_PAGE, target), first, (service, requests()))
            }
            (Workload::EventsDeep, ..) => {
                let first = (service, Workload::EventsFirst.requests(""));
                self.measure_sides(subject(FIRST_PAGE, target), first, (service, requests()))
            }
            (_, Some(before), _) => {
                self.measure_sides(subject(BEFORE, None), (before, requests()), (service, requests()))
            }
            (Workload::GetHotWithToken, None, Some(bare)) => {
                self.measure_sides(subject(ITSELF, target), (bare, requests()), (service, requests()))
            }
            (Workload::Post, None, Some(bare)) => {
                let echoed = per_connection(|number| Echoed::new(Post::new(number)));
                self.measure_sides(subject(AXUM_SQLX, target), (bare, echoed), (service, requests()))
            }
            (_, None, Some(bare)) => {
                self.measure_sides(subject(AXUM_SQLX, target), (bare, requests()), (service, requests()))
            }
            (_, None, None) => {
                let (ceiling, fixed) = self.start_ceiling(service, workload, requests())?;
                self.measure_sides(subject(AXUM, target), (&ceiling, fixed), (service, requests()))
            }
        }
    }

    /// Starts axum with a handler that sends a sample of the service's answers, and adapts the requests to it.
    fn start_ceiling(&self, service: &Server, workload: Workload, requests: Requests) -> Outcome<(Server, Requests)> {
        let sample = if workload == Workload::ListFirst {
            "/v1/payments".to_owned()
        } else if workload == Workload::EventsFirst {
            format!("/v1/events?size={EVENTS}")
        } else {
            format!("/v1/payments/{}", payment_id(0))
        };
        let header = if workload == Workload::GetHotWithToken {
            format!("authorization: Bearer {}\r\n", token(0))
        } else {
            String::new()
        };
        let body: Arc<[u8]> = fetch_with(service.address, &sample, &header)?.into();
        let file = self.options.directory.join("body.json");
        std::fs::write(&file, &body)?;
        let status = if workload == Workload::Post { 201 } else { 200 };
        let arguments = ["{address}", &status.to_string(), &file.to_string_lossy()];
        let ceiling = Server::start(&self.options.ceiling, &arguments, "/v1/payments")?;
        let fix = |traffic| Box::new(Fixed { traffic, status, body: Arc::clone(&body) }) as Box<dyn Traffic>;
        Ok((ceiling, requests.into_iter().map(fix).collect()))
    }

    fn measure_sides(
        &mut self,
        subject: Subject,
        (baseline, baseline_requests): (&Server, Requests),
        (service, requests): (&Server, Requests),
    ) -> Outcome<()> {
        let baseline = Side { server: baseline, connections: Connections::open(baseline.address, baseline_requests)? };
        let service = Side { server: service, connections: Connections::open(service.address, requests)? };
        self.report.comparisons.push(compare(self.options, subject, baseline, service)?);
        Ok(())
    }
}

/// The query of the last page of the large file's list. It is reached once by offset, to learn its cursor.
fn last_page(service: &Server) -> Outcome<String> {
    let page = fetch(service.address, &format!("/v1/payments?from={}", LARGE_FILE_PAYMENTS - 40))?;
    next_query(&serde_json::from_slice(&page)?)
}

/// The query of the page of the last events. It is reached once by a walk through all, to learn its cursor.
fn last_events(service: &Server) -> Outcome<String> {
    // As many as the service shows at most.
    let (mut query, mut size, mut left) = ("?size=1000".to_owned(), 1000, LARGE_FILE_PAYMENTS);
    while left > EVENTS as u64 {
        if left < size + EVENTS as u64 {
            size = left - EVENTS as u64;
            query = with_size(&query, size)?;
        }
        let page: Value = serde_json::from_slice(&fetch(service.address, &format!("/v1/events{query}"))?)?;
        let shown = page.pointer("/data").and_then(Value::as_array).map_or(0, Vec::len) as u64;
        if shown == 0 {
            return Err(format!("{left} events are missing in the feed").into());
        }
        (left, query) = (left - shown, next_query(&page)?);
    }
    with_size(&query, EVENTS as u64)
}

/// The query of the next page, by its link.
fn next_query(page: &Value) -> Outcome<String> {
    let next = page.pointer("/links/next").and_then(Value::as_str).ok_or("the page has no links.next")?;
    Ok(next.find('?').and_then(|index| next.get(index..)).ok_or("links.next has no query")?.to_owned())
}

/// The same query of another size.
fn with_size(query: &str, size: u64) -> Outcome<String> {
    let parts = query.trim_start_matches('?').split('&').filter(|part| !part.starts_with("size="));
    let parts: Vec<_> = parts.map(str::to_owned).chain([format!("size={size}")]).collect();
    Ok(format!("?{}", parts.join("&")))
}
