-- For whom an order, with its images and its report, is their own: who ordered it, and who was told of
-- a critical finding in it. Every query that asks this asks here.

create view order_owners as
select id as order_id, ordering_provider_id as person_id from orders
union all
select a.order_id, p.person_id from alerts as a cross join unnest(a.told) as p (person_id);
