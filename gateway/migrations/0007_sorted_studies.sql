-- Studies of which a person said whose they are, or that no order is expected: a list to take it back from.
-- Filled by what is decided from now on; `radiology read-model rebuild` finds what was decided before.

alter table studies add column is_sorted boolean not null default false;
create index studies_sorted on studies (last_received_at desc) where is_sorted;
