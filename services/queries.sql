-- name: ping
-- An answer from the server.
select 1;

-- name: lock_migrations
-- One migration run per schema at a time; held by the session.
select pg_advisory_lock(hashtext('radiology-migrations-' || current_schema()));

-- name: unlock_migrations
-- Ends lock_migrations.
select pg_advisory_unlock(hashtext('radiology-migrations-' || current_schema()));

-- name: create_migration_table
-- Remembers which migration files were applied to this schema.
create table if not exists schema_migrations (
    name       text primary key,
    sha256     text not null,
    applied_at timestamptz not null default now()
);

-- name: migrations
-- What was applied, with the digest of its text.
select name, sha256 from schema_migrations;

-- name: record_migration
-- Arguments: name, sha256.
insert into schema_migrations (name, sha256) values ($1, $2);

-- name: record_event
-- Arguments: event id. Returns the database's clock for the first delivery, nothing for a repeated one.
-- A concurrent delivery waits here for the other's commit.
insert into inbox (event_id)
values ($1)
on conflict (event_id) do nothing
returning received_at;

-- name: record_events
-- Arguments: event ids. Returns the ids that were new; rows are locked in id order, so that two
-- batches that share events cannot deadlock.
insert into inbox (event_id)
select id from unnest($1::uuid[]) as new (id) order by id
on conflict (event_id) do nothing
returning event_id, received_at;

-- name: forget_events
-- Arguments: age. Inbox rows older than Kafka could still deliver.
delete from inbox where received_at < now() - $1::interval;

-- name: add_outgoing
-- Arguments: event ids, topics, keys, payloads, headers; arrays of one length, in order.
insert into outbox (event_id, topic, key, payload, headers)
select event_id, topic, key, payload, headers::jsonb
from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[])
    with ordinality as new (event_id, topic, key, payload, headers, position)
order by position;

-- name: try_relay_lock
-- One relay per schema; the others stand by. Held by the session.
select pg_try_advisory_lock(hashtext('radiology-relay-' || current_schema()));

-- name: waiting_events
-- Arguments: limit. What was not published yet, in order, and for how long it has waited.
select
    seq, topic, key, payload, headers,
    extract(epoch from clock_timestamp() - created_at)::float8 as age_seconds
from outbox
order by seq
limit $1;

-- name: archive_events
-- Arguments: seqs. Kafka has confirmed these.
with sent as (
    delete from outbox where seq = any($1::bigint[])
    returning seq, event_id, topic, key, payload, headers, created_at
)
insert into outbox_sent (seq, event_id, topic, key, payload, headers, created_at)
select seq, event_id, topic, key, payload, headers, created_at from sent;

-- name: sent_since
-- Arguments: since, limit, after seq. Archived events, to refill a broker that lost its disk.
select seq, topic, key, payload, headers
from outbox_sent
where sent_at >= $1 and seq > $3
order by seq
limit $2;

-- name: forget_sent
-- Arguments: age, compacted topics. Archived events that Kafka no longer keeps: older than the age,
-- and of a compacted topic only those that have a successor.
-- Index: outbox_sent_by_time, outbox_sent_by_key.
delete from outbox_sent as old
where old.sent_at < now() - $1::interval
  and (
      old.topic <> all($2::text[])
      or exists (
          select from outbox_sent as newer
          where newer.topic = old.topic and newer.key = old.key and newer.seq > old.seq
      )
  );
