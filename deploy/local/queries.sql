-- name: define_ensure_role
-- For this session: makes a login role, or sets its password. Roles and schemas cannot be arguments
-- of a statement, so a temporary function quotes them.
create or replace function pg_temp.ensure_role(role_name text, schema_name text, password text)
returns void
language plpgsql
as $$
begin
    -- Two installations may share one server: the roles are the server's, not the database's.
    perform pg_advisory_xact_lock(hashtext('radiology.roles'));
    if not exists (select 1 from pg_roles where rolname = role_name) then
        execute format('create role %I login noinherit', role_name);
    end if;
    execute format('alter role %I login password %L', role_name, password);
    execute format('alter role %I set search_path to %I', role_name, schema_name);
end
$$;

-- name: ensure_role
-- $1 role, $2 its schema (the only one on its search path), $3 password.
select pg_temp.ensure_role($1, $2, $3);

-- name: database_exists
-- $1 name; the database that holds every owner's schema.
select exists (select 1 from pg_database where datname = $1);

-- name: create_database
-- The one database of the portal; cannot run in a transaction.
create database radiology;

-- name: define_ensure_schema
-- For this session: makes a schema that belongs to its role, closed to everybody else, and gives
-- nobody rights on the database or on schema public by merely being there.
create or replace function pg_temp.ensure_schema(role_name text, schema_name text)
returns void
language plpgsql
as $$
begin
    execute format('revoke all on database %I from public', current_database());
    revoke all on schema public from public;
    execute format('grant connect on database %I to %I', current_database(), role_name);
    if not exists (select 1 from pg_namespace where nspname = schema_name) then
        -- An administrator of a managed server is no superuser: it must belong to the role first.
        if not (select rolsuper from pg_roles where rolname = current_user) then
            execute format('grant %I to current_user', role_name);
        end if;
        execute format('create schema %I authorization %I', schema_name, role_name);
    end if;
    execute format('revoke all on schema %I from public', schema_name);
end
$$;

-- name: ensure_schema
-- $1 role, $2 schema.
select pg_temp.ensure_schema($1, $2);

-- name: ensure_extension_gist
-- Exclusion constraints over an identifier and a time range need it. Owners may not create
-- extensions, so the administrator installs it once per database.
create extension if not exists btree_gist with schema public;

-- name: clone_statement
-- $1 new database, $2 template: the statement that clones it (names cannot be arguments of it).
select format('create database %I template %I', $1::text, $2::text);

-- name: rename_statement
-- $1 database, $2 its new name: the statement that renames it.
select format('alter database %I rename to %I', $1::text, $2::text);

-- name: drop_statement
-- $1 database: the statement that drops it with all who are connected.
select format('drop database if exists %I with (force)', $1::text);
