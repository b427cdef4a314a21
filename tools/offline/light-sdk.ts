/**
 * Skips what Pulumi's SDK loads for its Automation API and for the serialization of functions: npm's sources, and a
 * TypeScript compiler. The program uses neither, and they take 40 % of the time and the memory of loading the SDK. For
 * `node --import`, before anything loads Pulumi.
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
