-- The read model: one row per order, room, study, report and alert, as its owner last said it.
-- `snapshot` is the whole of it; the other columns are what lists filter and sort by, taken from it.
-- `log_partition` and `log_offset` are its place in the topic: what is newer than a client's
-- position is found by them.

create table orders (
    id                      uuid primary key,
    version                 integer not null,
    snapshot                jsonb not null,
    order_number            text not null,
    accession_number        text not null,
    status                  text not null,
    modality                text not null,
    priority                text not null,
    body_part               text not null,
    patient_id              uuid not null,
    patient_mrn             text not null,
    patient_search          text not null,
    ordering_provider_id    text not null,
    equipment_id            uuid,
    starts_at               timestamptz,
    scheduled_date          date,
    assigned_radiologist_id uuid,
    claimed_by              uuid,
    claim_expires_at        timestamptz,
    completed_at            timestamptz,
    ready_for_read_at       timestamptz,
    due_at                  timestamptz,
    created_at              timestamptz not null,
    updated_at              timestamptz not null,
    log_partition           integer not null,
    log_offset              bigint not null
);
create index orders_by_status on orders (status, ready_for_read_at);
create index orders_by_day on orders (scheduled_date, starts_at);
create index orders_by_patient on orders (patient_id);
create index orders_by_mrn on orders (patient_mrn);
create index orders_by_provider on orders (ordering_provider_id, created_at desc);
create index orders_by_number on orders (order_number);
create index orders_by_accession on orders (accession_number);
create index orders_by_creation on orders (created_at desc);
create index orders_by_place on orders (log_partition, log_offset);

create table equipment (
    id            uuid primary key,
    version       integer not null,
    snapshot      jsonb not null,
    modality      text not null,
    active        boolean not null,
    room          text not null,
    log_partition integer not null,
    log_offset    bigint not null
);
create index equipment_by_place on equipment (log_partition, log_offset);

create table studies (
    study_instance_uid  text primary key,
    version             integer not null,
    snapshot            jsonb not null,
    order_id            uuid,
    match_state         text not null,
    quarantined         integer not null,
    patient_mrn         text not null,
    modalities          text[] not null,
    body_part           text not null,
    study_date          date,
    last_received_at    timestamptz not null,
    log_partition       integer not null,
    log_offset          bigint not null
);
create index studies_by_order on studies (order_id);
create index studies_by_mrn on studies (patient_mrn, study_date desc);
-- The lists that people work off are short; these indexes are as short.
create index studies_unmatched on studies (last_received_at desc) where match_state <> 'MATCHED';
create index studies_quarantined on studies (last_received_at desc) where quarantined > 0;
create index studies_by_place on studies (log_partition, log_offset);

create table reports (
    id             uuid primary key,
    order_id       uuid not null,
    version        integer not null,
    snapshot       jsonb not null,
    report_number  text not null,
    status         text not null,
    radiologist_id text not null,
    critical       boolean not null,
    first_signed_at timestamptz,
    signed_at      timestamptz,
    written        tsvector not null,
    updated_at     timestamptz not null,
    log_partition  integer not null,
    log_offset     bigint not null
);
create index reports_by_order on reports (order_id);
create index reports_by_signature on reports (first_signed_at desc);
create index reports_by_update on reports (updated_at desc);
create index reports_by_words on reports using gin (written);
create index reports_by_place on reports (log_partition, log_offset);

create table alerts (
    id             uuid primary key,
    version        integer not null,
    snapshot       jsonb not null,
    order_id       uuid not null,
    status         text not null,
    category       text not null,
    ordering_provider_id text not null,
    told           text[] not null,
    acknowledge_by timestamptz not null,
    opened_at      timestamptz not null,
    log_partition  integer not null,
    log_offset     bigint not null
);
create index alerts_by_order on alerts (order_id);
create index alerts_by_person on alerts using gin (told);
create index alerts_open on alerts (acknowledge_by) where status <> 'CLOSED';
create index alerts_by_opening on alerts (opened_at desc);
create index alerts_by_place on alerts (log_partition, log_offset);

-- Up to where each topic has been read; committed together with what was read.
create table positions (
    topic       text not null,
    partition   integer not null,
    next_offset bigint not null,
    primary key (topic, partition)
);

-- One row: grows when the read model was emptied, so that a running replica begins anew.
create table read_model (
    one        boolean primary key default true,
    generation integer not null,
    constraint read_model_is_one_row check (one)
);
insert into read_model (generation) values (1);

-- From here on: what no topic could bring back.

-- What became of an event: which snapshot followed from it, or why it was refused.
create table outcomes (
    causation_id uuid not null,
    topic        text not null,
    key          text not null,
    version      integer,
    rejection    jsonb,
    recorded_at  timestamptz not null default clock_timestamp(),
    primary key (causation_id, topic),
    constraint outcome_is_one_of_two check ((version is null) <> (rejection is null))
);
create index outcomes_by_time on outcomes (recorded_at);

-- A write that was asked for; `id` is the id of its event.
create table requests (
    id           uuid primary key,
    actor_id     text not null,
    route        text not null,
    body_sha256  bytea not null,
    answer_topic text not null,
    key          text not null,
    asked_at     timestamptz not null default clock_timestamp()
);
create index requests_by_time on requests (asked_at);

-- Who is signed in. The cookie holds a random id, this table its digest.
create table sessions (
    id_sha256    bytea primary key,
    portal       text not null,
    person_id    text not null,
    name         text not null,
    roles        text[] not null,
    id_token     text not null,
    created_at   timestamptz not null default clock_timestamp(),
    last_seen_at timestamptz not null default clock_timestamp(),
    expires_at   timestamptz not null
);
create index sessions_by_expiry on sessions (expires_at);

-- People one can assign or hand over to: from a directory, or seen at sign-in.
create table people (
    id         text primary key,
    name       text not null,
    title      text not null default '',
    roles      text[] not null,
    updated_at timestamptz not null default clock_timestamp()
);

-- scrypt (RFC 7914) of the PIN that signs reports; too many wrong ones lock it for a while.
create table signing_pins (
    person_id    text primary key,
    salt         bytea not null,
    hash         bytea not null,
    failures     integer not null default 0,
    locked_until timestamptz,
    changed_at   timestamptz not null default clock_timestamp()
);

-- Who did or saw what. Each row's hash covers the row before it: a changed or missing row shows.
create table audit (
    seq           bigint primary key,
    at            timestamptz not null,
    actor_id      text not null,
    actor_role    text not null,
    action        text not null,
    route         text not null,
    resource      text not null,
    outcome       integer not null,
    request_id    text not null,
    previous_hash bytea not null,
    hash          bytea not null
);
create index audit_by_actor on audit (actor_id, at);
create index audit_by_resource on audit (resource, at);

create function refuse_change_of_audit() returns trigger
language plpgsql
as $$
begin
    raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_is_append_only
    before update or delete or truncate on audit
    for each statement execute function refuse_change_of_audit();
-- The owner of a table could take these rights back; the trigger stands in that way, too.
revoke update, delete, truncate on audit from current_user;
