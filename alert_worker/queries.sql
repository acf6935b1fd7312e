-- name: now
-- The clock of alerts.
select clock();

-- name: lock_alert
-- Arguments: alert id. The state of an alert, locked until the transaction ends, and the clock.
select state::text, clock() as now from alerts where id = $1 for update;

-- name: lock_due_alert
-- Arguments: ids to leave out. The alert whose time came first, locked, and the clock; one that others
-- hold is left to them. Index: alerts_due.
select id, state::text, clock() as now
from alerts
where status <> 'CLOSED' and next_step_at <= (select clock()) and id <> all($1::uuid[])
order by next_step_at
limit 1
for update skip locked;

-- name: insert_alerts
-- Arguments: states. Returns the ids of those whose id and reference were not taken.
insert into alerts (state)
select state::jsonb
from unnest($1::text[]) with ordinality as new (state, position)
order by position
on conflict do nothing
returning id;

-- name: known_alerts
-- Arguments: alert ids. Which of them exist.
select id from alerts where id = any($1::uuid[]);

-- name: update_alert
-- Arguments: alert id, state.
update alerts set state = $2::jsonb where id = $1;

-- name: insert_attempt
-- Arguments: id, alert id, step, round, number, purpose, person id, person name, channel, address,
-- reply code, state, due at, sent at, finished at.
insert into attempts (
    id, alert_id, step, round, number, purpose, person_id, person_name, channel, address,
    reply_code, state, due_at, sent_at, finished_at, is_first
)
values (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
    not exists (
        select from attempts a
        where a.alert_id = $2 and a.channel = $9 and a.address = $10 and a.state <> 'CANCELLED'
    )
);

-- name: cancel_superseded
-- Arguments: alert id, person id, channel, purpose. A newer attempt takes the place of one that waits;
-- word of a change only if it tells of one as well.
update attempts
set state = 'CANCELLED', finished_at = clock()
where
    alert_id = $1 and person_id = $2 and channel = $3 and state = 'PENDING'
    and (purpose <> 'REVISE' or $4 in ('REVISE', 'WITHDRAW'))
returning id;

-- name: cancel_pending
-- Arguments: alert id. What has not been sent is not sent any more; but who was told of a finding hears
-- of its change or withdrawal, whatever else becomes of the alert.
update attempts
set state = 'CANCELLED', finished_at = clock()
where alert_id = $1 and state = 'PENDING' and purpose not in ('REVISE', 'WITHDRAW')
returning channel;

-- name: recall_calls
-- Arguments: alert id. Calls that ring and that nobody has answered yet are to be ended at once.
update attempts
set unwanted = true, check_at = clock()
where alert_id = $1 and channel = 'VOICE' and state = 'SENT' and finished_at is null
returning person_name;

-- name: recent_attempts
-- Arguments: alert ids, limit. The newest attempts of each alert, newest first.
-- Index: attempts_number_key.
select a.*
from unnest($1::uuid[]) as wanted (alert_id)
cross join lateral (
    select
        id, alert_id, step, round, number, purpose, person_id, person_name, channel, address, state,
        due_at, check_at, checks, tries, token, started_at, provider_id, provider_status,
        provider_sequence, answered_by, error, sent_at, delivered_at, finished_at, unwanted
    from attempts
    where attempts.alert_id = wanted.alert_id
    order by number desc
    limit $2
) as a
order by a.alert_id, a.number desc;

-- name: attempts_of_step
-- Arguments: alert id, round, step.
select
    id, alert_id, step, round, number, purpose, person_id, person_name, channel, address, state,
    due_at, check_at, checks, tries, token, started_at, provider_id, provider_status,
    provider_sequence, answered_by, error, sent_at, delivered_at, finished_at, unwanted
from attempts
where alert_id = $1 and round = $2 and step = $3
order by number;

-- name: lock_attempt
-- Arguments: attempt id.
select
    id, alert_id, step, round, number, purpose, person_id, person_name, channel, address, state,
    due_at, check_at, checks, tries, token, started_at, provider_id, provider_status,
    provider_sequence, answered_by, error, sent_at, delivered_at, finished_at, unwanted
from attempts
where id = $1
for update;

-- name: lock_unseen
-- Arguments: alert id, person id.
select
    id, alert_id, step, round, number, purpose, person_id, person_name, channel, address, state,
    due_at, check_at, checks, tries, token, started_at, provider_id, provider_status,
    provider_sequence, answered_by, error, sent_at, delivered_at, finished_at, unwanted
