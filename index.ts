import { buildsArgs } from "./components/builds/args.ts";
import { Builds } from "./components/builds/builds.ts";
import { Addons } from "./components/charts/addons.ts";
import { addons as addonCharts, parts } from "./components/charts/charts.ts";
import { Part } from "./components/charts/part.ts";
import { credentialsArgs, namespacesArgs } from "./components/cluster/args.ts";
import { verifiedCluster } from "./components/cluster/cluster.ts";
import { Credentials } from "./components/cluster/secrets/credentials.ts";
import { Namespaces } from "./components/cluster/namespaces.ts";
import { clusterWebhooksArgs, deliveryArgs, pinsArgs } from "./components/delivery/args.ts";
import { ClusterWebhooks } from "./components/delivery/cluster-webhooks.ts";
import { Delivery } from "./components/delivery/delivery.ts";
import { verifyPins } from "./components/delivery/pins.ts";
import { monitoringArgs } from "./components/monitoring/args.ts";
import { Monitoring } from "./components/monitoring/monitoring.ts";
import { outputs } from "./components/settings/outputs.ts";
import { readSettings } from "./components/settings/settings.ts";
import { triggerArgs } from "./components/trigger/args.ts";
import { Trigger } from "./components/trigger/trigger.ts";

const settings = readSettings();
// The cluster, and what everything in it needs first.
const cluster = await verifiedCluster(settings);
await verifyPins(pinsArgs(settings));
const { providers, github, leaving } = cluster;
const namespaces = new Namespaces("namespaces", namespacesArgs(settings), { providers });
const afterNamespaces = { providers, dependsOn: namespaces };
const credentials = new Credentials("credentials", credentialsArgs(settings), afterNamespaces);
const afterCredentials = { providers, dependsOn: [namespaces, credentials] };
const addons = new Addons("addons", { charts: Object.values(addonCharts), settings }, afterCredentials);

// The four parts of Argo.
const workflows = new Part("argo-workflows", { chart: parts.argoWorkflows, settings }, afterCredentials);
const events = new Part("argo-events", { chart: parts.argoEvents, settings }, afterCredentials);
const cdSettings = { ...settings, leaving };
const cd = new Part("argo-cd", { chart: parts.argoCd, settings: cdSettings }, afterCredentials);
const afterCd = { providers, dependsOn: [cd.release, credentials] };
const updater = new Part("image-updater", { chart: parts.imageUpdater, settings }, afterCd);

// The path of a push: the webhook starts a build, the build makes an image, and the image is delivered.
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
const afterUpdater = { providers, dependsOn: [cd.release, updater.release, credentials] };
const delivery = new Delivery("delivery", deliveryArgs(settings, leaving), afterUpdater);
const clusterWebhooks = { ...clusterWebhooksArgs(settings), github, key: cd.key };
new ClusterWebhooks("cluster-webhooks", clusterWebhooks, { providers, dependsOn: delivery });

const monitored = monitoringArgs(settings);
if (monitored !== undefined) new Monitoring("monitoring", monitored, afterCredentials);

export const { argocdUrl, argocdInitialPasswordCommand, workflowsUrl, webhookUrls, imageKey } =
  outputs(settings);
