-- Whoever confirmed a finding is told when the report is signed anew without it.
alter table attempts
    drop constraint attempts_purpose_known,
    add constraint attempts_purpose_known check (purpose in ('NOTIFY', 'REMIND', 'WITHDRAW'));
