/**
 * Leaves out what Pulumi's SDK loads for its Automation API and for functions that become text: npm's own sources, and a
 * TypeScript compiler. The program uses neither, and they are 40 % of the time and the memory that it takes to load the SDK.
 * For `node --import`, before anything loads Pulumi.
 */
import { registerHooks } from "node:module";

const unused =
  /\/@pulumi\/pulumi\/(automation\/index|runtime\/closure\/(codePaths|createClosure|parseFunction|serializeClosure))\.js$/;

registerHooks({
  load: (url, context, next) =>
    unused.test(url)
      ? { format: "commonjs", source: "module.exports = {};", shortCircuit: true }
      : next(url, context),
});
