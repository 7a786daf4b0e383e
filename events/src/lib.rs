//! Follows the events of the Payments service from a cursor, for ever.
//!
//! | | asks | for |
//! |---|---|---|
//! | [`EventFeed`] | `GET /v1/events`, a page at a time, with long polling | work in batches, one request at a time |
//! | [`LiveEvents`] | `GET /v1/events/stream`, and connects again | events as they happen |
//!
//! Both hand out a cursor behind what they hand out. Store it once the events before it are done, best in the same transaction,
//! and resume from it. The two take each other's cursors. An event that was done, but whose cursor was not stored, comes again:
//! its `id` tells.
//!
//! ```no_run
//! use payments_client::{Client, models::EventContent};
//! use payments_events::{FollowError, LiveEvents};
//!
//! # fn stored() -> Option<String> { None }
//! # fn handle(_: &payments_client::models::Event) {}
//! # fn store(_: Option<&str>) {}
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new("http://localhost:8080")?;
//! let request = client.stream_events().content(EventContent::Full).filter_organisation_id("harbour-lane-bakery");
//! let mut settings = LiveEvents::builder(request)
//!     .on_interruption(|interruption, wait| eprintln!("events: {interruption}; on again in {wait:?}"));
//! if let Some(cursor) = stored() {
//!     settings = settings.resume_from(&cursor);
//! }
//! let mut events = settings.start();
//! while let Some(next) = events.next().await {
//!     match next {
//!         Ok(live) => {
//!             // A bookmark has no event: nothing happened, and the cursor goes on all the same.
//!             if let Some(event) = &live.event {
//!                 handle(event);
//!             }
//!             store(Some(&live.cursor));
//!         }
//!         // What was missed is not kept any more: read all payments again, and begin anew.
//!         Err(FollowError::CursorExpired(_)) => store(None),
//!         Err(error) => return Err(error.into()),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Failures that get better are waited for: 1 second at first, then twice as long each time, up to a minute, up to half of it
//! random, and never less than `Retry-After` asks, up to ten minutes. A token that is refused is replaced once. Everything else,
//! such as 400, 403, 404 and 410, is the last item.
//!
//! Both implement [`futures_core::Stream`]. `next` needs no other crate.

mod error;
mod feed;
mod live;

pub use error::FollowError;
pub use feed::{EventFeed, EventFeedBuilder, EventPage};
pub use live::{LiveEvent, LiveEvents, LiveEventsBuilder};
pub use openapi_client::Interruption;
