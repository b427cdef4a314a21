import { buildsArgs } from "./components/builds/args.ts";
import { Builds } from "./components/builds/builds.ts";
import { Addons } from "./components/charts/addons.ts";
import { addons as addonCharts, parts } from "./components/charts/charts.ts";
import { Part } from "./components/charts/part.ts";
import { credentialsArgs, namespacesArgs } from "./components/cluster/args.ts";
import { provenCluster } from "./components/cluster/cluster.ts";
import { Credentials } from "./components/cluster/credentials.ts";
import { Namespaces } from "./components/cluster/namespaces.ts";
import { clusterWebhooksArgs, deliveryArgs, pinsArgs } from "./components/delivery/args.ts";
import { ClusterWebhooks } from "./components/delivery/cluster-webhooks.ts";
import { Delivery } from "./components/delivery/delivery.ts";
import { provePins } from "./components/delivery/pins.ts";
import { monitoringArgs } from "./components/monitoring/args.ts";
import { Monitoring } from "./components/monitoring/monitoring.ts";
import { outputs } from "./components/settings/outputs.ts";
import { readSettings } from "./components/settings/settings.ts";
import { triggerArgs } from "./components/trigger/args.ts";
import { Trigger } from "./components/trigger/trigger.ts";

const settings = readSettings();
// Where everything goes, and what it needs beforehand.
const cluster = await provenCluster(settings);
await provePins(pinsArgs(settings));
const { providers, github } = cluster;
const namespaces = new Namespaces("namespaces", namespacesArgs(settings), { providers });
const placed = { providers, dependsOn: namespaces };
const credentials = new Credentials("credentials", credentialsArgs(settings), placed);
const prepared = { providers, dependsOn: [namespaces, credentials] };
const addons = new Addons("addons", { charts: Object.values(addonCharts), settings }, prepared);

// The four parts of Argo.
const workflows = new Part("argo-workflows", { chart: parts.argoWorkflows, settings }, prepared);
const events = new Part("argo-events", { chart: parts.argoEvents, settings }, prepared);
const cd = new Part("argo-cd", { chart: parts.argoCd, settings }, prepared);
const besideCd = { providers, dependsOn: [cd.release, credentials] };
const updater = new Part("image-updater", { chart: parts.imageUpdater, settings }, besideCd);

// The way of a push: the webhook starts a build, the build makes an image, the image is delivered.
const builds = new Builds(
  "builds",
  { ...buildsArgs(settings), updaterKey: updater.key },
  { providers, dependsOn: [workflows.release, credentials] },
);
new Trigger(
  "trigger",
  { ...triggerArgs(settings), github, builds },
  { providers, dependsOn: [events.release, addons] },
);
const followed = { providers, dependsOn: [cd.release, updater.release, credentials] };
const delivery = new Delivery("delivery", deliveryArgs(settings), followed);
const hooks = { ...clusterWebhooksArgs(settings), github, key: cd.key };
new ClusterWebhooks("cluster-webhooks", hooks, { providers, dependsOn: delivery });

const measured = monitoringArgs(settings);
if (measured !== undefined) new Monitoring("monitoring", measured, prepared);

export const { argocdUrl, argocdInitialPasswordCommand, workflowsUrl, webhookUrls, imageKey } =
  outputs(settings);
