-- ------------------------------------------------------------------------------------ locks and studies
-- Every transaction takes its locks in one order, so that no two can wait for each other: inbox rows
-- by id, matching keys by hash, known_orders, studies by UID, series by UID, instances by UID,
-- quarantine, series documents by id, prior searches by id.

-- name: lock_matching
-- Arguments: keys. A study that looks for its order and an order that looks for its studies must not
-- run past each other: both take these locks first.
select pg_advisory_xact_lock(key)
from (
    select distinct hashtextextended(name, 0) as key from unnest($1::text[]) as names (name) order by 1
) as keys;

-- name: add_studies
-- Arguments: ids, study instance UIDs, received at, received from; arrays. Only those that are new.
insert into imaging_studies (id, study_instance_uid, first_received_at, last_received_at, received_from)
select id, uid, at, at, sender
from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) as new (id, uid, at, sender)
order by uid
on conflict (study_instance_uid) do nothing;

-- name: lock_studies
-- Arguments: study instance UIDs. Locked in the order of their UIDs until the transaction ends. Their
-- keys never change, so that rows of other transactions may refer to them meanwhile (priors).
select to_jsonb(s)::text as study
from imaging_studies s
where study_instance_uid = any($1::text[])
order by study_instance_uid
for no key update;

-- name: clock
-- The database's clock; decisions take it.
select clock_timestamp();

-- name: save_studies
-- Arguments: studies as a JSON array of rows.
update imaging_studies s
set
    version = n.version, imaging_order_id = n.imaging_order_id,
    study_date = n.study_date, study_time = n.study_time,
    study_description = n.study_description, study_id = n.study_id,
    accession_number = n.accession_number, accession_key = n.accession_key,
    referring_physician_name = n.referring_physician_name,
    patient_id = n.patient_id, issuer_of_patient_id = n.issuer_of_patient_id,
    patient_name = n.patient_name, patient_birth_date = n.patient_birth_date,
    patient_sex = n.patient_sex, patient_key = n.patient_key,
    modality = n.modality, body_part = n.body_part, patient_position = n.patient_position,
    manufacturer = n.manufacturer, equipment_model = n.equipment_model,
    kvp = n.kvp, mas = n.mas, slice_thickness = n.slice_thickness,
    number_of_series = n.number_of_series, number_of_instances = n.number_of_instances,
    number_withdrawn = n.number_withdrawn, size_bytes = n.size_bytes,
    match_state = n.match_state, match_reason = n.match_reason,
    match_decided_by = n.match_decided_by, kept_without_order = n.kept_without_order,
    candidate_order_ids = n.candidate_order_ids,
    claimed_order_id = n.claimed_order_id,
    completeness = n.completeness, completeness_reason = n.completeness_reason,
    completeness_due_at = n.completeness_due_at,
    revision = n.revision, revision_opened_at = n.revision_opened_at,
    last_received_at = n.last_received_at, last_indexed_at = n.last_indexed_at,
    last_cause = n.last_cause, updated_at = n.updated_at
from jsonb_populate_recordset(null::imaging_studies, $1::jsonb) as n
where s.id = n.id;

-- name: due_studies
-- Arguments: limit. Studies whose completeness is due, locked; shared between replicas.
-- Index: imaging_studies_by_due.
select to_jsonb(s)::text as study, clock_timestamp() as now
from imaging_studies s
where completeness_due_at <= clock_timestamp()
order by completeness_due_at
limit $1
for no key update skip locked;

-- ---------------------------------------------------------------------------------------------- orders
-- name: save_orders
-- Arguments: orders as a JSON array of rows, each order once. Returns the ids of those whose version is
-- newer; locked in the order of their ids.
insert into known_orders as o (
    id, version, order_number, accession_number, accession_key, patient_mrn, patient_key,
    issuer_of_patient_id, patient_birth_date, modality, body_part, status, started_at,
    completed_at, expected_instances
)
select
    id, version, order_number, accession_number, accession_key, patient_mrn, patient_key,
    issuer_of_patient_id, patient_birth_date, modality, body_part, status, started_at,
    completed_at, expected_instances
