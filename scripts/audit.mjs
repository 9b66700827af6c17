// Runs the official GraphQL-over-HTTP audits against a running server: node scripts/audit.mjs http://127.0.0.1:8000/graphql
// The package `graphql-http` must be installed where Node finds it from the present directory (make audit sees to that).
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const url = process.argv[2];
if (!url) {
  console.error("usage: node scripts/audit.mjs URL");
  process.exit(2);
}
const fromHere = createRequire(pathToFileURL(`${process.cwd()}/`));
const { serverAudits } = fromHere("graphql-http");

let passed = 0;
const audits = serverAudits({ url, fetchFn: fetch });
for (const audit of audits) {
  let result;
  try {
    result = await audit.fn();
  } catch (error) {
    result = { status: "error", reason: String(error) };
  }
  if (result.status === "ok") {
    passed += 1;
  } else {
    console.log(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
console.log(`${passed} of ${audits.length} audits passed`);
process.exit(passed === audits.length ? 0 : 1);
