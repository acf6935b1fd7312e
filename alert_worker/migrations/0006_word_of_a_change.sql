-- Whoever was told of a finding is told that its words or its category were changed.
alter table attempts
    drop constraint attempts_purpose_known,
    add constraint attempts_purpose_known
        check (purpose in ('NOTIFY', 'REMIND', 'REVISE', 'WITHDRAW'));
