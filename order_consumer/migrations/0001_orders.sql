-- Orders, rooms and who is where when.
--
-- The state of an order is one document, its snapshot; the columns of the specification are
-- generated from it, so that they cannot disagree with it, and lists, indexes and checks use them.

create extension if not exists btree_gist;

-- Text of ISO 8601 with a zone does not depend on any session setting; the cast alone is not known
-- to be immutable.
create function moment(iso text) returns timestamptz
    language sql immutable strict parallel safe
    return iso::timestamptz;

create function day(iso text) returns date
    language sql immutable strict parallel safe
    return iso::date;

create function time_of_day(iso text) returns time
    language sql immutable strict parallel safe
    return iso::time;

create table imaging_orders (
    state jsonb not null,

    id                uuid generated always as ((state ->> 'id')::uuid) stored,
    version           integer generated always as ((state ->> 'version')::integer) stored,
    order_number      text generated always as (state ->> 'orderNumber') stored,
    accession_number  text generated always as (state ->> 'accessionNumber') stored,
    workflow_order_id text generated always as (state #>> '{details,workflowOrderId}') stored,
    patient_id        uuid generated always as ((state #>> '{details,patient,id}')::uuid) stored,
    encounter_id      uuid generated always as ((state #>> '{details,encounterId}')::uuid) stored,
    ordering_provider_id uuid
        generated always as ((state #>> '{details,orderingProviderId}')::uuid) stored,

    modality            text generated always as (state #>> '{details,modality}') stored,
    study_type          text generated always as (state #>> '{details,studyType}') stored,
    body_part           text generated always as (state #>> '{details,bodyPart}') stored,
    laterality          text generated always as (state #>> '{details,laterality}') stored,
    clinical_indication text generated always as (state #>> '{details,clinicalIndication}') stored,
    clinical_history    text generated always as (state #>> '{details,clinicalHistory}') stored,

    contrast_required boolean
        generated always as ((state #>> '{details,contrastRequired}')::boolean) stored,
    contrast_type     text generated always as (state #>> '{details,contrastType}') stored,
    contrast_allergy_checked boolean
        generated always as ((state #>> '{details,contrastAllergyChecked}')::boolean) stored,
    creatinine_checked boolean
        generated always as ((state #>> '{details,creatinineChecked}')::boolean) stored,
    special_instructions text
        generated always as (state #>> '{details,specialInstructions}') stored,

    priority       text generated always as (state #>> '{details,priority}') stored,
    scheduled_date date
        generated always as (day(state #>> '{appointment,scheduledDate}')) stored,
    scheduled_time time
        generated always as (time_of_day(state #>> '{appointment,scheduledTime}')) stored,
    appointment_duration integer
        generated always as ((state #>> '{appointment,appointmentDuration}')::integer) stored,

    status text generated always as (state ->> 'status') stored,
    performing_technician_id text
        generated always as (state ->> 'performingTechnicianId') stored,
    images_captured_at timestamptz
        generated always as (moment(state ->> 'imagesCapturedAt')) stored,
    assigned_radiologist_id uuid
        generated always as ((state ->> 'assignedRadiologistId')::uuid) stored,
    reading_started_at timestamptz
        generated always as (moment(state ->> 'readingStartedAt')) stored,
    claim_expires_at timestamptz
        generated always as (moment(state #>> '{claim,expiresAt}')) stored,
    created_at timestamptz generated always as (moment(state ->> 'createdAt')) stored,
    updated_at timestamptz generated always as (moment(state ->> 'updatedAt')) stored,

    constraint imaging_orders_pkey primary key (id),
    constraint imaging_orders_number_once unique (order_number),
    constraint imaging_orders_accession_once unique (accession_number),
    constraint imaging_orders_status_known check (
        status in ('SCHEDULED', 'IN_PROGRESS', 'IMAGES_AVAILABLE', 'PRELIMINARY_REPORT',
                   'FINAL_REPORT', 'CANCELLED')
    ),
    constraint imaging_orders_modality_known check (modality in ('USG', 'XRAY', 'CT', 'MRI')),
    constraint imaging_orders_priority_known check (priority in ('STAT', 'URGENT', 'ROUTINE')),
    -- Generated columns cannot be declared not null and be part of a key at once in every release.
    constraint imaging_orders_identified check (
        id is not null and patient_id is not null and encounter_id is not null
        and ordering_provider_id is not null and version >= 1
    )
);

create index imaging_orders_by_patient on imaging_orders (patient_id);
create index imaging_orders_by_provider on imaging_orders (ordering_provider_id);
create index imaging_orders_by_status on imaging_orders (status);
create index imaging_orders_by_modality on imaging_orders (modality);
create index imaging_orders_by_schedule on imaging_orders (scheduled_date, scheduled_time);
-- For the timer that ends claims.
create index imaging_orders_by_claim on imaging_orders (claim_expires_at)
    where claim_expires_at is not null;

create table equipment (
    state    jsonb not null,
    id       uuid generated always as ((state ->> 'id')::uuid) stored,
    modality text generated always as (state ->> 'modality') stored,
    active   boolean generated always as ((state ->> 'active')::boolean) stored,
    constraint equipment_pkey primary key (id),
    constraint equipment_modality_known check (modality in ('USG', 'XRAY', 'CT', 'MRI'))
);

-- When a room is taken: by an order's appointment, or blocked by a manager.
create table bookings (
    id           uuid not null,
    equipment_id uuid not null,
    during       tstzrange not null,
    order_id     uuid,
    patient_id   uuid,
    reason       text not null default '',
    constraint bookings_pkey primary key (id),
    constraint bookings_equipment foreign key (equipment_id) references equipment (id),
    constraint bookings_order foreign key (order_id) references imaging_orders (id),
    -- An order has one appointment at the most.
    constraint bookings_order_once unique (order_id),
    constraint bookings_bounded check (
        lower_inc(during) and not upper_inc(during)
        and lower(during) is not null and upper(during) is not null
    ),
    constraint bookings_for_order_or_blocked check ((order_id is null) = (patient_id is null)),
    -- No room is taken twice at a time.
    constraint bookings_room_free exclude using gist (equipment_id with =, during with &&),
    -- No patient is in two rooms at a time.
    constraint bookings_patient_free exclude using gist (patient_id with =, during with &&)
);

-- Which studies fulfil an order, as the owner of studies last said.
create table order_studies (
    study_instance_uid text not null,
    version            integer not null,
    order_id           uuid,
    instances          integer not null,
    complete           boolean not null,
    constraint order_studies_pkey primary key (study_instance_uid)
);

create index order_studies_by_order on order_studies (order_id);
