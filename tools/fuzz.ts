/**
 * Evaluates generated stack files: each must declare its objects, or be refused with a message in the agreed form.
 *
 * npm run fuzz -- [runs] [seed]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fuzz } from "./fuzz/fuzz.ts";

const [runs = 1000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
try {
  const { valid, refused, failure } = await fuzz({ runs, seed, file: join(folder, "Pulumi.fuzz.yaml") });
  const count = valid + refused;
  const share = ((100 * valid) / count).toFixed(0);
  console.log(`seed ${seed.toString()}: ${count.toString()} stack files, ${share} % valid`);
  if (failure !== undefined) {
    console.error(failure);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
