import { Addons } from "./components/addons.ts";
import { ArgoCd } from "./components/argo-cd.ts";
import { ArgoEvents } from "./components/argo-events.ts";
import { ArgoWorkflows } from "./components/argo-workflows.ts";
import { Builds } from "./components/builds.ts";
import { ClusterWebhooks } from "./components/cluster-webhooks.ts";
import { Cluster } from "./components/cluster.ts";
import { Credentials } from "./components/credentials.ts";
import { Delivery } from "./components/delivery.ts";
import { ImageUpdater } from "./components/image-updater.ts";
import { Namespaces } from "./components/namespaces.ts";
import { provePins } from "./components/pins.ts";
import { planStack } from "./components/plan.ts";
import { readSettings } from "./components/settings.ts";
import { Trigger } from "./components/trigger.ts";

const plan = planStack(readSettings());

// Where everything goes, and what it needs beforehand.
const cluster = new Cluster("cluster", plan.cluster);
await cluster.prove();
await provePins(plan.pins);
const providers = cluster.providers;
const namespaces = new Namespaces("namespaces", plan.namespaces, { providers });
const prepared = { providers, dependsOn: namespaces };
const credentials = new Credentials("credentials", plan.credentials, prepared);
const addons = new Addons("addons", plan.addons, prepared);

// The four parts of Argo.
const workflows = new ArgoWorkflows("argo-workflows", plan.workflows, prepared);
const events = new ArgoEvents("argo-events", plan.events, prepared);
const argoCd = new ArgoCd("argo-cd", plan.argoCd, prepared);
const updater = new ImageUpdater("image-updater", plan.imageUpdater, {
  providers,
  dependsOn: [argoCd.release, credentials],
});

// The way of a push: the webhook starts a build, the build makes an image, the image is delivered.
const builds = new Builds(
  "builds",
  { ...plan.builds, updaterKey: updater.webhookKey },
  { providers, dependsOn: [workflows.release, credentials] },
);
new Trigger(
  "trigger",
  { ...plan.trigger, github: cluster.github },
  {
    providers,
    dependsOn: [events.release, addons, builds],
  },
);
const followed = { providers, dependsOn: [argoCd.release, updater.release, credentials] };
const delivery = new Delivery("delivery", plan.delivery, followed);
new ClusterWebhooks(
  "cluster-webhooks",
  { ...plan.clusterWebhooks, github: cluster.github, key: argoCd.webhookKey },
  { providers, dependsOn: delivery },
);

export const { argocdUrl, argocdInitialPasswordCommand, workflowsUrl, webhookUrls } = plan.outputs;
