// Creating an opportunity with pg: checks and rows one after the other in one transaction, as one writes it.
import { createHash } from "node:crypto";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
/** The UUID in the product's typed id. */
const uuid = (id) => {
  let number = 0n;
  for (const letter of id.split("_")[1]) number = (number << 5n) | BigInt(ALPHABET.indexOf(letter));
  const hex = number.toString(16).padStart(32, "0");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};
const OPERATION = "save_opportunity_draft";

export const writing = (pool, rows, columns) => async (_, { input }, { account, partner }) => {
  const refused = { opportunity: null, userErrors: [{ code: "CONFLICT" }] };
  if (!/^\d{1,13}(\.\d{1,2})?$/.test(input.expectedRevenue) || !/^\d{6}$/.test(input.customerRegion)) return refused;
  const on = await pool.connect();
  const run = (text, ...values) => rows(text, values, on);
  try {
    await on.query("begin");
    const customer = uuid(input.customerId);
    const known = await run("select 1 from idempotency where caller_id = $1 and key = $2", account, input.idempotencyKey);
    const own = await run("select id from customer where id = $1 and partner_id = $2", customer, partner);
    const joined = await run(
      "select 1 from plan_membership where partner_id = $1 and plan = 'CO_SELL' and state = 'JOINED'", partner);
    if (known.length || !own.length || !joined.length) {
      await on.query("rollback");
      return refused;
    }
    const [made] = await run(
      `insert into opportunity (id, partner_id, site, created_by, owner_user_id, state, name, customer_id, customer_region,
         industry, need, expected_revenue_minor, expected_revenue_currency, expected_sign_on, pre_sales, cloud_services,
         support_needs, need_tags, created_at, updated_at)
       values (uuidv7(), $1, 'CN', $2, $2, 'DRAFT', $3, $4, $5, $6, $7, $8, 'CNY', $9, '[]', '[]', '[]', '[]', now(), now())
       returning ${columns}`,
      partner, account, input.name, customer, input.customerRegion, input.industry, input.need,
      Math.round(Number(input.expectedRevenue) * 100), input.expectedSignOn);
    const actor = `account:${account}`;
    const request = made.id.replaceAll("-", "");
    await run(
      `insert into event (id, partner_id, type, subject_type, subject_id, subject_version, actor, request_id, changes,
         occurred_at)
       values (uuidv7(), $1, 'opportunity.saved', 'Opportunity', $2, 1, $3, $4, '{"state": "DRAFT"}', now())`,
      partner, made.id, actor, request);
    await run(
      `insert into audit (id, tenant_id, occurred_at, actor, via, operation, subject_type, subject_id, detail, request_id)
       values (uuidv7(), $1, now(), $2, 'api', $3, 'Opportunity', $4, '{"effects": ["opportunity.saved"]}', $5)`,
      partner, actor, OPERATION, made.id, request);
    await run(
      `insert into idempotency (id, caller_id, key, operation, fingerprint, outcome, created_at, expires_at)
       values (uuidv7(), $1, $2, $3, $4, $5, now(), now() + interval '7 days')`,
      account, input.idempotencyKey, OPERATION, createHash("sha256").update(JSON.stringify(input)).digest(),
      JSON.stringify({ typename: "Opportunity", id: made.id }));
    await on.query("commit");
    return { opportunity: made, userErrors: [] };
  } catch (error) {
    await on.query("rollback");
    throw error;
  } finally {
    on.release();
  }
};
