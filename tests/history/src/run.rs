//! Runs clients against a service, with faults meanwhile, and records what they see.

use crate::{
    follow::Walk,
    generate::Board,
    model::{Call, History, Id, Moment, Name, Outcome, ReadCondition},
    record::Recorder,
    send::{self, Request},
};
use fastrand::Rng;
use std::{
    future::Future,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use test_support::Client;
use tokio::task::JoinSet;

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a client pauses when it cannot connect, or nothing was done: at the least, and at the most, in milliseconds.
const PAUSE: (u64, u64) = (2, 20);
/// How long a client waits at the most before it hangs up, in milliseconds.
const HANG_UP: u64 = 12;
/// How often a client asks for a page again before it gives the walk up.
pub(crate) const ATTEMPTS: u32 = 20;
/// How many clients walk through the events; one more follows the stream.
const WALKERS: u32 = 3;
/// The most pages of a walk.
const PAGES: u32 = 200;
/// How long the service has to be well again when the faults are over.
const HEALING: Duration = Duration::from_secs(30);

/// What a run is like.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Decides what clients choose, and which faults come when.
    pub seed: u64,
    /// How many clients there are.
    pub clients: u32,
    /// How many payments there are at a time.
    pub payments: usize,
    /// How long it takes, at the most.
    pub duration: Duration,
    /// After how many operations it ends, if that is sooner.
    pub operations: usize,
    /// How often clients hang up before the answer, in percent.
    pub hang_ups: u32,
    /// How long the pauses between two faults are, at the least and at the most, in milliseconds.
    pub calm: (u64, u64),
    /// See [`History::hold_back`].
    pub hold_back: Option<Moment>,
}

impl Settings {
    /// A run that is short and dense.
    #[must_use]
    pub fn new(seed: u64, duration: Duration) -> Self {
        Self {
            seed,
            clients: 8,
            payments: 6,
            duration,
            operations: usize::MAX,
            hang_ups: 2,
            calm: (150, 900),
            hold_back: None,
        }
    }
}

/// Where the service listens, which changes when a replica is restarted. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub struct Addresses(Arc<RwLock<Vec<Vec<String>>>>);

impl Addresses {
    /// The URLs of the replicas; each may have several, which lead there on different ways.
    #[must_use]
    pub fn new(replicas: Vec<Vec<String>>) -> Self {
        Self(Arc::new(RwLock::new(replicas)))
    }

    /// Replaces the URLs of a replica.
    pub fn change(&self, replica: usize, urls: Vec<String>) {
        let mut replicas = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = replicas.get_mut(replica) {
            *place = urls;
        }
    }

    /// The first URL of each replica.
    #[must_use]
    pub fn direct(&self) -> Vec<String> {
        let replicas = self.0.read().unwrap_or_else(PoisonError::into_inner);
        replicas.iter().filter_map(|urls| urls.first().cloned()).collect()
    }

    /// Any URL of any replica.
    pub fn any(&self, rng: &mut Rng) -> String {
        let replicas = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let urls: Vec<_> = replicas.iter().flatten().collect();
        urls.get(rng.usize(..urls.len().max(1))).map(ToString::to_string).unwrap_or_default()
    }
}

/// What can be done to a running service.
pub trait Faults: Send {
    /// Does one thing, and returns what it was.
    fn strike(&mut self, rng: &mut Rng) -> impl Future<Output = String> + Send;

    /// Ends what goes on.
    fn heal(&mut self) -> impl Future<Output = ()> + Send;
}

/// Leaves the service alone.
#[derive(Debug, Clone, Copy)]
pub struct NoFaults;

impl Faults for NoFaults {
    async fn strike(&mut self, _: &mut Rng) -> String {
        std::future::pending().await
    }

    async fn heal(&mut self) {}
}

/// A client: its connections, what it records, and what it knows.
#[derive(Debug)]
pub struct Performer {
    pub(crate) number: u32,
    pub(crate) rng: Rng,
    pub(crate) pool: reqwest::Client,
    pub(crate) addresses: Addresses,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) board: Arc<Board>,
    hang_ups: u32,
}

