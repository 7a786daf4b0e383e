//! The socket that the service listens on.

use super::error::StartError;
use crate::config::Listen;
use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};
use tokio::net::{TcpListener, TcpSocket, lookup_host};

/// How many connections may wait to be accepted. The usual 128 are reached when many clients connect at once, and a client
/// that finds the queue full retries only after a second.
const BACKLOG: u32 = 1024;

/// Binds a socket. Without a host it listens on every address of the machine, over IPv6 and IPv4 where there are both.
pub(super) async fn bind(listen: &Listen) -> Result<TcpListener, StartError> {
    let addresses: io::Result<Vec<SocketAddr>> = match &listen.host {
        Some(host) => lookup_host((host.as_str(), listen.port)).await.map(Iterator::collect),
        None => Ok(vec![(Ipv6Addr::UNSPECIFIED, listen.port).into(), (Ipv4Addr::UNSPECIFIED, listen.port).into()]),
    };
    let bound = addresses.and_then(|addresses| {
        let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            match listen_on(address) {
                Ok(listener) => return Ok(listener),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    });
    bound.map_err(|source| StartError::Listen { address: listen.to_string(), source })
}

/// Does the same as [`TcpListener::bind`], with a longer queue.
fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }?;
    // Without it the port stays unavailable for a minute after the last process that listened there.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
