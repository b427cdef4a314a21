/** What the scripts of build steps and the manifests that run them must agree on, and no type can say. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { buildLabel } from "../../components/builds/labels.ts";
import type { Container } from "../../components/kinds/kubernetes.ts";
import { label } from "../support/builders.ts";
import { template } from "../support/build-template.ts";
import { root } from "../support/declare.ts";

const files = globSync("components/builds/programs/*.sh", { cwd: root });
const scripts = new Map(files.map((file) => [basename(file), readFileSync(join(root, file), "utf8")]));

/** A script without its comments. */
function code(name: string): string {
  const text = scripts.get(name);
  assert.ok(text !== undefined, `there is no script ${name}`);
  return text.replace(/^ *#.*$/gm, "");
}

/** The script, those that it takes in, and those that it runs. */
function withOthers(name: string): string[] {
  const others = [...code(name).matchAll(/"\$\(dirname "\$0"\)\/([a-z-]+\.sh)"/g)].map(
    ([, other = ""]) => other,
  );
  return [name, ...others.flatMap(withOthers)];
}

/** The variables without which a script ends: used without a default, and set nowhere. */
function needed(name: string): string[] {
  const text = withOthers(name).map(code).join("\n");
  const used = [
    ...text.matchAll(/\$(?:([A-Z][A-Z_]*)|\{[#]?([A-Z][A-Z_]*)(?:[#%][^}]*)?\}|\{([A-Z_]+):?\+)/g),
  ];
  const set = [...text.matchAll(/(?:^|[\s"{])([A-Z][A-Z_]*):?=(?!"?\$\1\b)/g)].map(([, one]) => one);
  const names = used.map(([, plain, braced, alternative]) => plain ?? braced ?? alternative ?? "");
  const given = ["PWD", "HOME", ...set];
  return [...new Set(names)].filter((one) => !given.includes(one)).sort();
}

/** The containers of every step, and which scripts each runs. */
function running(): { container: Container; calls: string[] }[] {
  const delivered = {
    ...{ tag: "main", registry: "docker.io", path: "team/web", page: undefined },
    applications: [label("shop")],
    byCommit: [],
    namespace: label("argocd"),
  };
  const whole = template({}, { delivered, scan: { mode: "warn", severity: "HIGH" } });
  const bare = template({}, { statuses: undefined });
  return [...whole.templates, ...bare.templates].flatMap((one) =>
    "container" in one
      ? [...(one.initContainers ?? []), one.container].map((container) => ({
          container,
          calls: [...container.command.join(" ").matchAll(/\/scripts\/([a-z-]+\.sh)/g)].map(
            ([, name = ""]) => name,
          ),
        }))
      : [],
  );
}

describe("the scripts of build steps", () => {
  it("are all there, and each is run by a step or by another script", () => {
    const called = running().flatMap(({ calls }) => calls.flatMap(withOthers));
    // Git runs it: its name is in git-access.sh.
    const used = new Set([...called, "credential.sh"]);
    assert.deepEqual([...used].sort(), [...scripts.keys()].sort());
    assert.match(code("git-access.sh"), /\/credential\.sh/);
  });

  it("are given every variable that they need", () => {
    assert.deepEqual(needed("find.sh"), ["COMMIT_TAG", "IMAGE", "INSECURE", "REBUILD", "RESULTS"]);
    const lacking = running().flatMap(({ container, calls }) => {
      const given = container.env.map(({ name }) => name);
      return calls.flatMap((call) =>
        needed(call)
          .filter((name) => !given.includes(name))
          .map((name) => `${call}: ${name}`),
      );
    });
    assert.deepEqual(lacking, []);
  });

  it("know no label but those of builds", () => {
    const text = [...scripts.keys()].map(code).join("\n");
    const known = [...text.matchAll(/argo-cicd\/([a-z-]+)/g)].map(([whole]) => whole);
    const asked = [...code("end.sh").matchAll(/label ([a-z-]+)\)/g)].map(
      ([, name = ""]) => `argo-cicd/${name}`,
    );
    assert.deepEqual(asked, [buildLabel.commit, buildLabel.supersededBy]);
    const all: readonly string[] = Object.values(buildLabel);
    assert.deepEqual(
      [...new Set([...known, ...asked])].filter((one) => !all.includes(one)),
      [],
    );
    assert.ok(known.length >= 7);
  });
});
