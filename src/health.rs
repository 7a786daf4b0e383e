//! The health check of `payments health`, for containers: their images have no other program that could send a request.

use crate::config::Listen;
use payments_client::{Client, Error, reqwest};
use std::time::Duration;

/// The limit for a response. The service gives its store up before that.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The URL of a service that listens at `listen` on this machine, such as `http://localhost:8080`.
#[must_use]
pub fn url(listen: &Listen) -> String {
    let Listen { host, port } = listen;
    match host.as_deref() {
        None => format!("http://localhost:{port}"),
        Some(host) if host.contains(':') => format!("http://[{host}]:{port}"),
        Some(host) => format!("http://{host}:{port}"),
    }
}

/// Requests `/health` from the service at `url`.
///
/// # Errors
/// Any [`Error`] if the service is unhealthy or cannot be reached.
pub async fn check(url: &str) -> Result<(), Error> {
    // No proxy, because the service is on this machine; no root certificates, because an image may have none.
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    Client::builder(url).http(http).timeout(TIMEOUT).build()?.get_health().send().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Listen, url};

    #[test]
    fn every_listen_address_has_a_url() {
        for (host, expected) in [
            (None, "http://localhost:8080"),
            (Some("127.0.0.1"), "http://127.0.0.1:8080"),
            (Some("0.0.0.0"), "http://0.0.0.0:8080"),
            (Some("::1"), "http://[::1]:8080"),
            (Some("payments.internal"), "http://payments.internal:8080"),
        ] {
            assert_eq!(url(&Listen { host: host.map(str::to_owned), port: 8080 }), expected);
        }
    }
}
