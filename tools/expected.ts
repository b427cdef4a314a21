/** Writes test/expected: every object of every stack. `npm test` compares them with what the program declares. */
import { command, print, readArguments } from "./command.ts";
import { difference } from "./offline/folder.ts";
import {
  evaluateStackFile,
  expectedStacks,
  filesOf,
  readExpected,
  writeExpected,
} from "./offline/expected.ts";
import { UserError } from "./offline/user-error.ts";

await command(async () => {
  const { positionals } = readArguments({}, "npm run expected");
  if (positionals.length > 0) throw new UserError("npm run expected takes no arguments.");
  for (const [stack, file] of expectedStacks) {
    const files = filesOf(await evaluateStackFile(file));
    const changes = difference(readExpected(stack), files);
    writeExpected(stack, files);
    await print(`${stack}: ${files.size.toString()} files, ${changes.length.toString()} changed`);
  }
});
