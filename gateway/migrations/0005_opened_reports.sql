-- Up to which version a person has opened a report; part of the read model, fed by report.opened.

create table opened_reports (
    person_id     text not null,
    report_id     uuid not null,
    version       integer not null,
    snapshot      jsonb not null,
    log_partition integer not null,
    log_offset    bigint not null,
    primary key (person_id, report_id)
);
create index opened_reports_by_place on opened_reports (log_partition, log_offset);