impl Performer {
    /// A client with connections of its own.
    ///
    /// # Panics
    /// When reqwest does not take its settings.
    #[must_use]
    pub fn new(
        number: u32,
        settings: &Settings,
        addresses: &Addresses,
        recorder: &Arc<Recorder>,
        board: &Arc<Board>,
    ) -> Self {
        let pool = reqwest::Client::builder().timeout(PATIENCE).build().expect("the settings of the client are good");
        let mut rng = Rng::with_seed(settings.seed);
        for _ in 0..number {
            rng = rng.fork();
        }
        Self {
            number,
            rng: rng.fork(),
            pool,
            addresses: addresses.clone(),
            recorder: Arc::clone(recorder),
            board: Arc::clone(board),
            hang_ups: settings.hang_ups,
        }
    }

    /// Chooses a call, and performs it. A list is walked to its end.
    pub async fn step(&mut self) -> Outcome {
        let call = self.board.choose(&mut self.rng);
        let url = self.addresses.any(&mut self.rng);
        match call {
            Call::List { walk, .. } => self.walk(walk, None).await,
            Call::PastVersions { id, .. } => self.read_history(&id, None).await,
            Call::Events(_) | Call::Stream(_) => self.glance_at_events().await,
            Call::Create { .. }
            | Call::Read { .. }
            | Call::Replace { .. }
            | Call::JsonPatch { .. }
            | Call::MergePatch { .. }
            | Call::Delete { .. }
            | Call::PastVersion { .. } => {
                let (outcome, _) = self.perform(call, "", &url).await;
                self.pause_after(&outcome).await;
                outcome
            }
        }
    }

    pub(crate) async fn pause_after(&mut self, outcome: &Outcome) {
        if matches!(outcome, Outcome::NotDone(_) | Outcome::Unknown(_)) {
            tokio::time::sleep(Duration::from_millis(self.rng.u64(PAUSE.0..=PAUSE.1))).await;
        }
    }

    /// Performs a call, and records it. Returns the path of the next page as well.
    pub(crate) async fn perform(&mut self, call: Call, page: &str, url: &str) -> (Outcome, Option<String>) {
        let client = Client::new(url.to_owned()).over(self.pool.clone());
        let hang_up = (self.rng.u32(..100) < self.hang_ups).then(|| Duration::from_millis(self.rng.u64(..HANG_UP)));
        let number = self.recorder.begin(self.number, call.clone());
        let request = Request::of(&call, number, page);
        let sent = request.send(&client);
        let answer = match hang_up {
            None => Some(sent.await),
            Some(after) => tokio::time::timeout(after, sent).await.ok(),
        };
        let outcome = match &answer {
            Some(answer) => send::outcome(&call, answer.as_ref()),
            None => Outcome::Unknown("the client hung up".to_owned()),
        };
        if let Some(operation) = self.recorder.end(number, outcome.clone()) {
            self.board.learn(&operation);
        }
        let next = answer.and_then(Result::ok).and_then(|answer| send::next_page(&answer));
        (outcome, next)
    }

    /// Walks through all payments, each page from any replica, or from the one at `url`.
    async fn walk(&mut self, walk: u32, url: Option<&str>) -> Outcome {
        let (mut page, mut attempts) = (0, 0);
        let mut path = send::first_page(self.rng.u32(1..=4));
        let mut last = Outcome::Unknown("the walk was given up".to_owned());
        while page < PAGES && attempts < ATTEMPTS {
            let from = url.map_or_else(|| self.addresses.any(&mut self.rng), str::to_owned);
            let (outcome, next) = self.perform(Call::List { walk, page }, &path, &from).await;
            last = outcome;
            match (&last, next) {
                (Outcome::Page(entries), Some(next)) => {
                    if entries.is_empty() {
                        break;
                    }
                    (page, attempts, path) = (page + 1, 0, next);
                }
                (Outcome::Unexpected(_), _) => break,
                _ => {
                    attempts += 1;
                    self.pause_after(&last).await;
                }
            }
        }
        last
    }

    /// Creates a payment behind everything else, and returns the name of its event, once any walk shows it. Every change
    /// that was acknowledged before stands before it, so a walk that shows it has shown them all.
    async fn put_last(&mut self) -> Option<Name> {
        self.hang_ups = 0;
        for _ in 0..ATTEMPTS {
            let url = self.addresses.any(&mut self.rng);
            let (outcome, _) = self.perform(Call::Create { id: None }, "", &url).await;
            if let Outcome::Created(id, _) = &outcome {
                return self.find_event(id).await;
            }
            self.pause_after(&outcome).await;
        }
        None
    }

