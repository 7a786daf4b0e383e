//! The address of the servers: a strict reading of the URI, so that nothing secret is taken for a name and shown.
//!
//! Characters that mean something in a URI often stand unescaped in passwords. A lenient reader then takes a part of the
//! password for a host or a parameter, and a message shows it: `postgres://alice:S3cret?x@db/payments` has the host `alice`,
//! the port `S3cret`, and a parameter named `x@db/payments`. Here such a URI is refused, with a reason that repeats nothing
//! of it.

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use std::fmt;
use std::net::IpAddr;

/// The parameters that are handed on, as libpq and sqlx name them.
const PARAMETERS: [&str; 17] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
];
/// Parameters of libpq that change nothing here.
const IGNORED: [&str; 16] = [
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "load_balance_hosts",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcompression",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
];
const SSL_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

const ESCAPE: &str = "a character of the user, the password or a parameter must be escaped: @ is %40, / is %2F, ? is %3F, \
                      # is %23, and : is %3A";
const HOST: &str = "a host has letters, digits, . and -, or is an address in brackets";
const PARAMETER: &str = "a parameter is not one that libpq has";

/// The servers that a URI names. Its text names them without user, password and parameters.
pub(super) struct Address {
    /// At least one.
    pub(super) servers: Box<[PgConnectOptions]>,
    /// The parameters that change nothing.
    pub(super) ignored: Vec<&'static str>,
}

