-- Studies, series and instances as received; what is known of orders; decisions; work to be done.
--
-- Columns are the specification's. DICOM leaves dates, times and numbers empty where the modality does
-- not know them (type 2, PS3.5 section 7.4.3), so they may be null here where the specification
-- said otherwise: an invented date would be worse than none.

-- Our own copy of what order_consumer says of its orders: matching and completeness need it.
create table known_orders (
    id                   uuid not null,
    version              integer not null,
    order_number         text not null,
    accession_number     text not null,
    accession_key        text not null, -- as compared: no spaces, upper case, no leading zeros
    patient_mrn          text not null,
    patient_key          text not null, -- as compared
    issuer_of_patient_id text not null,
    patient_birth_date   date,
    modality             text not null,
    body_part            text not null,
    status               text not null,
    completed_at         timestamptz,
    expected_instances   integer,
    constraint known_orders_pkey primary key (id),
    constraint known_orders_modality_known check (modality in ('USG', 'XRAY', 'CT', 'MRI'))
);
create index known_orders_by_accession on known_orders (accession_key);
create index known_orders_by_patient on known_orders (patient_key);

create table imaging_studies (
    id                       uuid not null,
    -- 0 only inside the transaction that finds the study new.
    version                  integer not null default 0,
    imaging_order_id         uuid,

    study_instance_uid       text collate "C" not null,
    study_date               date,
    study_time               time,
    study_description        text not null default '',
    study_id                 text not null default '',
    accession_number         text not null default '',
    accession_key            text not null default '',
    referring_physician_name text not null default '',

    patient_id               text not null default '', -- as received: Patient ID (0010,0020)
    issuer_of_patient_id     text not null default '',
    patient_name             text not null default '',
    patient_birth_date       date,
    patient_sex              text not null default '',
    -- Whose study it is, as compared: the order's patient once matched, else the header's.
    patient_key              text not null default '',

    modality                 text not null default '',
    body_part                text not null default '',
    patient_position         text not null default '',
    manufacturer             text not null default '',
    equipment_model          text not null default '',
    kvp                      numeric,
    mas                      numeric,
    slice_thickness          numeric, -- mm

    number_of_series         integer not null default 0,
    number_of_instances      integer not null default 0,
    size_bytes               bigint not null default 0,

    match_state              text not null default 'NO_ORDER',
    match_reason             text not null default '',
    match_decided_by         jsonb, -- null: by the rules
    candidate_order_ids      uuid[] not null default '{}',
    claimed_order_id         uuid, -- named by the uploader

    completeness             text not null default 'RECEIVING',
    completeness_reason      text not null default '',
    completeness_due_at      timestamptz default clock_timestamp(),
    revision                 integer not null default 1,
    revision_opened_at       timestamptz not null default clock_timestamp(),

    received_from            text not null default '',
    first_received_at        timestamptz not null,
    last_received_at         timestamptz not null,
    last_indexed_at          timestamptz not null default clock_timestamp(),
    last_cause               jsonb, -- envelope of the event that last changed it, to go on with its chain
    created_at               timestamptz not null default clock_timestamp(),
    updated_at               timestamptz not null default clock_timestamp(),

    constraint imaging_studies_pkey primary key (id),
    constraint imaging_studies_uid_once unique (study_instance_uid),
    constraint imaging_studies_order foreign key (imaging_order_id) references known_orders (id),
    constraint imaging_studies_match_known check (
        match_state in ('MATCHED', 'NO_ORDER', 'SEVERAL_ORDERS', 'PATIENT_DIFFERS')
    ),
    -- A study is matched to an order, or it is on the list of those that are not.
    constraint imaging_studies_matched_to_order check (
        (match_state = 'MATCHED') = (imaging_order_id is not null)
    ),
    constraint imaging_studies_completeness_known check (completeness in ('RECEIVING', 'COMPLETE')),
    -- A study that still receives has a timer that ends it; a complete one has none.
    constraint imaging_studies_receiving_has_timer check (
        (completeness = 'RECEIVING') = (completeness_due_at is not null)
    ),
    constraint imaging_studies_counts check (
        number_of_series >= 0 and number_of_instances >= 0 and size_bytes >= 0
        and revision >= 1 and version >= 0
    )
);
create index imaging_studies_by_order on imaging_studies (imaging_order_id);
create index imaging_studies_by_patient on imaging_studies (patient_key);
create index imaging_studies_by_accession on imaging_studies (accession_key)
    where accession_key <> '';
