//! The batch behind the one that was just delivered: frozen in the very transaction that notes the delivery, so that in a
//! long row of batches each costs the disk one commit, and kept in memory until it is sent.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Pass, Sender};
use crate::{
    model::{
        Result,
        event::Event,
        queue::{Frozen, Progress},
    },
    ops::{
        gauges,
        outbox::{self, Due},
    },
    upstream::{
        preset::{Preset, Wire},
        verdict::Acknowledgement,
    },
};

/// A batch that is frozen and written out.
pub(super) struct Ahead {
    preset: Preset,
    due: Due,
    frozen: Frozen,
    wire: Wire,
}

impl Sender {
    /// Notes a delivery and freezes what comes next. `again` are subjects to be told again.
    pub(super) fn note_delivery(
        &mut self,
        ack: &Acknowledgement,
        frozen: &Frozen,
        events: &[Event],
        again: Vec<String>,
    ) -> Result<()> {
        let plain = ack.rejected.is_empty() && !ack.resync && again.is_empty();
        let ahead = if plain { self.read_ahead(frozen)? } else { None };
        let next = ahead.as_ref().map(|ahead| (ahead.frozen.clone(), ahead.due.following.clone()));
        let told = if self.parts.settings.preset.is_usage() { gauges::seconds(events) } else { Vec::new() };
        let (batch, rejected) = (frozen.clone(), ack.rejected.clone());
        self.parts.store.housekeeping(move |write| {
            gauges::tell(write, &told)?;
            outbox::delivered(write, &batch, &rejected, &again)?;
            next.map_or(Ok(()), |(frozen, following)| outbox::freeze(write, &frozen, &following))
        })?;
        self.ahead = ahead;
        Ok(())
    }

    /// Sends what was read ahead, where it still is what is under way: an operator may have decided otherwise meanwhile.
    pub(super) fn send_ahead(&mut self, progress: &Progress) -> Result<Option<Pass>> {
        let Some(Ahead { preset, mut due, frozen, wire }) = self.ahead.take() else { return Ok(None) };
        let same = preset == self.parts.settings.preset && progress.epoch == Some(due.epoch);
        if !same || self.reader.read(outbox::under_way)?.is_none_or(|under_way| under_way.id != frozen.id) {
            return Ok(None);
        }
        due.chain.clone_from(&progress.chain);
        self.raise_high_water(frozen.seqs.last().copied().unwrap_or_default())?;
        self.send(&due, &frozen, &wire).map(Some)
    }

    /// What comes behind a batch. None where it depends on what becomes of that, or nothing is there.
    fn read_ahead(&self, delivered: &Frozen) -> Result<Option<Ahead>> {
        let preset = self.parts.settings.preset;
        if preset.is_usage() || self.narrowed_to.is_some() {
            return Ok(None);
        }
        let (events_max, bytes_max) = self.batch_limits();
        let last = delivered.seqs.last().copied().unwrap_or_default();
        let due = self.reader.read(|read| outbox::due_behind(read, last, events_max, bytes_max))?;
        let Ok(Some(wire)) = preset.encode(due.site, due.from_seq, &due.events) else { return Ok(None) };
        let seqs = due.events.iter().map(|event| event.position.seq).collect();
        let body_hash = Sha256::digest(&wire.body).into();
        let frozen = Frozen { id: Uuid::new_v4(), from_seq: due.from_seq, seqs, body_hash };
        Ok(Some(Ahead { preset, due, frozen, wire }))
    }
}
