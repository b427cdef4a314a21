/**
 * Checks whether test/expected detects every change: of each value, key, element, option and secret that the stacks
 * declare, one at a time, and of sources, each a bug.
 *
 * npm run mutate [objects | sources]
 */
import { expectedStacks } from "./offline/expected.ts";
import { mutateObjects } from "./mutate/objects.ts";
import { changes, isDetected } from "./mutate/sources.ts";

const [part] = process.argv.slice(2);
if (part !== "sources") await objects();
if (part !== "objects") await sources();

async function objects(): Promise<void> {
  for (const [stack, file] of expectedStacks) {
    const outcome = await mutateObjects(stack, file);
    print(stack, outcome.changes, outcome.survivors);
  }
}

async function sources(): Promise<void> {
  const survivors: string[] = [];
  for (const change of changes) if (!(await isDetected(change))) survivors.push(change.title);
  print("sources", changes.length, survivors);
}

function print(name: string, all: number, survivors: readonly string[]): void {
  console.log(`${name}: ${(all - survivors.length).toString()} of ${all.toString()} changes detected`);
  for (const one of survivors) console.log(`  not detected: ${one}`);
  if (survivors.length > 0) process.exitCode = 1;
}
