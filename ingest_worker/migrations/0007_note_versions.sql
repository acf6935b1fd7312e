-- Two readers who write notes on the same pair must not overwrite each other: who writes names the
-- version that was read. A pair without notes is at 0.

alter table prior_studies add column notes_version integer not null default 0;

update prior_studies set notes_version = 1 where comparison_notes <> '';
