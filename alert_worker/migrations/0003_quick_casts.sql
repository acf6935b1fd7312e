-- The cast of the generated columns. A function in SQL that cannot be inlined (the cast is not known
-- to be immutable) is planned anew in each statement that calls it; PL/pgSQL keeps its plan for the
-- session.
create or replace function moment(iso text) returns timestamptz
    language plpgsql immutable strict parallel safe
    as $$ begin return iso::timestamptz; end $$;
