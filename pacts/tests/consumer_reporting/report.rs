//! The nightly report: a consumer written with the generated client.

use payments_client::{
    Client, Error, Json,
    models::{Payment, PaymentAttributes},
};
use std::time::Duration;

pub(crate) struct PaymentReport {
    client: Client,
    page_size: i64,
}

/// The result of a walk through the pages.
#[derive(Debug, PartialEq)]
pub(crate) enum Walk {
    /// The end was reached. The next report begins at `next`.
    Done { lines: Vec<String>, next: String },
    /// The service was unavailable. The walk is to be resumed at `resume_at` after `wait`.
    Interrupted { lines: Vec<String>, resume_at: Option<String>, wait: Duration },
    /// The link is not valid. The walk is to start over.
    InvalidLink,
}

impl PaymentReport {
    /// A report that reads pages of `page_size` payments.
    pub(crate) fn new(client: Client, page_size: i64) -> Self {
        Self { client, page_size }
    }

    /// Lists all payments, or those after the link `from` of an earlier walk.
    pub(crate) async fn walk(&self, from: Option<&str>) -> Result<Walk, Error> {
        let (mut lines, mut next) = (Vec::new(), from.map(str::to_owned));
        loop {
            let request = self.client.list_payments();
            let request = match &next {
                Some(link) => request.follow(link),
                None => request.size(self.page_size),
            };
            let page = match request.send().await {
                Ok(page) => page.body,
                Err(error) => match (error.status().map(|status| status.as_u16()), error.retry_after()) {
                    (Some(503), Some(wait)) => return Ok(Walk::Interrupted { lines, resume_at: next, wait }),
                    (Some(400), _) => return Ok(Walk::InvalidLink),
                    _ => return Err(error),
                },
            };
            if page.data.is_empty() {
                return Ok(Walk::Done { lines, next: page.links.next });
            }
            lines.extend(page.data.iter().map(line));
            next = Some(page.links.next);
        }
    }

    /// The attributes of a payment; `None` if it was deleted since it was listed.
    pub(crate) async fn detail(&self, id: &str) -> Result<Option<PaymentAttributes>, Error> {
        match self.client.get_payment(id).send().await {
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

/// The party that receives the money, if the payment names it.
pub(crate) fn beneficiary(attributes: &PaymentAttributes) -> Option<Json> {
    attributes.get("beneficiary_party")?.ok()
}