from jsonb_populate_recordset(null::known_orders, $1::jsonb)
order by id
on conflict (id) do update
set
    version = excluded.version, order_number = excluded.order_number,
    accession_number = excluded.accession_number, accession_key = excluded.accession_key,
    patient_mrn = excluded.patient_mrn, patient_key = excluded.patient_key,
    issuer_of_patient_id = excluded.issuer_of_patient_id,
    patient_birth_date = excluded.patient_birth_date, modality = excluded.modality,
    body_part = excluded.body_part, status = excluded.status, started_at = excluded.started_at,
    completed_at = excluded.completed_at, expected_instances = excluded.expected_instances
where o.version < excluded.version
returning o.id;

-- name: orders
-- Arguments: order ids, accession keys, patient keys. Orders that any of them names.
-- Indexes: known_orders_pkey, known_orders_by_accession, known_orders_by_patient.
select to_jsonb(o)::text as known_order
from known_orders o
where id = any($1::uuid[]) or accession_key = any($2::text[]) or patient_key = any($3::text[])
order by id
limit 5000;

-- name: received_of_orders
-- Arguments: order ids, study ids to leave out. Instances of all other studies matched to each order.
select imaging_order_id, sum(number_of_instances)::integer as instances
from imaging_studies
where imaging_order_id = any($1::uuid[]) and id <> all($2::uuid[])
group by imaging_order_id;

-- name: studies_of_orders
-- Arguments: order ids, accession keys, patient keys; arrays. UIDs of the studies that orders concern:
-- an order's own, those that name it, and those of the patient that wait for one; each with one order.
with concerned as (
    select unnest($1::uuid[]) as id, unnest($2::text[]) as accession, unnest($3::text[]) as patient
)
select distinct on (study_instance_uid) study_instance_uid, order_id
from (
    select s.study_instance_uid, o.id as order_id, 1 as rank
    from concerned o join imaging_studies s on s.imaging_order_id = o.id
    union all
    select s.study_instance_uid, o.id, 2
    from concerned o join imaging_studies s on s.claimed_order_id = o.id
    union all
    select s.study_instance_uid, o.id, 3
    from concerned o
    join imaging_studies s on s.accession_key = o.accession
    where s.accession_key <> '' and s.match_state <> 'MATCHED'
    union all
    select s.study_instance_uid, o.id, 4
    from concerned o
    join imaging_studies s on s.patient_key = o.patient
    where s.patient_key <> '' and s.match_state <> 'MATCHED'
) as found
order by study_instance_uid, rank;

-- name: add_match_decision
-- Arguments: request id, study id, action, order id, actor, reason, decided at.
insert into match_decisions (id, study_id, action, order_id, decided_by, reason, decided_at)
values ($1, $2, $3, $4, $5::jsonb, $6, $7);

-- ---------------------------------------------------------------------------------- series and instances
-- name: add_series
-- Arguments: series as a JSON array of rows. Only those that are new.
insert into imaging_series (
    id, imaging_study_id, series_instance_uid, series_number, series_description, sequence_name,
    contrast_phase, modality, body_part, laterality, rows, columns, frame_time_ms
)
select
    id, imaging_study_id, series_instance_uid, series_number, series_description, sequence_name,
    contrast_phase, modality, body_part, laterality, rows, columns, frame_time_ms
from jsonb_populate_recordset(null::imaging_series, $1::jsonb)
order by series_instance_uid collate "C"
on conflict (series_instance_uid) do nothing;

-- name: series_places
-- Arguments: series instance UIDs. Which row and study each belongs to.
select series_instance_uid, id, imaging_study_id
from imaging_series
where series_instance_uid = any($1::text[]);

-- name: series_of_studies
-- Arguments: study ids. Index: imaging_series_by_study.
select to_jsonb(r)::text as series from imaging_series r where imaging_study_id = any($1::uuid[]);

