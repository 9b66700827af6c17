// (e1, e2) PostGraphile 5, its Amber preset on node:http. RLS=1: the product's own policies decide, under its own role.
import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
import { postgraphile } from "postgraphile";
import { printSchema } from "graphql";

const { BENCH_DATABASE, BENCH_POOL, BENCH_ROLE, RLS, PORT } = process.env;
const settings = (account, partner) => ({
  role: BENCH_ROLE,
  "app.kind": partner ? "partner" : "all",
  "app.ids": partner,
  "app.account": account,
});
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  disablePlugins: ["PgIndexBehaviorsPlugin"], // else no condition may name a column that is not the first of an index
  pgServices: [makePgService({
    connectionString: BENCH_DATABASE,
    schemas: ["public", "bench"],
    poolConfig: { max: Number(BENCH_POOL), min: Number(BENCH_POOL) },
    pubsub: false,
  })],
  grafserv: { graphiql: false, watch: false, graphqlPath: "/graphql", maxRequestLength: 1_000_000 },
  grafast: {
    explain: false,
    context: (given) => {
      const [account, partner] = given.node.req.headers["x-caller"].split(":");
      return { pgSettings: RLS === "1" ? settings(account, partner) : {} };
    },
  },
});
if (process.argv[2] === "print") {
  process.stdout.write(printSchema(await instance.getSchema()), () => process.exit(0));
}
const server = createServer();
await instance.createServ(grafserv).addTo(server);
await instance.getSchema();
server.listen(Number(PORT), "127.0.0.1");