create index imaging_studies_by_claimed_order on imaging_studies (claimed_order_id)
    where claimed_order_id is not null;
create index imaging_studies_by_due on imaging_studies (completeness_due_at)
    where completeness_due_at is not null;

-- What a person decided over a study and an order, and why; rows are only added.
create table match_decisions (
    id         uuid not null, -- id of the request
    study_id   uuid not null,
    action     text not null,
    order_id   uuid not null,
    decided_by jsonb not null,
    reason     text not null,
    decided_at timestamptz not null,
    constraint match_decisions_pkey primary key (id),
    constraint match_decisions_study foreign key (study_id) references imaging_studies (id),
    constraint match_decisions_action_known check (action in ('match_to_order', 'unmatch'))
);
create index match_decisions_by_study on match_decisions (study_id, decided_at);

create table imaging_series (
    id                  uuid not null,
    imaging_study_id    uuid not null,
    series_instance_uid text collate "C" not null,
    series_number       integer,
    series_description  text not null default '',
    sequence_name       text not null default '', -- as T1, T2, FLAIR
    contrast_phase      text not null default '', -- as ARTERIAL, VENOUS, DELAYED
    modality            text not null default '',
    body_part           text not null default '',
    laterality          text not null default '',
    rows                integer,
    columns             integer,
    frame_time_ms       double precision,
    number_of_instances integer not null default 0,
    number_of_frames    integer not null default 0,
    created_at          timestamptz not null default clock_timestamp(),
    constraint imaging_series_pkey primary key (id),
    constraint imaging_series_uid_once unique (series_instance_uid),
    constraint imaging_series_study foreign key (imaging_study_id) references imaging_studies (id)
);
create index imaging_series_by_study on imaging_series (imaging_study_id);

create table imaging_instances (
    id                  uuid not null,
    imaging_series_id   uuid not null,
    sop_instance_uid    text collate "C" not null,
    sop_class_uid       text not null,
    transfer_syntax_uid text not null,
    instance_number     integer,
    storage_bucket      text not null,
    storage_path        text not null,
    file_size           bigint not null,
    sha256              bytea not null,
    rows                integer,
    columns             integer,
    bits_allocated      integer,
    window_center       double precision,
    window_width        double precision,
    number_of_frames    integer not null,
    sort_position       double precision, -- mm along the slice normal
    frames_json         text not null,    -- where its frames lie: an entry of frames.json.gz
    metadata_json       bytea not null,   -- zlib: its entry of metadata.json.gz
    received_by         text not null,
    received_from       text not null,
    received_at         timestamptz not null,
    created_at          timestamptz not null default clock_timestamp(),
    constraint imaging_instances_pkey primary key (id),
    -- What a SOP Instance UID stands for is never replaced.
    constraint imaging_instances_uid_once unique (sop_instance_uid),
    constraint imaging_instances_series foreign key (imaging_series_id) references imaging_series (id),
    constraint imaging_instances_sha256_length check (octet_length(sha256) = 32)
);
create index imaging_instances_by_series on imaging_instances (imaging_series_id);
-- It is compressed already, and mostly below 4 kB: kept in the row, that saves a second table access.
alter table imaging_instances alter column metadata_json set storage external;
alter table imaging_instances set (toast_tuple_target = 4096);

