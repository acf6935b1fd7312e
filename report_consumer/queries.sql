-- name: know_orders
-- Arguments: states, one of each order. Keeps the newer snapshot of each; locked in the order of
-- their ids, so that two batches cannot wait for each other.
insert into known_orders as known (state)
select state from unnest($1::jsonb[]) as new (state) order by state ->> 'id'
on conflict (id) do update
    set state = excluded.state
    where known.version < (excluded.state ->> 'version')::integer;

-- name: lock_order
-- Arguments: order id. What is known of an order; the lock puts all writers of its report in a row.
select state::text from known_orders where id = $1 for update;

-- name: lock_report
-- Arguments: report id. The state of a report, locked until the transaction ends.
select state::text from radiology_reports where id = $1 for update;

-- name: give_number
-- Arguments: report number, report id. Returns the number, or nothing when it is taken.
insert into report_numbers (report_number, report_id)
values ($1, $2)
on conflict do nothing
returning report_number;

-- name: save_report
-- Arguments: state.
insert into radiology_reports (state) values ($1::jsonb)
on conflict (id) do update set state = excluded.state;

-- name: add_version
-- Arguments: report id, state.
insert into report_versions (report_id, state) values ($1, $2::jsonb);

-- name: raised_findings
-- Arguments: report id. For what alerts were raised. Index: critical_alerts_by_report.
select alert_id, version_number, finding_code, category, text
from critical_alerts
where report_id = $1
order by raised_at;

-- name: add_raised_finding
-- Arguments: alert id, report id, version number, finding code, category, text, raised at.
insert into critical_alerts
    (alert_id, report_id, version_number, finding_code, category, text, raised_at)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: revise_raised_finding
-- Arguments: alert id, version number, category, text. What the alert says by now.
update critical_alerts set version_number = $2, category = $3, text = $4 where alert_id = $1;

-- name: order_document
-- Arguments: report id, version number, number of addenda, delay, correlation id.
insert into documents (report_id, version_number, addenda, due_at, correlation_id)
values ($1, $2, $3, clock_timestamp() + $4, $5)
on conflict on constraint documents_once do nothing;

-- name: withdraw_documents
-- Arguments: report id, numbers of its versions, delay. PDFs of drafts that were replaced are due
-- again, to be removed. Index: documents_once.
update documents
set state = 'WAITING', due_at = clock_timestamp() + $3, attempts = 0
where report_id = $1 and state = 'MADE' and version_number <> all($2::integer[]);

-- name: claim_documents
-- Arguments: limit, lease. Takes documents that are due, or whose maker fell silent.
-- Index: documents_due.
update documents
set
    state = 'MAKING',
    token = gen_random_uuid(),
    lease_until = clock_timestamp() + $2,
    attempts = attempts + 1
where id in (
    select id
    from documents
    where
        state in ('WAITING', 'MAKING') and due_at <= clock_timestamp()
        and (lease_until is null or lease_until <= clock_timestamp())
    order by due_at
    limit $1
    for update skip locked
)
returning
    id, report_id, version_number, addenda, token, attempts, correlation_id,
    not exists (
        select 1
        from documents newer
        where
            newer.report_id = documents.report_id
            and newer.version_number = documents.version_number
            and newer.addenda > documents.addenda
    ) as newest;

-- name: read_report
-- Arguments: report id. The state of a report, as it is now.
select state::text from radiology_reports where id = $1;

-- name: finish_document
-- Arguments: document id, token, object key, size in bytes, SHA-256. Returns the database's clock;
-- nothing when the lease went to another, or a document with more addenda was ordered meanwhile.
with made as (
    update documents
    set
        state = 'MADE', token = null, lease_until = null, last_error = '',
        finished_at = clock_timestamp(), object_key = $3, size_bytes = $4, sha256 = $5
    where id = $1 and token = $2
    returning report_id, version_number, addenda, finished_at
)
select finished_at
from made
where not exists (
    select 1
    from documents newer
    where
        newer.report_id = made.report_id and newer.version_number = made.version_number
        and newer.addenda > made.addenda
);

