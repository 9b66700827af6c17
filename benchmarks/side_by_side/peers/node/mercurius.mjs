// (e3, e4) fastify + mercurius + pg: one statement for each root field, one loader for each relation. JIT=1: graphql-jit.
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import Fastify from "fastify";
import mercurius from "mercurius";
import { GraphQLScalarType } from "graphql";
import pg from "pg";
import { writing } from "./writing.mjs";

const { BENCH_DATABASE, BENCH_POOL, BENCH_SINCE, JIT, PORT } = process.env;
const since = BENCH_SINCE;
// Instants and days stay the texts that PostgreSQL sends; counts are small enough for a number.
pg.types.setTypeParser(1184, (text) => text.replace(" ", "T"));
pg.types.setTypeParser(1082, (text) => text);
pg.types.setTypeParser(20, Number);
const pool = new pg.Pool({ connectionString: BENCH_DATABASE, max: Number(BENCH_POOL), min: Number(BENCH_POOL) });
const names = new Map();
/** Rows of a prepared statement; each text is prepared once on a connection. */
const rows = async (text, values, on = pool) => {
  if (!names.has(text)) names.set(text, createHash("sha1").update(text).digest("hex"));
  return (await on.query({ name: names.get(text), text, values })).rows;
};

const word = (text) => text.length === 1 ? "*" : text[0] + (text.charCodeAt(0) < 128 ? "***" : text.length === 2 ? "*" : "**");
const masked = (name) => name.split(/\s+/).filter(Boolean).map(word).join(" ") || "****";
const money = (minor, currency) => minor === null ? null : { amount: (minor / 100).toFixed(2), currency };

const OPPORTUNITY = `id, version, partner_id, customer_id, rep_office_id, name, state, industry, customer_region as "customerRegion",
  customer_company as "customerCompany", expected_revenue_minor, expected_revenue_currency, expected_sign_on as "expectedSignOn",
  vendor_business as "vendorBusiness", submitted_at as "submittedAt", deadline, claimed_at as "claimedAt",
  created_at as "createdAt", updated_at as "updatedAt"`;
const CUSTOMER = `id, version, partner_id, name, registered_at as "registeredAt"`;
const VOUCHER = `id, account_id, customer_id, kind, status, face_minor, currency, min_order_minor, valid_from as "validFrom",
  expires_at as "expiresAt", memo`;
const PARTNER = `id, name, site, tier, admission_state as "admissionState", admitted_at as "admittedAt"`;
const INCENTIVE = `id, period, association_type as "associationType", status, frozen, line_count as "lineCount", amount as minor,
  computed_amount, currency, generated_at as "generatedAt", confirmed_at as "confirmedAt"`;
const ACCOUNT = `id, version, name, full_name as "fullName", email, kind, status, is_main as "isMain", real_name_state as "realNameState",
  created_at as "createdAt", updated_at as "updatedAt"`;
const SOLUTION = `id, version, kind, form, state, name, description, industry, services, certified_at as "certifiedAt",
  valid_until as "validUntil", created_at as "createdAt", updated_at as "updatedAt"`;
const REVIEW = `id, version, partner_id, kind, state, site, round, submitted_at as "submittedAt", due_at as "dueAt",
  created_at as "createdAt", updated_at as "updatedAt"`;
const COUNTERS = `select (select count(*) from customer where partner_id = $1) as customers,
  (select count(*) from opportunity where partner_id = $1
     and state in ('DRAFT','SUBMITTED','AUDIT_REJECTED','VERIFYING','VERIFIED','SIGNED')) as "openOpportunities",
  (select count(*) from voucher where partner_id = $1 and status = 'USABLE') as "activeVouchers",
  (select count(*) from incentive where partner_id = $1 and status = 'PENDING_CONFIRM' and confirm_deadline > now())
    as "incentivesToConfirm",
  (select count(*) from account where partner_id = $1 and not is_main) as members`;
const QUEUE = `select o.* from office_member m cross join lateral (
  select ${OPPORTUNITY} from opportunity where rep_office_id = m.office_id and state = 'VERIFYING' order by id limit $2) o
  where m.account_id = $1 order by o.id limit $2`;

const cursor = (row) => Buffer.from(row.id).toString("base64");
const info = (found, shown) => ({
  hasNextPage: found.length > shown.length,
  hasPreviousPage: false,
  startCursor: shown.length ? cursor(shown[0]) : null,
  endCursor: shown.length ? cursor(shown[shown.length - 1]) : null,
});
const page = (found, first) => {
  const nodes = found.slice(0, first);
  return { nodes, pageInfo: info(found, nodes) };
};
const edges = (found, first) => {
  const shown = found.slice(0, first);
  return { edges: shown.map((node) => ({ cursor: cursor(node), node })), pageInfo: info(found, shown) };
};
const scalar = (name) => new GraphQLScalarType({ name, serialize: (value) => value, parseValue: (value) => value });

