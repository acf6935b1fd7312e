-- name: share_generation
-- Which generation of the read model this is; a rebuild waits for transactions that hold this.
select generation from read_model for share;

-- name: next_generation
-- The read model is emptied in this transaction; running replicas begin anew.
update read_model set generation = generation + 1 returning generation;

-- name: empty_read_model
-- What the topics can bring back; never sessions, audit, outcomes or signing PINs.
truncate orders, equipment, studies, reports, opened_reports, alerts, positions;

-- name: save_progress
-- Arguments: causation ids, topics, keys, versions, rejections of outcomes; topics, partitions, next
-- offsets of positions. One statement, since it runs with every batch. The first snapshot of a
-- thing that follows from an event is its outcome; another replica may be further on already. Only
-- "could not be handled" gives way to a refusal that follows: somebody had it handled again.
-- Returns the generation, which a rebuild changes.
with new_outcomes as (
    insert into outcomes (causation_id, topic, key, version, rejection)
    select causation_id, topic, key, version, rejection::jsonb
    from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[])
        as new (causation_id, topic, key, version, rejection)
    order by causation_id, topic, key
    on conflict (causation_id, topic, key) do update
    set rejection = excluded.rejection
    where outcomes.rejection ->> 'code' = 'could_not_be_handled'
),
new_positions as (
    insert into positions (topic, partition, next_offset)
    select topic, partition, next_offset
    from unnest($6::text[], $7::integer[], $8::bigint[]) as new (topic, partition, next_offset)
    order by topic, partition
    on conflict (topic, partition) do update
    set next_offset = greatest(positions.next_offset, excluded.next_offset)
)
select generation from read_model for share;

