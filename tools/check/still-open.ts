/** Loaded before each test file: ends its process if something, such as a server, keeps it alive after its tests. */
import { after } from "node:test";
import { isMainThread } from "node:worker_threads";

/** Longer than the file's own hooks take to clean up on a busy machine. */
const milliseconds = 5 * 60 * 1000;

/** A thread of a test has no tests, and `after` would make Node track all of its promises. */
if (isMainThread) after(endLater);

function endLater(): void {
  setTimeout(() => {
    const resources = process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap");
    console.error(`✖ still open after the last test of ${process.argv[1] ?? ""}: ${resources.join(", ")}`);
    process.exit(1);
  }, milliseconds).unref();
}