-- name: supersede_document
-- Arguments: document id, token. A later draft or addendum makes this one needless.
update documents
set state = 'SUPERSEDED', token = null, lease_until = null, finished_at = clock_timestamp()
where id = $1 and token = $2;

-- name: postpone_document
-- Arguments: document id, token, delay, error.
update documents
set
    state = 'WAITING', token = null, lease_until = null,
    due_at = clock_timestamp() + $3, last_error = $4
where id = $1 and token = $2;

-- name: add_webhook
-- Arguments: event id, report id, version number, body, patience, correlation id.
insert into webhooks (id, report_id, version_number, body, give_up_at, correlation_id)
values ($1, $2, $3, $4, clock_timestamp() + $5, $6);

-- name: claim_webhooks
-- Arguments: limit, lease. Takes call-backs that are due, or whose sender fell silent; of a report
-- the oldest first, and one at a time. Index: webhooks_due.
update webhooks
set
    state = 'SENDING',
    token = gen_random_uuid(),
    lease_until = clock_timestamp() + $2,
    attempts = attempts + 1
where id in (
    select id
    from webhooks w
    where
        state in ('WAITING', 'SENDING') and due_at <= clock_timestamp()
        and (lease_until is null or lease_until <= clock_timestamp())
        and not exists (
            select 1
            from webhooks before
            where
                before.report_id = w.report_id and before.version_number < w.version_number
                and before.state in ('WAITING', 'SENDING')
        )
    order by due_at
    limit $1
    for update skip locked
)
returning
    id, report_id, version_number, body, token, attempts, correlation_id,
    give_up_at <= clock_timestamp() as last_attempt;

-- name: finish_webhook
-- Arguments: webhook id, token. Returns the database's clock, or nothing when the lease went to
-- another.
update webhooks
set
    state = 'DELIVERED', token = null, lease_until = null, last_error = '',
    finished_at = clock_timestamp()
where id = $1 and token = $2
returning finished_at;

-- name: postpone_webhook
-- Arguments: webhook id, token, delay, error.
update webhooks
set
    state = 'WAITING', token = null, lease_until = null,
    due_at = clock_timestamp() + $3, last_error = $4
where id = $1 and token = $2;

-- name: abandon_webhook
-- Arguments: webhook id, token, error. Its time is over; a person must tell the other side.
update webhooks
set
    state = 'ABANDONED', token = null, lease_until = null, last_error = $3,
    finished_at = clock_timestamp()
where id = $1 and token = $2;

-- name: report_by_number
-- Arguments: report number. For the command that verifies.
select id, state::text from radiology_reports where report_number = $1;

-- name: versions_of_report
-- Arguments: report id. Every version that was saved, oldest first.
select state::text from report_versions where report_id = $1 order by number;

-- name: documents_of_report
-- Arguments: report id. The PDFs that were made, by version and number of addenda.
select version_number, addenda, object_key, size_bytes, sha256
from documents
where report_id = $1 and state = 'MADE'
order by version_number, addenda;

-- name: document_by_sha256
-- Arguments: SHA-256. Of which report and version a file is the PDF. Index: documents_by_sha256.
select r.report_number, d.version_number
from documents d
join radiology_reports r on r.id = d.report_id
where d.sha256 = $1;

-- name: abandoned_webhooks
-- No arguments. Call-backs that were given up, oldest first; their bodies stay where they are.
select w.id, r.report_number, w.version_number, w.attempts, w.last_error, w.created_at, w.finished_at
from webhooks w
join radiology_reports r on r.id = w.report_id
where w.state = 'ABANDONED'
order by w.finished_at, w.version_number;

-- name: resume_webhooks
-- Arguments: report number (null: of every report), patience. What was given up is due again, with
-- the same id; returns one row for each.
update webhooks w
set
    state = 'WAITING', attempts = 0, due_at = clock_timestamp(),
    give_up_at = clock_timestamp() + $2::interval, finished_at = null
from radiology_reports r
where r.id = w.report_id and w.state = 'ABANDONED' and ($1::text is null or r.report_number = $1)
returning w.id;
