//! The operation of the tag `metrics`: the Prometheus metrics, as text.

use super::Service;
use crate::{http::problem::Error, payments::Repo};
use payments_server::metrics::{GetMetricsResponse, Metrics};
use prometheus::{Registry, TextEncoder};

impl<R: Repo> Metrics for Service<R> {
    async fn get_metrics(&self) -> Result<GetMetricsResponse, Error> {
        let families = self.settings.metrics.as_ref().map(Registry::gather).unwrap_or_default();
        let body = TextEncoder::new().encode_to_string(&families).map_err(Error::MetricsNotEncoded)?;
        Ok(GetMetricsResponse::Ok { body })
    }
}
