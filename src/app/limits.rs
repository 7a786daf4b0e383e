//! The limits of connections and memory, by the settings and by what the system allows this process.

use super::error::StartError;
use crate::{config::Serve, http::ConnectionLimits};

/// The most connections unless the settings say otherwise. An idle one takes some 10 KiB of memory.
const MAX_CONNECTIONS: usize = 10_000;
/// The memory budget in bytes unless the settings say otherwise. With what else is in memory it fits the limit of 256 MiB
/// in `deploy/kubernetes`.
const MEMORY_BUDGET: usize = 64 << 20;
/// The file descriptors for the store, the log, the listeners, health checks, and connections on their way out.
const RESERVED_FILES: usize = 160;
/// The most connections at an address for operators.
const OPERATOR_CONNECTIONS: usize = 64;

/// The limits of connections of clients.
pub(super) fn of_clients(config: &Serve) -> ConnectionLimits {
    of_clients_within(config, open_file_limit())
}

fn of_clients_within(config: &Serve, files: usize) -> ConnectionLimits {
    let (total, allowed) = connections(config, files);
    if total > allowed {
        tracing::warn!(
            max_connections = total,
            open_files = files,
            "connections may use up the open files: raise `ulimit -n`, or lower --max-connections"
        );
    }
    let per_client = config.max_client_connections.unwrap_or((total / 2).max(1));
    ConnectionLimits { total, per_client, trusted_proxies: config.trusted_proxies.clone() }
}

/// The limit of streams of events and of requests that wait for events.
pub(super) fn streams(config: &Serve) -> usize {
    streams_within(config, open_file_limit())
}

fn streams_within(config: &Serve, files: usize) -> usize {
    config.max_streams.unwrap_or_else(|| (connections(config, files).0 / 2).max(1))
}

/// How many connections there may be, and how many the open files allow.
fn connections(config: &Serve, files: usize) -> (usize, usize) {
    // Of few files, half at the least.
    let allowed = files.saturating_sub(RESERVED_FILES).max(files / 2);
    (config.max_connections.unwrap_or_else(|| allowed.clamp(1, MAX_CONNECTIONS)), allowed)
}

/// The limits of connections at an address for operators, if they have one of their own.
pub(super) fn of_operators() -> ConnectionLimits {
    ConnectionLimits { total: OPERATOR_CONNECTIONS, per_client: OPERATOR_CONNECTIONS, trusted_proxies: Vec::new() }
}

/// The memory budget in bytes. A body of the largest size must find room in it.
pub(super) fn memory(budget: Option<usize>, max_body: usize) -> Result<usize, StartError> {
    let least = max_body.saturating_mul(4);
    let Some(budget) = budget else { return Ok(least.max(MEMORY_BUDGET)) };
    if budget < least {
        let mebibytes = least.div_ceil(1 << 20);
        return Err(StartError::Config(format!(
            "--memory-budget must be at least four times --max-body, for example --memory-budget {mebibytes}MiB"
        )));
    }
    Ok(budget)
}

/// The soft limit of open files.
fn open_file_limit() -> usize {
    rlimit::getrlimit(rlimit::Resource::NOFILE)
        .map_or(usize::MAX, |(soft, _)| usize::try_from(soft).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::{memory, of_clients_within, streams_within};
    use crate::config::{Command, Config, Serve};
    use clap::Parser;

    fn serve(flags: &[&str]) -> Serve {
        let config = Config::try_parse_from([&["payments", "serve"], flags].concat()).unwrap();
        let Command::Serve(serve) = config.command else { panic!("the command is serve") };
        serve
    }

    fn limits(flags: &[&str], files: usize) -> (usize, usize) {
        let limits = of_clients_within(&serve(flags), files);
        (limits.total, limits.per_client)
    }

    #[test]
    fn streams_leave_connections_for_the_rest() {
        for (flags, files, expected) in [
            (&[][..], 1_048_576, 5_000),
            (&[], 1024, 432),
            (&["--max-connections", "1"], 1024, 1),
            (&["--max-streams", "9"], 1024, 9),
        ] {
            assert_eq!(streams_within(&serve(flags), files), expected, "{flags:?} within {files} files");
        }
    }

    #[test]
    fn connections_leave_files_for_the_rest() {
        for (flags, files, expected) in [
            (&[][..], 1_048_576, (10_000, 5_000)),
            (&[], 1024, (864, 432)),
            (&[], 400, (240, 120)),
            (&[], 100, (50, 25)),
            (&[], 1, (1, 1)),
            (&["--max-connections", "4000"], 1_048_576, (4000, 2000)),
            (&["--max-connections", "4000", "--max-client-connections", "9"], 100, (4000, 9)),
        ] {
            assert_eq!(limits(flags, files), expected, "{flags:?} within {files} files");
        }
    }

    #[test]
    fn the_memory_budget_has_room_for_the_largest_body() {
        assert_eq!(memory(None, 1 << 20).unwrap(), 64 << 20);
        assert_eq!(memory(None, 100 << 20).unwrap(), 400 << 20);
        assert_eq!(memory(Some(64 << 20), 16 << 20).unwrap(), 64 << 20);
        let error = memory(Some(64 << 20), (16 << 20) + 1).unwrap_err().to_string();
        assert!(error.contains("--memory-budget 65MiB"), "{error}");
    }
}