-- An instance that contradicts what is stored; nothing was overwritten. A person decides.
create table quarantined_instances (
    id                  uuid not null,
    study_id            uuid not null,
    study_instance_uid  text not null,
    series_instance_uid text not null,
    sop_instance_uid    text collate "C" not null,
    sha256              bytea not null,
    storage_bucket      text not null,
    storage_path        text not null,
    file_size           bigint not null,
    contradiction       text not null,
    event_json          bytea not null, -- zlib: the event with its header, to index it when kept as new
    received_from       text not null,
    received_at         timestamptz not null,
    decision            text not null default '',
    decided_by          jsonb,
    decision_reason     text not null default '',
    decided_at          timestamptz,
    created_at          timestamptz not null default clock_timestamp(),
    constraint quarantined_instances_pkey primary key (id),
    constraint quarantined_instances_study foreign key (study_id) references imaging_studies (id),
    -- The same contradiction, sent again, stands once.
    constraint quarantined_instances_once unique (
        sop_instance_uid, sha256, study_instance_uid, series_instance_uid
    ),
    constraint quarantined_instances_contradiction_known check (
        contradiction in ('OTHER_BYTES', 'OTHER_SERIES', 'SERIES_OF_OTHER_STUDY', 'OTHER_PATIENT')
    ),
    constraint quarantined_instances_decision_known check (
        decision in ('', 'DISCARD', 'KEEP_AS_NEW')
    ),
    constraint quarantined_instances_decided_with_who_and_when check (
        (decision = '') = (decided_by is null) and (decision = '') = (decided_at is null)
    )
);
create index quarantined_instances_by_study on quarantined_instances (study_id);

-- Earlier studies of the same patient, best comparison first, with a reader's notes on the pair.
create table prior_studies (
    id               uuid not null default gen_random_uuid(),
    current_study_id uuid not null,
    prior_study_id   uuid not null,
    rank             integer, -- null: no prior any more, kept for its notes
    comparison_notes text not null default '',
    noted_by         jsonb,
    created_at       timestamptz not null default clock_timestamp(),
    constraint prior_studies_pkey primary key (id),
    constraint prior_studies_once unique (current_study_id, prior_study_id),
    constraint prior_studies_current foreign key (current_study_id) references imaging_studies (id),
    constraint prior_studies_prior foreign key (prior_study_id) references imaging_studies (id),
    constraint prior_studies_differ check (current_study_id <> prior_study_id)
);

create index prior_studies_by_prior on prior_studies (prior_study_id);

-- Annotations of one reader on one study; a save replaces the set if the reader saw the last one.
create table measurement_sets (
    study_id    uuid not null,
    reader_id   text not null,
    version     integer not null,
    annotations jsonb not null, -- as drawn
    saved_at    timestamptz not null,
    constraint measurement_sets_pkey primary key (study_id, reader_id),
    constraint measurement_sets_study foreign key (study_id) references imaging_studies (id)
);

-- The documents of a series in S3: what is there, and whether it must be written anew.
create table series_documents (
    series_id    uuid not null,
    revision     integer not null default 0,  -- grows with each writing; 0: never written
    changes      bigint not null default 0,   -- grows with each batch that adds instances
    dirty_since  timestamptz,                 -- null: the documents tell all that is indexed
    due_at       timestamptz,                 -- when to write, by the database's clock
    written_at   timestamptz,
    pause        interval not null default '500 ms', -- least time between two writings
    lease_token  uuid,
    leased_until timestamptz,
    thumbnail_instances integer not null default 0, -- instances when the thumbnail was made
    constraint series_documents_pkey primary key (series_id),
    constraint series_documents_series foreign key (series_id) references imaging_series (id),
    constraint series_documents_dirty_is_due check ((dirty_since is null) = (due_at is null)),
    constraint series_documents_lease check ((lease_token is null) = (leased_until is null))
);
create index series_documents_by_due on series_documents (due_at) where due_at is not null;

-- Studies whose priors must be looked for again, since a study of the same patient came or changed.
create table prior_searches (
    study_id     uuid not null,
    requested_at timestamptz not null default clock_timestamp(),
    constraint prior_searches_pkey primary key (study_id),
    constraint prior_searches_study foreign key (study_id) references imaging_studies (id)
);

-- All churn: vacuum by rows, not by share.
alter table series_documents set (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000
);
alter table prior_searches set (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000
);
