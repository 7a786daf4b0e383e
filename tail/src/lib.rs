//! Shows the events of a service as they happen: as words for people, or as one line of JSON each.

mod line;

pub use line::Format;
use payments_client::{
    Client, TokenSource,
    models::{EventContent, EventType},
};
use payments_events::{FollowError, LiveEvents};
use std::{
    future::Future,
    io::{self, Write},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
};

/// The place from which on there is nothing yet.
const NOW: &str = "now";
/// The place before every event.
const BEGINNING: &str = "beginning";

/// What is shown, and how.
#[derive(Debug)]
pub struct Options {
    /// The address of the service.
    pub url: String,
    /// Where tokens come from; `None` for a service that asks for none.
    pub tokens: Option<TokenSource>,
    /// Where to begin: a cursor, `now`, or `beginning`.
    pub after: String,
    /// How events are shown.
    pub format: Format,
    /// Whether payments are shown, too.
    pub full: bool,
    /// The one type that is shown.
    pub kind: Option<String>,
    /// The one payment whose events are shown.
    pub payment: Option<String>,
    /// The one organisation whose events are shown.
    pub organisation: Option<String>,
    /// After how many events to stop.
    pub count: Option<u64>,
}

/// Why no more is shown. Each message is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// The address is not one of a service.
    #[error("{url}: {source}")]
    Url {
        /// The address.
        url: String,
        /// The client's reason.
        source: Box<payments_client::Error>,
    },
    /// The place from which on events were to be shown is gone.
    #[error("{0}; `--after beginning` shows all that is kept")]
    Expired(FollowError),
    /// The service refuses.
    #[error("{0}")]
    Refused(FollowError),
    /// The output cannot be written.
    #[error("cannot write: {0}")]
    Output(io::Error),
}

/// Shows events on `output` until `stop` resolves, or until there were enough. What is not an event goes to `note`: that the
/// connection broke, and, at the end, how to go on.
///
/// # Errors
/// [`TailError`]. An output that was closed is none: its reader has seen enough.
pub async fn run(
    options: Options,
    mut output: impl Write,
    note: impl Fn(&str) + Send + 'static,
    stop: impl Future<Output = ()>,
) -> Result<(), TailError> {
    let (format, count) = (options.format, options.count.unwrap_or(u64::MAX));
    let note = Arc::new(Mutex::new(note));
    let say = {
        let note = Arc::clone(&note);
        move |line: &str| note.lock().unwrap_or_else(PoisonError::into_inner)(line)
    };
    let mut events = open(options, say.clone())?;
    let (mut stop, mut shown, mut cursor) = (pin!(stop), 0, None);
    let ended = loop {
        let next = tokio::select! {
            biased;
            () = &mut stop => break Ok(()),
            next = events.next() => next,
        };
        match next {
            Some(Ok(live)) => {
                if let Some(event) = &live.event {
                    match line::write(&mut output, format, event, &live.cursor) {
                        Ok(()) => shown += 1,
                        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break Ok(()),
                        Err(error) => break Err(TailError::Output(error)),
                    }
                }
                cursor = Some(live.cursor);
            }
            Some(Err(error @ FollowError::CursorExpired(_))) => break Err(TailError::Expired(error)),
            Some(Err(error)) => break Err(TailError::Refused(error)),
            None => break Ok(()),
        }
        if shown == count {
            break Ok(());
        }
    };
    if let (Some(cursor), Ok(())) = (cursor, &ended) {
        say(&format!("to go on from here: --after {cursor}"));
    }
    ended
}

fn open(options: Options, say: impl Fn(&str) + Send + 'static) -> Result<LiveEvents, TailError> {
    let Options { url, tokens, after, format: _, full, kind, payment, organisation, count: _ } = options;
    let builder = Client::builder(&url).user_agent(concat!("payments-tail/", env!("CARGO_PKG_VERSION")));
    let builder = tokens.into_iter().fold(builder, payments_client::ClientBuilder::tokens);
    let client = builder.build().map_err(|source| TailError::Url { url, source: Box::new(source) })?;
    let mut request = client.stream_events();
    if full {
        request = request.content(EventContent::Full);
    }
    if let Some(kind) = kind {
        request = request.filter_type(EventType::from(kind.as_str()));
    }
    if let Some(payment) = payment {
        request = request.filter_payment_id(&payment);
    }
    if let Some(organisation) = organisation {
        request = request.filter_organisation_id(&organisation);
    }
    if after == NOW {
        request = request.after(NOW);
    }
    let settings = LiveEvents::builder(request).on_interruption(move |interruption, wait| {
        // Without a wait it is about a token, of which there may be another.
        if !wait.is_zero() {
            say(&format!("{interruption}; connecting again in {:.1} s", wait.as_secs_f64()));
        }
    });
    let settings = match &*after {
        NOW | BEGINNING => settings,
        cursor => settings.resume_from(cursor),
    };
    Ok(settings.start())
}
