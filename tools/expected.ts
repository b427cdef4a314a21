/** Writes test/expected: every object of every stack. `npm test` compares what the program declares with them. */
import { difference } from "./offline/folder.ts";
import {
  evaluateStackFile,
  expectedStacks,
  filesOf,
  readExpected,
  writeExpected,
} from "./offline/expected.ts";

for (const [stack, file] of expectedStacks) {
  const files = filesOf(await evaluateStackFile(file));
  const changes = difference(readExpected(stack), files);
  writeExpected(stack, files);
  console.log(`${stack}: ${files.size.toString()} files, of which ${changes.length.toString()} differ now`);
}