-- name: add_instances
-- Arguments: arrays of one length, one for each column. Returns the UIDs that were new.
insert into imaging_instances (
    id, imaging_series_id, sop_instance_uid, sop_class_uid, transfer_syntax_uid, instance_number,
    storage_bucket, storage_path, file_size, sha256, rows, columns, bits_allocated, window_center,
    window_width, number_of_frames, sort_position, frames_json, metadata_json, received_by,
    received_from, received_at
)
select
    id, imaging_series_id, sop_instance_uid, sop_class_uid, transfer_syntax_uid, instance_number,
    storage_bucket, storage_path, file_size, sha256, rows, columns, bits_allocated, window_center,
    window_width, number_of_frames, sort_position, frames_json, metadata_json, received_by,
    received_from, received_at
from unnest(
    $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::integer[],
    $7::text[], $8::text[], $9::bigint[], $10::bytea[], $11::integer[], $12::integer[],
    $13::integer[], $14::float8[], $15::float8[], $16::integer[], $17::float8[], $18::text[],
    $19::bytea[], $20::text[], $21::text[], $22::timestamptz[]
) as new (
    id, imaging_series_id, sop_instance_uid, sop_class_uid, transfer_syntax_uid, instance_number,
    storage_bucket, storage_path, file_size, sha256, rows, columns, bits_allocated, window_center,
    window_width, number_of_frames, sort_position, frames_json, metadata_json, received_by,
    received_from, received_at
)
order by sop_instance_uid collate "C"
on conflict (sop_instance_uid) do nothing
returning sop_instance_uid;

-- name: stored_instances
-- Arguments: SOP instance UIDs. What is stored under them.
select i.sop_instance_uid, s.series_instance_uid, i.sha256
from imaging_instances i
join imaging_series s on s.id = i.imaging_series_id
where i.sop_instance_uid = any($1::text[]);

-- name: count_series
-- Arguments: series ids, instances, frames; arrays. Adds what arrived.
update imaging_series s
set
    number_of_instances = s.number_of_instances + new.instances,
    number_of_frames = s.number_of_frames + new.frames
from unnest($1::uuid[], $2::integer[], $3::integer[]) as new (id, instances, frames)
where s.id = new.id;

-- ------------------------------------------------------------------------------------------- quarantine
-- name: add_quarantined
-- Arguments: rows as a JSON array, the event compressed and in base 64. Returns the studies that got
-- one; the same contradiction again changes nothing.
insert into quarantined_instances (
    id, study_id, study_instance_uid, series_instance_uid, sop_instance_uid, sha256,
    storage_bucket, storage_path, file_size, contradiction, event_json, received_from, received_at
)
select
    r.id, r.study_id, r.study_instance_uid, r.series_instance_uid, r.sop_instance_uid,
    decode(r.sha256, 'hex'), r.storage_bucket, r.storage_path, r.file_size, r.contradiction,
    decode(r.event_json, 'base64'), r.received_from, r.received_at
from jsonb_to_recordset($1::jsonb) as r (
    id uuid, study_id uuid, study_instance_uid text, series_instance_uid text,
    sop_instance_uid text, sha256 text, storage_bucket text, storage_path text,
    file_size bigint, contradiction text, event_json text, received_from text,
    received_at timestamptz
)
order by r.sop_instance_uid collate "C", r.sha256
on conflict on constraint quarantined_instances_once do nothing
returning study_id;

-- name: quarantined_event
-- Arguments: quarantine id, study instance UID on whose list it stands.
select q.contradiction, q.decision, q.event_json
from quarantined_instances q
join imaging_studies s on s.id = q.study_id
where q.id = $1 and s.study_instance_uid = $2;

-- name: decide_quarantine
-- Arguments: quarantine id, decision, actor, reason, decided at. Returns the id, or nothing when it was
-- decided before.
update quarantined_instances
set decision = $2, decided_by = $3::jsonb, decision_reason = $4, decided_at = $5
where id = $1 and decision = ''
returning id;

