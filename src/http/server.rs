//! Connections: HTTP/1.0, HTTP/1.1, and HTTP/2 with prior knowledge, on one port.

use axum::{Router, body::Body, extract::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use std::{future::Future, time::Duration};
use tokio::{net::TcpListener, time::timeout};
use tower::ServiceExt;

/// How long to wait when no connection can be accepted, for want of file descriptors say.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Serves `router` until `stop` resolves; then takes no more connections, and lets those that are open finish what they
/// have begun, for `grace` at most.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>, grace: Duration) {
    let builder = auto::Builder::new(TokioExecutor::new());
    let open = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let stream = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    tokio::time::sleep(BACK_OFF).await;
                    continue;
                }
            },
        };
        // A response is written whole; waiting to fill a packet would only delay it.
        let _ = stream.set_nodelay(true);
        let service =
            TowerToHyperService::new(router.clone().map_request(|request: Request<_>| request.map(Body::new)));
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let connection = open.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error, "a connection broke");
            }
        });
    }
    drop(listener);
    if timeout(grace, open.shutdown()).await.is_err() {
        tracing::warn!("stopped with requests still open");
    }
}