from attempts
where alert_id = $1 and person_id = $2 and channel = 'IN_APP' and state = 'SENT'
order by due_at desc, number desc
limit 1
for update;

-- name: attempt_with_provider_id
-- Arguments: provider id. Index: attempts_provider_id.
select id, alert_id from attempts where provider_id = $1;

-- name: save_attempt
-- Arguments: id, token of who holds the row, state, due at, check at, checks, tries, new token,
-- started at, provider id, provider status, sequence, answered by, error, sent at, delivered at,
-- finished at, unwanted. Returns the id, or nothing when somebody else holds the row by now.
update attempts
set
    state = $3, due_at = $4, check_at = $5, checks = $6, tries = $7, token = $8, started_at = $9,
    provider_id = $10, provider_status = $11, provider_sequence = $12, answered_by = $13,
    error = $14, sent_at = $15, delivered_at = $16, finished_at = $17,
    unwanted = $18
where id = $1 and token is not distinct from $2
returning id;

-- name: anything_due
-- Arguments: channel. Whether something can be sent now, so that it is worth to take a turn.
-- Index: attempts_due.
select exists (
    select from attempts a
    where
        a.state = 'PENDING' and a.channel = $1 and a.due_at <= (select clock())
        and (
            a.channel <> 'VOICE'
            or not exists (
                select from attempts b
                where
                    b.person_id = a.person_id and b.channel = 'VOICE' and b.finished_at is null
                    and b.state not in ('PENDING', 'CANCELLED')
            )
        )
);

-- name: lock_claims
-- Arguments: channel. One claim at a time for each channel, so that the limits of an address are
-- counted right; held until the transaction ends, some milliseconds.
select pg_advisory_xact_lock(hashtextextended('radiology-claims-' || current_schema() || $1, 0));

-- name: due_attempts
-- Arguments: channel, limit. What is to be sent now, the most overdue first, but no call to a
-- person who is on the phone with us. Index: attempts_due.
select a.id, a.address, a.person_id, a.is_first, a.due_at, clock() as now
from attempts a
where
    a.state = 'PENDING' and a.channel = $1 and a.due_at <= (select clock())
    and (
        a.channel <> 'VOICE'
        or not exists (
            select from attempts b
            where
                b.person_id = a.person_id and b.channel = 'VOICE' and b.finished_at is null
                and b.state not in ('PENDING', 'CANCELLED')
        )
    )
order by a.due_at, a.number
limit $2
for update of a skip locked;

-- name: troubled_at
-- Arguments: channel, addresses, since. When these addresses were troubled, newest first.
-- Index: attempts_by_address.
select address, started_at
from attempts
where channel = $1 and address = any($2::text[]) and started_at > $3
order by started_at desc;

-- name: claim_attempts
-- Arguments: ids, lease. Takes them before the provider is called: committed, whatever happens next.
update attempts a
set
    state = 'SENDING', token = gen_random_uuid(), tries = tries + 1, started_at = clock(),
    check_at = clock() + $2, checks = 0
from alerts b
where a.id = any($1::uuid[]) and b.id = a.alert_id
returning
    a.id, a.alert_id, a.step, a.round, a.number, a.purpose, a.person_id, a.person_name, a.channel,
    a.address, a.state, a.due_at, a.check_at, a.checks, a.tries, a.token, a.started_at,
    a.provider_id, a.provider_status, a.provider_sequence, a.answered_by, a.error, a.sent_at,
    a.delivered_at, a.finished_at, a.unwanted, a.reply_code, b.reference, b.category, b.opened_at,
    b.state #>> '{finding,withdrawn}' is not distinct from 'true' as withdrawn;

-- name: hold_back
-- Arguments: ids, moments. The address was troubled enough for now.
update attempts a
set due_at = held.until
from unnest($1::uuid[], $2::timestamptz[]) as held (id, until)
where a.id = held.id;

-- name: claim_checks
-- Arguments: limit, lease. Attempts whose outcome or receipt is overdue, and those that whoever sent
-- them left behind; taken over with a new token. Index: attempts_to_check.
update attempts a
set token = gen_random_uuid(), check_at = clock() + $2, checks = checks + 1
from alerts b
where
    b.id = a.alert_id
    and a.id in (
        select id from attempts
        where check_at <= (select clock())
        order by check_at
        limit $1
        for update skip locked
    )