-- name: reopen_quarantine
-- Arguments: quarantine id, the decision, decided after. Takes the decision back; nothing when there is no
-- such one. The bytes were never deleted; who decided, and who took it back, is on record with the requests.
update quarantined_instances
set decision = '', decided_by = null, decision_reason = '', decided_at = null
where id = $1 and decision = $2 and decided_at > $3
returning id;

-- name: withdraw_instance
-- Arguments: SOP instance UID, which its caller has made. Takes it out of the index and out of the counts
-- of its series; its object stays. The series stays too, perhaps empty, so that its documents say so.
with withdrawn as (
    delete from imaging_instances
    where sop_instance_uid = $1
    returning imaging_series_id, number_of_frames, file_size
)
update imaging_series s
set
    number_of_instances = s.number_of_instances - 1,
    number_of_frames = s.number_of_frames - w.number_of_frames
from withdrawn w
where s.id = w.imaging_series_id
returning s.id, w.file_size;

-- -------------------------------------------------------------------------------------------- snapshots
-- name: parts_of_studies
-- Arguments: study ids, most quarantined instances, most priors. What belongs to each study.
select
    s.id,
    (
        select coalesce(jsonb_agg(to_jsonb(r) || jsonb_build_object(
            'documents_revision', coalesce(d.revision, 0)
        )), '[]')::text
        from imaging_series r
        left join series_documents d on d.series_id = r.id
        where r.imaging_study_id = s.id
    ) as series,
    (
        select coalesce(jsonb_agg(to_jsonb(q)), '[]')::text
        from (
            select
                q.id, q.study_id, q.sop_instance_uid, q.contradiction, q.received_from,
                q.received_at, q.decision, q.decided_by, q.decided_at, q.decision_reason,
                jsonb_build_object(
                    'bucket', q.storage_bucket, 'key', q.storage_path,
                    'size_bytes', q.file_size, 'sha256', encode(q.sha256, 'hex')
                ) as received,
                case when i.id is not null then jsonb_build_object(
                    'bucket', i.storage_bucket, 'key', i.storage_path,
                    'size_bytes', i.file_size, 'sha256', encode(i.sha256, 'hex')
                ) end as stored
            from quarantined_instances q
            left join imaging_instances i on i.sop_instance_uid = q.sop_instance_uid
            where q.study_id = s.id
            order by q.decision <> '', q.created_at desc, q.id
            limit $2
        ) q
    ) as quarantined,
    (
        select coalesce(jsonb_agg(to_jsonb(p) order by p.rank), '[]')::text
        from (
            select
                p.current_study_id, p.rank, o.study_instance_uid, o.study_date, o.modality,
                o.body_part, o.study_description, o.imaging_order_id, p.comparison_notes,
                p.notes_version
            from prior_studies p
            join imaging_studies o on o.id = p.prior_study_id
            where p.current_study_id = s.id and p.rank is not null
            order by p.rank
            limit $3
        ) p
    ) as priors,
    (
        select coalesce(jsonb_agg(to_jsonb(m) order by m.reader_id), '[]')::text
        from measurement_sets m
        where m.study_id = s.id
    ) as measurements,
    (
        select coalesce(jsonb_agg(to_jsonb(r) order by r.report_version), '[]')::text
        from (
            select report_version, series_instance_uid, sop_instance_uid, number_of_findings
            from structured_reports
            where study_id = s.id and sop_instance_uid <> ''
        ) r
    ) as measurement_reports
from imaging_studies s
where s.id = any($1::uuid[]);

