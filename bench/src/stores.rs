//! Stores that the service is measured over, and what is in them.

use crate::{
    Options, Outcome,
    load::{Clients, Pace},
    server::Server,
    traffic::{Post, Traffic},
};
use std::path::{Path, PathBuf};

/// How many payments the large store holds.
pub(crate) const MANY: u64 = 1_000_000;
/// How many payments are read again and again.
pub(crate) const HOT: u64 = 1000;
/// The first of the payments that are replaced, how many each connection has, and where they end.
pub(crate) const REPLACED: u64 = 10_000;
pub(crate) const REPLACED_EACH: usize = 16;
pub(crate) const REPLACED_END: u64 = REPLACED + 2 * CONNECTIONS * REPLACED_EACH as u64;
/// How many connections there are.
pub(crate) const CONNECTIONS: u64 = 64;
/// What says that a server is there.
pub(crate) const ALIVE: &str = "/alive";

const SERVE: [&str; 3] = ["serve", "--listen", "{address}"];

/// The service over a store in memory.
pub(crate) fn memory(program: &Path) -> Outcome<Server> {
    Server::start(program, &SERVE, ALIVE)
}

/// The service over the file at `path`.
pub(crate) fn file(program: &Path, path: &Path) -> Outcome<Server> {
    let uri = format!("sqlite://{}", path.display());
    Server::start(program, &[&SERVE[..], &["--repo-uri", &uri]].concat(), ALIVE)
}

/// The service `program` over a database at `url`.
pub(crate) fn postgres(program: &Path, url: &str) -> Outcome<Server> {
    Server::start(program, &[&SERVE[..], &["--repo", "postgres", "--repo-uri", url]].concat(), ALIVE)
}

/// The path of a file that is not there yet.
pub(crate) fn fresh(options: &Options, name: &str) -> Outcome<PathBuf> {
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

/// The path of the file that holds [`MANY`] payments. It is filled once, through the service, and kept.
pub(crate) fn million(options: &Options) -> Outcome<PathBuf> {
    let path = options.directory.join("million.db");
    if path.exists() {
        // What is measured is the service, not the disk: the file is in the system's cache before it begins.
        std::io::copy(&mut std::fs::File::open(&path)?, &mut std::io::sink())?;
        return Ok(path);
    }
    println!("filling {}, once", path.display());
    let filling = fresh(options, "filling.db")?;
    let service = file(&options.service, &filling)?;
    create(&service, 0, MANY)?;
    drop(service);
    std::fs::rename(&filling, &path)?;
    Ok(path)
}

/// The path of a copy of the file at `path`.
pub(crate) fn copy(options: &Options, path: &Path, name: &str) -> Outcome<PathBuf> {
    let copy = fresh(options, name)?;
    std::fs::copy(path, &copy)?;
    Ok(copy)
}

/// Creates the payments that every workload needs.
pub(crate) fn fill(service: &Server) -> Outcome<()> {
    create(service, 0, HOT)?;
    create(service, REPLACED, REPLACED_END)
}

/// Creates the payments numbered `from` to `to`.
fn create(service: &Server, from: u64, to: u64) -> Outcome<()> {
    let each = (to - from).div_ceil(CONNECTIONS);
    let traffic = |number| Box::new(Post::numbered(from + number * each)) as Box<dyn Traffic>;
    let mut clients = Clients::connect(service.address, (0..CONNECTIONS).map(traffic).collect())?;
    clients.play(Pace::Count(each))?;
    Ok(())
}
