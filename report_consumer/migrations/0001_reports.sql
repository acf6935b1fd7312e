-- Reports, their versions, and what must be done about them outside.
--
-- The state of a report is one document, its snapshot; the columns of the specification are
-- generated from it, so that they cannot disagree with it. Every version that was ever saved stands
-- in `report_versions` and never changes.

-- Text of ISO 8601 with a zone does not depend on any session setting; the cast alone is not known
-- to be immutable.
create function moment(iso text) returns timestamptz
    language sql immutable strict parallel safe
    return iso::timestamptz;

-- What reports need of orders, as their owner last said it.
create table known_orders (
    state   jsonb not null,
    id      uuid generated always as ((state ->> 'id')::uuid) stored,
    version integer generated always as ((state ->> 'version')::integer) stored,
    constraint known_orders_pkey primary key (id)
);

-- A report number is given once, whatever becomes of the report.
create table report_numbers (
    report_number text not null,
    report_id     uuid not null,
    constraint report_numbers_pkey primary key (report_number),
    constraint report_numbers_one_each unique (report_id)
);

create table radiology_reports (
    state jsonb not null,

    id               uuid generated always as ((state ->> 'id')::uuid) stored,
    version          integer generated always as ((state ->> 'version')::integer) stored,
    imaging_order_id uuid generated always as ((state ->> 'orderId')::uuid) stored,
    report_number    text generated always as (state ->> 'reportNumber') stored,
    status           text generated always as (state ->> 'status') stored,
    critical_findings_notified boolean
        generated always as (state ->> 'criticalFindingsNotifiedAt' is not null) stored,
    critical_findings_notified_at timestamptz
        generated always as (moment(state ->> 'criticalFindingsNotifiedAt')) stored,
    workflow_notified_at timestamptz
        generated always as (moment(state ->> 'workflowNotifiedAt')) stored,
    created_at timestamptz generated always as (moment(state ->> 'createdAt')) stored,
    updated_at timestamptz generated always as (moment(state ->> 'updatedAt')) stored,

    constraint radiology_reports_pkey primary key (id),
    -- An order has one report.
    constraint radiology_reports_order_once unique (imaging_order_id),
    constraint radiology_reports_number_once unique (report_number),
    constraint radiology_reports_number_given foreign key (report_number)
        references report_numbers (report_number),
    constraint radiology_reports_status_known check (status in ('PRELIMINARY', 'FINAL', 'AMENDED')),
    constraint radiology_reports_identified check (
        id is not null and imaging_order_id is not null and report_number is not null
        and version >= 1
    )
);