-- ---------------------------------------------------------------------------------------------- priors
-- name: comparable_studies
-- Arguments: patient keys. Studies of these patients; a matched one with its order's patient.
-- Index: imaging_studies_by_patient.
select
    s.patient_key,
    jsonb_build_object(
        'id', s.id, 'study_instance_uid', s.study_instance_uid,
        'imaging_order_id', s.imaging_order_id, 'study_date', s.study_date,
        'study_time', s.study_time, 'first_received_at', s.first_received_at,
        'study_description', s.study_description, 'modality', s.modality,
        'body_part', coalesce(nullif(s.body_part, ''), o.body_part, ''),
        'patient_id', coalesce(o.patient_mrn, s.patient_id),
        'issuer_of_patient_id', coalesce(o.issuer_of_patient_id, s.issuer_of_patient_id),
        'patient_birth_date', coalesce(o.patient_birth_date, s.patient_birth_date)
    )::text as study
from imaging_studies s
left join known_orders o on o.id = s.imaging_order_id
where s.patient_key = any($1::text[]) and s.patient_key <> '' and s.version > 0
order by s.study_date desc nulls last, s.id
limit 5000;

-- name: noted_priors
-- Arguments: current study ids. Pairs that a reader wrote notes on.
select current_study_id, prior_study_id
from prior_studies
where current_study_id = any($1::uuid[]) and comparison_notes <> '';

-- name: studies_with_priors
-- Arguments: prior study ids. Studies that show one of them. Index: prior_studies_by_prior.
select distinct current_study_id
from prior_studies
where prior_study_id = any($1::uuid[]) and rank is not null;

-- name: set_priors
-- Arguments: current study ids, prior study ids, ranks; arrays. Pairs keep their notes.
insert into prior_studies as p (current_study_id, prior_study_id, rank)
select current_id, prior_id, rank
from unnest($1::uuid[], $2::uuid[], $3::integer[]) as new (current_id, prior_id, rank)
on conflict (current_study_id, prior_study_id) do update set rank = excluded.rank
where p.rank is distinct from excluded.rank;

-- name: drop_priors
-- Arguments: current study ids; pairs that stay as two arrays. Pairs with notes stay, too.
delete from prior_studies p
where
    p.current_study_id = any($1::uuid[])
    and p.comparison_notes = ''
    and not exists (
        select 1
        from unnest($2::uuid[], $3::uuid[]) as kept (current_id, prior_id)
        where kept.current_id = p.current_study_id and kept.prior_id = p.prior_study_id
    );

-- name: hide_priors
-- Arguments: current study ids; pairs that stay as two arrays. What is no prior any more, as after a
-- match to another patient, is not shown; notes on it are kept.
update prior_studies p
set rank = null
where
    p.current_study_id = any($1::uuid[])
    and p.rank is not null
    and not exists (
        select 1
        from unnest($2::uuid[], $3::uuid[]) as kept (current_id, prior_id)
        where kept.current_id = p.current_study_id and kept.prior_id = p.prior_study_id
    );

-- name: notes_version
-- Arguments: current study id, prior study id. Version of the notes on a pair; no row: never written.
select notes_version
from prior_studies
where current_study_id = $1 and prior_study_id = $2;

-- name: note_prior
-- Arguments: current study id, prior study id, notes, actor. The current study is locked.
insert into prior_studies as p (
    current_study_id, prior_study_id, rank, comparison_notes, noted_by, notes_version
)
values ($1, $2, null, $3, $4::jsonb, 1)
on conflict (current_study_id, prior_study_id) do update
set
    comparison_notes = excluded.comparison_notes,
    noted_by = excluded.noted_by,
    notes_version = p.notes_version + 1;

-- name: request_prior_searches
-- Arguments: study ids. A row that is there is locked, so that a search which is about to begin waits
-- for our commit, and sees what we changed.
insert into prior_searches (study_id)
select id from unnest($1::uuid[]) as new (id) order by id
on conflict (study_id) do update set requested_at = excluded.requested_at;

-- name: next_prior_searches
-- Arguments: limit. UIDs of studies whose priors must be looked for; not locked, the study comes first.
select s.study_instance_uid
from prior_searches p
join imaging_studies s on s.id = p.study_id
order by p.requested_at
limit $1;

