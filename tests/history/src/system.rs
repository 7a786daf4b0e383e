//! The built program over a store, as one process or several, and what can be done to it.

use crate::{
    clock,
    model::Moment,
    run::{Addresses, Faults},
};
use fastrand::Rng;
use sqlx::{Connection, PgConnection};
use std::{fmt, path::PathBuf, str::FromStr, time::Duration};
use tempfile::TempDir;
use test_support::{Process, Program, Proxy, Way, postgres, sqlite_uri};

/// The lines that the processes log: what they start with, and what goes wrong.
const LOG: &str = "error,payments=info,payments::repo=error,payments::http=error";
/// The most bytes of a statement or its result after which a connection is cut.
const MIDWAY: usize = 600;
/// How long a process is frozen, at the most, in milliseconds.
const FROZEN: u64 = 300;
/// How long a disk is full, at the most, in milliseconds.
const FULL: u64 = 200;
/// How large a file may become while the disk is full, in bytes: no change fits.
const ROOM: u64 = 4096;
/// Whether the limits of another process can be changed while it runs.
const FILES_CAN_BE_LIMITED: bool = cfg!(target_os = "linux");
/// How far a clock jumps at the most, in minutes, to either side of the right time.
const JUMP: i64 = 36 * 60;
/// How long a killed process stays away, at the most, in milliseconds.
const AWAY: u64 = 150;
/// How long a list may be held back behind an insert that hangs, in nanoseconds: longer than the program lets any statement run.
const HOLD_BACK: Moment = 8_000_000_000;
/// How long a request may take, in seconds.
const TIMEOUT: &str = "5";

/// Ends the connections of every replica at the server.
const TERMINATE: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                         WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// The stores. A new one does not compile before it has a way to start and its faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// SQLite in memory.
    Memory,
    /// A SQLite file.
    File,
    /// PostgreSQL.
    Postgres,
}

impl FromStr for StoreKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "memory" => Ok(Self::Memory),
            "file" => Ok(Self::File),
            "postgres" => Ok(Self::Postgres),
            other => Err(format!("must be memory, file or postgres, and not {other}")),
        }
    }
}

impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::File => "file",
            Self::Postgres => "postgres",
        })
    }
}

/// What can be done to a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connections of clients are reset, those that go through the proxy.
    CutClients,
    /// The process stops for a moment, as a busy machine makes it do.
    Freeze,
    /// The process is killed with SIGKILL, and started again.
    Kill,
    /// The process cannot make a file larger for a moment, as on a full disk.
    FullDisk,
    /// The connections to PostgreSQL are reset.
    CutDatabase,
    /// A connection to PostgreSQL is cut within a statement, or within its result.
    CutMidway,
    /// PostgreSQL ends every connection.
    Terminate,
    /// The clock of one process jumps by hours, forth or back.
    JumpClock,
}

/// What is under test.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    /// The program `payments`, or `history`, which serves the same.
    pub program: Program,
    /// Whether the program is `history`, whose clock can be set.
    pub has_clock: bool,
}

impl Subject {
    /// The program `payments`, by the clock of this machine.
    #[must_use]
    pub const fn payments(program: Program) -> Self {
        Self { program, has_clock: false }
    }

    /// The program `history`, whose clock jumps.
    #[must_use]
    pub const fn history(program: Program) -> Self {
        Self { program, has_clock: true }
    }
}

impl StoreKind {
    /// The faults that a store survives without loss. Memory does not survive a kill.
    #[must_use]
    pub const fn faults(self) -> &'static [Fault] {
        match self {
            Self::Memory => &[Fault::CutClients, Fault::Freeze],
            Self::File if FILES_CAN_BE_LIMITED => &[Fault::CutClients, Fault::Freeze, Fault::Kill, Fault::FullDisk],
            Self::File => &[Fault::CutClients, Fault::Freeze, Fault::Kill],
            Self::Postgres => &[
                Fault::CutClients,
                Fault::Freeze,
                Fault::Kill,
                Fault::CutDatabase,
                Fault::CutMidway,
                Fault::CutMidway,
                Fault::Terminate,
            ],
        }
    }

    /// See [`History::hold_back`](crate::model::History::hold_back).
    #[must_use]
    pub const fn hold_back(self) -> Option<Moment> {
        match self {
            Self::Memory | Self::File => None,
            Self::Postgres => Some(HOLD_BACK),
        }
    }
}

