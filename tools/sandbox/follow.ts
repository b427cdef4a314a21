/** Reports the progress of pushes, a line for each step that has ended. */
import { stepNames } from "../../components/builds/steps/steps.ts";
import type { BuildRow, Workflow } from "../report/builds.ts";
import { buildRows } from "../report/builds.ts";

/** The lines about a build so far. */
export function linesOf({ steps, whole, result }: BuildRow): string[] {
  const ended = stepNames.flatMap((step) => {
    const seconds = steps[step];
    return seconds === undefined ? [] : [`${step.padEnd(7)} took ${seconds.toString()} s`];
  });
  return [...ended, ...(whole === undefined ? [] : [`ended: ${result}`])];
}

/** `14:03:21  hello 1a2b3c4  build   took 12 s; 15.2 s after the push`. */
export function lineOf(time: Date, service: string, commit: string, text: string, since?: number): string {
  const clock = time.toTimeString().slice(0, 8);
  const after = since === undefined ? "" : `; ${(since / 1000).toFixed(1)} s after the push`;
  return `${clock}  ${service} ${commit.slice(0, 7)}  ${text}${after}`;
}

/** Prints each line only once. */
export class Follower {
  readonly #printed = new Set<string>();
  /** When each commit was pushed, in milliseconds since 1970. */
  readonly #pushed = new Map<string, number>();
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  public pushed(service: string, commit: string, now = new Date()): void {
    this.#pushed.set(commit, now.getTime());
    this.#print(lineOf(now, service, commit, "pushed"));
  }

  /** Prints what is new. */
  public see(workflows: readonly Workflow[], now = new Date()): void {
    for (const row of buildRows(workflows, workflows.length).toReversed()) {
      for (const line of linesOf(row)) {
        if (this.#printed.has(`${row.workflow} ${line}`)) continue;
        this.#printed.add(`${row.workflow} ${line}`);
        this.say(row.service, row.commit, line, now);
      }
    }
  }

  public say(service: string, commit: string, text: string, now = new Date()): void {
    const pushed = this.#pushed.get(commit);
    const since = pushed === undefined ? undefined : now.getTime() - pushed;
    this.#print(lineOf(now, service, commit, text, since));
  }
}
