//! Counts the instructions of one request: a guard for speed that does not depend on the machine's clock or disk.
//!
//! A ratio in time belongs to a machine, its disk and what else runs there. callgrind (valgrind) runs the program on a simulated
//! processor, one thread at a time, and counts instructions. The kernel's work and waiting are not counted: the counts guard the
//! program and its libraries, not latency. What wakes by time is counted too: on a busy machine the log's thread, which writes
//! every 20 ms, adds up to 1.6 % to a request.
//!
//! callgrind reports one total for the whole run. So each workload runs in a process of its own, and the total of a run that only
//! prepares is subtracted: starting, filling the store, and the first requests of each kind, which plan statements and fill caches.

use crate::{
    Options, Outcome,
    load::{Connections, LoadModel},
    server::Server,
    stores::{self, ALIVE},
    traffic::{Get, Page, Patch, Post, Put, Traffic},
    workloads::{HOT_PAYMENTS, REPLACED_FROM},
};
use std::{collections::BTreeMap, fs, path::Path, process::Command};

/// How many requests of a workload are counted.
const REQUESTS: u64 = 2000;
/// How many requests of each workload come before, in every run.
const WARM_UP: u64 = 100;
/// How many payments are changed: one half of them is replaced, the other patched.
const CHANGED: u64 = 32;
/// The part by which a count may exceed the recorded one.
const TOLERANCE: f64 = 0.02;
/// The part by which a count must be below the recorded one to replace it.
const BETTER: f64 = 0.005;

/// What the file begins with.
const HEADER: &str = "\
# Instructions per request over a SQLite file, counted by callgrind: `make bench-instructions` compares, and README.md explains.
# They belong to the compiler (rust-toolchain.toml) and to x86-64 with AVX2, whose string functions the libraries choose.
";

/// A workload: its name, and the requests of its one connection.
type Workload = (&'static str, fn() -> Box<dyn Traffic>);

const WORKLOADS: [Workload; 5] = [
    ("GET hot", || Box::new(Get::new(0, HOT_PAYMENTS))),
    ("list first", || Box::new(Page::new("/payments".to_owned()))),
    ("POST", || Box::new(Post::new(0))),
    ("PUT", || Box::new(Put::new(REPLACED_FROM, CHANGED as usize / 2))),
    ("PATCH", || Box::new(Patch::new(REPLACED_FROM + CHANGED / 2, CHANGED as usize / 2))),
];

/// Counts the instructions of each workload over a file, and compares them with what `file` says.
///
/// # Errors
/// When a workload takes more than is written down, and by how much; when callgrind cannot be had.
pub(crate) fn run(options: &Options, file: &Path) -> Outcome<()> {
    if !Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Err("valgrind is missing: install it (Debian, Ubuntu: apt install valgrind)".into());
    }
    let before = read(file)?;
    let prepared = count(options, "")?;
    let mut counts = Vec::new();
    for (name, _) in WORKLOADS {
        if !options.wants(name) {
            continue;
        }
        let each = (count(options, name)? - prepared) / REQUESTS;
        println!("{}", line(name, each, &before));
        counts.push((name, each));
    }
    judge(file, &counts, before)
}

/// The instructions of a whole run: it prepares everything, and plays the requests of `workload`, if there is one of that name.
fn count(options: &Options, workload: &str) -> Outcome<u64> {
    let counted = options.directory.join("callgrind.out");
    let store = stores::new_file(options, "instructions.db")?;
    let (out, uri) = (format!("--callgrind-out-file={}", counted.display()), format!("sqlite://{}", store.display()));
    let program = options.service.to_string_lossy();
    let arguments =
        ["--tool=callgrind", "--quiet", &out, &program, "serve", "--listen", "{address}", "--repo-uri", &uri];
    let server = Server::start(Path::new("valgrind"), &arguments, ALIVE)?;
    // One connection, so that each run commits the same batches.
    for (from, count) in [(0, HOT_PAYMENTS), (REPLACED_FROM, CHANGED)] {
        connect(&server, Box::new(Post::numbered(from)))?.run_round(LoadModel::Count(count))?;
    }
    for (name, traffic) in WORKLOADS {
        let mut connection = connect(&server, traffic())?;
        connection.run_round(LoadModel::Count(WARM_UP))?;
        if workload == name {
            connection.run_round(LoadModel::Count(REQUESTS))?;
        }
    }
    // callgrind writes its file when the program ends.
    drop(server);
    let counted = fs::read_to_string(&counted)?;
    let total = counted.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(total.ok_or("callgrind counted nothing")?.trim().parse()?)
}

fn connect(server: &Server, traffic: Box<dyn Traffic>) -> Outcome<Connections> {
    Connections::open(server.address, vec![traffic])
}

/// What `file` says of each workload.
fn read(file: &Path) -> Outcome<BTreeMap<String, u64>> {
    let entry = |line: &str| {
        let (name, count) = line.rsplit_once(' ').ok_or_else(|| format!("not a workload and a number: {line:?}"))?;
        let count = count.replace('_', "").parse::<u64>().map_err(|error| format!("{line:?}: {error}"))?;
        Ok((name.trim().to_owned(), count))
    };
    let text = match fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(entry).collect()
}

fn line(name: &str, each: u64, before: &BTreeMap<String, u64>) -> String {
    match before.get(name) {
        Some(before) => {
            let change = (each as f64 / *before as f64 - 1.0) * 100.0;
            format!("{name:<12} {each:>8} instructions, {change:+.2} % of {before}")
        }
        None => format!("{name:<12} {each:>8} instructions"),
    }
}

/// Refuses what takes more than is written down, and writes down what takes less.
fn judge(file: &Path, counts: &[(&str, u64)], mut written: BTreeMap<String, u64>) -> Outcome<()> {
    let mut above = Vec::new();
    let mut changes = false;
    for (name, each) in counts {
        let before = written.get(*name).map_or(f64::INFINITY, |before| *before as f64);
        if *each as f64 > before * (1.0 + TOLERANCE) {
            above.push(*name);
        } else if (*each as f64) < before * (1.0 - BETTER) {
            written.insert((*name).to_owned(), *each);
            changes = true;
        }
    }
    if !above.is_empty() {
        let file = file.display();
        return Err(format!(
            "{} takes over {} % more instructions than {file} says: find out why (callgrind_annotate target/bench/callgrind.out), \
             or write down the new number with the reason in the commit",
            above.join(", "),
            TOLERANCE * 100.0
        )
        .into());
    }
    if changes {
        let entries = WORKLOADS.iter().filter_map(|(name, _)| Some(format!("{name:<12} {}", written.get(*name)?)));
        fs::write(file, format!("{HEADER}{}\n", entries.collect::<Vec<_>>().join("\n")))?;
        println!("{}: fewer instructions, written down; commit it", file.display());
    }
    Ok(())
}
