-- For the hourly deletion of what Kafka can no longer deliver: the inbox grows in the order of time,
-- so a few bytes for each block of pages are enough, and inserts cost nothing more.
create index inbox_by_time on inbox using brin (received_at);