const resolvers = {
  DateTime: scalar("DateTime"),
  Date: scalar("Date"),
  Cursor: scalar("Cursor"),
  Query: {
    viewer: async (_, __, by) => (await rows(`select ${ACCOUNT} from account where id = $1`, [by.account]))[0],
    partner: async (_, __, by) => (await rows(`select ${PARTNER} from partner where id = $1`, [by.partner]))[0],
    opportunities: async (_, { first, filter }, by) => edges(await rows(
      `select ${OPPORTUNITY} from opportunity where partner_id = $1 and state = $2 order by id desc limit $3`,
      [by.partner, filter.states[0], first + 1]), first),
    opportunityQueue: async (_, { first }, by) => edges(await rows(QUEUE, [by.account, first + 1]), first),
    customers: async (_, { first }, by) => page(await rows(
      `select ${CUSTOMER} from customer where partner_id = $1 order by id desc limit $2`, [by.partner, first + 1]), first),
    issuedVouchers: async (_, { first, filter }, by) => page(await rows(
      `select ${VOUCHER} from voucher where partner_id = $1 and status = $2 and (ended_at is null or ended_at >= $4)
       order by id desc limit $3`, [by.partner, filter.status[0], first + 1, since]), first),
    solutions: async (_, { first }, by) => page(await rows(
      `select ${SOLUTION} from solution where partner_id = $1 order by id desc limit $2`, [by.partner, first + 1]), first),
    reviewQueue: async (_, { first }) => edges(await rows(
      `select ${REVIEW} from review_case where state = 'SUBMITTED' order by due_at, id limit $1`, [first + 1]), first),
    members: async (_, { first }, by) => page(await rows(
      `select ${ACCOUNT} from account where partner_id = $1 and not is_main and status <> 'DELETED'
       order by id desc limit $2`, [by.partner, first + 1]), first),
    incentives: async (_, { first }, by) => {
      const [found, totals] = await Promise.all([
        rows(`select ${INCENTIVE} from incentive where partner_id = $1 order by id desc limit $2`, [by.partner, first + 1]),
        rows(`select currency, count(*) as count, sum(amount)::bigint as minor from incentive where partner_id = $1
              group by currency order by currency`, [by.partner]),
      ]);
      return { ...page(found, first), totals };
    },
  },
  Partner: { counters: async (partner) => (await rows(COUNTERS, [partner.id]))[0] },
  Customer: { name: (row) => masked(row.name) },
  Opportunity: { expectedRevenue: (row) => money(row.expected_revenue_minor, row.expected_revenue_currency) },
  Voucher: {
    face: (row) => money(row.face_minor, row.currency),
    minOrderAmount: (row) => money(row.min_order_minor, row.currency),
  },
  Incentive: {
    amount: (row) => money(row.minor, row.currency),
    computedAmount: (row) => money(row.computed_amount, row.currency),
  },
  IncentiveTotal: { amount: (row) => money(row.minor, row.currency) },
  Mutation: { saveOpportunityDraft: writing(pool, rows, OPPORTUNITY) },
};

const keys = (queries, column) => [...new Set(queries.map(({ obj }) => obj[column]).filter(Boolean))];
const one = (found, queries, column, key = "id") => {
  const by = new Map(found.map((row) => [row[key], row]));
  return queries.map(({ obj }) => by.get(obj[column]) ?? null);
};
const many = (found, queries) => {
  const by = new Map(queries.map(({ obj }) => [obj.id, []]));
  for (const row of found) by.get(row.parent_id).push(row);
  return queries.map(({ obj }) => by.get(obj.id));
};
const loader = (load) => ({ loader: load, opts: { cache: false } });
const newest = (table, columns, condition, queries, by, more = []) => rows(
  `select parent.id as parent_id, newest.* from unnest($1::uuid[]) as parent (id) cross join lateral (
     select ${columns} from ${table} where customer_id = parent.id and partner_id = $2 ${condition}
     order by ${table}.id desc limit $3) newest`, [keys(queries, "id"), by.partner, queries[0].params.first, ...more]);
const customers = loader(async (queries, by) => one(await rows(
  by.partner ? `select ${CUSTOMER} from customer where id = any ($1) and partner_id = $2`
             : `select ${CUSTOMER} from customer where id = any ($1)`,
  by.partner ? [keys(queries, "customer_id"), by.partner] : [keys(queries, "customer_id")]), queries, "customer_id"));
const partners = loader(async (queries) => one(
  await rows(`select ${PARTNER} from partner where id = any ($1)`, [keys(queries, "partner_id")]), queries, "partner_id"));
const loaders = {
  ReviewCase: { partner: partners },
  Opportunity: {
    partner: partners,
    repOffice: loader(async (queries) => one(
      await rows("select id, name from rep_office where id = any ($1)", [keys(queries, "rep_office_id")]), queries,
      "rep_office_id")),
    customer: customers,
  },
  Voucher: {
    customer: customers,
    balance: loader(async (queries) => {
      const found = await rows("select id, balance from ledger_account where id = any ($1)", [keys(queries, "account_id")]);
      return one(found, queries, "account_id").map((row, place) => money(row.balance, queries[place].obj.currency));
    }),
  },
  Customer: {
    association: loader(async (queries, by) => one(await rows(
      `select customer_id, id, type, status, source, label, started_at as "startedAt" from customer_association
       where customer_id = any ($1) and status = 'ACTIVE' and partner_id = $2`,
      [keys(queries, "id"), by.partner]), queries, "id", "customer_id")),
    opportunities: loader(async (queries, by) => many(await newest("opportunity", OPPORTUNITY, "", queries, by), queries)),
    vouchers: loader(async (queries, by) => many(await newest(
      "voucher", VOUCHER, "and (ended_at is null or ended_at >= $4)", queries, by, [since]), queries)),
  },
};

const app = Fastify({ logger: false });
app.register(mercurius, {
  schema: readFileSync(new URL("schema.graphql", import.meta.url), "utf8"),
  resolvers,
  loaders,
  jit: JIT === "1" ? 1 : 0,
  path: "/graphql",
  context: (request) => {
    const [account, partner] = request.headers["x-caller"].split(":");
    return { account, partner: partner || null };
  },
});
await app.listen({ port: Number(PORT), host: "127.0.0.1" });
