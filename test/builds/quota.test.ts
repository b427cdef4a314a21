/** The quota of builds: no pod of a build is refused for a missing request, and how much of it one build uses. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PodTemplate } from "../../components/kinds/workflows.ts";
import type { Quota } from "../../components/builds/builders/needs.ts";
import { needsOfBuild } from "../../components/builds/builders/needs.ts";
import {
  bytesOf,
  bytesText,
  millicoresOf,
  millicoresText,
} from "../../components/builds/builders/quantities.ts";
import { limitRangeSpec, quotaSpec } from "../../components/builds/quota.ts";
import { argoWorkflowsValues } from "../../components/charts/argo-workflows.ts";
import { parseConfig } from "../../components/settings/parse.ts";
import { declare, smallConfig, smallProject } from "../support/declare.ts";
import { template } from "../support/build-template.ts";

const all = { cpu: "20", memory: "48Gi", pods: 40, disk: "200Gi" };

describe("the quota of builds", () => {
  it("limits requests of CPU and disk, limits of memory, and pods", () => {
    assert.deepEqual(quotaSpec(all), {
      hard: {
        "requests.cpu": "20",
        "limits.memory": "48Gi",
        pods: "40",
        "requests.ephemeral-storage": "200Gi",
      },
    });
    assert.deepEqual(quotaSpec({ pods: 3 }), { hard: { pods: "3" } });
  });

  it("comes with a LimitRange, which has disk only if the quota has", () => {
    const [requests, limits] = [{ cpu: "50m", memory: "64Mi" }, { memory: "512Mi" }];
    assert.deepEqual(limitRangeSpec({ pods: 3 }), {
      limits: [{ type: "Container", defaultRequest: requests, default: limits }],
    });
    assert.deepEqual(limitRangeSpec(all), {
      limits: [
        {
          type: "Container",
          defaultRequest: { ...requests, "ephemeral-storage": "256Mi" },
          default: { ...limits, "ephemeral-storage": "4Gi" },
        },
      ],
    });
  });
});

type Amounts = Readonly<Record<string, string | undefined>>;
interface Sized {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** Applies a LimitRange as the API server does (Kubernetes `plugin/pkg/admission/limitranger`). */
function withDefaults(
  { requests, limits = {} }: { requests: Amounts; limits?: Amounts },
  quota: Quota = all,
): Sized {
  const [given] = limitRangeSpec(quota).limits;
  assert.ok(given !== undefined);
  return { requests: { ...given.defaultRequest, ...requests }, limits: { ...given.default, ...limits } };
}

/** The containers that Argo adds to each pod. */
const { executor } = argoWorkflowsValues({
  highAvailability: false,
  nodePort: undefined,
  logs: false,
  network: {},
  signOn: undefined,
});
const ofArgo = (quota: Quota) => withDefaults(executor.resources, quota);

/** The request or limit that each key of a quota requires of every container. */
const demands: Readonly<Record<string, (sized: Sized) => string | undefined>> = {
  "requests.cpu": ({ requests }) => requests["cpu"],
  "limits.memory": ({ limits }) => limits["memory"],
  "requests.ephemeral-storage": ({ requests }) => requests["ephemeral-storage"],
};

interface SizedPod {
  readonly name: string;
  /** In order; `stays` marks sidecars. */
  readonly initial: readonly { readonly stays: boolean; readonly sized: Sized }[];
  readonly main: readonly Sized[];
}

function pod({ name, initContainers = [], container }: PodTemplate, quota: Quota = all): SizedPod {
  const own = initContainers.map(({ resources, restartPolicy }) => ({
    stays: restartPolicy === "Always",
    sized: withDefaults(resources, quota),
  }));
  return {
    name,
    initial: [{ stays: false, sized: ofArgo(quota) }, ...own],
    main: [withDefaults(container.resources, quota), ofArgo(quota)],
  };
}

/** An amount of a pod as the quota counts it (Kubernetes `component-helpers/resource/helpers.go`). */
function amountOf({ initial, main }: SizedPod, amount: (sized: Sized) => number): number {
  let staying = 0;
  let largest = 0;
  for (const { stays, sized } of initial) {
    largest = Math.max(largest, staying + amount(sized));
    if (stays) staying += amount(sized);
  }
  return Math.max(largest, staying + main.map(amount).reduce((a, b) => a + b));
}

const amounts = {
  cpu: ({ requests }: Sized) => millicoresOf(requests["cpu"] ?? ""),
  memory: ({ limits }: Sized) => bytesOf(limits["memory"] ?? ""),
  disk: ({ requests }: Sized) => bytesOf(requests["ephemeral-storage"] ?? ""),
};

const largest = { cpu: "2.5", memory: "8Gi", disk: "50Gi" };
const sizes = [
  { cpu: "1", memory: "2Gi", disk: "20Gi" },
  { cpu: "250m", memory: "128Mi", disk: "1Gi" },
  largest,
];