-- name: begin_prior_searches
-- Arguments: study ids. The caller holds the locks of these studies, and searches after this.
delete from prior_searches where study_id = any($1::uuid[]);

-- ----------------------------------------------------------------------------------------- measurements
-- name: studies_of_instances
-- Arguments: SOP instance UIDs. Where each of them is. Index: imaging_instances_uid_once.
select i.sop_instance_uid, s.study_instance_uid
from imaging_instances i
join imaging_series r on r.id = i.imaging_series_id
join imaging_studies s on s.id = r.imaging_study_id
where i.sop_instance_uid = any($1::text[]);

-- name: save_measurements
-- Arguments: study id, reader id, version, annotations, saved at.
insert into measurement_sets (study_id, reader_id, version, annotations, saved_at)
values ($1, $2, $3, $4::jsonb, $5)
on conflict (study_id, reader_id) do update
set version = excluded.version, annotations = excluded.annotations, saved_at = excluded.saved_at;

-- -------------------------------------------------------------------------------------- series documents
-- name: mark_documents
-- Arguments: series ids. Their documents must be written anew, but not before the pause is over.
insert into series_documents as d (series_id, changes, dirty_since, due_at)
select id, 1, clock_timestamp(), clock_timestamp() from unnest($1::uuid[]) as new (id) order by id
on conflict (series_id) do update
set
    changes = d.changes + 1,
    dirty_since = coalesce(d.dirty_since, excluded.dirty_since),
    due_at = coalesce(d.due_at, greatest(excluded.due_at, d.written_at + d.pause));

-- name: mark_documents_after
-- Arguments: series id, how many series, the moment of the order, due at, pause between two. Of the
-- series that follow the id: their documents must be written anew, thumbnails too; one after the
-- other, so that those of fresh images come between. Returns how many they are, and the last id.
with following as (
    select id from imaging_series where id > $1 order by id limit $2
), marked as (
    insert into series_documents as d (series_id, changes, dirty_since, due_at)
    select id, 1, $3, $4::timestamptz + row_number() over (order by id) * $5::interval
    from following
    order by id
    on conflict (series_id) do update
    set
        changes = d.changes + 1,
        dirty_since = coalesce(d.dirty_since, excluded.dirty_since),
        due_at = least(d.due_at, excluded.due_at),
        thumbnail_instances = 0
    returning series_id
)
select count(*) as series, max(series_id::text)::uuid as last_id from marked;

-- name: count_unwritten
-- Arguments: moment. Series whose documents were due then and have not been written since.
-- Index: series_documents_by_due.
select count(*) from series_documents where due_at is not null and dirty_since <= $1;

-- name: claim_documents
-- Arguments: token, lease, limit. Takes what is due; a lease that ran out is free again.
-- Index: series_documents_by_due.
with due as (
    select series_id
    from series_documents
    where due_at <= clock_timestamp() and (leased_until is null or leased_until < clock_timestamp())
    order by due_at
    limit $3
    for update skip locked
)
update series_documents d
set lease_token = $1, leased_until = clock_timestamp() + $2::interval
from due, imaging_series r, imaging_studies s
where d.series_id = due.series_id and r.id = d.series_id and s.id = r.imaging_study_id
returning
    d.series_id, r.series_instance_uid, s.study_instance_uid, d.changes, d.thumbnail_instances;

-- name: instances_of_series
-- Arguments: series id. What its documents tell. Index: imaging_instances_by_series.
select
    sop_instance_uid, instance_number, sort_position, frames_json, metadata_json, storage_bucket,
    file_size
from imaging_instances
where imaging_series_id = $1;

-- name: finish_documents
-- Arguments: series id, token, changes when claimed, pause, instances when the thumbnail was made.
-- Returns the new revision, or nothing when the lease was lost. What changed meanwhile is due again.
update series_documents
set
    revision = revision + 1, written_at = clock_timestamp(), pause = $4::interval,
    lease_token = null, leased_until = null, thumbnail_instances = $5,
    dirty_since = case when changes > $3 then clock_timestamp() end,
    due_at = case when changes > $3 then clock_timestamp() + $4::interval end