/// One process of the program.
#[derive(Debug)]
struct Replica {
    /// The process; none while it is away.
    process: Option<Process>,
    flags: Vec<String>,
    /// The way of some clients to the process.
    front: Option<Proxy>,
    /// The way of the process to PostgreSQL.
    back: Option<Proxy>,
    /// The file that shifts the clock of the process.
    clock: Option<PathBuf>,
}

/// Processes of the program over one store. They end when it is dropped.
#[derive(Debug)]
pub struct System {
    subject: Subject,
    replicas: Vec<Replica>,
    addresses: Addresses,
    allowed: Vec<Fault>,
    /// The database, without a proxy.
    database: Option<String>,
    folder: TempDir,
}

impl System {
    /// Starts so many replicas over a fresh store. More than one take PostgreSQL.
    ///
    /// # Panics
    /// When they do not start.
    pub async fn start(subject: Subject, store: StoreKind, replicas: usize) -> Self {
        assert!(replicas == 1 || store == StoreKind::Postgres, "only PostgreSQL has several replicas");
        let folder = tempfile::tempdir().expect("there is room for a temporary directory");
        let database = (store == StoreKind::Postgres).then(postgres::url);
        let mut allowed = store.faults().to_vec();
        // As often as all others together.
        let jumps = if subject.has_clock { allowed.len() } else { 0 };
        allowed.extend(std::iter::repeat_n(Fault::JumpClock, jumps));
        let mut system = Self {
            subject,
            replicas: Vec::new(),
            addresses: Addresses::new(vec![Vec::new(); replicas]),
            allowed,
            database,
            folder,
        };
        for index in 0..replicas {
            let replica = system.replica(store, index).await;
            system.replicas.push(replica);
            system.launch(index).await;
        }
        system
    }

    async fn replica(&self, store: StoreKind, index: usize) -> Replica {
        let mut flags = ["--max-results", "1000", "--timeout", TIMEOUT].map(str::to_owned).to_vec();
        let mut back = None;
        match (store, &self.database) {
            (StoreKind::Postgres, Some(url)) => {
                let (proxy, through) = Proxy::before(url).await;
                back = Some(proxy);
                flags.extend(["--repo".to_owned(), "postgres".to_owned(), "--repo-uri".to_owned(), through]);
            }
            (StoreKind::File, _) => flags.extend(["--repo-uri".to_owned(), sqlite_uri(self.folder.path())]),
            (StoreKind::Memory | StoreKind::Postgres, _) => {}
        }
        let clock = self.subject.has_clock.then(|| self.folder.path().join(format!("clock-{index}")));
        flags.extend(clock.iter().flat_map(|file| [clock::FLAG.to_owned(), file.display().to_string()]));
        Replica { process: None, flags, front: None, back, clock }
    }

    /// Starts the process of a replica, and tells the clients where it listens.
    async fn launch(&mut self, index: usize) {
        let program = self.subject.program;
        let Some(replica) = self.replicas.get_mut(index) else { return };
        // A cut that has hit no connection so far would hit that of the start, and the program gives up when it finds no store.
        replica.back.as_ref().inspect(|back| _ = back.spare());
        let flags: Vec<_> = replica.flags.iter().map(String::as_str).collect();
        let process = tokio::task::block_in_place(|| start(program, &flags));
        let server = process.address().parse().expect("the program says at which address it listens");
        let front = Proxy::start(server).await;
        self.addresses.change(index, vec![process.url.clone(), format!("http://{}", front.address())]);
        (replica.process, replica.front) = (Some(process), Some(front));
    }

