-- A call that rings although somebody has acknowledged meanwhile; it is ended at the provider.
alter table attempts add column unwanted boolean not null default false;
