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

/// The sockets of a service that is starting: they have their addresses, and nobody can connect yet.
#[derive(Debug)]
pub(super) struct BoundSockets {
    public: Bound,
    operator: Option<Bound>,
}

/// A socket that has an address, and does not listen.
#[derive(Debug)]
struct Bound {
    socket: TcpSocket,
    address: SocketAddr,
    flag: &'static str,
    listen: Listen,
}

impl BoundSockets {
    /// Binds the sockets that the settings name.
    pub(super) async fn bind(config: &Serve) -> Result<Self, StartError> {
        let public = Bound::to(&config.listen, "--listen").await?;
        let operator = match &config.operator_listen {
            Some(listen) => Some(Bound::to(listen, "--operator-listen").await?),
            None => None,
        };
        Ok(Self { public, operator })
    }

    /// Lets clients connect.
    pub(super) fn listen(self) -> Result<Listeners, StartError> {
        Ok(Listeners { public: self.public.listen()?, operator: self.operator.map(Bound::listen).transpose()? })
    }
}

impl Bound {
    /// Binds the socket of a flag. Without a host it is for every address of the machine, over IPv6 and IPv4 where there
    /// are both.
    async fn to(listen: &Listen, flag: &'static str) -> Result<Self, StartError> {
        let bound = match addresses(listen).await {
            Ok(addresses) => bind_to_any(addresses),
            Err(error) => Err(error),
        };
        match bound {
            Ok((socket, address)) => Ok(Self { socket, address, flag, listen: listen.clone() }),
            Err(source) => Err(StartError::Listen { flag, address: listen.to_string(), source }),
        }
    }

    fn listen(self) -> Result<Listener, StartError> {
        let Self { socket, address, flag, listen } = self;
        match socket.listen(BACKLOG) {
            Ok(socket) => Ok(Listener { socket, address }),
            Err(source) => Err(StartError::Listen { flag, address: listen.to_string(), source }),
        }
    }
}

async fn addresses(listen: &Listen) -> io::Result<Vec<SocketAddr>> {
    match &listen.host {
        Some(host) => lookup_host((host.as_str(), listen.port)).await.map(Iterator::collect),
        None => Ok(vec![(Ipv6Addr::UNSPECIFIED, listen.port).into(), (Ipv4Addr::UNSPECIFIED, listen.port).into()]),
    }
}

/// Binds a socket to the first of the addresses that can be had.
fn bind_to_any(addresses: Vec<SocketAddr>) -> io::Result<(TcpSocket, SocketAddr)> {
    let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        let bound = bind_to(address).and_then(|socket| Ok((socket.local_addr()?, socket)));
        match bound {
            Ok((address, socket)) => return Ok((socket, address)),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// Does the first half of [`TcpListener::bind`].
fn bind_to(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }?;
    // Without it the port stays unavailable for a minute after the last process that listened there.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