    /// Reads every payment from every replica, until each has answered, its history, and all events.
    async fn read_all(&mut self, ids: &[Id], urls: &[String], last: Option<&Name>) {
        self.hang_ups = 0;
        for url in urls {
            self.read_all_events(last, url).await;
            for id in ids {
                for _ in 0..ATTEMPTS {
                    let call = Call::Read { id: id.clone(), condition: ReadCondition::Any };
                    let (outcome, _) = self.perform(call, "", url).await;
                    if !matches!(outcome, Outcome::NotDone(_) | Outcome::Unknown(_)) {
                        break;
                    }
                    self.pause_after(&outcome).await;
                }
                self.read_history(id, Some(url)).await;
            }
            let walk = self.board.new_walk();
            self.walk(walk, Some(url)).await;
        }
    }
}

/// Runs clients, and faults meanwhile, as the settings say. At the end, when all is well again, everything is read once more
/// from every replica, so that nothing can be lost without a trace. `progress` is told now and then how many calls were sent.
///
/// # Panics
/// When the service is not well again 30 s after the last fault.
pub async fn run(
    settings: &Settings,
    addresses: &Addresses,
    mut faults: impl Faults,
    progress: impl Fn(usize),
) -> History {
    let recorder = Arc::new(Recorder::of_history());
    let board = Arc::new(Board::new(settings.payments, "p-"));
    let until = Instant::now() + settings.duration;
    let client = |number| Performer::new(number, settings, addresses, &recorder, &board);
    let goes_on = {
        let (recorder, operations) = (Arc::clone(&recorder), settings.operations);
        move || Instant::now() < until && recorder.count() < operations
    };
    let mut clients = JoinSet::new();
    for number in 0..settings.clients {
        clients.spawn(use_service(client(number), goes_on.clone()));
    }
    let mut followers = JoinSet::new();
    for number in 0..=WALKERS {
        followers.spawn(follow(client(settings.clients + 1 + number), number == WALKERS, goes_on.clone()));
    }
    let mut rng = Rng::with_seed(settings.seed ^ 0x5eed);
    let clients = async move {
        while let Some(ended) = clients.join_next().await {
            ended.expect("no client panics");
        }
        let mut walks = Vec::new();
        while let Some(ended) = followers.join_next().await {
            walks.push(ended.expect("no client panics"));
        }
        walks
    };
    let strikes = async {
        loop {
            tokio::time::sleep(Duration::from_millis(rng.u64(settings.calm.0..=settings.calm.1))).await;
            progress(recorder.count());
            let what = faults.strike(&mut rng).await;
            recorder.note_fault(&what);
        }
    };
    let walks = tokio::select! {
        walks = clients => walks,
        () = strikes => Vec::new(),
    };
    faults.heal().await;
    wait_until_well(addresses).await;
    let mut reader = client(settings.clients);
    let last = reader.put_last().await;
    for (follower, walk) in walks {
        end_walk(follower, walk, last.as_ref()).await;
    }
    let ids = Board::all_ids(&recorder.history(None));
    reader.read_all(&ids, &addresses.direct(), last.as_ref()).await;
    recorder.history(settings.hold_back)
}

/// A client that does all that clients do.
async fn use_service(mut client: Performer, goes_on: impl Fn() -> bool) {
    while goes_on() {
        if matches!(client.step().await, Outcome::Unexpected(_)) {
            return;
        }
    }
}

/// A client that follows the events, by pages or by the stream. Returns its walk, which is still to come to its end.
async fn follow(mut client: Performer, by_stream: bool, goes_on: impl Fn() -> bool) -> (Performer, Option<Walk>) {
    let walk = if by_stream { client.follow_stream(goes_on).await } else { client.walk_events(goes_on).await };
    (client, walk)
}

async fn end_walk(mut client: Performer, walk: Option<Walk>, last: Option<&Name>) {
    client.hang_ups = 0;
    match walk {
        Some(walk) if walk.is_stream() => client.catch_up_by_stream(walk, last).await,
        Some(walk) => client.catch_up(walk, last, None).await,
        None => {}
    }
}

/// Waits until every replica is ready.
async fn wait_until_well(addresses: &Addresses) {
    let began = Instant::now();
    for url in addresses.direct() {
        let client = Client::new(url);
        loop {
            let answer = client.try_send("GET", "/ready", &[], "").await;
            if answer.as_ref().is_ok_and(|answer| answer.status == 200) {
                break;
            }
            assert!(began.elapsed() < HEALING, "{} is not well again: {answer:?}", client.url);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
