//! Turns events and versions into the contract's models.
//!
//! The name of an event is a digest of where it stands and what it is about. It is the same each time that it is shown, by any
//! replica; and as the digest has a key, it tells nobody the position, which is a number that tenants share.

use crate::{
    http::api::{date_time, service::Service, wire},
    payments::{Event, EventKind, Origin, PaymentId, Position, Repo, Secret, Tenant},
};
use payments_server::models;
use ring::{hkdf, hmac};
use std::{fmt::Write as _, sync::Arc};

/// Sets the key apart from others that are derived from the secret.
const PURPOSE: &[u8] = b"payments: event ids";
/// How many bytes of the digest a name has.
const ID_LENGTH: usize = 16;

/// Names events.
#[derive(Debug)]
pub(in crate::http::api) struct EventIds(hmac::Key);

impl EventIds {
    /// The names of events in a store that has this secret.
    pub(in crate::http::api) fn of(secret: &Secret) -> Self {
        let purpose = hkdf::Salt::new(hkdf::HKDF_SHA256, PURPOSE).extract(secret.bytes());
        let mut key = [0; 32];
        // It fails for keys of many kibibytes only.
        let _ = purpose.expand(&[], hmac::HMAC_SHA256).and_then(|expanded| expanded.fill(&mut key));
        Self(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }

    fn name(&self, tenant: &Tenant, event: &Event) -> String {
        let Position(position) = event.position;
        let mut context = hmac::Context::with_key(&self.0);
        for part in [tenant.as_str(), event.payment_id.as_str()] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        context.update(&position.to_be_bytes());
        context.update(&event.version.number().to_be_bytes());
        let mut name = String::with_capacity("evt_".len() + 2 * ID_LENGTH);
        name.push_str("evt_");
        for byte in context.sign().as_ref().iter().take(ID_LENGTH) {
            // Writing to a string does not fail.
            let _ = write!(name, "{byte:02x}");
        }
        name
    }
}

/// The type of an event, as the contract names it.
pub(super) fn event_type(kind: EventKind) -> models::EventType {
    match kind {
        EventKind::Created => models::EventType::PaymentCreated,
        EventKind::Updated => models::EventType::PaymentUpdated,
        EventKind::Deleted => models::EventType::PaymentDeleted,
        EventKind::Erased => models::EventType::PaymentErased,
    }
}

/// The kind of events of a type.
pub(super) fn event_kind(event_type: models::EventType) -> EventKind {
    match event_type {
        models::EventType::PaymentCreated => EventKind::Created,
        models::EventType::PaymentUpdated => EventKind::Updated,
        models::EventType::PaymentDeleted => EventKind::Deleted,
        models::EventType::PaymentErased => EventKind::Erased,
    }
}

/// The name of a type in the contract.
pub(super) fn type_name(kind: EventKind) -> &'static str {
    event_type(kind).as_str()
}

impl<R: Repo> Service<R> {
    /// Turns an event into the contract's model.
    pub(super) fn event(&self, tenant: &Tenant, event: &Event) -> models::Event {
        models::Event {
            id: self.event_ids.name(tenant, event),
            kind: event_type(event.kind),
            timestamp: date_time::format(event.timestamp),
            data: models::EventData {
                payment_id: event.payment_id.as_str().to_owned(),
                organisation_id: event.organisation_id.as_str().to_owned(),
                version: event.version.number(),
                payment: event.payment().map(wire::payment),
                links: self.version_links(event),
            },
        }
    }

    /// Turns an event into the version that it made.
    pub(super) fn payment_version(&self, event: Event) -> models::PaymentVersion {
        let payment = event.payment().map(wire::payment);
        let Origin { subject, client_id, request_id } = event.origin;
        let text = |text: Arc<str>| text.to_string();
        let author = (subject.is_some() || client_id.is_some())
            .then(|| models::Author { subject: subject.map(text), client_id: client_id.map(text) });
        models::PaymentVersion {
            version: event.version.number(),
            kind: event_type(event.kind),
            timestamp: date_time::format(event.timestamp),
            author,
            request_id: request_id.map(text),
            payment,
        }
    }

    /// The links of a version.
    pub(super) fn version_links(&self, event: &Event) -> models::PaymentVersionLinks {
        let mut self_url = self.history_url(&event.payment_id);
        // Writing to a string does not fail.
        let _ = write!(self_url, "/{}", event.version);
        models::PaymentVersionLinks { self_url }
    }

    /// The address of the history of a payment.
    pub(super) fn history_url(&self, id: &PaymentId) -> String {
        self.payment_url(id) + "/history"
    }
}
