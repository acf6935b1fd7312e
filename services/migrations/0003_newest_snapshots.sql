-- Snapshots stand in compacted topics, where Kafka keeps the newest of each key for ever; so does the
-- archive. This finds whether a newer one exists.
create index outbox_sent_by_key on outbox_sent (topic, key, seq);
