//! The task that does all writing, by group commit.
//!
//! A commit waits for the disk, so one commit for each write would be slow. The writer takes the jobs that have queued up
//! while the last commit was under way, does them in one [`transaction`], and answers when that is on disk.

use super::batch;
use super::cache::Cache;
use super::connection::{self, Shared};
use super::failure::unavailable;
use super::job::Job;
use super::statements::Statements;
use super::transaction;
use super::watch::Watch;
use crate::payments::{Change, Deletion, Error, NewPayment, Payment, Tenant, Version};
use crate::repo::key::Key;
use crate::repo::news::NewsDesk;
use crate::repo::table::PerTable;
use crate::repo::waiters::Waiter;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// How many jobs may queue up; further callers wait for room.
const QUEUE: usize = 1024;
/// The most jobs in one transaction, so that the first is answered in time.
const BATCH: usize = 256;
/// The granularity of timers; shorter waits are skipped.
const TICK: Duration = Duration::from_millis(1);
/// The longest wait for more jobs to join a transaction.
const LONGEST_WAIT: Duration = Duration::from_millis(5);

/// Writes payments. A task does the work.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    connection: Shared,
}

impl Writer {
    /// Starts the task. It ends when the writer is dropped or finished.
    pub(super) fn start(
        connection: Shared,
        statements: Arc<PerTable<Statements>>,
        cache: Arc<Cache>,
        watch: Arc<Watch>,
        news: Arc<NewsDesk>,
    ) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(queue, Arc::clone(&connection), statements, cache, watch, news));
        Self { jobs, connection }
    }

    pub(super) async fn create(&self, tenant: Tenant, mut new: NewPayment) -> Result<Payment, Error> {
        let origin = std::mem::take(&mut new.origin);
        self.submit(|waiter| Job::Create(tenant, new.into_payment(), origin, waiter)).await
    }

    pub(super) async fn update(&self, key: Key, expected: Version, change: Change) -> Result<Payment, Error> {
        self.submit(|waiter| Job::Update(key, expected, change, waiter)).await
    }

    pub(super) async fn delete(&self, key: Key, expected: Version, deletion: Deletion) -> Result<(), Error> {
        self.submit(|waiter| Job::Delete(key, expected, deletion, waiter)).await
    }

    pub(super) async fn clear(&self) -> Result<(), Error> {
        self.submit(Job::Clear).await
    }

    /// Refuses new jobs, and returns when all that are queued are done.
    pub(super) async fn finish(&self) {
        let (done, finished) = oneshot::channel();
        if self.jobs.send(Job::Finish(done)).await.is_ok() {
            // An error means that the task has ended, so there is nothing to wait for.
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

    /// Whether the task runs and accepts jobs.
    pub(super) fn is_alive(&self) -> bool {
        !self.jobs.is_closed()
    }

    /// Queues a job and waits for its outcome. If the caller goes away meanwhile, the job is done all the same.
    async fn submit<T>(&self, job: impl FnOnce(Waiter<T>) -> Job) -> Result<T, Error> {
        let (waiter, answer) = oneshot::channel();
        self.jobs.send(job(waiter)).await.map_err(|_| unavailable("the writer has stopped"))?;
        answer.await.map_err(|_| unavailable("the writer stopped before it answered"))?
    }
}

async fn run(
    mut queue: mpsc::Receiver<Job>,
    connection: Shared,
    statements: Arc<PerTable<Statements>>,
    cache: Arc<Cache>,
    watch: Arc<Watch>,
    news: Arc<NewsDesk>,
) {
    let mut jobs = Vec::with_capacity(BATCH);
    let (mut callers, mut longest_wait) = (1, Duration::ZERO);
    while queue.recv_many(&mut jobs, BATCH).await > 0 {
        gather(&mut queue, &mut jobs, callers, longest_wait).await;
        if jobs.iter().any(|job| matches!(job, Job::Finish(_))) {
            queue.close();
        }
        if let Some(reason) = watch.damage() {
            jobs.drain(..).for_each(|job| job.settle(Err(unavailable(reason))).send());
            continue;
        }
        callers = jobs.len();
        let mut connection = connection.lock().await;
        // Taken out while in use: after a panic the connection is dropped, and its open transaction with it.
        let Some(mut open) = connection.take() else { return };
        let start = Instant::now();
        yield_thread_once(transaction::run(&mut open.sqlite, &statements, &cache, &news, &mut jobs)).await;
        longest_wait = start.elapsed() / 2;
        *connection = Some(open);
    }
}

/// Yields this thread when `transaction` has been sent to the connection's thread, so that the latter runs first: the sooner
/// it waits for the disk, the more work can be done meanwhile. With a processor for each of the two it makes no difference.
async fn yield_thread_once<T>(transaction: impl Future<Output = T>) -> T {
    let mut transaction = pin!(transaction);
    let mut has_yielded = false;
    poll_fn(|context| {
        let polled = transaction.as_mut().poll(context);
        if !has_yielded && polled.is_pending() {
            thread::yield_now();
        }
        has_yielded = true;
        polled
    })
    .await
}

/// Waits for as many jobs as the last transaction had: the callers that it answered may be about to call again. Without the
/// wait they would wait for a whole commit; with it they wait for half of one at most, and a single caller never waits.
async fn gather(queue: &mut mpsc::Receiver<Job>, jobs: &mut Vec<Job>, callers: usize, longest_wait: Duration) {
    batch::fill(queue, jobs, BATCH).await;
    if longest_wait < TICK {
        return;
    }
    let deadline = Instant::now() + longest_wait.min(LONGEST_WAIT);
    while jobs.len() < callers {
        let more = queue.recv_many(jobs, BATCH - jobs.len());
        match tokio::time::timeout_at(deadline, more).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
