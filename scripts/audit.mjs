// Runs the official GraphQL-over-HTTP audits against a running server: node audit.mjs URL
import { serverAudits } from "graphql-http";

const url = process.argv[2];
const audits = serverAudits({ url, fetchFn: fetch });
let passed = 0;
for (const audit of audits) {
  let result;
  try {
    result = await audit.fn();
  } catch (error) {
    result = { status: "error", reason: String(error) };
  }
  if (result.status === "ok") passed += 1;
  else console.log(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
}
console.log(`audits: ${passed} of ${audits.length}`);
process.exit(passed === audits.length ? 0 : 1);
