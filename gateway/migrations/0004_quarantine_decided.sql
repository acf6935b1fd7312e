-- Studies with a decision over an instance in quarantine, which can be taken back for a while.

alter table studies add column quarantine_decided_at timestamptz;
create index studies_quarantine_decided on studies (quarantine_decided_at desc)
    where quarantine_decided_at is not null;
