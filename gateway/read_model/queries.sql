-- name: positions
-- Where to read on.
select topic, partition, next_offset from positions;

-- name: changed_since
-- Arguments: topics, partitions, next offsets, limit. The newest state of everything that changed at
-- or after a position, oldest change first within each partition.
with place as (
    select topic, partition, next_offset
    from unnest($1::text[], $2::integer[], $3::bigint[]) as p (topic, partition, next_offset)
)
select topic, log_partition, log_offset, snapshot::text as snapshot
from (
    select p.topic, o.log_partition, o.log_offset, o.snapshot
    from place as p
    join orders as o on o.log_partition = p.partition and o.log_offset >= p.next_offset
    where p.topic = 'order.updated'
    union all
    select p.topic, e.log_partition, e.log_offset, e.snapshot
    from place as p
    join equipment as e on e.log_partition = p.partition and e.log_offset >= p.next_offset
    where p.topic = 'equipment.updated'
    union all
    select p.topic, s.log_partition, s.log_offset, s.snapshot
    from place as p
    join studies as s on s.log_partition = p.partition and s.log_offset >= p.next_offset
    where p.topic = 'study.updated'
    union all
    select p.topic, r.log_partition, r.log_offset, r.snapshot
    from place as p
    join reports as r on r.log_partition = p.partition and r.log_offset >= p.next_offset
    where p.topic = 'report.updated'
    union all
    select p.topic, d.log_partition, d.log_offset, d.snapshot
    from place as p
    join opened_reports as d on d.log_partition = p.partition and d.log_offset >= p.next_offset
    where p.topic = 'report.opened'
    union all
    select p.topic, a.log_partition, a.log_offset, a.snapshot
    from place as p
    join alerts as a on a.log_partition = p.partition and a.log_offset >= p.next_offset
    where p.topic = 'alert.updated'
) as changed
order by log_offset, topic, log_partition
limit $4;

-- name: order_by_id
-- Arguments: order, person to whose own orders it is limited or null.
select o.snapshot::text
from orders as o
where o.id = $1
  and ($2::text is null or exists (select from order_owners where order_id = o.id and person_id = $2));

-- name: orders_by_ids
-- Arguments: orders. With the people for whom each is their own.
select o.id, o.snapshot::text,
       array(select w.person_id from order_owners as w where w.order_id = o.id) as owners
from orders as o
where o.id = any ($1::uuid[]);

-- name: list_orders
-- Arguments: only of person, statuses, modalities, priorities, first day, last day, patient, room,
-- assigned to ('nobody', an id, or null), without slot, mine, words of a patient search, sort,
-- limit, offset, who asks. Null: no filter. Sorts and counts before it touches a snapshot: they are
-- large. Unread first: what is new in the last 30 days stands before the rest, what was cancelled behind.
with found as (
    select o.id, count(*) over () as total,
           row_number() over (
               order by
                   case when $13 = 'due' then o.due_at end nulls last,
                   case when $13 = 'unread' then case
                       when exists (
                           select
                           from reports as r
                           left join opened_reports as p on p.report_id = r.id and p.person_id = $16
                           where r.order_id = o.id
                             and r.updated_at > now() - interval '30 days'
                             and coalesce(p.version, 0)
                                 < coalesce((r.snapshot ->> 'contentVersion')::integer, 1)
                       ) then 0
                       when o.status = 'CANCELLED' then 2
                       else 1
                   end end,
                   case when $13 in ('newest', 'unread') then o.created_at end desc,
                   case when $13 = 'updated' then o.updated_at end desc,
                   case when $13 = 'scheduled' then o.starts_at end nulls first,
                   o.id
           ) as place
    from orders as o
    where ($1::text is null or exists (select from order_owners where order_id = o.id and person_id = $1))
      and ($2::text[] is null or o.status = any ($2))
      and ($3::text[] is null or o.modality = any ($3))
      and ($4::text[] is null or o.priority = any ($4))
      and ($5::date is null or o.scheduled_date >= $5)
      and ($6::date is null or o.scheduled_date <= $6)
      and ($7::uuid is null or o.patient_id = $7)
      and ($8::uuid is null or o.equipment_id = $8)
      and ($9::text is null or coalesce(o.assigned_radiologist_id::text, 'nobody') = $9)
      and ($10::boolean is null or $10 = (o.starts_at is null and o.status = 'SCHEDULED'))
      and ($11::text is null or $11 in (o.assigned_radiologist_id::text, o.claimed_by::text)
           or exists (select from order_owners where order_id = o.id and person_id = $11))
      and ($12::text[] is null or o.patient_search like all ($12))
    order by place
    limit $14 offset $15
)
select o.snapshot::text, found.total
from found
join orders as o on o.id = found.id
order by found.place;

