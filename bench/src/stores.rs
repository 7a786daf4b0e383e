//! Lists the stores that the service is measured over, with the workloads of each, and fills them.

use crate::{
    Options, Outcome,
    load::{Connections, LoadModel},
    server::Server,
    traffic::{Authorised, Post, Traffic, payment_id},
    workloads::{CONNECTIONS, HOT_PAYMENTS, LARGE_FILE_PAYMENTS, REPLACED_END, REPLACED_FROM, Workload, token},
};
use std::path::{Path, PathBuf};
use test_support::tokens;

/// The stores, each with its workloads. The number is the least ratio to axum that will do; `None` where none is set.
pub(crate) static STORES: [MeasuredStore; 6] = [
    MeasuredStore {
        name: "file",
        workloads: &[
            (Workload::GetHot, Some(0.8)),
            (Workload::GetUniform, Some(0.25)),
            (Workload::ListFirst, Some(0.3)),
            (Workload::ListDeep, Some(0.95)),
            (Workload::EventsFirst, None),
            (Workload::EventsDeep, Some(0.95)),
        ],
        open: |options| Ok(Box::new(LargeFile { path: large_file(options)?, options: options.clone() })),
    },
    MeasuredStore {
        name: "file",
        workloads: &[(Workload::GetHotWithToken, Some(0.75))],
        open: |options| Ok(Box::new(FileOfOrganisation { options: options.clone(), is_beside_itself: false })),
    },
    MeasuredStore {
        name: "file",
        workloads: &[(Workload::GetHotWithToken, Some(0.95))],
        open: |options| Ok(Box::new(FileOfOrganisation { options: options.clone(), is_beside_itself: true })),
    },
    MeasuredStore {
        name: "file",
        workloads: &[(Workload::Post, Some(0.3)), (Workload::Put, Some(0.22)), (Workload::Mixed, None)],
        open: |options| Ok(Box::new(WrittenFile { options: options.clone() })),
    },
    MeasuredStore {
        name: "memory",
        workloads: &[
            (Workload::GetHot, None),
            (Workload::ListFirst, None),
            (Workload::Post, None),
            (Workload::Put, None),
            (Workload::Mixed, None),
        ],
        open: |_| Ok(Box::new(Memory)),
    },
    MeasuredStore {
        name: "postgres",
        workloads: &[(Workload::GetHot, Some(0.9)), (Workload::Post, Some(0.8))],
        open: |_| Ok(Box::new(Postgres::start())),
    },
];

/// A store, and what is measured over it.
pub(crate) struct MeasuredStore {
    /// The name, which `--only` selects by.
    pub(crate) name: &'static str,
    /// The workloads, each with the least ratio that will do.
    pub(crate) workloads: &'static [(Workload, Option<f64>)],
    /// Prepares the store: files, or a database server.
    pub(crate) open: fn(&Options) -> Outcome<Box<dyn OpenStore>>,
}

/// A store that services can be started over.
pub(crate) trait OpenStore {
    /// Starts `program` over the store, and fills the store if it is empty. The build `before` gets a store of its own.
    fn serve(&self, program: &Path, before: bool) -> Outcome<Server>;

    /// Starts a server that does the same over the store, for the service to be compared with; `None` if it is compared with one
    /// that only sends bytes.
    fn serve_bare(&self, _ceiling: &Path) -> Outcome<Option<Server>> {
        Ok(None)
    }
}

/// The path that shows that a service is up.
pub(crate) const ALIVE: &str = "/alive";

/// Starts the service with these flags.
fn serve(program: &Path, flags: &[&str]) -> Outcome<Server> {
    Server::start(program, &[&["serve", "--listen", "{address}"], flags].concat(), ALIVE)
}

/// Starts the service over the SQLite file at `path`.
pub(crate) fn serve_file(program: &Path, path: &Path) -> Outcome<Server> {
    serve_file_with(program, path, &[])
}

/// Does the same with more flags.
pub(crate) fn serve_file_with(program: &Path, path: &Path, flags: &[&str]) -> Outcome<Server> {
    let uri = uri(path);
    serve(program, &[&["--repo-uri", &uri], flags].concat())
}

