-- name: make_bare_table
-- Where the bare loop inserts; in the schema of the role that runs it.
create table bare_rows (
    id    uuid primary key,
    value bytea not null,
    at    timestamptz not null default now()
);

-- name: insert_bare
-- Arguments: id, value.
insert into bare_rows (id, value) values ($1, $2);

-- name: insert_bare_many
-- Arguments: ids, values; arrays of one length.
insert into bare_rows (id, value)
select id, value from unnest($1::uuid[], $2::bytea[]) as new (id, value);

-- name: events_in_inbox
-- How many events a worker has handled.
select count(*) from inbox;

-- name: span_of_inbox
-- Arguments: how many events came before. Events after those, and the seconds from the first to the last.
select count(*) as events, extract(epoch from max(received_at) - min(received_at))::float8 as seconds
from (select received_at from inbox order by received_at offset $1) as measured;
