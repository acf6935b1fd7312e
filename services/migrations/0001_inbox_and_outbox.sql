-- Inbox and outbox, alike in the schema of every owner.

-- An event that was handled: its effect and this row were committed together.
create table inbox (
    event_id    uuid primary key,
    received_at timestamptz not null default clock_timestamp()
);

-- An event that follows from a commit, until Kafka has confirmed it. For one key, `seq` follows
-- commit order, because the writer holds the row lock of its aggregate when it inserts here.
create table outbox (
    seq        bigint generated always as identity primary key,
    event_id   uuid not null unique,
    topic      text not null,
    key        text not null,
    payload    bytea,
    headers    jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    -- An event that Kafka would refuse must fail at its writer, not in the relay.
    constraint outbox_payload_fits_kafka check (octet_length(payload) < 950000)
);

-- What was published, kept as long as Kafka keeps it: a lost broker disk is refilled from here.
create table outbox_sent (
    seq        bigint not null,
    event_id   uuid not null,
    topic      text not null,
    key        text not null,
    payload    bytea,
    headers    jsonb not null,
    created_at timestamptz not null,
    sent_at    timestamptz not null default clock_timestamp()
);
create index outbox_sent_by_time on outbox_sent (sent_at);

-- Both tables are all churn: vacuum by rows, not by share.
alter table outbox set (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0
);
