/** Loaded before each test file: ends its process if something keeps it alive after its tests, or if the runner has ended. */
import { after } from "node:test";
import { isMainThread } from "node:worker_threads";

/** Longer than the file's own hooks take to clean up on a busy machine. */
const milliseconds = 5 * 60 * 1000;

/** A thread of a test has no tests, and `after` would make Node track all of its promises. */
if (isMainThread) {
  after(endLater);
  endWithRunner();
}

/** Fails if something is still open long after the last test. */
function endLater(): void {
  setTimeout(() => {
    const resources = process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap");
    console.error(`✖ still open after the last test of ${process.argv[1] ?? ""}: ${resources.join(", ")}`);
    process.exit(1);
  }, milliseconds).unref();
}

/** Nobody would see the results of a test whose runner was killed. Its own signal handlers clean up. */
function endWithRunner(): void {
  const runner = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === runner) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, 1000).unref();
}