fn uri(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

struct Memory;

impl OpenStore for Memory {
    fn serve(&self, program: &Path, _: bool) -> Outcome<Server> {
        filled(serve(program, &[])?)
    }
}

/// A file that workloads write to. Each service gets a new one.
struct WrittenFile {
    options: Options,
}

impl OpenStore for WrittenFile {
    fn serve(&self, program: &Path, before: bool) -> Outcome<Server> {
        let name = if before { "written.before.db" } else { "written.db" };
        filled(serve_file(program, &new_file(&self.options, name)?)?)
    }
}

/// A file whose payments are those of an organisation, served to callers with tokens.
struct FileOfOrganisation {
    options: Options,
    /// Whether the service is compared with itself, when it asks for no tokens, over a file of anonymous payments.
    is_beside_itself: bool,
}

impl OpenStore for FileOfOrganisation {
    fn serve(&self, program: &Path, before: bool) -> Outcome<Server> {
        let path = new_file(&self.options, if before { "organisation.before.db" } else { "organisation.db" })?;
        let (uri, identity) = (uri(&path), tokens::flags());
        let flags: Vec<_> = ["--repo-uri", &uri].into_iter().chain(identity.iter().map(String::as_str)).collect();
        let service = serve(program, &flags)?;
        create(&service, 0, HOT_PAYMENTS, |number, post| Box::new(Authorised::new(post, &token(number))))?;
        Ok(service)
    }

    fn serve_bare(&self, _: &Path) -> Outcome<Option<Server>> {
        let open = || WrittenFile { options: self.options.clone() }.serve(&self.options.service, false);
        self.is_beside_itself.then(open).transpose()
    }
}

/// The file with [`LARGE_FILE_PAYMENTS`], which no workload changes.
struct LargeFile {
    options: Options,
    path: PathBuf,
}

impl OpenStore for LargeFile {
    fn serve(&self, program: &Path, before: bool) -> Outcome<Server> {
        if before {
            let copy = new_file(&self.options, "million.before.db")?;
            std::fs::copy(&self.path, &copy)?;
            return serve_file(program, &copy);
        }
        serve_file(program, &self.path)
    }
}

/// A PostgreSQL that runs on the core of the load, as if it were on a machine of its own.
struct Postgres {
    server: test_postgres::Server,
    /// The database of the service, which the bare server shares.
    url: String,
}

impl Postgres {
    fn start() -> Self {
        let server = test_postgres::Server::start();
        let url = server.database();
        Self { server, url }
    }
}

impl OpenStore for Postgres {
    fn serve(&self, program: &Path, before: bool) -> Outcome<Server> {
        let url = if before { &self.server.database() } else { &self.url };
        filled(serve(program, &["--repo", "postgres", "--repo-uri", url])?)
    }

    fn serve_bare(&self, ceiling: &Path) -> Outcome<Option<Server>> {
        let arguments = ["{address}", "postgres", &self.url, "payments"];
        Server::start(ceiling, &arguments, &format!("/v1/payments/{}", payment_id(0))).map(Some)
    }
}

/// The path of a file, which is deleted if it exists, together with those that SQLite and the service put beside it.
pub(crate) fn new_file(options: &Options, name: &str) -> Outcome<PathBuf> {
    let path = options.directory.join(name);
    for suffix in ["", "-wal", "-shm", "-lock"] {
        let mut part = path.clone().into_os_string();
        part.push(suffix);
        match std::fs::remove_file(part) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(path)
}

/// The path of the file that holds [`LARGE_FILE_PAYMENTS`]. The service fills it once; later runs find it there.
pub(crate) fn large_file(options: &Options) -> Outcome<PathBuf> {
    let path = options.directory.join("million.db");
    if path.exists() {
        // Reads the file into the page cache: the service is to be measured, not the disk.
        std::io::copy(&mut std::fs::File::open(&path)?, &mut std::io::sink())?;
        return Ok(path);
    }
    println!("filling {}, once", path.display());
    let unfinished = new_file(options, "filling.db")?;
    let service = serve_file(&options.service, &unfinished)?;
    create(&service, 0, LARGE_FILE_PAYMENTS, anonymously)?;
    drop(service);
    std::fs::rename(&unfinished, &path)?;
    Ok(path)
}

/// Creates the payments that the workloads read and replace.
fn filled(service: Server) -> Outcome<Server> {
    create(&service, 0, HOT_PAYMENTS, anonymously)?;
    create(&service, REPLACED_FROM, REPLACED_END, anonymously)?;
    Ok(service)
}

/// Sends requests without a token.
fn anonymously(_: u64, post: Post) -> Box<dyn Traffic> {
    Box::new(post)
}

/// Creates the payments numbered from `from` to below `to`. `send` makes the traffic of each connection, by its number.
fn create(service: &Server, from: u64, to: u64, send: fn(u64, Post) -> Box<dyn Traffic>) -> Outcome<()> {
    let each = (to - from).div_ceil(CONNECTIONS);
    let traffic = |number| send(number, Post::numbered(from + number * each));
    let mut connections = Connections::open(service.address, (0..CONNECTIONS).map(traffic).collect())?;
    connections.run_round(LoadModel::Count(each))?;
    Ok(())
}
