import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { after, before, describe, it } from "node:test";
import { stringify } from "yaml";
import { joinPath } from "../components/settings/errors.ts";
import { parseConfig } from "../components/settings/parse.ts";
import { everything, readExpected } from "../tools/offline/expected.ts";
import { placeholder } from "../tools/offline/placeholders.ts";
import { stackFileOf } from "../tools/offline/project.ts";
import type { Config } from "./support/declare.ts";
import { project } from "./support/declare.ts";
import { evaluateApart } from "./support/evaluator.ts";
import type { Leaf, Occurrence } from "./support/leaves.ts";
import { leaves, occurrences } from "./support/leaves.ts";
import { keysOf, ownSchema } from "./support/stack-file.ts";
import { prefixed } from "../components/settings/config-keys.ts";

/** Options that change no declared object, and why. */
const withoutEffect: Readonly<Record<string, string>> = {
  "cluster.uid": "is compared with what the cluster says, and stops the program where it differs",
};

/** Values for options whose format no general value has, or that must fit another option. */
const values: Readonly<Record<string, readonly unknown[]>> = {
  "builds.catchUp.every": ["20m"],
  "builds.keep": ["6d"],
  "eventBus.replicas": [3],
  "projects.<name>.applications[].images[]": ["shop-cart"],
  "projects.<name>.applications[].ignoreDifferences[].group": ["*"],
  "projects.<name>.applications[].syncWindows[].schedule": ["0 9 * * SAT"],
  "projects.<name>.applications[].syncWindows[].timeZone": ["UTC"],
  "cluster.networkPolicies.apiServer[]": ["10.20.0.11/32"],
  "cluster.networkPolicies.allow[]": ["10.30.1.0/24"],
  "webhooks.limits.sources[]": ["198.51.100.0/24"],
  "builds.quota.cpu": ["21"],
  "builds.quota.disk": ["201Gi"],
  "network.ca": rootCertificates.slice(0, 1),
  "network.proxy.http": ["http://other.acme.example:3128"],
  "network.proxy.https": ["http://other.acme.example:3128"],
};

/** Any text option accepts one of these as another value. */
function general(text: string): unknown[] {
  return [`${text}x`, `x${text}`, `${text}-x`, "7m", "7Gi", "fedcba9", "x"];
}

function alternatives({ option, schema, value }: Occurrence): unknown[] {
  const own = values[option];
  if (own !== undefined) return [...own];
  if (schema.enum !== undefined) return schema.enum.filter((one) => one !== value);
  if (typeof value === "boolean") return [!value];
  if (typeof value === "number") return [value + 1, value - 1];
  return general(String(value)).filter((one) => one !== value);
}

const folder = mkdtempSync(join(tmpdir(), "options-"));
after(() => rmSync(folder, { recursive: true }));

/** The stacks to try for each option, until one shows an effect. Those with one project are cheaper. */
const stacks: readonly Config[] = [
  ...ofOneProject(withoutSecrets(everything)),
  withoutSecrets(everything),
  withoutSecrets(stackFileOf("develop")),
  // Without a deploy key, which GitHub Enterprise Server does not allow.
  { ...withoutSecrets(stackFileOf("develop")), github: { url: "https://github.com" } },
  // Without admission, which requires signatures.
  withOption(withoutSecrets(everything), ["builds", "signing", "admission"], "off"),
  // With an external login, a mirror by HTTPS, and an object store with a public certificate.
  {
    ...withoutSecrets(stackFileOf("develop")),
    registry: { namespace: "team", host: "registry.acme.example", login: "external" },
    registries: { "ghcr.io": { mirror: "mirror.acme.example", insecure: false } },
    builds: { logs: { endpoint: "logs.acme.example", bucket: "build-logs", insecure: false } },
  },
];

