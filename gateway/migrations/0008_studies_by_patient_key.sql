-- Studies are found by what their Patient ID is compared by: "0012345" is "12345" (coarser than
-- services/dicom/identity.py, which decides), so no query asks for the text itself any more.

create index studies_by_patient_key
    on studies (ltrim(upper(regexp_replace(patient_mrn, '\s', '', 'g')), '0'));
drop index studies_by_mrn;
