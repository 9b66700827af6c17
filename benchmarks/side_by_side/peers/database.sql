-- The same masks as the product's, for servers that have their answers made by PostgreSQL.
create schema if not exists bench;

create or replace function bench.mask_name(name text) returns text language sql immutable parallel safe as $$
  select coalesce(string_agg(
    case when length(word) = 1 then '*'
         else left(word, 1) || case when ascii(word) < 128 then '***' when length(word) = 2 then '*' else '**' end end,
    ' ' order by place), '****')
  from string_to_table(name, ' ') with ordinality as split (word, place) where word <> ''
$$;
grant usage on schema bench to public;