describe("every option", () => {
  const schema = ownSchema();
  const all = leaves(schema)
    .filter(({ option }) => !option.startsWith("secrets."))
    // A list of one equals the text, and there is only one list of two.
    .filter(({ option }) => !option.endsWith(".architecture[]"));
  const unchanged = new Map<Config, string>();
  before(async () => {
    for (const config of stacks) unchanged.set(config, await declaredBy(config));
  });

  for (const leaf of all) {
    const reason = withoutEffect[leaf.option];
    it(`${leaf.option} ${reason ?? "changes what is declared"}`, async () => {
      assert.equal(await hasEffect(leaf), reason === undefined);
    });
  }

  it("that is listed as an exception exists", () => {
    for (const option of [...Object.keys(withoutEffect), ...Object.keys(values)])
      assert.ok(
        all.some((one) => one.option === option),
        option,
      );
  });

  /** Whether another value has an effect in one of the stacks. */
  async function hasEffect({ option }: Leaf): Promise<boolean> {
    let accepted = false;
    for (const config of stacks) {
      const edited = otherValue(config, option);
      if (edited === undefined) continue;
      accepted = true;
      if ((await declaredBy(edited)) !== unchanged.get(config)) return true;
    }
    assert.ok(accepted, `no other value of ${option} is valid: add one to \`values\``);
    return false;
  }

  const byOption = new Map(
    stacks.map((config) => [config, Map.groupBy(occurrences(config, schema), ({ option }) => option)]),
  );

  /** The configuration with another valid value of an option. */
  function otherValue(config: Config, option: string): Config | undefined {
    return (byOption.get(config)?.get(option) ?? [])
      .flatMap((one) => alternatives(one).map((value) => withOption(config, one.steps, value)))
      .find(isValid);
  }
});

/** Options that may be empty with a meaning: an empty group is the core group, and a label may have no value. */
const mayBeEmpty =
  /(\.group|\.args\.<name>|\.annotations\.<name>|\.tolerations\[\]\.value|\.nodeSelector\.<name>|abels\.<name>)$/;
/** Options that may be blank. */
const mayBeBlank = /(\.args\.<name>|\.annotations\.<name>|^secrets\.projects\.<name>\.<name>)$/;

describe("every option that holds a text", () => {
  const keys = keysOf(everything);
  const texts = occurrences(keys, ownSchema()).filter(
    ({ option, value }) => typeof value === "string" || option.startsWith("secrets."),
  );
  for (const [blank, exceptions] of [
    ["", mayBeEmpty],
    [" \n", mayBeBlank],
  ] as const) {
    it(`refuses ${JSON.stringify(blank)}, except where it has a meaning`, () => {
      const config = structuredClone(keys);
      for (const { steps } of texts) set(config, steps, blank);
      const invalidPaths = new Set(parseConfig(config).errors.map(({ path }) => path));
      const accepted = texts.filter(({ steps }) => !invalidPaths.has(joinPath("", steps)));
      const expected = texts.filter(({ option }) => exceptions.test(option));
      assert.deepEqual(
        accepted.map(({ option }) => option),
        expected.map(({ option }) => option),
      );
    });
  }
});

describe("every secret", () => {
  const found = occurrences(keysOf(everything), ownSchema());
  const text = [...readExpected("everything").values()].join("");
  for (const { option, steps } of found.filter((one) => one.option.startsWith("secrets."))) {
    it(`${steps.join(".")} (${option}) reaches an object`, () => {
      assert.ok(text.includes(placeholder(joinPath("", steps))));
    });
  }
});

/** Removes the secrets: the evaluation shows each by its path, with or without a value. */
function withoutSecrets(file: string): Config {
  return Object.fromEntries(Object.entries(keysOf(file)).filter(([key]) => key !== "secrets"));
}

/** One stack for each project, the smallest first. */
function ofOneProject(config: Config): Config[] {
  const projects = Object.entries(config["projects"] as Config);
  return projects
    .map(([name, one]): Config => ({ ...withOwnersOf(one as Config, config), projects: { [name]: one } }))
    .toSorted((a, b) => JSON.stringify(a).length - JSON.stringify(b).length);
}

/** Removes the App unless it is installed for this owner. */
function withOwnersOf({ owner }: Config, config: Config): Config {
  const { app, ...github } = config["github"] as { app?: { installations: object } };
  return app === undefined || Reflect.has(app.installations, String(owner)) ? config : { ...config, github };
}

function withOption(config: Config, steps: Occurrence["steps"], value: unknown): Config {
  const edited = structuredClone(config);
  set(edited, steps, value);
  return edited;
}

function set(target: unknown, [step = "", ...rest]: Occurrence["steps"], value: unknown): void {
  if (rest.length === 0) Reflect.set(Object(target), step, value);
  else set(Reflect.get(Object(target), step), rest, value);
}

function isValid(config: Config): boolean {
  return parseConfig(config).errors.every(({ missingSecret }) => missingSecret === true);
}

function written(config: Config): string {
  const file = join(folder, "stack.yaml");
  writeFileSync(file, stringify({ config: prefixed(project, config) }));
  return file;
}

/** Sorted, since independent resources reach the engine in any order. */
async function declaredBy(config: Config): Promise<string> {
  const { declared, outputs } = await evaluateApart(written(config));
  const resources = declared.map((one) => JSON.stringify(one)).sort();
  return JSON.stringify([resources, outputs]);
}
