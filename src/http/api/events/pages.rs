//! Pages of events and of versions. A page without events is held until there are some, if the request waits.

use super::{feed::Feed, listeners::Manner};
use crate::{
    http::{api::service::Service, caller::Caller, problem::Error, urls},
    payments::{EventPage, EventStart, History, PaymentId, Repo, Version},
};
use payments_server::{Document, models};
use std::time::Duration;
use tokio::time::sleep;

/// How long a listener waits from the first news to its look at them. News that come meanwhile are read together: a page of ten costs hardly more
/// than one of one.
pub(super) const PACE: Duration = Duration::from_millis(5);

/// Reads a version in a path; `None` for text that no version is written as.
pub(super) fn parse_version(text: &str) -> Option<Version> {
    let version = text.parse().ok().and_then(|number| Version::parse(number).ok())?;
    (version.to_string() == text).then_some(version)
}

impl<R: Repo> Service<R> {
    /// The response that carries a page of versions. `sent`: the parameters `below` and `size` as they were sent.
    pub(super) fn history_page(
        &self,
        id: &PaymentId,
        sent: (Option<i64>, Option<i64>),
        size: u32,
        history: History,
    ) -> Document<models::PaymentHistory> {
        let History { events, newest: _, has_older } = history;
        let link = |below: Option<i64>, size: Option<i64>| {
            let mut link = self.history_url(id);
            for (name, value) in [("below", below), ("size", size)] {
                if let Some(value) = value {
                    urls::push_parameter(&mut link, name, &value.to_string());
                }
            }
            link
        };
        let last = events.last().filter(|_| has_older);
        let next = last.map(|event| link(Some(event.version.number()), Some(size.into())));
        let links = models::HistoryLinks { self_url: link(sent.0, sent.1), next };
        models::PaymentHistory { data: events.into_iter().map(|event| self.payment_version(event)).collect(), links }
            .into()
    }

    /// The page that a request asks for. If it would be empty, and the request waits, the first one that is not, or the empty
    /// one when the time is over.
    pub(super) async fn page_or_news(&self, caller: &Caller, feed: &Feed) -> Result<EventPage, Error> {
        let (tenant, wait) = (caller.tenant(), feed.wait());
        // Asked for before the first read, so that nothing comes in between.
        let news = (!wait.is_zero()).then(|| self.repo.news(tenant));
        let read = async |start| self.repo.events(tenant, start, &feed.query).await.map_err(|error| feed.error(error));
        let mut page = read(feed.start).await?;
        let Some(mut news) = news else { return Ok(page) };
        let is_over = |page: &EventPage| !page.events.is_empty() || !page.is_at_end;
        if is_over(&page) {
            return Ok(page);
        }
        let _listening = self.listeners.admit(caller.client(), Manner::Wait)?;
        let _waiting = caller.begin_wait(wait);
        let mut ending = self.listening_ends(wait);
        while !is_over(&page) {
            tokio::select! {
                () = ending.reached() => break,
                () = news.wait() => {}
            }
            sleep(PACE).await;
            page = read(EventStart::After(page.last)).await?;
        }
        Ok(page)
    }
}