create table report_versions (
    report_id uuid not null,
    state     jsonb not null,

    id         uuid generated always as ((state ->> 'id')::uuid) stored,
    number     integer generated always as ((state ->> 'number')::integer) stored,
    status     text generated always as (state ->> 'status') stored,
    technique  text generated always as (state #>> '{content,technique}') stored,
    comparison text generated always as (state #>> '{content,comparison}') stored,
    findings   text generated always as (state #>> '{content,findings}') stored,
    impression text generated always as (state #>> '{content,impression}') stored,
    has_critical_findings boolean
        generated always as ((state #>> '{content,hasCriticalFindings}')::boolean) stored,
    critical_findings_text text
        generated always as (state #>> '{content,criticalFindingsText}') stored,
    radiologist_id       text generated always as (state #>> '{radiologist,id}') stored,
    dictated_at          timestamptz generated always as (moment(state ->> 'createdAt')) stored,
    signed_at            timestamptz
        generated always as (moment(state #>> '{signature,signedAt}')) stored,
    electronic_signature text generated always as (state #>> '{signature,jws}') stored,
    content_sha256       text generated always as (state #>> '{signature,contentSha256}') stored,
    is_amendment         boolean generated always as (state ->> 'amendedFrom' is not null) stored,
    amended_from         uuid generated always as ((state ->> 'amendedFrom')::uuid) stored,
    amendment_reason     text generated always as (state ->> 'amendmentReason') stored,

    constraint report_versions_pkey primary key (id),
    constraint report_versions_report foreign key (report_id) references radiology_reports (id),
    constraint report_versions_numbered_once unique (report_id, number),
    constraint report_versions_amended foreign key (amended_from) references report_versions (id),
    constraint report_versions_status_known check (status in ('PRELIMINARY', 'FINAL', 'AMENDED')),
    -- What is final or amended is signed; a draft is not.
    constraint report_versions_signed check (
        (status = 'PRELIMINARY') = (electronic_signature is null)
        and (electronic_signature is null) = (signed_at is null)
        and (electronic_signature is null) = (content_sha256 is null)
    ),
    -- An amendment says what it corrects, and why; nothing else does.
    constraint report_versions_amendment_explained check (
        (status = 'AMENDED') = is_amendment and is_amendment = (amendment_reason <> '')
    ),
    constraint report_versions_signed_says_something check (
        status = 'PRELIMINARY' or (findings <> '' and impression <> '')
    )
);

-- A report becomes final once; each version is amended once: the chain has no branches.
create unique index report_versions_final_once on report_versions (report_id)
    where status = 'FINAL';
create unique index report_versions_amended_once on report_versions (amended_from)
    where amended_from is not null;

create function forbid_change() returns trigger language plpgsql as $$
begin
    raise exception 'a row of % never changes', tg_table_name using errcode = 'restrict_violation';
end
$$;

create trigger report_versions_never_change before update or delete on report_versions
    for each row execute function forbid_change();
create trigger report_versions_never_vanish before truncate on report_versions
    for each statement execute function forbid_change();
create trigger radiology_reports_never_vanish before delete on radiology_reports
    for each row execute function forbid_change();
create trigger report_numbers_never_change before update or delete on report_numbers
    for each row execute function forbid_change();

-- Critical findings for which an alert was raised: each is told once.
create table critical_alerts (
    alert_id       uuid not null,
    report_id      uuid not null,
    version_number integer not null,
    finding_code   text not null,
    category       text not null,
    text           text not null,
    raised_at      timestamptz not null,
    constraint critical_alerts_pkey primary key (alert_id),
    constraint critical_alerts_version foreign key (report_id, version_number)
        references report_versions (report_id, number),
    constraint critical_alerts_category_known check (category in ('RED', 'ORANGE', 'YELLOW'))
);
create index critical_alerts_by_report on critical_alerts (report_id);

-- PDFs to make: one for each version, and one more for each addendum that comes later.
create table documents (
    id             uuid not null default gen_random_uuid(),
    report_id      uuid not null,
    version_number integer not null,
    addenda        integer not null,
    state          text not null default 'WAITING',
    due_at         timestamptz not null,
    lease_until    timestamptz,
    token          uuid,
    attempts       integer not null default 0,
    last_error     text not null default '',
    correlation_id uuid not null,
    created_at     timestamptz not null default clock_timestamp(),
    finished_at    timestamptz,
    object_key     text,
    size_bytes     bigint,
    sha256         text,
    constraint documents_pkey primary key (id),
    constraint documents_version foreign key (report_id, version_number)
        references report_versions (report_id, number),
    constraint documents_once unique (report_id, version_number, addenda),
    constraint documents_state_known check (state in ('WAITING', 'MAKING', 'MADE', 'SUPERSEDED')),
    -- Who makes it holds a lease.
    constraint documents_leased check (
        (state = 'MAKING') = (token is not null) and (token is null) = (lease_until is null)
    ),
    constraint documents_made check (
        (state = 'MADE') = (sha256 is not null) and (sha256 is null) = (object_key is null)
    )
);
create index documents_due on documents (due_at) where state in ('WAITING', 'MAKING');
create index documents_by_sha256 on documents (sha256) where sha256 is not null;

-- Call-backs to the workflow service: one for each signed version, in order.
create table webhooks (
    id             uuid not null,
    report_id      uuid not null,
    version_number integer not null,
    body           text not null,
    state          text not null default 'WAITING',
    due_at         timestamptz not null default clock_timestamp(),
    give_up_at     timestamptz not null,
    lease_until    timestamptz,
    token          uuid,
    attempts       integer not null default 0,
    last_error     text not null default '',
    correlation_id uuid not null,
    created_at     timestamptz not null default clock_timestamp(),
    finished_at    timestamptz,
    constraint webhooks_pkey primary key (id),
    constraint webhooks_version foreign key (report_id, version_number)
        references report_versions (report_id, number),
    constraint webhooks_once unique (report_id, version_number),
    constraint webhooks_state_known check (
        state in ('WAITING', 'SENDING', 'DELIVERED', 'ABANDONED')
    ),
    -- Who sends it holds a lease.
    constraint webhooks_leased check (
        (state = 'SENDING') = (token is not null) and (token is null) = (lease_until is null)
    )
);
create index webhooks_due on webhooks (due_at) where state in ('WAITING', 'SENDING');