impl Address {
    /// Reads `postgres://user:password@host:port,host:port/database?parameters`.
    ///
    /// # Errors
    /// What is wrong; it repeats nothing of the URI.
    pub(super) fn parse(uri: &str) -> Result<Self, &'static str> {
        let rest = uri.strip_prefix("postgres://").or_else(|| uri.strip_prefix("postgresql://"));
        let rest = rest.ok_or("it must begin with postgres://")?;
        if rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err("it must have no spaces; escape them as %20");
        }
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if tail.contains(['@', '#']) {
            return Err(ESCAPE);
        }
        let (user, hosts) = authority.rsplit_once('@').map_or(("", authority), |(user, hosts)| (user, hosts));
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        let (parameters, ignored) = split_parameters(query)?;
        let servers = hosts.split(',').map(|host| {
            check_host(host)?;
            // A name from the environment (PGHOST) is used where there is none.
            let at = if user.is_empty() { "" } else { "@" };
            let url = format!("postgres://{user}{at}{host}{path}?{}", parameters.join("&"));
            let server: PgConnectOptions = url.parse().map_err(|_| ESCAPE)?;
            Ok(with_defaults(server))
        });
        Ok(Self { servers: servers.collect::<Result<_, &'static str>>()?, ignored })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, server) in self.servers.iter().enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            write!(f, "{comma}{}", name(server))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// The server as a message may show it: without user and password.
pub(super) fn name(server: &PgConnectOptions) -> String {
    let database = server.get_database().unwrap_or(server.get_username());
    match server.get_socket() {
        Some(socket) => format!("{}/{database}", socket.display()),
        None => format!("{}:{}/{database}", server.get_host(), server.get_port()),
    }
}

/// Whether what is sent to the server stays on this machine.
pub(super) fn is_local(server: &PgConnectOptions) -> bool {
    let host = server.get_host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    server.get_socket().is_some() || host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn with_defaults(server: PgConnectOptions) -> PgConnectOptions {
    let server = match server.get_application_name() {
        Some(_) => server,
        None => server.application_name("payments"),
    };
    // PgBouncer refuses parameters that it does not know, and this one is about floats, of which there are none.
    server.extra_float_digits(None).disable_statement_logging()
}

/// A host, and a port if there is one: `db.example:5432`, `[::1]:5432`, `%2Frun%2Fpostgresql`, or nothing.
fn check_host(text: &str) -> Result<(), &'static str> {
    let (host, port) = match text.rfind(']') {
        Some(end) => text.split_at(end + 1),
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let is_good = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<IpAddr>().is_ok(),
        None => host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-%".contains(&byte)),
    };
    if !is_good {
        return Err(HOST);
    }
    match port.strip_prefix(':') {
        None if port.is_empty() => Ok(()),
        Some(port) if port.parse::<u16>().is_ok() => Ok(()),
        Some(_) | None => Err("a port is a number up to 65535; if it is part of the password, escape that: : is %3A"),
    }
}

/// The parameters to hand on, and the names of those that change nothing.
fn split_parameters(query: &str) -> Result<(Vec<&str>, Vec<&'static str>), &'static str> {
    let (mut kept, mut ignored) = (Vec::new(), Vec::new());
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (key, value) = parameter.split_once('=').ok_or(PARAMETER)?;
        let is_option = key == "options" || key.starts_with("options[");
        if let Some(known) = IGNORED.into_iter().find(|known| *known == key) {
            ignored.push(known);
        } else if !is_option && !PARAMETERS.contains(&key) {
            return Err(PARAMETER);
        } else if ["sslmode", "ssl-mode"].contains(&key) && !SSL_MODES.contains(&value) {
            return Err("sslmode is disable, prefer, require, verify-ca or verify-full");
        } else {
            kept.push(parameter);
        }
    }
    // Of several servers the one that can be written to is used, so that it is nothing to warn of.
    ignored.retain(|known| *known != "target_session_attrs");
    Ok((kept, ignored))
}

#[cfg(test)]
mod tests {
    use super::{Address, is_local};

    #[test]
    fn a_good_uri_names_its_servers() {
        for (uri, shown) in [
            ("postgres://user:p@ss@db.example:5433/pay?sslmode=require", "db.example:5433/pay"),
            ("postgresql://db/pay", "db:5432/pay"),
            ("postgres:///pay?host=/run&password=secret", "/run/pay"),
            ("postgres://%2Frun%2Fpostgresql/pay", "/run/postgresql/pay"),
            ("postgres://u@[::1]:5433/pay?connect_timeout=10&options[geqo]=off", "[::1]:5433/pay"),
            (
                "postgres://u:s3cret@one:5433,two/pay?target_session_attrs=read-write&sslmode=verify-full",
                "one:5433/pay, two:5432/pay",
            ),
        ] {
            assert_eq!(Address::parse(uri).map(|address| address.to_string()), Ok(shown.to_owned()), "{uri}");
        }
        let address = Address::parse("postgres://db/pay?connect_timeout=10&target_session_attrs=any").unwrap();
        assert_eq!(address.ignored, ["connect_timeout"]);
    }

    /// Passwords with characters that mean something in a URI, and values that do not belong there.
    #[test]
    fn what_is_refused_is_not_repeated() {
        for uri in [
            "postgres://alice:S3cret?x@HOST/db",
            "postgres://alice:S3cret#x@HOST/db",
            "postgres://alice:S3cret/x@HOST/db",
            "postgres://alice:12345?S3cret@HOST/db",
            "postgres://alice:12345/S3cret@HOST/db",
            "postgres://alice:S3cret",
            "postgres://alice:S3cret/db",
            "postgres://alice@HOST:S3cret/db",
            "postgres://alice:x@S3cret!/db",
            "postgres://alice:S3cret @HOST/db",
            "postgres://alice@HOST/db?passwort=S3cret",
            "postgres://alice@HOST/db?S3cret",
            "postgres://alice@HOST/db?sslmode=S3cret",
            "postgres://alice@HOST/db?port=S3cret",
            "postgres://alice@HOST/db?hostaddr=S3cret",
            "postgres://alice@HOST/db?statement-cache-capacity=S3cret",
            "postgres://alice@[S3cret]/db",
            "postgres://a,b@c:S3cret,d/db",
            "S3cret",
        ] {
            let refused = Address::parse(uri).expect_err(uri);
            assert!(!refused.contains("S3cret"), "{uri}: {refused}");
        }
    }

    #[test]
    fn a_server_on_this_machine_is_local() {
        let local = |uri| is_local(Address::parse(uri).unwrap().servers.first().unwrap());
        assert!(local("postgres://127.0.0.1/x") && local("postgres://localhost/x") && local("postgres://[::1]/x"));
        assert!(local("postgres:///x?host=/run"));
        assert!(
            !local("postgres://10.0.0.1/x") && !local("postgres://db.example/x") && !local("postgres://[fd00::1]/x")
        );
    }
}
