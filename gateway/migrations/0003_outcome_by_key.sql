-- One request may change several things: an urgent order moves another one. The outcome of the
-- request is what became of the thing that it asked about.
alter table outcomes drop constraint outcomes_pkey;
alter table outcomes add primary key (causation_id, topic, key);
