-- The unique constraint on (alert_id, number) has an index with the same columns.
drop index attempts_by_alert;
