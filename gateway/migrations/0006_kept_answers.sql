-- What a write with an Idempotency-Key was answered with, so that its repetition is told the same
-- although the thing has gone on since. JSON of the snapshot; bytes, since jsonb would not hold U+0000.
alter table requests add column answer bytea;
