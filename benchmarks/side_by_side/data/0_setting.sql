-- What all the other parts use. Sizes come from the session's settings bench.*, everything else from the row's number:
-- the same sizes give the same rows on every machine.
create function pg_temp.size(of_what text) returns int language sql stable as $$
  select current_setting('bench.' || of_what)::int
$$;

-- The instant the data set is about; nothing in it depends on the clock.
create function pg_temp.today() returns timestamptz language sql immutable as $$
  select timestamptz '2026-11-01 04:00:00+00'
$$;

-- A UUIDv7 of the given instant.
create function pg_temp.uid(at timestamptz, kind text, n bigint) returns uuid language sql immutable as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || left(h, 3) || '8'
          || substr(h, 4, 15))::uuid
  from (select md5(kind || ':' || n) as h) hashed
$$;

-- A number from 0 to 1 (excluded) that looks drawn by chance.
create function pg_temp.chance(kind text, n bigint) returns double precision language sql immutable as $$
  select ('x' || left(md5(kind || '?' || n), 8))::bit(32)::bigint / 4294967296.0
$$;

-- One of `many`, the first ones far more often: of 200 the first gets 7 %, the last 0.25 %.
create function pg_temp.skewed(kind text, n bigint, many bigint) returns int language sql immutable as $$
  select floor(many * power(pg_temp.chance(kind, n), 2))::int
$$;

-- One of the texts.
create function pg_temp.one(kind text, n bigint, texts text[]) returns text language sql immutable as $$
  select texts[1 + floor(cardinality(texts) * pg_temp.chance(kind, n))::int]
$$;

-- The n-th of `many` instants, evenly spread over the time before today.
create function pg_temp.spread(n bigint, many bigint, over interval) returns timestamptz language sql immutable as $$
  select date_trunc('milliseconds', pg_temp.today() - over * (1 - n::double precision / (many + 1)))
$$;
