//! What is measured.

use crate::{
    Options, Outcome,
    load::Clients,
    measure::{Side, Subject, compare},
    report::Report,
    server::{Server, fetch},
    stores::{self, CONNECTIONS, HOT, MANY, REPLACED, REPLACED_EACH},
    traffic::{Echoed, Fixed, Get, List, Mixed, Post, Put, Traffic, id},
};
use std::{path::Path, sync::Arc};

type Requests = Vec<Box<dyn Traffic>>;

const AXUM: &str = "axum";
const AXUM_SQLX: &str = "axum + sqlx";
const BEFORE: &str = "the build before";
const FIRST_PAGE: &str = "the first page";

/// Measures all that is wanted.
pub(crate) fn run(options: &Options, report: &mut Report) -> Outcome<()> {
    let mut bench = Bench { options, report };
    bench.large_file()?;
    bench.file()?;
    bench.memory()?;
    bench.postgres()
}

/// The service, and the build before it if that is what it is measured against; each over a store of its own.
struct Services {
    service: Server,
    before: Option<Server>,
}

struct Bench<'a> {
    options: &'a Options,
    report: &'a mut Report,
}

impl Bench<'_> {
    /// Whether something of a store is wanted.
    fn wants(&self, store: &str, workloads: &[&str]) -> bool {
        workloads.iter().any(|workload| self.options.wants(&format!("{workload} {store}")))
    }

    /// What does not change the file that holds many payments.
    fn large_file(&mut self) -> Outcome<()> {
        if !self.wants("file", &["GET hot", "GET uniform", "list first", "list deep"]) {
            return Ok(());
        }
        let million = stores::million(self.options)?;
        let service = self.services(|program, is_before| match is_before {
            false => stores::file(program, &million),
            true => stores::file(program, &stores::copy(self.options, &million, "million.before.db")?),
        })?;
        self.against_axum("GET hot", "file", Some(0.8), &service, hot)?;
        self.against_axum("GET uniform", "file", Some(0.25), &service, || each(|number| Get::new(number, MANY)))?;
        self.against_axum("list first", "file", Some(0.3), &service, || list(String::new()))?;
        self.deep_list(&service.service)
    }

    /// The page at the far end, beside the first.
    fn deep_list(&mut self, service: &Server) -> Outcome<()> {
        let subject = Subject { workload: "list deep", store: "file", baseline: FIRST_PAGE, target: Some(0.95) };
        if !self.wants(subject.store, &[subject.workload]) {
            return Ok(());
        }
        // Once by offset, to learn the cursor.
        let before = fetch(service.address, &format!("/v1/payments?from={}", MANY - 40))?;
        let before: serde_json::Value = serde_json::from_slice(&before)?;
        let next = before.pointer("/links/next").and_then(serde_json::Value::as_str).ok_or("a page without a next")?;
        let query = next.find('?').and_then(|at| next.get(at..)).ok_or("a next without a query")?.to_owned();
        let first = Clients::connect(service.address, list(String::new()))?;
        let deep = Clients::connect(service.address, list(query))?;
        let side = |clients| Side { server: service, clients };
        self.report.comparisons.push(compare(self.options, subject, side(first), side(deep))?);
        Ok(())
    }

    /// What writes into a file.
    fn file(&mut self) -> Outcome<()> {
        if !self.wants("file", &["POST", "PUT", "mixed"]) {
            return Ok(());
        }
        let service = self.services(|program, is_before| {
            let name = if is_before { "written.before.db" } else { "written.db" };
            filled(stores::file(program, &stores::fresh(self.options, name)?)?)
        })?;
        self.against_axum("POST", "file", Some(0.3), &service, || each(Post::new))?;
        self.against_axum("PUT", "file", Some(0.25), &service, || each(replace))?;
        self.against_axum("mixed", "file", None, &service, mixed)
    }

    fn memory(&mut self) -> Outcome<()> {
        if !self.wants("memory", &["GET hot", "POST", "PUT", "list first", "mixed"]) {
            return Ok(());
        }
        let service = self.services(|program, _| filled(stores::memory(program)?))?;
        self.against_axum("GET hot", "memory", None, &service, hot)?;
        self.against_axum("list first", "memory", None, &service, || list(String::new()))?;
        self.against_axum("POST", "memory", None, &service, || each(Post::new))?;
        self.against_axum("PUT", "memory", None, &service, || each(replace))?;
        self.against_axum("mixed", "memory", None, &service, mixed)
    }

    fn postgres(&mut self) -> Outcome<()> {
        if !self.wants("postgres", &["GET hot", "POST"]) {
            return Ok(());
        }
        // It shares the core of the load, as it would be on a machine of its own.
        let server = test_postgres::Server::start();
        let url = server.database();
        let Services { service, before } = self.services(|program, is_before| {
            let url = if is_before { &server.database() } else { &url };
            filled(stores::postgres(program, url)?)
        })?;
        if let Some(before) = before {
            let subject = |workload| Subject { workload, store: "postgres", baseline: BEFORE, target: None };
            self.against(subject("GET hot"), (&before, hot()), (&service, hot()))?;
            return self.against(subject("POST"), (&before, each(Post::new)), (&service, each(Post::new)));
        }
        let bare = ["{address}", "postgres", &url, "payments"];
        let bare = Server::start(&self.options.ceiling, &bare, &format!("/v1/payments/{}", id(0)))?;
        let subject = |workload, target| Subject { workload, store: "postgres", baseline: AXUM_SQLX, target };
        self.against(subject("GET hot", Some(0.9)), (&bare, hot()), (&service, hot()))?;
        let echoed = each(|number| Echoed(Post::new(number), Vec::new()));
        self.against(subject("POST", Some(0.8)), (&bare, echoed), (&service, each(Post::new)))
    }

    /// Starts the service, and the build before it if there is one: `start` is told which program that is, and whether it is
    /// the one before.
    fn services(&self, start: impl Fn(&Path, bool) -> Outcome<Server>) -> Outcome<Services> {
        let before = self.options.before.as_ref().map(|program| start(program, true)).transpose()?;
        Ok(Services { service: start(&self.options.service, false)?, before })
    }

    /// Measures the service against axum answering the same requests with the same bytes, always the same; or against the
    /// build before.
    fn against_axum(
        &mut self,
        workload: &'static str,
        store: &'static str,
        target: Option<f64>,
        Services { service, before }: &Services,
        requests: impl Fn() -> Requests,
    ) -> Outcome<()> {
        if let Some(before) = before {
            let subject = Subject { workload, store, baseline: BEFORE, target: None };
            return self.against(subject, (before, requests()), (service, requests()));
        }
        let subject = Subject { workload, store, baseline: AXUM, target };
        if !self.wants(store, &[workload]) {
            return Ok(());
        }
        let sample = match workload {
            "list first" => "/v1/payments".to_owned(),
            _ => format!("/v1/payments/{}", id(0)),
        };
        let body: Arc<[u8]> = fetch(service.address, &sample)?.into();
        let file = self.options.directory.join("body.json");
        std::fs::write(&file, &body)?;
        let status = if workload == "POST" { 201 } else { 200 };
        let arguments = ["{address}", &status.to_string(), &file.to_string_lossy()];
        let ceiling = Server::start(&self.options.ceiling, &arguments, "/v1/payments")?;
        let fix = |traffic| Box::new(Fixed { traffic, status, body: Arc::clone(&body) }) as Box<dyn Traffic>;
        let fixed = requests().into_iter().map(fix).collect();
        let baseline = Side { server: &ceiling, clients: Clients::connect(ceiling.address, fixed)? };
        let side = Side { server: service, clients: Clients::connect(service.address, requests())? };
        self.report.comparisons.push(compare(self.options, subject, baseline, side)?);
        Ok(())
    }

    /// Measures the service against something else that is asked the same.
    fn against(
        &mut self,
        subject: Subject,
        (bare, bare_requests): (&Server, Requests),
        (service, requests): (&Server, Requests),
    ) -> Outcome<()> {
        if !self.wants(subject.store, &[subject.workload]) {
            return Ok(());
        }
        let baseline = Side { server: bare, clients: Clients::connect(bare.address, bare_requests)? };
        let side = Side { server: service, clients: Clients::connect(service.address, requests)? };
        self.report.comparisons.push(compare(self.options, subject, baseline, side)?);
        Ok(())
    }
}

/// A service over a store that holds what workloads need.
fn filled(service: Server) -> Outcome<Server> {
    stores::fill(&service)?;
    Ok(service)
}

/// Traffic for each connection.
fn each<T: Traffic + 'static>(of: impl Fn(u64) -> T) -> Requests {
    (0..CONNECTIONS).map(|number| Box::new(of(number)) as Box<dyn Traffic>).collect()
}

fn hot() -> Requests {
    Get::hot(CONNECTIONS, HOT).into_iter().map(|get| Box::new(get) as Box<dyn Traffic>).collect()
}

fn list(query: String) -> Requests {
    each(|_| List { query: query.clone(), expected: Vec::new() })
}

fn replace(number: u64) -> Put {
    Put::new(REPLACED + number * REPLACED_EACH as u64, REPLACED_EACH)
}

fn mixed() -> Requests {
    let gets = Get::hot(CONNECTIONS, HOT).into_iter().zip(0..);
    let mix =
        |(get, number)| Mixed { get, post: Post::new(number), put: replace(number + CONNECTIONS), turn: number << 32 };
    gets.map(|pair| Box::new(mix(pair)) as Box<dyn Traffic>).collect()
}
