-- name: find_session
-- Arguments: digest of the id, idle time. A session that has not ended.
select person_id, name, roles, portal, created_at, expires_at, last_seen_at < now() - interval '1 minute' as stale
from sessions
where id_sha256 = $1 and expires_at > now() and last_seen_at > now() - $2::interval;

-- name: touch_session
-- Arguments: digest of the id. The person is there; at most once a minute.
update sessions set last_seen_at = now() where id_sha256 = $1;

-- name: add_session
-- Arguments: digest of the id, portal, person, name, roles, id token, life.
insert into sessions (id_sha256, portal, person_id, name, roles, id_token, expires_at)
values ($1, $2, $3, $4, $5, $6, now() + $7::interval);

-- name: end_session
-- Arguments: digest of the id. Returns the id token, which the identity provider asks for.
delete from sessions where id_sha256 = $1 returning id_token;

-- name: forget_sessions
-- Arguments: idle time. Sessions that have ended.
delete from sessions where expires_at < now() or last_seen_at < now() - $1::interval;

-- name: see_person
-- Arguments: id, name, roles. Somebody signed in: the directory learns of it.
insert into people (id, name, roles)
values ($1, $2, $3)
on conflict (id) do update set name = excluded.name, roles = excluded.roles, updated_at = now();

-- name: save_person
-- Arguments: id, name, title, roles. From a directory.
insert into people (id, name, title, roles)
values ($1, $2, $3, $4)
on conflict (id) do update
set name = excluded.name, title = excluded.title, roles = excluded.roles, updated_at = now();

-- name: list_people
-- Arguments: role or null, patterns that the name must all be like or null, ids or null, ids of whom the ladder
-- knows or null, limit, offset.
select id, name, title, roles, count(*) over () as total
from people
where ($1::text is null or $1 = any (roles))
  and ($2::text[] is null or lower(name) like all ($2))
  and ($3::text[] is null or id = any ($3))
  and ($4::text[] is null or id = any ($4))
order by name, id
limit $5 offset $6;

-- name: person
-- Arguments: id.
select id, name, title, roles from people where id = $1;

-- name: signing_pin
-- Arguments: person.
select salt, hash, failures, locked_until is not null and locked_until > now() as locked
from signing_pins
where person_id = $1;

-- name: lock_signing_pin
-- Arguments: person. As signing_pin, and holds the row, so that tries are counted one by one.
select salt, hash, failures, locked_until is not null and locked_until > now() as locked
from signing_pins
where person_id = $1
for update;

-- name: save_signing_pin
-- Arguments: person, salt, hash.
insert into signing_pins (person_id, salt, hash)
values ($1, $2, $3)
on conflict (person_id) do update
set salt = excluded.salt, hash = excluded.hash, failures = 0, locked_until = null, changed_at = now();

-- name: count_wrong_pin
-- Arguments: person, wrong ones until it locks, how long it locks.
update signing_pins
set failures = case when failures + 1 >= $2 then 0 else failures + 1 end,
    locked_until = case when failures + 1 >= $2 then now() + $3::interval else locked_until end
where person_id = $1;

-- name: forgive_wrong_pins
-- Arguments: person. A right PIN was typed.
update signing_pins set failures = 0, locked_until = null where person_id = $1 and failures > 0;

-- name: lock_audit
-- The end of the chain, and the clock. One writer at a time, since each row's hash covers the one
-- before; held until the commit.
select seq, hash, clock_timestamp() as now from audit_head for update;

-- name: audit_head
-- The end of the chain, as its last writer left it.
select seq, hash from audit_head;

-- name: add_audit
-- Arguments: seqs, moment, actors, roles, actions, routes, resources, outcomes, request ids,
-- previous hashes, hashes; arrays of one length; last seq, last hash.
with new_rows as (
    insert into audit (seq, at, actor_id, actor_role, action, route, resource, outcome, request_id,
                       previous_hash, hash)
    select seq, $2, actor_id, actor_role, action, route, resource, outcome, request_id,
           previous_hash, hash
    from unnest($1::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::integer[], $9::text[], $10::bytea[], $11::bytea[])
        as new (seq, actor_id, actor_role, action, route, resource, outcome, request_id,
                previous_hash, hash)
)
update audit_head set seq = $12, hash = $13;

-- name: audit_after
-- Arguments: seq, limit. The chain in order.
select seq, at, actor_id, actor_role, action, route, resource, outcome, request_id,
       previous_hash, hash
from audit
where seq > $1
order by seq
limit $2;

-- name: add_requests
-- Arguments: event ids, actors, routes, digests of the bodies, topics of the answers, keys; arrays of
-- one length. Returns the event ids that were new; the others are repeated. Locked in id order, so
-- that two gateways cannot wait for each other.
insert into requests (id, actor_id, route, body_sha256, answer_topic, key)
select id, actor_id, route, body_sha256, answer_topic, key
from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[])
    as new (id, actor_id, route, body_sha256, answer_topic, key)
order by id
on conflict (id) do nothing
returning id;

-- name: request
-- Arguments: event id.
select id, actor_id, route, body_sha256, answer_topic, key, asked_at, answer
from requests
where id = $1;

-- name: keep_answer
-- Arguments: event id, snapshot. The first answer is kept.
update requests set answer = $2 where id = $1 and answer is null;

-- name: outcome
-- Arguments: event id, topic of the answer, its key or null for any. A refusal answers all; only
-- "could not be handled" is followed by what a replay has led to.
select topic, key, version, rejection
from outcomes
where causation_id = $1
  and (rejection is not null or (topic = $2 and ($3::text is null or key = $3)))
order by coalesce(rejection ->> 'code' = 'could_not_be_handled', false), rejection is null
limit 1;

-- name: forget_requests
-- Arguments: age. Requests older than Kafka could still deliver.
delete from requests where asked_at < now() - $1::interval;

-- name: forget_outcomes
-- Arguments: age.
delete from outcomes where recorded_at < now() - $1::interval;
