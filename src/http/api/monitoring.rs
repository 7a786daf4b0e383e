//! The operations of the tag `monitoring`: liveness, readiness, and the health of the store.

use super::Service;
use crate::{
    http::problem::{Error, RETRY_AFTER},
    payments::Repo,
};
use payments_server::{
    models::{Health, HealthStatus},
    monitoring::{GetAliveResponse, GetHealthResponse, GetReadyResponse, Monitoring},
};

const UP: Health = Health { status: HealthStatus::Up };
const DOWN: Health = Health { status: HealthStatus::Down };

impl<R: Repo> Monitoring for Service<R> {
    async fn get_health(&self) -> Result<GetHealthResponse, Error> {
        Ok(match self.repo.check().await {
            Ok(()) => GetHealthResponse::Ok { body: UP.into() },
            Err(_) => GetHealthResponse::ServiceUnavailable { body: DOWN.into(), retry_after: RETRY_AFTER },
        })
    }

    async fn get_ready(&self) -> Result<GetReadyResponse, Error> {
        let is_down = self.is_draining() || self.repo.check().await.is_err();
        Ok(if is_down {
            GetReadyResponse::ServiceUnavailable { body: DOWN.into(), retry_after: RETRY_AFTER }
        } else {
            GetReadyResponse::Ok { body: UP.into() }
        })
    }

    async fn get_alive(&self) -> Result<GetAliveResponse, Error> {
        Ok(GetAliveResponse::Ok { body: UP.into() })
    }
}
