//! The task that does all writing.
//!
//! A commit waits for the disk, so one commit for each write would be slow. The writer takes what has queued up while
//! the last commit was under way, does it in one [`transaction`], and answers when that is on disk.

use super::batch;
use super::cache::Cache;
use super::connection::{self, Shared, unavailable};
use super::statements::Statements;
use super::transaction;
use crate::payments::{Change, Error, Payment, PaymentId, Version};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// How many jobs may wait; whoever comes next waits to get in.
const QUEUE: usize = 1024;
/// The most jobs in one transaction, so that the first does not wait for ever.
const BATCH: usize = 256;
/// The precision of timers: whoever would wait less does not wait at all.
const TICK: Duration = Duration::from_millis(1);
/// The longest that a job waits for others to join it.
const LONGEST: Duration = Duration::from_millis(5);

/// The writer, as its callers see it.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    connection: Shared,
}

/// What a caller wants, and where to tell it what became of that.
#[derive(Debug)]
pub(super) enum Job {
    Create(Payment, Answer<Payment>),
    Update(PaymentId, Version, Change, Answer<Payment>),
    Delete(PaymentId, Version, Answer<()>),
    Clear(Answer<()>),
    /// Accept no more; tell when all that came before is done.
    Finish(oneshot::Sender<()>),
}

pub(super) type Answer<T> = oneshot::Sender<Result<T, Error>>;

impl Writer {
    /// Starts the task. It ends when the writer is dropped or told to finish.
    pub(super) fn start(connection: Shared, statements: Arc<Statements>, cache: Arc<Cache>) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(work(queue, Arc::clone(&connection), statements, cache));
        Self { jobs, connection }
    }

    pub(super) async fn create(&self, payment: Payment) -> Result<Payment, Error> {
        self.ask(|answer| Job::Create(payment, answer)).await
    }

    pub(super) async fn update(&self, id: PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        self.ask(|answer| Job::Update(id, expected, change, answer)).await
    }

    pub(super) async fn delete(&self, id: PaymentId, expected: Version) -> Result<(), Error> {
        self.ask(|answer| Job::Delete(id, expected, answer)).await
    }

    pub(super) async fn clear(&self) -> Result<(), Error> {
        self.ask(Job::Clear).await
    }

    /// Waits until everything queued is done. Nothing is accepted any more.
    pub(super) async fn finish(&self) {
        let (done, finished) = oneshot::channel();
        if self.jobs.send(Job::Finish(done)).await.is_ok() {
            // An error means that the writer is gone, so there is nothing to wait for.
            let _ = finished.await;
        }
    }

    /// Closes the connection.
    pub(super) async fn close(&self) {
        connection::close(&self.connection).await;
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Shared {
        &self.connection
    }

    /// Whether the task is there to do what is asked of it.
    pub(super) fn is_alive(&self) -> bool {
        !self.jobs.is_closed()
    }

    /// A caller that goes away meanwhile changes nothing: its job is done all the same, and the answer dropped.
    async fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        self.jobs.send(job(answer)).await.map_err(|_| unavailable("the writer has stopped"))?;
        answered.await.map_err(|_| unavailable("the writer stopped before it answered"))?
    }
}

async fn work(mut queue: mpsc::Receiver<Job>, connection: Shared, statements: Arc<Statements>, cache: Arc<Cache>) {
    let mut jobs = Vec::with_capacity(BATCH);
    let (mut callers, mut patience) = (1, Duration::ZERO);
    while queue.recv_many(&mut jobs, BATCH).await > 0 {
        gather(&mut queue, &mut jobs, callers, patience).await;
        if jobs.iter().any(|job| matches!(job, Job::Finish(_))) {
            queue.close();
        }
        callers = jobs.len();
        let mut connection = connection.lock().await;
        // Taken out while in use: should we panic, the connection goes, and its open transaction with it.
        let Some(mut open) = connection.take() else { return };
        let start = Instant::now();
        make_way(transaction::run(&mut open.sqlite, &statements, &cache, &mut jobs)).await;
        patience = start.elapsed() / 2;
        *connection = Some(open);
    }
}

/// Lets the thread of the connection go first, once it has something to do: the sooner the disk is waited for, the more can be
/// done meanwhile. Where there is a processor for each of the two, that is nothing.
async fn make_way<T>(transaction: impl Future<Output = T>) -> T {
    let mut transaction = pin!(transaction);
    let mut has_begun = false;
    poll_fn(|context| {
        let polled = transaction.as_mut().poll(context);
        if !has_begun && polled.is_pending() {
            thread::yield_now();
        }
        has_begun = true;
        polled
    })
    .await
}

/// Waits for as many jobs as there were the last time: who got an answer then may be about to ask again. To leave
/// without them would cost them a whole commit; to wait costs no more than half of one, and those alone who call never.
async fn gather(queue: &mut mpsc::Receiver<Job>, jobs: &mut Vec<Job>, callers: usize, patience: Duration) {
    batch::join(queue, jobs, BATCH).await;
    if patience < TICK {
        return;
    }
    let deadline = Instant::now() + patience.min(LONGEST);
    while jobs.len() < callers {
        let more = queue.recv_many(jobs, BATCH - jobs.len());
        match tokio::time::timeout_at(deadline, more).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