returning
    a.id, a.alert_id, a.step, a.round, a.number, a.purpose, a.person_id, a.person_name, a.channel,
    a.address, a.state, a.due_at, a.check_at, a.checks, a.tries, a.token, a.started_at,
    a.provider_id, a.provider_status, a.provider_sequence, a.answered_by, a.error, a.sent_at,
    a.delivered_at, a.finished_at, a.unwanted, a.reply_code, b.reference, b.category, b.opened_at,
    b.state #>> '{finding,withdrawn}' is not distinct from 'true' as withdrawn;

-- name: calls_known_to
-- Arguments: address, since. Provider ids of the calls to a number that are accounted for.
select provider_id
from attempts
where channel = 'VOICE' and address = $1 and provider_id <> '' and started_at > $2;

-- name: add_proof
-- Arguments: token hash, attempt id, channel, expires at.
insert into proofs (token_hash, attempt_id, channel, expires_at) values ($1, $2, $3, $4);

-- name: proof
-- Arguments: token hash. What a token proves.
select
    p.channel, p.expires_at <= clock() as expired, p.used_at is not null as used,
    a.id as attempt_id, a.alert_id, a.person_id, a.answered_by, a.created_at as told_at
from proofs p
join attempts a on a.id = p.attempt_id
where p.token_hash = $1;

-- name: use_proof
-- Arguments: token hash. Returns it, or nothing when it was used before.
update proofs set used_at = clock() where token_hash = $1 and used_at is null returning token_hash;

-- name: attempt_with_code
-- Arguments: number, codes, not before. Whose message a reply quotes; whatever we know of that message,
-- who quotes it has it. Index: attempts_reply_code.
select id as attempt_id, alert_id, person_id, created_at as told_at
from attempts
where address = $1 and reply_code = any($2::text[]) and created_at > $3;

-- name: lock_replies
-- Arguments: number. Replies of one number take turns, so that wrong codes are counted right.
select pg_advisory_xact_lock(hashtextextended('radiology-replies-' || $1, 0));

-- name: add_wrong_codes
-- Arguments: ids, each of an event and a code in it; number.
insert into wrong_replies (event_id, number)
select id, $2 from unnest($1::uuid[]) as wrong (id)
on conflict do nothing;

-- name: wrong_codes
-- Arguments: number, since. How many codes were wrong.
select count(*) from wrong_replies where number = $1 and at > $2;

-- name: lock_provider_id
-- Arguments: provider id. A receipt and the answer to the request that it is about take turns.
select pg_advisory_xact_lock(hashtextextended('radiology-receipt-' || $1, 0));

-- name: add_receipt
-- Arguments: provider id, status, answered by, error code, sequence, received at.
insert into receipts (provider_id, status, answered_by, error_code, sequence, received_at)
values ($1, $2, $3, $4, $5, $6);

-- name: receipts
-- Arguments: provider id. In the order in which they came.
select status, answered_by, error_code, sequence from receipts where provider_id = $1 order by id;

-- name: add_evidence
-- Arguments: alert ids, at, whats, details.
insert into evidence (alert_id, at, what, detail)
select alert_id, $2, what, detail
from unnest($1::uuid[], $3::text[], $4::text[])
    with ordinality as line (alert_id, what, detail, position)
order by position;

-- name: evidence
-- Arguments: alert ids, how many of the first, how many of the last. Index: evidence_by_alert.
with counted as (
    select
        id, alert_id, at, what, detail,
        row_number() over (partition by alert_id order by id) as number,
        count(*) over (partition by alert_id) as total
    from evidence
    where alert_id = any($1::uuid[])
)
select alert_id, at, what, detail, number, total
from counted
where number <= $2 or number > total - $3
order by id;

-- name: waiting
-- How many attempts are due, and for how long the oldest; for the metrics. Index: attempts_due.
select
    count(*) as waiting,
    coalesce(extract(epoch from clock() - min(due_at)), 0)::float8 as seconds
from attempts
where state = 'PENDING' and due_at <= (select clock());

-- name: forget_answered
-- Arguments: age. Tokens and wrong codes that cannot be used any more.
with proof as (delete from proofs where expires_at < clock() - $1::interval)
delete from wrong_replies where at < clock() - $1::interval;