    /// Where the clients find the replicas.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        self.addresses.clone()
    }

    /// The folder of the SQLite file, if there is one.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The id of the process of a replica.
    #[must_use]
    pub fn process_id(&self, index: usize) -> Option<u32> {
        self.replicas.get(index)?.process.as_ref().map(|process| process.child.id())
    }

    /// Leaves a fault out from now on.
    pub fn spare(&mut self, fault: Fault) {
        self.allowed.retain(|allowed| *allowed != fault);
    }

    async fn inflict(&mut self, fault: Fault, index: usize, rng: &mut Rng) -> String {
        let replica = self.replicas.get_mut(index);
        match fault {
            Fault::CutClients => {
                replica.and_then(|it| it.front.as_ref()).inspect(|front| front.reset());
                format!("the connections of clients to replica {index} are cut")
            }
            Fault::CutDatabase => {
                replica.and_then(|it| it.back.as_ref()).inspect(|back| back.reset());
                format!("the connections of replica {index} to PostgreSQL are cut")
            }
            Fault::CutMidway => {
                let (way, bytes) = (if rng.bool() { Way::ToServer } else { Way::ToClient }, rng.usize(..MIDWAY));
                replica.and_then(|it| it.back.as_ref()).inspect(|back| back.cut_after(way, bytes));
                format!("a connection of replica {index} to PostgreSQL is cut after {bytes} bytes {way:?}")
            }
            Fault::Freeze => {
                let pause = Duration::from_millis(rng.u64(..FROZEN));
                if let Some(process) = replica.and_then(|it| it.process.as_ref()) {
                    process.signal("-STOP");
                    tokio::time::sleep(pause).await;
                    process.signal("-CONT");
                }
                format!("replica {index} was frozen for {pause:?}")
            }
            Fault::FullDisk => {
                let pause = Duration::from_millis(rng.u64(..FULL));
                if let Some(process) = replica.and_then(|it| it.process.as_ref()) {
                    limit_files(process.child.id(), Some(ROOM));
                    tokio::time::sleep(pause).await;
                    limit_files(process.child.id(), None);
                }
                format!("the disk of replica {index} was full for {pause:?}")
            }
            Fault::Kill => {
                if let Some(replica) = replica {
                    // Killed, and waited for, by being dropped.
                    replica.process = None;
                }
                tokio::time::sleep(Duration::from_millis(rng.u64(..AWAY))).await;
                self.launch(index).await;
                format!("replica {index} was killed with SIGKILL, and started again")
            }
            Fault::JumpClock => {
                let minutes = rng.i64(-JUMP..=JUMP);
                if let Some(file) = replica.and_then(|it| it.clock.as_ref()) {
                    clock::set(file, minutes * 60).expect("there is room for a small file");
                }
                format!("the clock of replica {index} jumps, and is wrong by {minutes} minutes")
            }
            Fault::Terminate => {
                if let Some(url) = &self.database {
                    terminate(url).await.expect("PostgreSQL answers");
                }
                "PostgreSQL ended every connection".to_owned()
            }
        }
    }
}

/// Starts a process whose files can be limited.
#[cfg(target_os = "linux")]
fn start(program: Program, flags: &[&str]) -> Process {
    program.serve_within_with_log("-S -f unlimited", LOG, flags)
}

#[cfg(not(target_os = "linux"))]
fn start(program: Program, flags: &[&str]) -> Process {
    program.serve_with_log(LOG, flags)
}

/// Limits how large a process may make a file, or no longer does.
#[cfg(target_os = "linux")]
fn limit_files(process: u32, bytes: Option<u64>) {
    let limits = (bytes.unwrap_or(rlimit::INFINITY), rlimit::INFINITY);
    let limited = rlimit::prlimit(process.cast_signed(), rlimit::Resource::FSIZE, Some(limits), None);
    limited.expect("the limits of a process that we started can be changed");
}

#[cfg(not(target_os = "linux"))]
fn limit_files(_: u32, _: Option<u64>) {}

async fn terminate(url: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query(TERMINATE).execute(&mut connection).await?;
    connection.close().await
}

impl Faults for &mut System {
    async fn strike(&mut self, rng: &mut Rng) -> String {
        let fault = self.allowed.get(rng.usize(..self.allowed.len().max(1))).copied();
        let index = rng.usize(..self.replicas.len().max(1));
        match fault {
            Some(fault) => self.inflict(fault, index, rng).await,
            None => std::future::pending().await,
        }
    }

    async fn heal(&mut self) {
        for index in 0..self.replicas.len() {
            let replica = self.replicas.get(index);
            match replica.map(|it| (&it.process, &it.back)) {
                Some((Some(process), back)) => {
                    // A fault that was broken off may have left it frozen, or its disk full.
                    process.signal("-CONT");
                    limit_files(process.child.id(), None);
                    if let Some(back) = back {
                        back.spare();
                    }
                }
                Some((None, _)) => self.launch(index).await,
                None => {}
            }
        }
    }
}
