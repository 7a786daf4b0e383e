//! The sockets that the service listens on.

use super::error::StartError;
use crate::config::{Listen, Serve};
use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};
use tokio::net::{TcpListener, TcpSocket, lookup_host};

/// How many connections may wait to be accepted. The usual 128 are reached when many clients connect at once, and a client
/// that finds the queue full retries only after a second.
const BACKLOG: u32 = 1024;

/// A socket that listens.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) socket: TcpListener,
    pub(super) address: SocketAddr,
}

/// The sockets of a service.
#[derive(Debug)]
pub(super) struct Listeners {
    /// Listens at `--listen`.
    pub(super) public: Listener,
    /// Listens at `--operator-listen`, if there is one.
    pub(super) operator: Option<Listener>,
}

impl Listeners {
    /// Binds the sockets that the settings name.
    pub(super) async fn bind(config: &Serve) -> Result<Self, StartError> {
        let public = bind(&config.listen, "--listen").await?;
        let operator = match &config.operator_listen {
            Some(listen) => Some(bind(listen, "--operator-listen").await?),
            None => None,
        };
        Ok(Self { public, operator })
    }
}

/// Binds the socket of a flag. Without a host it listens on every address of the machine, over IPv6 and IPv4 where there
/// are both.
async fn bind(listen: &Listen, flag: &'static str) -> Result<Listener, StartError> {
    let bound = match addresses(listen).await {
        Ok(addresses) => listen_on_any(addresses),
        Err(error) => Err(error),
    };
    bound.map_err(|source| StartError::Listen { flag, address: listen.to_string(), source })
}

async fn addresses(listen: &Listen) -> io::Result<Vec<SocketAddr>> {
    match &listen.host {
        Some(host) => lookup_host((host.as_str(), listen.port)).await.map(Iterator::collect),
        None => Ok(vec![(Ipv6Addr::UNSPECIFIED, listen.port).into(), (Ipv4Addr::UNSPECIFIED, listen.port).into()]),
    }
}

/// Listens on the first of the addresses that can be bound.
fn listen_on_any(addresses: Vec<SocketAddr>) -> io::Result<Listener> {
    let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        let bound = listen_on(address).and_then(|socket| Ok(Listener { address: socket.local_addr()?, socket }));
        match bound {
            Ok(listener) => return Ok(listener),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// Does the same as [`TcpListener::bind`], with a longer queue.
fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }?;
    // Without it the port stays unavailable for a minute after the last process that listened there.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
