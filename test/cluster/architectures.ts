/** Builds for several architectures on the real node, which has each architecture's label in turn. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { Run } from "../support/cluster-builds.ts";
import { builderOf } from "../support/cluster-builds.ts";
import { existing } from "../support/cluster-environment.ts";
import { titleOf } from "../support/cluster-objects.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { applyTemplate } from "../support/cluster-template.ts";
import { namespace } from "../support/cluster-trigger.ts";
import { until } from "../support/cluster-wait.ts";
import { nodeName } from "../support/node.ts";

/** A service of the stack of the tests, with two architectures. */
const service = "shop-everywhere";

/** @param started returns the cluster */
export function itBuildsForArchitectures(started: () => BuildCluster): void {
  // It would send pods of an existing cluster to the wrong nodes.
  const skip = existing === undefined ? false : "the label of an existing node is not changed";
  it(
    "builds on a node of each architecture, puts the images into one index, and reuses them",
    { skip },
    async () => {
      const cluster = started();
      await buildForNode(cluster);
      const one = (await builderOf(cluster, "shop")).of(service);
      // Without a RUN, because this machine runs no programs of the other architecture.
      const commit = one.commit({
        Dockerfile: "FROM scratch\nCOPY greeting /greeting\n",
        greeting: "hello\n",
      });
      await onBothNodes(cluster, one.push(commit));
      const index = await indexOf(cluster, "develop");
      assert.deepEqual(index.platforms, ["linux/amd64", "linux/arm64"]);
      assert.equal(index.revision, commit);
      assert.deepEqual(await indexOf(cluster, `develop-${commit.slice(0, 7)}`), index);
      const report = `success: moved develop, ${index.digest}`;
      assert.deepEqual(one.reported(commit), ["pending: building", report]);

      await onBothNodes(cluster, one.byHand({}));
      assert.deepEqual(await indexOf(cluster, "develop"), index);
      assert.equal(one.reported(commit).at(-1), report);
    },
  );
}

interface Template {
  readonly name: string;
  readonly container?: { readonly args: readonly string[] };
}

/** On a node of arm64, Kaniko would be a program of arm64, which builds for that by default. */
async function buildForNode({ api, objects }: BuildCluster): Promise<void> {
  const template = objects.find((one) => titleOf(one) === `WorkflowTemplate ${namespace}/${service}`);
  assert.ok(template !== undefined);
  const spec = template["spec"] as { readonly templates: readonly Template[] };
  const templates = spec.templates.map((one) =>
    one.name === "build" && one.container !== undefined
      ? { ...one, container: { ...one.container, args: [...one.container.args, platform] } }
      : one,
  );
  await applyTemplate(api, { ...template, spec: { ...spec, templates } });
}

const platform = "--custom-platform=linux/{{inputs.parameters.architecture}}";

/** The node becomes one of arm64 once the pod for amd64 has started on it. */
async function onBothNodes({ api }: BuildCluster, run: Run): Promise<void> {
  const label = (architecture: string) =>
    api.call(`/api/v1/nodes/${nodeName}`, {
      method: "PATCH",
      type: "application/merge-patch+json",
      body: { metadata: { labels: { "kubernetes.io/arch": architecture } } },
    });
  const hasStarted = async () =>
    (await api.list("v1", "Pod", namespace)).some(({ metadata: { annotations = {} }, status }) => {
      const { phase, startTime } = status as { phase?: string; startTime?: string };
      const node = annotations["workflows.argoproj.io/node-name"] ?? "";
      // A number of the retry follows.
      const isOurs = node.startsWith(service) && node.includes(".build-amd64");
      return isOurs && phase !== "Succeeded" && startTime !== undefined;
    });
  try {
    await until("the pod for amd64 has started", hasStarted);
    await label("arm64");
    await run.succeeds();
  } finally {
    await label("amd64");
  }
}

/** @returns the index under a tag, and the commit that its first image names */
async function indexOf({ registry }: BuildCluster, tag: string) {
  const base = `${registry.url}/v2/chromato99/${service}`;
  const read = async (path: string, accept: string) => {
    const answer = await fetch(`${base}/${path}`, { headers: { accept } });
    assert.equal(answer.status, 200, path);
    return { digest: answer.headers.get("docker-content-digest"), body: (await answer.json()) as unknown };
  };
  const { digest, body } = await read(`manifests/${tag}`, listTypes);
  const { manifests } = body as { manifests: { digest: string; platform: Platform }[] };
  const [first] = manifests;
  assert.ok(first !== undefined);
  const image = (await read(`manifests/${first.digest}`, imageTypes)).body as { config: { digest: string } };
  const config = (await read(`blobs/${image.config.digest}`, "*/*")).body as {
    config: { Labels: Record<string, string> };
  };
  return {
    digest: digest ?? "",
    platforms: manifests.map(({ platform: { os, architecture } }) => `${os}/${architecture}`),
    revision: config.config.Labels["org.opencontainers.image.revision"],
  };
}

interface Platform {
  readonly os: string;
  readonly architecture: string;
}

const listTypes =
  "application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.index.v1+json";
const imageTypes =
  "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json";
