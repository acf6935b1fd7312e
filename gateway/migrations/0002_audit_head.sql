-- The end of the audit chain, in one row that each writer locks: cheaper than looking for the last
-- row, and rows that are cut off at the end show as well.
create table audit_head (
    one  boolean primary key default true,
    seq  bigint not null,
    hash bytea not null,
    constraint audit_head_is_one_row check (one)
);
insert into audit_head (seq, hash)
select coalesce(max(seq), 0),
       coalesce((select hash from audit order by seq desc limit 1), decode(repeat('00', 32), 'hex'))
from audit;