-- name: similar_orders
-- Arguments: MRN, its issuer or '', modality, study type, body part, days, person who may read own
-- orders only or null. Open ones of any age, others by when they were ordered or done; the newest
-- first, by `orders_by_mrn`. Numbers of two issuers are two patients, if both issuers are known.
select o.snapshot::text,
       $7::text is null or exists (select from order_owners where order_id = o.id and person_id = $7)
           as may_open
from orders as o
where o.patient_mrn = $1
  and ($2 = '' or coalesce(o.snapshot #>> '{details,patient,issuerOfPatientId}', '') in ('', $2))
  and o.modality = $3
  and (upper(o.body_part) = upper($5)
       or ($4 <> '' and upper(o.snapshot #>> '{details,studyType}') = upper($4)))
  and o.status <> 'CANCELLED'
  and (o.status in ('SCHEDULED', 'IN_PROGRESS', 'IMAGES_AVAILABLE', 'PRELIMINARY_REPORT')
       or greatest(o.created_at, o.completed_at) > now() - make_interval(days => $6))
order by o.created_at desc, o.id
limit 20;

-- name: ready_for_read
-- Arguments: modalities, priorities, body part, assigned to, unclaimed by others than this person,
-- limit, offset. By time left on the clock, and behind them what still arrives and has none; a claim
-- that ran out counts no more.
with found as (
    select o.id, count(*) over () as total,
           row_number() over (order by o.ready_for_read_at is null, o.due_at, o.id) as place
    from orders as o
    where o.status in ('IMAGES_AVAILABLE', 'PRELIMINARY_REPORT')
      and ($1::text[] is null or o.modality = any ($1))
      and ($2::text[] is null or o.priority = any ($2))
      and ($3::text is null or upper(o.body_part) = upper($3))
      and ($4::text is null or coalesce(o.assigned_radiologist_id::text, 'nobody') = $4)
      and ($5::text is null or o.claimed_by is null or o.claimed_by::text = $5
           or o.claim_expires_at < now())
    order by place
    limit $6 offset $7
)
select o.snapshot::text, found.total
from found
join orders as o on o.id = found.id
order by found.place;

-- name: equipment_by_id
-- Arguments: room.
select snapshot::text from equipment where id = $1;

-- name: list_equipment
-- Arguments: modalities, active, limit, offset.
select snapshot::text, count(*) over () as total
from equipment
where ($1::text[] is null or modality = any ($1)) and ($2::boolean is null or active = $2)
order by modality, room, id
limit $3 offset $4;

-- name: study_by_uid
-- Arguments: study.
select snapshot::text from studies where study_instance_uid = $1;

-- name: study_is_of
-- Arguments: study, person. Whether the study belongs to an own order.
select exists (
    select 1
    from studies as s
    join orders as o on o.id = s.order_id
    where s.study_instance_uid = $1
      and exists (select from order_owners where order_id = o.id and person_id = $2)
);

-- name: studies_of_order
-- Arguments: order. Newest first.
select snapshot::text
from studies
where order_id = $1
order by study_date desc nulls last, last_received_at desc;

-- name: list_studies
-- Arguments: match states, order, only of person, limit, offset.
with found as (
    select s.study_instance_uid, count(*) over () as total,
           row_number() over (order by s.last_received_at desc, s.study_instance_uid) as place
    from studies as s
    where ($1::text[] is null or s.match_state = any ($1))
      and ($2::uuid is null or s.order_id = $2)
      and ($3::text is null
           or exists (select from order_owners where order_id = s.order_id and person_id = $3))
    order by place
    limit $4 offset $5
)
select s.snapshot::text, found.total
from found
join studies as s on s.study_instance_uid = found.study_instance_uid
order by found.place;

-- name: unmatched_studies
-- Arguments: limit, offset. What a person must sort out; a study without an image is nothing yet, or
-- nothing any more.
select snapshot::text, count(*) over () as total
from studies
where match_state <> 'MATCHED'
  and not coalesce((snapshot #>> '{match,keptWithoutOrder}')::boolean, false)
  and (snapshot ->> 'numberOfInstances')::integer > 0
order by last_received_at desc, study_instance_uid
limit $1 offset $2;

-- name: sorted_studies
-- Arguments: limit, offset. What a person has sorted out and can take back. Index: studies_sorted.
select snapshot::text, count(*) over () as total
from studies
where is_sorted
order by last_received_at desc, study_instance_uid
limit $1 offset $2;

-- name: orders_that_may_fit
-- Arguments: candidates that the owner named, MRN, accession number, DICOM modalities as order
-- modalities, limit. Orders that a study without one may belong to, the likeliest first.
select snapshot::text
from orders
where id = any ($1::uuid[])
   or (patient_mrn = $2 and $2 <> '' and status in ('SCHEDULED', 'IN_PROGRESS', 'IMAGES_AVAILABLE'))
   or (accession_number = $3 and $3 <> '')
order by id = any ($1::uuid[]) desc, accession_number = $3 desc,
         modality = any ($4::text[]) desc, starts_at desc nulls last
limit $5;

-- name: quarantined_studies
-- Arguments: limit, offset. Studies with instances that nobody has decided over, and how many instances
-- these are together.
select snapshot::text, (sum(quarantined) over ())::bigint as total
from studies
where quarantined > 0
order by last_received_at desc, study_instance_uid
limit $1 offset $2;

-- name: decided_studies
-- Arguments: limit, offset, decided after. Studies with decisions that can still be taken back, the last
-- decided first, and how many decisions these are together. Index: studies_quarantine_decided.
select
    snapshot::text,
    (sum((
        select count(*)
        from jsonb_array_elements(snapshot -> 'quarantined') as q
        where (q ->> 'decidedAt')::timestamptz > $3
    )) over ())::bigint as total
from studies
where quarantine_decided_at > $3
order by quarantine_decided_at desc, study_instance_uid
limit $1 offset $2;

-- name: study_of_quarantined
-- Arguments: id of an instance in quarantine, as text.
select study_instance_uid
from studies
where quarantined > 0
  and snapshot -> 'quarantined' @> jsonb_build_array(jsonb_build_object('id', $1::text));

-- name: persons_of_patient
-- Arguments: patient. As the orders name this patient.
select distinct snapshot #>> '{details,patient}' as patient from orders where patient_id = $1;

-- name: studies_that_may_be_of
-- Arguments: patient, keys of their Patient IDs without leading zeros, limit. Newest first, each with
-- whom it says it is of: a matched one is its order's patient's. Index: studies_by_patient_key.
with candidates as (
    select s.study_instance_uid
    from orders as o
    join studies as s on s.order_id = o.id
    where o.patient_id = $1
    union
    select study_instance_uid
    from studies
    where ltrim(upper(regexp_replace(patient_mrn, '\s', '', 'g')), '0') = any ($2)
)
select s.study_instance_uid,
       o.patient_id,
       coalesce(o.patient_mrn, s.patient_mrn) as mrn,
       coalesce(o.snapshot #>> '{details,patient,issuerOfPatientId}',
                s.snapshot ->> 'issuerOfPatientId') as issuer_of_patient_id,
       coalesce(o.snapshot #>> '{details,patient,birthDate}',
                s.snapshot ->> 'patientBirthDate')::date as birth_date
from candidates
join studies as s using (study_instance_uid)
left join orders as o on o.id = s.order_id
order by s.study_date desc nulls last, s.last_received_at desc
limit $3;

-- name: studies_with_reports
-- Arguments: studies, only of person or null. In the order in which they are named.
select s.snapshot::text as study, o.snapshot::text as of_order, r.snapshot::text as report
from unnest($1::text[]) with ordinality as named (study_instance_uid, place)
join studies as s using (study_instance_uid)
left join orders as o on o.id = s.order_id
left join reports as r on r.order_id = s.order_id
where $2::text is null or exists (select from order_owners where order_id = o.id and person_id = $2)
order by named.place;

-- name: report_by_id
-- Arguments: report, only of person or null. With its order.
select r.snapshot::text as report, o.snapshot::text as of_order
from reports as r
join orders as o on o.id = r.order_id
where r.id = $1
  and ($2::text is null or exists (select from order_owners where order_id = o.id and person_id = $2));

-- name: report_of_order
-- Arguments: order, only of person or null.
select r.snapshot::text as report, o.snapshot::text as of_order
from reports as r
join orders as o on o.id = r.order_id
where r.order_id = $1
  and ($2::text is null or exists (select from order_owners where order_id = o.id and person_id = $2));

-- name: list_reports
-- Arguments: only of person, statuses, modalities, radiologist, patient, critical, signed from,
-- signed before, mine, words of a patient search, words of the text, who asks, unread by them,
-- images changed, limit, offset. Unread: its text has changed since the version that they opened.
-- Images changed: a study of the exam came, or another revision of one began, after the
-- signature. Index: studies_by_order.
with listed as (
    select r.id, r.updated_at,
           coalesce(p.version, 0) < coalesce((r.snapshot ->> 'contentVersion')::integer, 1) as unread
    from reports as r
    join orders as o on o.id = r.order_id
    left join opened_reports as p on p.report_id = r.id and p.person_id = $12
    where ($1::text is null or exists (select from order_owners where order_id = o.id and person_id = $1))
      and ($2::text[] is null or r.status = any ($2))
      and ($3::text[] is null or o.modality = any ($3))
      and ($4::text is null or r.radiologist_id = $4)
      and ($5::uuid is null or o.patient_id = $5)
      and ($6::boolean is null or r.critical = $6)
      and ($7::timestamptz is null or r.signed_at >= $7)
      and ($8::timestamptz is null or r.signed_at < $8)
      and ($9::text is null or r.radiologist_id = $9
           or exists (select from order_owners where order_id = o.id and person_id = $9))
      and ($10::text[] is null or o.patient_search like all ($10))
      and ($11::text is null or r.written @@ websearch_to_tsquery('simple', $11))
      and ($14::boolean is null or $14 = exists (
          select from studies as s
          where s.order_id = r.order_id
            and (s.snapshot ->> 'revisionOpenedAt')::timestamptz > r.signed_at))
),
found as (
    select l.id, l.unread, count(*) over () as total,
           row_number() over (order by l.updated_at desc, l.id) as place
    from listed as l
    where $13::boolean is null or l.unread = $13
    order by place
    limit $15 offset $16
)
select r.snapshot::text as report, o.snapshot::text as of_order, found.unread, found.total
from found
join reports as r on r.id = found.id
join orders as o on o.id = r.order_id
order by found.place;

-- name: alert_by_id
-- Arguments: alert, only of person or null. With its order.
select a.snapshot::text as alert, o.snapshot::text as of_order
from alerts as a
left join orders as o on o.id = a.order_id
where a.id = $1
  and ($2::text is null or a.ordering_provider_id = $2 or a.told @> array[$2]);

-- name: list_alerts
-- Arguments: only of person, statuses, categories, order, told person, limit, offset. Open ones
-- first, by the end of their time.
with found as (
    select a.id, count(*) over () as total,
           row_number() over (
               order by array_position(array['OPEN', 'ACKNOWLEDGED', 'CLOSED'], a.status),
                        case when a.status = 'OPEN' then a.acknowledge_by end,
                        a.opened_at desc, a.id
           ) as place
    from alerts as a
    where ($1::text is null or a.ordering_provider_id = $1 or a.told @> array[$1])
      and ($2::text[] is null or a.status = any ($2))
      and ($3::text[] is null or a.category = any ($3))
      and ($4::uuid is null or a.order_id = $4)
      and ($5::text is null or a.told @> array[$5])
    order by place
    limit $6 offset $7
)
select a.snapshot::text as alert, o.snapshot::text as of_order, found.total
from found
join alerts as a on a.id = found.id
left join orders as o on o.id = a.order_id
order by found.place;

-- name: scheduled_on
-- Arguments: day. Appointments of a day by modality, and how many exams of it are done.
select modality, count(*) as total, count(completed_at) as done
from orders
where scheduled_date = $1 and status <> 'CANCELLED'
group by modality
order by modality;

-- name: without_slot
-- Orders of any day that found no slot.
select count(*) from orders where status = 'SCHEDULED' and starts_at is null;

-- name: waiting_for_report
-- Exams that wait for a report, and whose images have all come.
select count(*) as total,
       count(*) filter (where priority = 'STAT') as stat,
       count(*) filter (where due_at < now()) as overdue,
       min(ready_for_read_at) as oldest_ready_at,
       min(due_at) filter (where due_at >= now()) as next_due_at,
       now() as now
from orders
where status in ('IMAGES_AVAILABLE', 'PRELIMINARY_REPORT') and ready_for_read_at is not null;

-- name: signed_between
-- Arguments: beginning of yesterday, yesterday at this time, beginning of today.
select count(*) filter (where first_signed_at >= $3) as today,
       count(*) filter (where first_signed_at < $3) as yesterday,
       count(*) filter (where first_signed_at < $2) as yesterday_by_now
from reports
where first_signed_at >= $1;

-- name: critical_open
-- Critical findings that nobody has confirmed.
select count(*) as total,
       count(*) filter (where acknowledge_by < now()) as overdue,
       min(acknowledge_by) as next_deadline_at
from alerts
where status = 'OPEN';

-- name: turnaround
-- Arguments: since, zone. Ready for read until first signed, by day of signature and priority.
select (r.first_signed_at at time zone $2)::date as day,
       o.priority,
       count(*) as reports,
       percentile_cont(0.5) within group (
           order by extract(epoch from r.first_signed_at - o.ready_for_read_at) / 60) as median_minutes,
       percentile_cont(0.9) within group (
           order by extract(epoch from r.first_signed_at - o.ready_for_read_at) / 60) as p90_minutes
from reports as r
join orders as o on o.id = r.order_id
where r.first_signed_at >= $1 and o.ready_for_read_at <= r.first_signed_at
group by 1, 2
order by 1, 2;
