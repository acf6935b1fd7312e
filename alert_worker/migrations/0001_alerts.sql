-- Alerts, attempts to reach somebody, what proves an answer, and the evidence.
--
-- The state of an alert is one document; the columns are generated from it, so that they cannot
-- disagree with it, and timers and checks use them.

-- The clock by which timers, leases and limits are judged. Tests move it; in production the offset
-- stays zero.
create table clock_offset (
    only_row boolean primary key default true,
    ahead    interval not null default '0',
    constraint clock_offset_has_one_row check (only_row)
);
insert into clock_offset default values;

create function clock() returns timestamptz
    language sql volatile
    return clock_timestamp() + (select ahead from clock_offset);

-- Text of ISO 8601 with a zone does not depend on any session setting; the cast alone is not known
-- to be immutable.
create function moment(iso text) returns timestamptz
    language sql immutable strict parallel safe
    return iso::timestamptz;

create table alerts (
    state jsonb not null,

    id           uuid generated always as ((state ->> 'id')::uuid) stored,
    version      integer generated always as ((state ->> 'version')::integer) stored,
    reference    text generated always as (state ->> 'reference') stored,
    order_id     uuid generated always as ((state #>> '{finding,orderId}')::uuid) stored,
    category     text generated always as (state #>> '{finding,category}') stored,
    status       text generated always as (state ->> 'status') stored,
    current_step integer generated always as ((state ->> 'currentStep')::integer) stored,
    round        integer generated always as ((state ->> 'round')::integer) stored,
    next_step_at timestamptz generated always as (moment(state ->> 'nextStepAt')) stored,
    read_back_at timestamptz generated always as (moment(state ->> 'readBackAt')) stored,
    acknowledged_by text
        generated always as (state #>> '{acknowledgement,personId}') stored,
    opened_at    timestamptz generated always as (moment(state ->> 'openedAt')) stored,
    closed_at    timestamptz generated always as (moment(state ->> 'closedAt')) stored,

    constraint alerts_pkey primary key (id),
    -- Two alerts must not be confused on the phone.
    constraint alerts_reference_key unique (reference),
    constraint alerts_status_known check (status in ('OPEN', 'ACKNOWLEDGED', 'CLOSED')),
    -- An alert never ends silently: until it is closed, there is a time at which something happens.
    constraint alerts_go_on_until_closed
        check ((status = 'CLOSED') = (next_step_at is null)),
    -- It closes only with an acknowledgement that was read back.
    constraint alerts_close_with_read_back check (
        status <> 'CLOSED'
        or (acknowledged_by is not null and read_back_at is not null and closed_at is not null)
    ),
    constraint alerts_acknowledged_by_somebody
        check ((status = 'OPEN') = (acknowledged_by is null))
);

-- For the timer: whose time has come.
create index alerts_due on alerts (next_step_at) where status <> 'CLOSED';

create table attempts (
    id          uuid primary key,
    alert_id    uuid not null references alerts (id),
    step        integer not null,
    round       integer not null,
    number      integer not null,
    purpose     text not null,
    person_id   text not null,
    person_name text not null,
    channel     text not null,
    address     text not null,
    -- Part of an SMS; the reply that quotes it, from the same number, is an acknowledgement.
    reply_code  text,
    -- The start of a repeated notice of the same alert to the same address counts against stricter
    -- limits than a first one.
    is_first    boolean not null,

    state    text not null,
    due_at   timestamptz not null,
    -- When to look what became of it; while somebody is at it, the end of the lease.
    check_at timestamptz,
    checks   integer not null default 0,
    tries    integer not null default 0,
    -- Who holds the row now; a result is written only by who still holds it.
    token      uuid,
    started_at timestamptz,

    provider_id       text not null default '',
    provider_status   text not null default '',
    provider_sequence integer,
    answered_by       text not null default '',
    error             text not null default '',
    sent_at           timestamptz,
    delivered_at      timestamptz,
    finished_at       timestamptz,
    created_at        timestamptz not null default clock(),

    constraint attempts_number_key unique (alert_id, number),
    constraint attempts_channel_known check (channel in ('IN_APP', 'SMS', 'EMAIL', 'VOICE')),
    constraint attempts_purpose_known check (purpose in ('NOTIFY', 'REMIND')),
    constraint attempts_state_known check (
        state in ('PENDING', 'SENDING', 'SENT', 'DELIVERED', 'FAILED', 'UNKNOWN', 'CANCELLED')
    ),
    -- An attempt in flight is never forgotten: there is a time at which somebody looks after it.
    constraint attempts_in_flight_are_looked_after
        check (state not in ('SENDING', 'UNKNOWN') or check_at is not null),
    constraint attempts_sent_have_a_time
        check (state not in ('SENT', 'DELIVERED') or sent_at is not null)
);

-- One phone call at a time for each person, whatever the number of alerts.
create unique index attempts_one_call_per_person on attempts (person_id)
    where channel = 'VOICE' and finished_at is null and state not in ('PENDING', 'CANCELLED');

-- A provider's id belongs to one attempt.
create unique index attempts_provider_id on attempts (provider_id) where provider_id <> '';

-- A code means one message, for each number.
create unique index attempts_reply_code on attempts (address, reply_code)
    where reply_code is not null;

-- For the senders, the lookups, the throttle, and loading an alert.
create index attempts_due on attempts (channel, due_at) where state = 'PENDING';
create index attempts_to_check on attempts (check_at) where check_at is not null;
create index attempts_by_address on attempts (channel, address, started_at desc);
create index attempts_by_alert on attempts (alert_id, number);

alter table attempts set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- A token that a message or a call carried; only its hash is kept. A link works once.
create table proofs (
    token_hash bytea primary key,
    attempt_id uuid not null references attempts (id),
    channel    text not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);

-- What providers said, kept as it came. A receipt that is faster than the answer to the request
-- waits here until its attempt knows the provider's id.
create table receipts (
    id          bigint generated always as identity primary key,
    provider_id text not null,
    status      text not null,
    answered_by text not null,
    error_code  text not null,
    sequence    integer,
    received_at timestamptz not null
);
create index receipts_by_provider_id on receipts (provider_id, id);

-- The story of an alert, line by line, never changed.
create table evidence (
    id       bigint generated always as identity primary key,
    alert_id uuid not null references alerts (id),
    at       timestamptz not null,
    what     text not null,
    detail   text not null
);
create index evidence_by_alert on evidence (alert_id, id);

-- Replies with a code that meant nothing: somebody may be guessing.
create table wrong_replies (
    event_id uuid primary key,
    number   text not null,
    at       timestamptz not null default clock()
);
create index wrong_replies_by_number on wrong_replies (number, at);
