/** Who owns which field of an Application: what the Image Updater has written stays when the program applies its own. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ClusterObject } from "../support/cluster-api.ts";
import { allKinds, defineKinds } from "../support/cluster-kinds.ts";
import { stackObjects, titleOf } from "../support/cluster-objects.ts";
import type { ApiSite } from "../support/cluster-site.ts";
import { startApi } from "../support/cluster-site.ts";
import type { Config } from "../support/declare.ts";
import { stackConfig } from "../support/declare.ts";

const updated = ["chromato99/alog-front-web:develop@sha256:0123456789abcdef"];

interface Source {
  readonly targetRevision: string;
  readonly kustomize?: { readonly images: readonly string[] };
}

describe("the images of an Application", () => {
  let cluster: ApiSite;
  before(async () => {
    cluster = await startApi();
    await defineKinds(cluster, allKinds);
    const objects = await stackObjects(stackConfig("develop"), "develop");
    for (const one of objects.filter(({ kind }) => kind === "Namespace")) await cluster.api.apply(one);
    await cluster.api.apply(await applicationOf(stackConfig("develop")));
    await updateImages();
  });
  after(async () => {
    assert.deepEqual(await cluster.close(), []);
  });

  /** The change that the Image Updater makes, in its way: a merge patch under a name of its own. */
  async function updateImages(): Promise<void> {
    const path = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/alog";
    await cluster.api.call(`${path}?fieldManager=argocd-image-updater`, {
      method: "PATCH",
      type: "application/merge-patch+json",
      body: { spec: { source: { kustomize: { images: updated } } } },
    });
  }

  async function source(): Promise<Source> {
    const { spec } = await cluster.api.get("argoproj.io/v1alpha1", "Application", "alog", "argocd");
    return (spec as { source: Source }).source;
  }

  it("stay when the same stack is applied again", async () => {
    assert.deepEqual((await source()).kustomize, { images: updated });
    await cluster.api.apply(await applicationOf(stackConfig("develop")));
    assert.deepEqual((await source()).kustomize, { images: updated });
  });

  it("stay when another field of the same part changes", async () => {
    await cluster.api.apply(await applicationOf({ ...stackConfig("develop"), branch: "next" }));
    const { targetRevision, kustomize } = await source();
    assert.equal(targetRevision, "next");
    assert.deepEqual(kustomize, { images: updated });
  });
});

async function applicationOf(config: Config): Promise<ClusterObject> {
  const objects = await stackObjects(config, "develop");
  const application = objects.find((one) => titleOf(one) === "Application argocd/alog");
  assert.ok(application !== undefined);
  return application;
}
