-- A study from elsewhere, as a prior on a disc, has no order here; a person says so once.

alter table imaging_studies add column kept_without_order boolean not null default false;
alter table imaging_studies add constraint imaging_studies_kept_has_no_order check (
    not kept_without_order or imaging_order_id is null
);

alter table match_decisions drop constraint match_decisions_action_known;
alter table match_decisions add constraint match_decisions_action_known check (
    action in ('match_to_order', 'unmatch', 'keep_without_order')
);
alter table match_decisions alter column order_id drop not null;
