//! PostgreSQL, stopped and started again while the service is under load.

use crate::{
    service::{payment, start_over_postgres},
    stalls::{Mark, try_while_stalled},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use test_support::Service;
use tokio::task::JoinSet;

/// How long an answer may take while PostgreSQL is away.
const SECOND: Duration = Duration::from_secs(1);
/// How much longer an answer may take on a machine that is busy.
const BUSY: Duration = Duration::from_millis(500);
/// How long the service has to heal.
const HEALING: Duration = Duration::from_secs(30);
const CLIENTS: usize = 16;

/// The answers that clients got.
#[derive(Debug, Default)]
struct Answers {
    acknowledged: Vec<String>,
    refused: usize,
    /// How long the slowest took, without the time in which this machine stood still.
    slowest: Duration,
}

/// Clients that create payments, one after the other, each at the pace of its answers.
struct Load {
    clients: JoinSet<()>,
    answers: Arc<Mutex<Answers>>,
    enough: Arc<AtomicBool>,
}

impl Load {
    fn start(service: &Arc<Service>) -> Self {
        let (answers, enough) = (Arc::<Mutex<Answers>>::default(), Arc::<AtomicBool>::default());
        let clients = (0..CLIENTS).map(|client| {
            let (service, answers, enough) = (Arc::clone(service), Arc::clone(&answers), Arc::clone(&enough));
            async move {
                for number in 0.. {
                    if enough.load(Ordering::Relaxed) {
                        return;
                    }
                    let id = format!("c{client}-{number}");
                    let mark = Mark::now();
                    let answer = service.post(&payment(&id, 0, "1")).await;
                    let took = answer.took.saturating_sub(mark.stalled());
                    {
                        let mut answers = answers.lock().expect("no client panics with it");
                        answers.slowest = answers.slowest.max(took);
                        if answer.status == 201 { answers.acknowledged.push(id) } else { answers.refused += 1 }
                    }
                    if answer.status != 201 {
                        answer.expect_unavailable_or_overloaded();
                    }
                    // A pause, or 16 clients take all the machine has.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        });
        Self { clients: clients.collect(), answers, enough }
    }

    /// How many payments were acknowledged, and how many requests were refused, by now.
    fn counts(&self) -> (usize, usize) {
        let answers = self.answers.lock().expect("no client panics with it");
        (answers.acknowledged.len(), answers.refused)
    }

    /// Waits until `reached` is satisfied with the counts.
    async fn until(&self, what: &str, reached: impl Fn(usize, usize) -> bool) {
        let began = Instant::now();
        while !{
            let (acknowledged, refused) = self.counts();
            reached(acknowledged, refused)
        } {
            assert!(began.elapsed() < HEALING, "{what}: still not after {HEALING:?}; {:?}", self.counts());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn stop(mut self) -> Answers {
        self.enough.store(true, Ordering::Relaxed);
        while let Some(ended) = self.clients.join_next().await {
            ended.expect("every client ends well");
        }
        std::mem::take(&mut self.answers.lock().expect("no client panics with it"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_postgres_is_away_every_answer_says_so_within_a_second_and_then_it_heals() {
    let mut server = test_support::postgres::Server::start();
    let service = Arc::new(start_over_postgres(&server.database(), &[]).await);
    let load = Load::start(&service);
    load.until("payments are created", |acknowledged, _| acknowledged > 10 * CLIENTS).await;

    for _ in 0..2 {
        let (_, refused) = load.counts();
        server = tokio::task::spawn_blocking(move || {
            server.stop();
            server
        })
        .await
        .expect("it stops");
        // More than one refusal for each client: when connections break, and when there are none.
        load.until("requests are refused", |_, now| now > refused + 3 * CLIENTS).await;
        for path in ["/health", "/ready"] {
            let mark = Mark::now();
            let answer = service.get(path).await.expect_unavailable();
            assert!(answer.took < SECOND + BUSY + mark.stalled(), "{answer}");
        }
        service.get("/alive").await.expect_status(200);

        let (acknowledged, _) = load.counts();
        server = tokio::task::spawn_blocking(move || {
            server.restart();
            server
        })
        .await
        .expect("it starts");
        load.until("payments are created again", |now, _| now > acknowledged + 10 * CLIENTS).await;
        try_while_stalled(async || {
            let answer = service.get("/ready").await;
            if answer.status == 200 { Ok(()) } else { Err(answer.to_string()) }
        })
        .await;
    }

    let answers = load.stop().await;
    assert!(answers.slowest < SECOND + BUSY, "the slowest answer took {:?}", answers.slowest);
    let ids = service.ids().await;
    let lost: Vec<_> = answers.acknowledged.iter().filter(|id| !ids.contains(id)).collect();
    assert!(lost.is_empty(), "acknowledged, and lost: {lost:?}");
}