describe("a pod of a build", () => {
  for (const [key, value] of Object.entries(all))
    it(`has in each container what a quota of only ${key} requires`, () => {
      const quota = { [key]: value };
      const { templates } = template({ resources: largest }, { scan: { mode: "stop", severity: "HIGH" } });
      const asked = Object.keys(quotaSpec(quota).hard).filter((one) => one !== "pods");
      for (const { name, initial, main } of templates.flatMap((one) =>
        "container" in one ? [pod(one, quota)] : [],
      ))
        for (const sized of [...initial.map((one) => one.sized), ...main])
          for (const one of asked) assert.ok(demands[one]?.(sized) !== undefined, `${name}: ${one}`);
    });

  for (const builder of ["kaniko", "buildkit"] as const)
    for (const resources of sizes)
      for (const mode of ["off", "stop"] as const)
        it(`by ${builder} with ${resources.memory}, scan ${mode}, uses as much as needsOfBuild returns`, () => {
          const severity = "HIGH";
          const { templates } = template({ builder, resources }, { scan: { mode, severity } });
          const pods = templates.flatMap((one) => ("container" in one ? [pod(one)] : []));
          const usage = (name: string, key: keyof typeof amounts) =>
            pods.filter((one) => one.name === name).map((one) => amountOf(one, amounts[key]))[0] ?? 0;
          const needs = needsOfBuild(resources, mode === "stop");
          for (const key of ["cpu", "memory", "disk"] as const) {
            const building = usage("build", key) + usage("begin", key);
            assert.equal(needs[key], Math.max(building, usage("scan", key)), key);
            const later = ["publish", "report-failure"].map((name) => usage(name, key));
            assert.ok(
              later.every((one) => one <= usage("begin", key)),
              key,
            );
          }
        });
});

describe("a stack with a quota", () => {
  const disk = { disk: "20Gi" };
  const config = (builds: object, repositories: readonly unknown[] = ["web"]) =>
    smallConfig({ builds, projects: { shop: { ...smallProject(), repositories } } });
  const errors = (...given: Parameters<typeof config>) =>
    parseConfig(config(...given)).errors.map(({ path, value, rule, fix }) => ({ path, value, rule, fix }));

  it("must have room for its largest build", () => {
    const large = { name: "api", resources: { cpu: "3500m", memory: "6Gi", disk: "40Gi" } };
    const rule = (service: string, needed: string) =>
      `every build must fit: that of ${service} needs ${needed}, including the steps and containers besides its builder`;
    const quota = { cpu: "3", memory: "7Gi", pods: 1, disk: "40Gi" };
    assert.deepEqual(errors({ quota, resources: disk }, ["web", large]), [
      { path: "builds.quota.cpu", value: "3", rule: rule("api", "3700m"), fix: "write 3700m or more" },
      { path: "builds.quota.memory", value: "7Gi", rule: rule("api", "7680Mi"), fix: "write 7680Mi or more" },
      { path: "builds.quota.pods", value: 1, rule: rule("web", "2"), fix: "write 2 or more" },
      { path: "builds.quota.disk", value: "40Gi", rule: rule("api", "41Gi"), fix: "write 41Gi or more" },
    ]);
    const enough = { cpu: "3700m", memory: "7680Mi", pods: 2, disk: "41Gi" };
    assert.deepEqual(errors({ quota: enough, resources: disk }, ["web", large]), []);
  });

  it("needs the disk of each build if the quota limits disk", () => {
    assert.deepEqual(errors({ quota: { disk: "200Gi" } }, ["web", { name: "api", resources: disk }]), [
      {
        path: "projects.shop.repositories[0].resources.disk",
        value: undefined,
        rule: "builds.quota.disk needs the disk size of each build",
        fix: "add it, or builds.resources.disk for all repositories",
      },
    ]);
  });

  it("must limit something", () => {
    assert.deepEqual(errors({ quota: {} }), [
      {
        path: "builds.quota",
        value: {},
        rule: "a quota limits something",
        fix: "add cpu, memory, pods or disk, or remove the key",
      },
    ]);
  });

  it("is warned if it runs more builds at once than the quota has room for", async () => {
    const of = async (quota: object) => {
      const { warnings } = await declare(config({ quota, atOnce: 4, resources: disk }));
      return warnings.filter((text) => text.includes("quota"));
    };
    assert.deepEqual(await of({ cpu: "4800m", memory: "14Gi", pods: 8, disk: "84Gi" }), []);
    assert.deepEqual(await of({ cpu: "4" }), [
      "builds.quota.cpu (4) has room for 3 of the largest builds at once, but builds.atOnce allows 4, which need 4800m: the others wait for room.",
    ]);
  });
});

describe("a quantity", () => {
  it("is parsed and formatted in whole numbers", () => {
    assert.deepEqual(["500m", "2", "0.1", "1.25"].map(millicoresOf), [500, 2000, 100, 1250]);
    assert.deepEqual([500, 2000, 1250].map(millicoresText), ["500m", "2", "1250m"]);
    assert.deepEqual(["1Ki", "1Mi", "2Gi", "1Ti"].map(bytesOf), [2 ** 10, 2 ** 20, 2 ** 31, 2 ** 40]);
    assert.deepEqual([1, 2 ** 20, 1_610_612_736, 2 ** 41].map(bytesText), ["1Mi", "1Mi", "1536Mi", "2048Gi"]);
  });
});
