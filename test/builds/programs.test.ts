/** What the programs of build steps and the manifests that run them must agree on, and no type can express. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import type { Container } from "../../components/kinds/kubernetes.ts";
import { catchUpTemplate } from "../../components/builds/catch-up.ts";
import { catchUp } from "../support/catch-up-args.ts";
import { deliveredToOne } from "../support/steps.ts";
import { app, template } from "../support/build-template.ts";
import { notifications } from "../support/build-notifications.ts";
import { root } from "../support/declare.ts";
import { mountedPrograms, runProgram } from "../support/script.ts";

const folder = join(root, "components/builds/programs");
const files = globSync("*", { cwd: folder });
const programs = new Map(files.map((file) => [basename(file), readFileSync(join(folder, file), "utf8")]));

/** A program without its comments. */
function code(name: string): string {
  const text = programs.get(name);
  assert.ok(text !== undefined, `there is no program ${name}`);
  return name.endsWith(".ts") ? text.replace(/^ *(\/\/|\/?\*).*$/gm, "") : text.replace(/^ *#.*$/gm, "");
}

/** The program, those that it includes, and those that it runs. */
function withIncluded(name: string): string[] {
  const others = [
    ...code(name).matchAll(/(?:"\$\(dirname "\$0"\)|from "\.|"\$scripts)\/([a-z-]+\.(?:sh|ts|awk))"/g),
  ].map(([, other = ""]) => other);
  return [name, ...others.flatMap(withIncluded)];
}

/** The variables that a program requires. */
async function needed(name: string): Promise<readonly string[]> {
  if (name.endsWith(".sh")) return neededByShell(name);
  const { variables } = (await import(join(folder, name))) as { variables: readonly string[] };
  return variables.toSorted();
}

/** The variables that a script uses without a default and does not set. */
function neededByShell(name: string): string[] {
  const scripts = withIncluded(name).filter((one) => one.endsWith(".sh"));
  const text = scripts.map(code).join("\n");
  const used = [
    ...text.matchAll(/\$(?:([A-Z][A-Z_]*)|\{[#]?([A-Z][A-Z_]*)(?:[#%][^}]*)?\}|\{([A-Z_]+):?\+)/g),
  ];
  const set = [...text.matchAll(/(?:^|[\s"{])([A-Z][A-Z_]*):?=(?!"?\$\1\b)/g)].map(([, one]) => one);
  const names = used.map(([, plain, braced, alternative]) => plain ?? braced ?? alternative ?? "");
  const given = ["PWD", "HOME", ...set];
  return [...new Set(names)].filter((one) => !given.includes(one)).sort();
}

interface Running {
  readonly container: Container;
  readonly calls: readonly string[];
}

/** The containers of every step, and which programs each runs. */
function running(): Running[] {
  const whole = template(
    { signing: true, architectures: ["amd64", "arm64"] },
    { delivered: deliveredToOne, notifications: notifications(), scan: { mode: "warn", severity: "HIGH" } },
  );
  const bare = template({}, { statuses: undefined });
  const byApp = template({}, { cloneToken: app });
  const ofPulls = template({ pullRequests: true });
  return [
    ...whole.templates,
    ...ofPulls.templates,
    ...bare.templates,
    ...byApp.templates,
    ...catchUpTemplate(catchUp()).templates,
  ].flatMap((one) =>
    "container" in one
      ? [...(one.initContainers ?? []), one.container].map((container) => ({
          container,
          calls: [...container.command.join(" ").matchAll(/\/scripts\/([a-z-]+\.(?:sh|ts))/g)].map(
            ([, name = ""]) => name,
          ),
        }))
      : [],
  );
}

/** The variables that a container's programs need and the container does not have. */
async function lacking({ container, calls }: Running): Promise<string[]> {
  const given = container.env.map(({ name }) => name);
  const all = await Promise.all(
    calls.map(async (call) => (await needed(call)).map((name) => ({ call, name }))),
  );
  return all
    .flat()
    .filter(({ name }) => !given.includes(name))
    .map(({ call, name }) => `${call}: ${name}`);
}

describe("the programs of build steps", () => {
  const typed = [...programs.keys()].filter((name) => name.endsWith(".ts"));

  it("all exist, and each is run by a step or by another program", () => {
    const called = running().flatMap(({ calls }) => calls.flatMap(withIncluded));
    // Git runs it: its name is in git-access.sh.
    const used = new Set([...called, "credential.sh"]);
    assert.deepEqual([...used].sort(), [...programs.keys()].sort());
    assert.match(code("git-access.sh"), /\/credential\.sh/);
  });

  it("run from the folder that the kubelet mounts", async () => {
    const mounted = mountedPrograms();
    const started = new Set(running().flatMap(({ calls }) => calls.filter((name) => name.endsWith(".ts"))));
    assert.ok(started.size > 5);
    for (const name of started) {
      const { stderr } = await runProgram(mounted, name, {});
      assert.match(stderr, /^these variables are missing: /, name);
    }
  });

  it("are files whose names can be keys of a ConfigMap", () => {
    for (const name of programs.keys()) assert.match(name, /^[a-z-]+\.(sh|ts|awk)$/);
  });

  it("get every variable that they need", async () => {
    assert.deepEqual(await needed("find.sh"), ["COMMIT_TAG", "IMAGE", "INSECURE", "REBUILD", "RESULTS"]);
    assert.ok((await needed("end.ts")).includes("WORKFLOW"));
    const all = await Promise.all(running().map(lacking));
    assert.deepEqual(all.flat(), []);
  });

  it("read the environment in one place, which checks that each variable is set", () => {
    const readers = typed.filter((name) => /process\s*(\.env|\[)/.test(code(name)));
    assert.deepEqual(readers, ["environment.ts"]);
    const started = running().flatMap(({ calls }) => calls.filter((name) => name.endsWith(".ts")));
    for (const name of started) {
      assert.match(code(name), /^if \(import\.meta\.main\) await .*\(readVariables\(variables\)\)\);$/m);
    }
  });

  it("take the labels of builds from one place", () => {
    const withLabels = [...programs.keys()].filter((name) => code(name).includes("argo-cicd/"));
    assert.deepEqual(withLabels, ["labels.ts"]);
  });
});
