//! Drives one connection: polls hyper, and ends the connection when the service stops, when it has to make room, or when
//! its watchdog says so.

use super::{
    admission::Admitted,
    metrics::ConnectionMetrics,
    slow_readers::WatchedBody,
    stream_timeouts::TimeoutStream,
    watchdog::{Verdict, Watchdog},
};
use axum::{http::Request, response::Response};
use hyper::{body::Incoming, service::Service};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    mem,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::{net::TcpStream, sync::watch};

/// How long a connection that makes room may take to say goodbye.
const LEAVING: Duration = Duration::from_secs(1);

/// A connection that hyper serves.
type Connection<S> = auto::Connection<'static, TokioIo<TimeoutStream<TcpStream>>, S, TokioExecutor>;

/// What ends a connection, beside its client.
pub(super) struct Endings {
    /// Changes when the service stops.
    pub(super) shutdown: watch::Receiver<()>,
    pub(super) admitted: Admitted,
    pub(super) watchdog: Watchdog,
    pub(super) metrics: Option<Arc<ConnectionMetrics>>,
}

/// Drives a connection until it ends. One that is told to end finishes the requests under way.
///
/// It is boxed, because the future of a function has room for an argument and for what that is moved into.
///
/// The task is woken for every request, so a wake-up polls only what may have changed since the last one.
pub(super) async fn drive<S>(mut connection: Pin<Box<Connection<S>>>, endings: Endings)
where
    S: Service<Request<Incoming>, Response = Response<WatchedBody>, Error = Infallible>,
    S::Future: Send + 'static,
{
    let Endings { mut shutdown, admitted, mut watchdog, metrics } = endings;
    let shutdown_started = shutdown.clone();
    let mut shutdown = pin!(shutdown.changed());
    let (mut was_polled, mut is_draining, mut is_leaving) = (false, false, false);
    poll_fn(|context| {
        // Polls once to register the waker before checking, so that no change is missed.
        if !mem::replace(&mut was_polled, true) {
            let _ = shutdown.as_mut().poll(context);
            admitted.register(context);
        }
        let starts_draining = !is_draining && shutdown_started.has_changed().unwrap_or(true);
        let starts_leaving = !is_leaving && admitted.must_leave();
        if starts_draining || starts_leaving {
            // Polled before: hyper closes an idle connection at once, and a request that has already come would be lost.
            if connection.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
            connection.as_mut().graceful_shutdown();
            is_draining |= starts_draining;
            is_leaving |= starts_leaving;
        }
        if starts_leaving {
            watchdog.end_within(LEAVING);
        }
        loop {
            if let Poll::Ready(ended) = connection.as_mut().poll(context) {
                ended.unwrap_or_else(|error| tracing::debug!(error, "connection failed"));
                return Poll::Ready(());
            }
            match watchdog.poll(context) {
                Verdict::Keep => return Poll::Pending,
                Verdict::Retire(reason) => {
                    tracing::debug!("{reason}: closing the connection when its other requests are answered");
                    if let Some(metrics) = &metrics {
                        metrics.count_ended(reason);
                    }
                    connection.as_mut().graceful_shutdown();
                }
                Verdict::Close => {
                    tracing::debug!("connection was told to end and did not: closing it");
                    return Poll::Ready(());
                }
            }
        }
    })
    .await;
}
