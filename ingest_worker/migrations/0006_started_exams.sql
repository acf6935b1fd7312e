-- An exam that has begun and is not completed gives its images more time: sequences take minutes.
-- What is known without it is renewed by the order's next snapshot.

alter table known_orders add column started_at timestamptz;
