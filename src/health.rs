//! Asks a service on this machine whether it is healthy: in a container there is no other program that could.

use crate::config::Listen;
use payments_client::{Client, Error, reqwest};
use std::time::Duration;

/// How long the service may take to answer. Its store is given up before that.
const PATIENCE: Duration = Duration::from_secs(3);

/// The address at which a service that listens there answers on its own machine, such as `http://localhost:8080`.
#[must_use]
pub fn url(listen: &Listen) -> String {
    let Listen { host, port } = listen;
    match host.as_deref() {
        None => format!("http://localhost:{port}"),
        Some(host) if host.contains(':') => format!("http://[{host}]:{port}"),
        Some(host) => format!("http://{host}:{port}"),
    }
}

/// Asks the service at `url`.
///
/// # Errors
/// Any [`Error`], should it not be up, or not be there.
pub async fn ask(url: &str) -> Result<(), Error> {
    // A proxy of the environment is no way to reach one's own machine. Nor are certificates asked for, which an image may be
    // without.
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    Client::builder(url).http(http).timeout(PATIENCE).build()?.get_health().send().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Listen, url};

    #[test]
    fn every_address_to_listen_at_can_be_asked() {
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
