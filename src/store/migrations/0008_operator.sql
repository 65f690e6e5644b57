-- What operators decide about sending upstream, and from where on the change feed is whole.
ALTER TABLE site ADD COLUMN pruned_seq INTEGER NOT NULL DEFAULT 0;
UPDATE site SET pruned_seq = coalesce((SELECT min(seq) - 1 FROM outbox), last_seq);

ALTER TABLE upstream ADD COLUMN epoch_due TEXT;
ALTER TABLE upstream ADD COLUMN delivered_seq INTEGER NOT NULL DEFAULT 0;
UPDATE upstream SET delivered_seq = acked_seq;

ALTER TABLE upstream_parked ADD COLUMN newest_seq INTEGER;
