//! The operations of the tag `monitoring`: liveness, readiness, and the health of the store.

use super::Service;
use crate::{
    http::problem::{Error, RETRY_AFTER},
    payments::{Error as PaymentsError, Repo},
};
use payments_server::{
    models::{Health, HealthStatus},
    monitoring::{GetAliveResponse, GetHealthResponse, GetReadyResponse, Monitoring},
};

const UP: Health = Health { status: HealthStatus::Up, detail: None };

/// The reason while no token can be judged.
const NO_KEYS: &str = "The issuer of tokens has not been reached yet.";

/// The reason while the server stops.
const STOPPING: &str = "The server is stopping, and should get no more traffic.";

fn down(reason: &str) -> Health {
    Health { status: HealthStatus::Down, detail: Some(reason.to_owned()) }
}

/// Why the store is not up, without what is no business of clients: the log has the cause.
fn store_is_down(error: &PaymentsError) -> Health {
    down(match error {
        PaymentsError::Overloaded => "The store has more to do than it can do at once.",
        PaymentsError::Unavailable(_) => "The store cannot be reached, or takes no writes.",
        PaymentsError::Internal(_)
        | PaymentsError::NotFound
        | PaymentsError::Expired
        | PaymentsError::AlreadyExists
        | PaymentsError::VersionConflict { .. } => "The store failed.",
    })
}

impl<R: Repo> Monitoring for Service<R> {
    async fn get_health(&self) -> Result<GetHealthResponse, Error> {
        Ok(match self.repo.check().await {
            Ok(()) => GetHealthResponse::Ok { body: UP.into() },
            Err(error) => {
                GetHealthResponse::ServiceUnavailable { body: store_is_down(&error).into(), retry_after: RETRY_AFTER }
            }
        })
    }

    async fn get_ready(&self) -> Result<GetReadyResponse, Error> {
        let body = if self.is_draining() {
            down(STOPPING)
        } else if self.settings.identity.as_ref().is_some_and(|identity| !identity.verifier.has_keys()) {
            down(NO_KEYS)
        } else {
            match self.repo.check().await {
                Ok(()) => return Ok(GetReadyResponse::Ok { body: UP.into() }),
                Err(error) => store_is_down(&error),
            }
        };
        Ok(GetReadyResponse::ServiceUnavailable { body: body.into(), retry_after: RETRY_AFTER })
    }

    async fn get_alive(&self) -> Result<GetAliveResponse, Error> {
        Ok(GetAliveResponse::Ok { body: UP.into() })
    }
}
