//! The report itself: a consumer as one would write it on the generated client.

use payments_client::{
    Client, Error, Json,
    models::{Payment, PaymentAttributes},
};
use std::time::Duration;

pub(crate) struct Report {
    payments: Client,
    page: i64,
}

/// How far a walk has come.
#[derive(Debug, PartialEq)]
pub(crate) enum Walk {
    /// Through all; the next report begins at the link.
    Done { lines: Vec<String>, next: String },
    /// To here; go on at the link after a while.
    Interrupted { lines: Vec<String>, at: Option<String>, wait: Duration },
    /// Nowhere: the link is worth nothing, so begin anew.
    Lost,
}

impl Report {
    /// A report that reads pages of this size.
    pub(crate) fn new(payments: Client, page: i64) -> Self {
        Self { payments, page }
    }

    /// Walks through all payments, or those behind a link that was kept.
    pub(crate) async fn walk(&self, from: Option<&str>) -> Result<Walk, Error> {
        let (mut lines, mut at) = (Vec::new(), from.map(str::to_owned));
        loop {
            let request = self.payments.list_payments();
            let request = match &at {
                Some(link) => request.follow(link),
                None => request.size(self.page),
            };
            let page = match request.send().await {
                Ok(page) => page.body,
                Err(error) => match (error.status().map(|status| status.as_u16()), error.retry_after()) {
                    (Some(503), Some(wait)) => return Ok(Walk::Interrupted { lines, at, wait }),
                    (Some(400), _) => return Ok(Walk::Lost),
                    _ => return Err(error),
                },
            };
            if page.data.is_empty() {
                return Ok(Walk::Done { lines, next: page.links.next });
            }
            lines.extend(page.data.iter().map(line));
            at = Some(page.links.next);
        }
    }

    /// The attributes of a payment; `None` if it went away since it was listed.
    pub(crate) async fn detail(&self, id: &str) -> Result<Option<PaymentAttributes>, Error> {
        match self.payments.get_payment(id).send().await {
            Ok(found) => Ok(Some(found.body.data.attributes)),
            Err(error) if error.status().is_some_and(|status| status == 404) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn line(payment: &Payment) -> String {
    let id = payment.id.as_deref().unwrap_or("?");
    format!("{id} {} {}", payment.organisation_id, payment.attributes.amount())
}

/// Who gets the money, if the payment says so.
pub(crate) fn beneficiary(attributes: &PaymentAttributes) -> Option<Json> {
    attributes.get("beneficiary_party")?.ok()
}
