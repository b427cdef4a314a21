/** A real API server accepts every object of both stacks unchanged, and no account has a right too many. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ClusterApi, ClusterObject } from "../support/cluster-api.ts";
import { allKinds, defineKinds } from "../support/cluster-kinds.ts";
import { stackObjects, titleOf } from "../support/cluster-objects.ts";
import { rightsOf } from "../support/cluster-rights.ts";
import type { ApiSite } from "../support/site.ts";
import { startApi } from "../support/cluster-site.ts";
import { stackConfig } from "../support/declare.ts";

/** Everything that each account may do, by namespace. */
const rights: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "argo-events:github-eventsource": {},
  "argo-events:github-sensor": {
    "argo-events": ["create /configmaps"],
    ci: ["create,get,patch argoproj.io/workflows"],
  },
  "ci:build-control": {
    ci: ["create,patch argoproj.io/workflowtaskresults", "get,list,patch argoproj.io/workflows"],
  },
  "ci:build-live": {
    argocd: ["get argoproj.io/applications named aform,alog"],
    ci: ["create,patch argoproj.io/workflowtaskresults", "patch argoproj.io/workflows"],
  },
  "ci:catch-up": {
    argocd: ["get argoproj.io/applications named aform,alog"],
    ci: [
      "create,get,list,patch argoproj.io/workflows",
      "create,patch argoproj.io/workflowtaskresults",
      "delete,list /pods",
    ],
  },
  "ci:build": { ci: ["create,patch argoproj.io/workflowtaskresults"] },
};

describe("the API server", () => {
  let cluster: ApiSite;
  let api: ClusterApi;
  before(async () => {
    cluster = await startApi();
    api = cluster.api;
    await defineKinds(cluster, allKinds);
  });
  after(async () => {
    assert.deepEqual(await cluster.close(), []);
  });

  // The larger stack last: the tests after it then cover the objects of both.
  for (const stack of ["publish", "develop"]) {
    it(`accepts every object of ${stack}`, async () => {
      const objects = await stackObjects(stackConfig(stack), stack);
      assert.ok(objects.length > 40, `${objects.length.toString()} objects are too few for a stack`);
      const refused = [];
      for (const object of objects) {
        const reason = await refusal(api, object);
        if (reason !== undefined) refused.push(`${titleOf(object)}: ${reason}`);
      }
      assert.deepEqual(refused, []);
    });

    it(`changes nothing when the objects of ${stack} are applied again`, async () => {
      const changed = [];
      for (const object of await stackObjects(stackConfig(stack), stack)) {
        const { apiVersion, kind, metadata } = object;
        const read = () => api.get(apiVersion, kind, metadata.name, metadata.namespace);
        const first = versionOf(await read());
        await api.apply(object);
        if (versionOf(await read()) !== first) changed.push(titleOf(object));
      }
      assert.deepEqual(changed, []);
    });
  }

  it("refuses a field that a kind does not have, on which the tests above rely", async () => {
    const objects = await stackObjects(stackConfig("develop"), "develop");
    const template = objects.find(({ kind }) => kind === "WorkflowTemplate");
    assert.ok(template !== undefined);
    const misspelt = { ...template, spec: { ...(template["spec"] as object), entryPoint: "build" } };
    assert.match((await refusal(api, misspelt)) ?? "", /entryPoint: field not declared in schema/);
  });

  it("grants each account what the table lists, and nothing in any other namespace", async () => {
    const objects = await stackObjects(stackConfig("develop"), "develop");
    const named = (wanted: string) => objects.filter(({ kind }) => kind === wanted);
    const accounts = named("ServiceAccount").map(({ metadata }) => metadata);
    const namespaces = ["default", "kube-system", ...named("Namespace").map(({ metadata }) => metadata.name)];
    const found = [];
    for (const { name, namespace = "" } of accounts) {
      const own = [];
      for (const place of namespaces) {
        const granted = await rightsOf(api, `system:serviceaccount:${namespace}:${name}`, place);
        if (granted.length > 0) own.push([place, granted]);
      }
      found.push([`${namespace}:${name}`, Object.fromEntries(own)]);
    }
    assert.deepEqual(Object.fromEntries(found), rights);
  });
});

async function refusal(api: ClusterApi, object: ClusterObject): Promise<string | undefined> {
  try {
    await api.apply(object);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The generation of admission policies, whose status the API server writes by itself, a moment later. */
function versionOf({ kind, metadata }: ClusterObject): string {
  const own = kind.startsWith("ValidatingAdmissionPolicy") ? "generation" : "resourceVersion";
  const version: unknown = Reflect.get(metadata, own);
  assert.ok(typeof version === "string" || typeof version === "number");
  return version.toString();
}
