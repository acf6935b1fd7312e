-- Measurements as they stood when a report was signed, and the DICOM SR that is made of them.

create table structured_reports (
    study_id       uuid not null,
    report_version integer not null,
    order_id       uuid not null,
    reader         jsonb not null,
    signed_at      timestamptz not null,
    annotations    jsonb not null, -- as drawn, frozen: making it again gives the same object
    correlation_id uuid not null,
    causation_id   uuid not null,
    attempts       integer not null default 0,
    due_at         timestamptz default clock_timestamp(), -- null: done
    lease_token    uuid,
    leased_until   timestamptz,
    constraint structured_reports_pkey primary key (study_id, report_version),
    constraint structured_reports_study foreign key (study_id) references imaging_studies (id),
    constraint structured_reports_lease check ((lease_token is null) = (leased_until is null))
);
create index structured_reports_by_due on structured_reports (due_at) where due_at is not null;
