-- The PDF of a draft that was replaced is removed from the object store; its SHA-256 stays, so that a
-- printed one can still be told.
alter table documents drop constraint documents_made;
alter table documents add constraint documents_made check (
    (state <> 'MADE' or sha256 is not null) and (sha256 is null) = (object_key is null)
);

-- Those of earlier releases, too.
update documents as d
set state = 'WAITING', due_at = clock_timestamp(), attempts = 0
from radiology_reports as r
where
    r.id = d.report_id and d.state = 'MADE'
    and not exists (
        select 1
        from jsonb_array_elements(r.state -> 'versions') as v
        where (v ->> 'number')::integer = d.version_number
    );
