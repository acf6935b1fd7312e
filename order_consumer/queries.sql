-- name: lock_order
-- Arguments: order id. The state of an order, locked until the transaction ends.
select state::text from imaging_orders where id = $1 for update;

-- name: insert_orders
-- Arguments: states. Returns the ids of those whose id and number were free.
insert into imaging_orders (state)
select state from unnest($1::jsonb[]) as new (state)
on conflict do nothing
returning id;

-- name: update_order
-- Arguments: order id, state.
update imaging_orders set state = $2::jsonb where id = $1;

-- name: lock_equipment
-- Arguments: equipment id. The state of a room, locked.
select state::text from equipment where id = $1 for update;

-- name: equipment
-- All rooms.
select state::text from equipment;

-- name: save_equipment
-- Arguments: state.
insert into equipment (state) values ($1::jsonb)
on conflict (id) do update set state = excluded.state;

-- name: bookings_from
-- Arguments: from. Everything that is booked and not over then.
select equipment_id, lower(during) as starts_at, upper(during) as ends_at
from bookings
where upper(during) > $1;

-- name: bookings_of_patients
-- Arguments: patient ids, from. Where patients are already expected.
-- Index: bookings_patient_free.
select patient_id, lower(during) as starts_at, upper(during) as ends_at
from bookings
where patient_id = any($1::uuid[]) and during && tstzrange($2, null);

-- name: bookings_of_patient
-- Arguments: patient id, from, order to leave out. Where the patient is already expected.
-- Index: bookings_patient_free.
select lower(during) as starts_at, upper(during) as ends_at
from bookings
where patient_id = $1 and during && tstzrange($2, null) and order_id is distinct from $3;

-- name: book
-- Arguments: id, equipment id, starts at, ends at, order id, patient id, reason.
-- The exclusion constraints refuse an overlap; then nothing is returned, and the transaction goes on.
insert into bookings (id, equipment_id, during, order_id, patient_id, reason)
values ($1, $2, tstzrange($3, $4), $5, $6, $7)
on conflict do nothing
returning id;

-- name: in_the_way
-- Arguments: equipment id, patient id or null, from, until, order whose own booking is none.
-- What a slot collides with, the room's before the patient's: an order's appointment or a blocked time.
select e.state ->> 'name' as room, lower(b.during) as starts_at, upper(b.during) as ends_at,
       o.order_number, b.equipment_id = $1 as is_room, b.reason
from bookings as b
join equipment as e on e.id = b.equipment_id
left join imaging_orders as o on o.id = b.order_id
where (b.equipment_id = $1 or b.patient_id = $2) and b.during && tstzrange($3, $4)
      and b.order_id is distinct from $5
order by is_room desc, lower(b.during)
limit 1;

-- name: book_many
-- Arguments: ids, equipment ids, starts, ends, order ids, patient ids; arrays of one length.
-- As book, for many; returns the ids of those that were free.
insert into bookings (id, equipment_id, during, order_id, patient_id)
select id, equipment_id, tstzrange(starts_at, ends_at), order_id, patient_id
from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::uuid[], $6::uuid[])
    as new (id, equipment_id, starts_at, ends_at, order_id, patient_id)
on conflict do nothing
returning id;

-- name: unbook_order
-- Arguments: order id. Returns what became free.
delete from bookings where order_id = $1
returning equipment_id, lower(during) as starts_at, upper(during) as ends_at;

-- name: unblock
-- Arguments: booking id, equipment id. Only blocked times, never appointments.
delete from bookings where id = $1 and equipment_id = $2 and order_id is null returning id;

-- name: routine_bookings
-- Arguments: modality, from, until. Appointments that a STAT order may take over, soonest first.
select b.order_id, b.equipment_id, lower(b.during) as starts_at, upper(b.during) as ends_at
from bookings b
join imaging_orders o on o.id = b.order_id
where
    o.modality = $1 and o.priority = 'ROUTINE' and o.status = 'SCHEDULED'
    and o.state ->> 'checkedInAt' is null
    and lower(b.during) >= $2 and lower(b.during) < $3
order by lower(b.during), b.id;

-- name: save_study
-- Arguments: study instance UID, version, order id, instances, complete.
-- Returns the order that the study belonged to before; nothing when the version is not newer.
with before as (
    select order_id from order_studies where study_instance_uid = $1
), saved as (
    insert into order_studies (study_instance_uid, version, order_id, instances, complete)
    values ($1, $2, $3, $4, $5)
    on conflict (study_instance_uid) do update
    set version = excluded.version, order_id = excluded.order_id,
        instances = excluded.instances, complete = excluded.complete
    where order_studies.version < excluded.version
    returning study_instance_uid
)
select (select order_id from before) as previous_order_id from saved;

-- name: studies_of_order
-- Arguments: order id. The studies that fulfil it.
select study_instance_uid, instances, complete
from order_studies
where order_id = $1
order by study_instance_uid;

-- name: orders_with_expired_claim
-- Arguments: limit. Claims whose lease ran out, by the database's clock, locked; shared between replicas.
select state::text, now() as now
from imaging_orders
where claim_expires_at < now()
order by claim_expires_at
limit $1
for update skip locked;
