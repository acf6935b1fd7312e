-- How many instances were taken out of a study again: who read it before must hear of that.

alter table imaging_studies add column number_withdrawn integer not null default 0;
