/** Writes test/expected: every object of every stack. `npm test` compares them with what the program declares. */
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
  console.log(`${stack}: ${files.size.toString()} files, ${changes.length.toString()} changed`);
}