-- name: save_orders
-- Arguments: snapshots, partitions, offsets; one row per order, the newest.
insert into orders (
    id, version, snapshot, order_number, accession_number, status, modality, priority, body_part,
    patient_id, patient_mrn, patient_search, ordering_provider_id, equipment_id, starts_at,
    scheduled_date, assigned_radiologist_id, claimed_by, claim_expires_at, completed_at,
    ready_for_read_at, due_at, created_at, updated_at, log_partition, log_offset
)
select
    (s ->> 'id')::uuid,
    (s ->> 'version')::integer,
    s,
    s ->> 'orderNumber',
    s ->> 'accessionNumber',
    s ->> 'status',
    s #>> '{details,modality}',
    s #>> '{details,priority}',
    s #>> '{details,bodyPart}',
    (s #>> '{details,patient,id}')::uuid,
    s #>> '{details,patient,mrn}',
    lower(concat_ws(' ', translate(s #>> '{details,patient,name}', '^', ' '),
                    s #>> '{details,patient,mrn}', s ->> 'orderNumber')),
    s #>> '{details,orderingProviderId}',
    (s #>> '{appointment,equipmentId}')::uuid,
    (s #>> '{appointment,startsAt}')::timestamptz,
    (s #>> '{appointment,scheduledDate}')::date,
    (s ->> 'assignedRadiologistId')::uuid,
    (s #>> '{claim,radiologistId}')::uuid,
    (s #>> '{claim,expiresAt}')::timestamptz,
    (s ->> 'completedAt')::timestamptz,
    (s ->> 'readyForReadAt')::timestamptz,
    (s ->> 'dueAt')::timestamptz,
    (s ->> 'createdAt')::timestamptz,
    (s ->> 'updatedAt')::timestamptz,
    log_partition,
    log_offset
from unnest($1::jsonb[], $2::integer[], $3::bigint[]) as new (s, log_partition, log_offset)
order by 1
on conflict (id) do update
set version = excluded.version,
    snapshot = excluded.snapshot,
    order_number = excluded.order_number,
    accession_number = excluded.accession_number,
    status = excluded.status,
    modality = excluded.modality,
    priority = excluded.priority,
    body_part = excluded.body_part,
    patient_id = excluded.patient_id,
    patient_mrn = excluded.patient_mrn,
    patient_search = excluded.patient_search,
    ordering_provider_id = excluded.ordering_provider_id,
    equipment_id = excluded.equipment_id,
    starts_at = excluded.starts_at,
    scheduled_date = excluded.scheduled_date,
    assigned_radiologist_id = excluded.assigned_radiologist_id,
    claimed_by = excluded.claimed_by,
    claim_expires_at = excluded.claim_expires_at,
    completed_at = excluded.completed_at,
    ready_for_read_at = excluded.ready_for_read_at,
    due_at = excluded.due_at,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    log_partition = excluded.log_partition,
    log_offset = excluded.log_offset
where excluded.version > orders.version;

-- name: save_equipment
-- Arguments: snapshots, partitions, offsets; one row per room, the newest.
insert into equipment (id, version, snapshot, modality, active, room, log_partition, log_offset)
select
    (s ->> 'id')::uuid,
    (s ->> 'version')::integer,
    s,
    s ->> 'modality',
    (s ->> 'active')::boolean,
    s ->> 'room',
    log_partition,
    log_offset
from unnest($1::jsonb[], $2::integer[], $3::bigint[]) as new (s, log_partition, log_offset)
order by 1
on conflict (id) do update
set version = excluded.version,
    snapshot = excluded.snapshot,
    modality = excluded.modality,
    active = excluded.active,
    room = excluded.room,
    log_partition = excluded.log_partition,
    log_offset = excluded.log_offset
where excluded.version > equipment.version;

-- name: save_studies
-- Arguments: snapshots, partitions, offsets; one row per study, the newest.
insert into studies (
    study_instance_uid, version, snapshot, order_id, match_state, quarantined,
    quarantine_decided_at, is_sorted, patient_mrn, modalities, body_part, study_date,
    last_received_at, log_partition, log_offset
)
select
    s ->> 'studyInstanceUid',
    (s ->> 'version')::integer,
    s,
    (s #>> '{match,orderId}')::uuid,
    s #>> '{match,state}',
    (select count(*) from jsonb_array_elements(s -> 'quarantined') as q where q ->> 'decision' = ''),
    (
        select max((q ->> 'decidedAt')::timestamptz)
        from jsonb_array_elements(s -> 'quarantined') as q
        where q ->> 'decision' <> ''
    ),
    jsonb_typeof(s #> '{match,decidedBy}') is not distinct from 'object'
    and (s #>> '{match,state}' = 'MATCHED'
         or (s #>> '{match,keptWithoutOrder}')::boolean is not distinct from true),
    s ->> 'patientId',
    array(select jsonb_array_elements_text(s -> 'modalitiesInStudy')),
    s ->> 'bodyPart',
    (s ->> 'studyDate')::date,
    (s ->> 'lastReceivedAt')::timestamptz,
    log_partition,
    log_offset
from unnest($1::jsonb[], $2::integer[], $3::bigint[]) as new (s, log_partition, log_offset)
order by 1
on conflict (study_instance_uid) do update
set version = excluded.version,
    snapshot = excluded.snapshot,
    order_id = excluded.order_id,
    match_state = excluded.match_state,
    quarantined = excluded.quarantined,
    quarantine_decided_at = excluded.quarantine_decided_at,
    is_sorted = excluded.is_sorted,
    patient_mrn = excluded.patient_mrn,
    modalities = excluded.modalities,
    body_part = excluded.body_part,
    study_date = excluded.study_date,
    last_received_at = excluded.last_received_at,
    log_partition = excluded.log_partition,
    log_offset = excluded.log_offset
where excluded.version > studies.version;

-- name: save_reports
-- Arguments: snapshots, partitions, offsets; one row per report, the newest.
insert into reports (
    id, order_id, version, snapshot, report_number, status, radiologist_id, critical,
    first_signed_at, signed_at, written, updated_at, log_partition, log_offset
)
select
    (s ->> 'id')::uuid,
    (s ->> 'orderId')::uuid,
    (s ->> 'version')::integer,
    s,
    s ->> 'reportNumber',
    s ->> 'status',
    s #>> '{versions,-1,radiologist,id}',
    (s #>> '{versions,-1,content,hasCriticalFindings}')::boolean,
    (select min((v #>> '{signature,signedAt}')::timestamptz)
     from jsonb_array_elements(s -> 'versions') as v),
    (s #>> '{versions,-1,signature,signedAt}')::timestamptz,
    to_tsvector('simple', left(concat_ws(' ', s #>> '{versions,-1,content,findings}',
                                         s #>> '{versions,-1,content,impression}'), 200000)),
    (s ->> 'updatedAt')::timestamptz,
    log_partition,
    log_offset
from unnest($1::jsonb[], $2::integer[], $3::bigint[]) as new (s, log_partition, log_offset)
order by 1
on conflict (id) do update
set version = excluded.version,
    snapshot = excluded.snapshot,
    report_number = excluded.report_number,
    status = excluded.status,
    radiologist_id = excluded.radiologist_id,
    critical = excluded.critical,
    first_signed_at = excluded.first_signed_at,
    signed_at = excluded.signed_at,
    written = excluded.written,
    updated_at = excluded.updated_at,
    log_partition = excluded.log_partition,
    log_offset = excluded.log_offset
where excluded.version > reports.version;

-- name: save_opened_reports
-- Arguments: snapshots, partitions, offsets; one row per person and report, the newest.
insert into opened_reports (person_id, report_id, version, snapshot, log_partition, log_offset)
select
    s ->> 'personId',
    (s ->> 'reportId')::uuid,
    (s ->> 'version')::integer,
    s,
    log_partition,
    log_offset
from unnest($1::jsonb[], $2::integer[], $3::bigint[]) as new (s, log_partition, log_offset)
order by 1, 2
on conflict (person_id, report_id) do update
set version = excluded.version,
    snapshot = excluded.snapshot,
    log_partition = excluded.log_partition,
    log_offset = excluded.log_offset
where excluded.version > opened_reports.version;

-- name: save_alerts
-- Arguments: snapshots, partitions, offsets; one row per alert, the newest.
insert into alerts (
    id, version, snapshot, order_id, status, category, ordering_provider_id, told, acknowledge_by,
    opened_at, log_partition, log_offset
)
select
    (s ->> 'id')::uuid,
    (s ->> 'version')::integer,
    s,
    (s #>> '{finding,orderId}')::uuid,
    s ->> 'status',
    s #>> '{finding,category}',
    s #>> '{finding,orderingProviderId}',
    array(select jsonb_array_elements_text(s -> 'notifiedPersonIds')
          union select s ->> 'responsibleId' where s ->> 'responsibleId' <> ''),
    (s ->> 'acknowledgeBy')::timestamptz,
    (s ->> 'openedAt')::timestamptz,
    log_partition,
    log_offset
from unnest($1::jsonb[], $2::integer[], $3::bigint[]) as new (s, log_partition, log_offset)
order by 1
on conflict (id) do update
set version = excluded.version,
    snapshot = excluded.snapshot,
    status = excluded.status,
    category = excluded.category,
    ordering_provider_id = excluded.ordering_provider_id,
    told = excluded.told,
    acknowledge_by = excluded.acknowledge_by,
    log_partition = excluded.log_partition,
    log_offset = excluded.log_offset
where excluded.version > alerts.version;

-- name: hash_of_content
-- A digest of every row but its place in the topic, which compaction may change.
select encode(sha256(convert_to(string_agg(row_hash, '' order by row_hash), 'UTF8')), 'hex')
from (
    select md5(((to_jsonb(o) - 'log_partition') - 'log_offset')::text) as row_hash from orders as o
    union all
    select md5(((to_jsonb(e) - 'log_partition') - 'log_offset')::text) from equipment as e
    union all
    select md5(((to_jsonb(s) - 'log_partition') - 'log_offset')::text) from studies as s
    union all
    select md5(((to_jsonb(r) - 'log_partition') - 'log_offset')::text) from reports as r
    union all
    select md5(((to_jsonb(p) - 'log_partition') - 'log_offset')::text) from opened_reports as p
    union all
    select md5(((to_jsonb(a) - 'log_partition') - 'log_offset')::text) from alerts as a
) as content;
