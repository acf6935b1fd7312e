-- Which object came of a structured report, so that the next version names it as its predecessor.

alter table structured_reports
    add column series_instance_uid text not null default '',
    add column sop_instance_uid    text not null default '', -- empty: nothing was made
    add column number_of_findings  integer not null default 0;
