//! A network that can be told to misbehave: a TCP proxy in front of a server.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// As many bytes as are read at once.
const PIECE: usize = 16 << 10;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

/// The state of the network. Connections are numbered as they come.
#[derive(Debug, Clone, Default)]
struct Weather {
    /// How long each piece takes, in each direction.
    latency: Duration,
    /// On connections with numbers below this one packets vanish: nothing arrives, and neither end hears of it.
    dark_below: u64,
    /// On connections with numbers below this one nothing arrives that the server sends.
    mute_below: u64,
    /// Connections with numbers below this one are reset.
    reset_below: u64,
}

#[derive(Debug, Default)]
struct State {
    weather: watch::Sender<Weather>,
    /// The next connection's number.
    next: AtomicU64,
    /// After how many more bytes which way the connection that carries them is cut.
    cut: Mutex<Option<(Way, usize)>>,
    /// How many connections the client holds open.
    open: AtomicUsize,
    /// How many bytes the server has sent so far that were held up.
    held_up: AtomicUsize,
}

/// A proxy; it goes when it is dropped, with every connection.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy in front of `server`.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new(State::default());
        let accepting = tokio::spawn(accept(listener, server, Arc::clone(&state)));
        Self { address, state, accepting }
    }

    /// Starts a proxy in front of the PostgreSQL at `url`, and returns it with the URL that leads through it.
    ///
    /// # Panics
    /// When the URL names no user, host and database.
    pub async fn before(url: &str) -> (Self, String) {
        let (head, rest) = url.split_once('@').expect("a user");
        let (server, database) = rest.split_once('/').expect("a database");
        let server = tokio::net::lookup_host(server).await.expect("an address").next().expect("an address");
        let proxy = Self::start(server).await;
        let url = format!("{head}@{}/{database}", proxy.address);
        (proxy, url)
    }

    /// Where the proxy listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn change(&self, change: impl FnOnce(&mut Weather)) {
        self.state.weather.send_modify(change);
    }

    /// From now on each piece of data takes so long, in each direction.
    pub fn slow_down(&self, latency: Duration) {
        self.change(|weather| weather.latency = latency);
    }

    /// Resets every connection there is.
    pub fn reset(&self) {
        let next = self.state.next.load(Ordering::SeqCst);
        self.change(|weather| weather.reset_below = next);
    }

    /// Packets vanish from now on, and connections that are new get no answer either.
    pub fn go_dark(&self) {
        self.change(|weather| weather.dark_below = u64::MAX);
    }

    /// New connections work again. Those that are open never will, as after a failover that forgets them.
    pub fn forget(&self) {
        let next = self.state.next.load(Ordering::SeqCst);
        self.change(|weather| weather.dark_below = next);
    }

    /// What the server sends is held up on the connections that are open now. New ones work.
    pub fn mute(&self) {
        let next = self.state.next.load(Ordering::SeqCst);
        self.change(|weather| weather.mute_below = next);
    }

    /// How many bytes the server has sent so far that were held up.
    pub fn held_up(&self) -> usize {
        self.state.held_up.load(Ordering::SeqCst)
    }

    /// All goes on, and what was held up arrives.
    pub fn thaw(&self) {
        self.change(|weather| (weather.dark_below, weather.mute_below) = (0, 0));
    }

    /// Cuts the connection that carries the byte after the next `bytes` that way, before it does.
    pub fn cut_after(&self, way: Way, bytes: usize) {
        *self.cut() = Some((way, bytes));
    }

    /// Cuts nothing any more. Returns whether anything was cut.
    pub fn spare(&self) -> bool {
        self.cut().take().is_none()
    }

    /// How many connections the client holds open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.state.open.load(Ordering::SeqCst)
    }

    fn cut(&self) -> std::sync::MutexGuard<'_, Option<(Way, usize)>> {
        self.state.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.reset();
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        let number = state.next.fetch_add(1, Ordering::SeqCst);
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            state.open.fetch_add(1, Ordering::SeqCst);
            carry(client, server, number, &state).await;
            state.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

/// Carries a connection until one side ends it, or the proxy does.
async fn carry(client: TcpStream, server: SocketAddr, number: u64, state: &State) {
    // A server that does not listen looks to the client like a connection that ends at once.
    let Ok(server) = TcpStream::connect(server).await else { return };
    for stream in [&client, &server] {
        stream.set_nodelay(true).expect("a socket");
    }
    let mut weather = state.weather.subscribe();
    let is_reset = async move {
        let _ = weather.wait_for(|weather| number < weather.reset_below).await;
    };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let was_reset = tokio::select! {
        () = is_reset => true,
        () = pump(from_client, &to_server, Way::ToServer, number, state) => false,
        () = pump(from_server, &to_client, Way::ToClient, number, state) => false,
    };
    if was_reset {
        for stream in [to_client.as_ref(), to_server.as_ref()] {
            stream.set_zero_linger().expect("a socket");
        }
    }
}

/// Carries bytes one way, until `from` ends or the connection is to be cut.
async fn pump(mut from: OwnedReadHalf, to: &OwnedWriteHalf, way: Way, number: u64, state: &State) {
    let mut weather = state.weather.subscribe();
    let mut held = Vec::new();
    loop {
        let (dark, latency) = {
            let weather = weather.borrow_and_update();
            let is_mute = way == Way::ToClient && number < weather.mute_below;
            (is_mute || number < weather.dark_below, weather.latency)
        };
        if !dark && !held.is_empty() {
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            let allowed = state.allowed(way, held.len());
            if write_all(to, held.get(..allowed).unwrap_or_default()).await.is_err() || allowed < held.len() {
                return;
            }
            held.clear();
        }
        held.reserve(PIECE);
        // What arrives in the dark is kept for when it gets light, if it does.
        tokio::select! {
            read = from.read_buf(&mut held) => match read {
                Ok(bytes @ 1..) => state.note_arrival(way, dark, bytes),
                Ok(0) | Err(_) => return,
            },
            changed = weather.changed() => if changed.is_err() { return },
        }
    }
}

async fn write_all(to: &OwnedWriteHalf, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        to.writable().await?;
        match to.try_write(bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl State {
    fn note_arrival(&self, way: Way, dark: bool, bytes: usize) {
        if dark && way == Way::ToClient {
            self.held_up.fetch_add(bytes, Ordering::SeqCst);
        }
    }

    /// How many of the next `bytes` may pass that way; fewer than all: cut it there.
    fn allowed(&self, way: Way, bytes: usize) -> usize {
        let mut cut = self.cut.lock().unwrap_or_else(PoisonError::into_inner);
        match cut.as_mut() {
            Some((cut_way, left)) if *cut_way == way => {
                if bytes > *left {
                    let allowed = *left;
                    *cut = None;
                    return allowed;
                }
                *left -= bytes;
                bytes
            }
            Some(_) | None => bytes,
        }
    }
}
