/** From the settings of a stack to what each component is given. Pure: no resource is made here. */
import type { Owner } from "./names.ts";
import { argoCdWebhookSecret, followedTag, updaterSecret } from "./names.ts";
import { buildsPlan } from "./plan/builds.ts";
import { credentialsPlan, pullSecretOf } from "./plan/credentials.ts";
import { clusterWebhooksPlan, pinsPlan } from "./plan/delivery.ts";
import { namespaceLevels, pageUrl } from "./plan/places.ts";
import { triggerPlan } from "./plan/trigger.ts";
import type { ApplicationSettings, ProjectWithSecrets, Settings } from "./settings.ts";

/** What each component of the stack is given, by the name that `index.ts` uses. */
export function planStack(settings: Settings) {
  const { cluster, namespaces, argocd } = settings;
  const { highAvailability } = cluster;
  return {
    cluster: clusterPlan(settings),
    pins: pinsPlan(settings),
    namespaces: { levels: namespaceLevels(settings) },
    credentials: credentialsPlan(settings),
    addons: addonsPlan(settings),
    workflows: {
      namespace: namespaces.workflows,
      highAvailability,
      nodePort: settings.workflows.nodePort,
    },
    events: { namespace: namespaces.events, highAvailability },
    argoCd: {
      namespace: namespaces.delivery,
      host: argocd.host,
      nodePort: argocd.nodePort,
      ingress: argocd.ingress,
      highAvailability,
      webhookSecret: clusterWebhooksPlan(settings).url === undefined ? undefined : argoCdWebhookSecret,
      keyVersion: settings.webhooks.keyVersion,
    },
    imageUpdater: imageUpdaterPlan(settings),
    builds: buildsPlan(settings),
    trigger: triggerPlan(settings),
    clusterWebhooks: clusterWebhooksPlan(settings),
    delivery: { namespace: namespaces.delivery, projects: settings.projects.map(deliveredProject) },
    outputs: outputs(settings),
  };
}

function clusterPlan({ cluster, github, githubToken, projects }: Settings) {
  const owners = [...new Set<Owner>(projects.map(({ owner }) => owner))];
  return { ...cluster, githubUrl: github.url, githubToken, owners };
}

function imageUpdaterPlan(settings: Settings) {
  const { host, insecure } = settings.registry;
  const namespace = settings.namespaces.delivery;
  const pullSecret = pullSecretOf(settings);
  const commits = settings.projects.some(({ applications }) =>
    applications.some(({ writeBack }) => writeBack === "git"),
  );
  return { namespace, registry: host, insecure, pullSecret, webhookSecret: updaterSecret, commits };
}

function addonsPlan({ addons: wanted, namespaces, cluster, webhooks }: Settings) {
  const { highAvailability, storageClass } = cluster;
  return {
    rookCeph: wanted.rookCeph ? { namespace: namespaces.storage, storageClass, highAvailability } : undefined,
    ingressController: wanted.ingressController && {
      namespace: namespaces.ingress,
      ingressClass: webhooks.ingress.class,
      nodePorts: wanted.ingressController.nodePorts,
      highAvailability,
    },
    registry: wanted.registry && { namespace: namespaces.registry, ...wanted.registry, storageClass },
    argoRollouts: wanted.argoRollouts ? { namespace: namespaces.rollouts, highAvailability } : undefined,
  };
}

function deliveredProject(project: ProjectWithSecrets) {
  return {
    ...project,
    applications: project.applications.map((one) => ({ ...one, images: followedImages(one, project) })),
  };
}

function followedImages({ follows }: ApplicationSettings, { branch }: ProjectWithSecrets) {
  return follows.map(({ object, image, tags, pin }) => ({
    alias: object,
    image,
    tag: followedTag(tags, branch, pin),
  }));
}

function outputs({ argocd, workflows, namespaces, cluster, projects }: Settings) {
  return {
    argocdUrl: pageUrl(argocd.host, argocd.nodePort),
    workflowsUrl: pageUrl(workflows.host, workflows.nodePort),
    webhookUrls: Object.fromEntries(projects.map(({ name, webhook }) => [name, webhook.url])),
    argocdInitialPasswordCommand:
      `kubectl --context '${cluster.context}' --namespace ${namespaces.delivery} get secret argocd-initial-admin-secret ` +
      "--output jsonpath='{.data.password}' | base64 --decode",
  };
}