where series_id = $1 and lease_token = $2
returning revision;

-- name: postpone_documents
-- Arguments: series id, token, pause. The writing failed; try again later.
update series_documents
set due_at = clock_timestamp() + $3::interval, lease_token = null, leased_until = null
where series_id = $1 and lease_token = $2;

-- ----------------------------------------------------------------------------------- structured reports
-- name: order_structured_reports
-- Arguments: order id, report version, reader's id, reader, signed at, correlation id, causation id.
-- Freezes what the reader drew on each study of the order; not when the last report had the same.
-- An empty set counts only after another one, whose report it takes back.
insert into structured_reports (
    study_id, report_version, order_id, reader, signed_at, annotations, correlation_id, causation_id
)
select s.id, $2, $1, $4::jsonb, $5, m.annotations, $6, $7
from imaging_studies s
join measurement_sets m on m.study_id = s.id and m.reader_id = $3
where
    s.imaging_order_id = $1
    and m.annotations is distinct from coalesce(
        (
            select r.annotations
            from structured_reports r
            where r.study_id = s.id and r.report_version < $2
            order by r.report_version desc
            limit 1
        ),
        '[]'
    )
order by s.id
on conflict (study_id, report_version) do nothing;

-- name: claim_structured_reports
-- Arguments: token, lease, limit. Takes what is due; a lease that ran out is free again.
-- One version after the other: the later one names what came of the earlier.
-- Index: structured_reports_by_due.
with due as (
    select study_id, report_version
    from structured_reports r
    where
        due_at <= clock_timestamp()
        and (leased_until is null or leased_until < clock_timestamp())
        and not exists (
            select from structured_reports e
            where
                e.study_id = r.study_id
                and e.report_version < r.report_version
                and e.due_at is not null
        )
    order by due_at
    limit $3
    for update skip locked
)
update structured_reports r
set
    lease_token = $1, leased_until = clock_timestamp() + $2::interval, attempts = r.attempts + 1
from due, imaging_studies s
where
    r.study_id = due.study_id and r.report_version = due.report_version and s.id = r.study_id
returning
    r.study_id, r.report_version, r.order_id, r.reader::text as reader, r.signed_at,
    r.annotations::text as annotations, r.correlation_id, r.causation_id, r.attempts,
    coalesce((
        select p.sop_instance_uid
        from structured_reports p
        where
            p.study_id = r.study_id
            and p.report_version < r.report_version
            and p.sop_instance_uid <> ''
        order by p.report_version desc
        limit 1
    ), '') as predecessor_uid,
    to_jsonb(s)::text as study;

-- name: instances_of_studies
-- Arguments: study ids, SOP instance UIDs. What the documents tell of these, and where they are.
select
    s.study_instance_uid, to_char(s.study_date, 'YYYYMMDD') as study_date, r.series_instance_uid,
    i.sop_instance_uid, i.instance_number, i.sort_position, i.frames_json,
    i.metadata_json, i.storage_bucket, i.file_size
from imaging_instances i
join imaging_series r on r.id = i.imaging_series_id
join imaging_studies s on s.id = r.imaging_study_id
where s.id = any($1::uuid[]) and i.sop_instance_uid = any($2::text[]);

-- name: finish_structured_report
-- Arguments: study id, report version, token, series and SOP instance UID (empty: nothing was made),
-- number of findings. Returns nothing when the lease was lost.
update structured_reports
set
    due_at = null, lease_token = null, leased_until = null, series_instance_uid = $4,
    sop_instance_uid = $5, number_of_findings = $6
where study_id = $1 and report_version = $2 and lease_token = $3
returning clock_timestamp();

-- name: postpone_structured_report
-- Arguments: study id, report version, token, pause.
update structured_reports
set due_at = clock_timestamp() + $4::interval, lease_token = null, leased_until = null
where study_id = $1 and report_version = $2 and lease_token = $3;
