//! What each kind of billing system is sent: the body of a request, made of events alone, so that it can be made again to
//! the letter.

mod cloudevents;
mod usage;
mod webhook;

use uuid::Uuid;

use super::verdict::Duplicates;
use crate::model::event::Event;

/// A kind of billing system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Preset {
    /// Batches of CloudEvents 1.0, whole after-images: everything is told.
    #[default]
    Cloudevents,
    /// One event a request as `{type, timestamp, data}` [Standard Webhooks].
    Webhook,
    /// Usage of organizations as CloudEvents for OpenMeter.
    Openmeter,
    /// Usage of organizations as events for Lago.
    Lago,
}

/// A body to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire {
    /// The bytes that are signed.
    pub body: Vec<u8>,
    /// Entries in it, as the receiver counts them.
    pub entries: usize,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Preset; 4] = [Preset::Cloudevents, Preset::Webhook, Preset::Openmeter, Preset::Lago];

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Preset::Cloudevents => "cloudevents",
            Preset::Webhook => "webhook",
            Preset::Openmeter => "openmeter",
            Preset::Lago => "lago",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// The media type, to the letter: OpenMeter compares the string.
    pub fn content_type(self) -> &'static str {
        match self {
            Preset::Cloudevents | Preset::Openmeter => "application/cloudevents-batch+json",
            Preset::Webhook | Preset::Lago => "application/json",
        }
    }

    /// Most events in a batch, whatever is configured: Lago takes 100 entries, of which an organization makes four.
    pub fn events_max(self) -> usize {
        match self {
            Preset::Cloudevents | Preset::Openmeter => 500,
            Preset::Webhook => 1,
            Preset::Lago => 25,
        }
    }

    /// How the receiver says that it has an event already.
    pub fn duplicates(self) -> Duplicates {
        match self {
            Preset::Lago => Duplicates::ByIndex,
            Preset::Cloudevents | Preset::Webhook | Preset::Openmeter => Duplicates::Said,
        }
    }

    /// True where only usage is sent: absolute values, at most one of a kind for each organization and second.
    pub fn is_usage(self) -> bool {
        matches!(self, Preset::Openmeter | Preset::Lago)
    }

    /// The body for these events; `None` where nothing in them is for this receiver. `from_seq` is the lowest number that
    /// the first event stands for.
    pub fn encode(self, site: Uuid, from_seq: i64, events: &[Event]) -> serde_json::Result<Option<Wire>> {
        match self {
            Preset::Cloudevents => cloudevents::encode(site, from_seq, events),
            Preset::Webhook => webhook::encode(events),
            Preset::Openmeter => usage::openmeter(site, events),
            Preset::Lago => usage::lago(site, events),
        }
    }
}
