import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { argoRolloutsValues } from "../../components/charts/argo-rollouts.ts";
import {
  cephCsiDriversValues,
  rookCephClusterValues,
  rookCephValues,
} from "../../components/charts/rook-ceph.ts";
import { traefikValues } from "../../components/charts/traefik.ts";
import { argoCdValues } from "../../components/charts/argo-cd-values.ts";
import { argoEventsValues } from "../../components/charts/argo-events.ts";
import { imageUpdaterValues } from "../../components/charts/image-updater.ts";
import { zotValues } from "../../components/charts/zot.ts";
import { registryHost } from "../../components/names.ts";
import { label, named } from "../support/builders.ts";
import { confined, requests, seccompProfile, signOn, two } from "../support/chart-values.ts";

describe("the values of argo-events", () => {
  it("run the pinned image as one unprivileged user", () => {
    assert.deepEqual(argoEventsValues({ version: "v1.2.3", highAvailability: false }), {
      global: {
        image: { tag: "v1.2.3" },
        securityContext: { runAsNonRoot: true, runAsUser: 9731, seccompProfile },
      },
      controller: {
        replicas: 1,
        containerSecurityContext: confined,
        resources: requests("50m", "128Mi"),
      },
    });
  });
});

describe("the values of argo-cd", () => {
  const bare = {
    host: undefined,
    nodePort: undefined,
    ingress: undefined,
    highAvailability: false,
    webhookSecret: undefined,
    network: {},
    projects: [],
    isolated: false,
    signOn: undefined,
  };

  const params = { "server.insecure": false, "controller.resource.health.persist": true };

  it("keep it inside the cluster by default, without unused components", () => {
    assert.deepEqual(argoCdValues(bare), {
      createClusterRoles: false,
      configs: { cm: {}, params },
      controller: { resources: requests("250m", "512Mi") },
      redis: { resources: requests("50m", "64Mi") },
      redisSecretInit: { resources: requests("50m", "64Mi") },
      repoServer: { replicas: 1, resources: requests("100m", "256Mi") },
      server: { replicas: 1, resources: requests("50m", "128Mi"), service: { type: "ClusterIP" } },
      applicationSet: { replicas: 0 },
      dex: { enabled: false },
      notifications: { enabled: false },
    });
  });

  it("open one NodePort, with TLS, and set its own address", () => {
    const { configs, global, server } = argoCdValues({ ...bare, host: "cd.example", nodePort: 30443 });
    assert.deepEqual(server.service, { type: "NodePort", nodePortHttps: 30443, nodePortHttp: 0 });
    assert.deepEqual(global, { domain: "cd.example" });
    assert.deepEqual(configs, {
      cm: { url: "https://cd.example:30443" },
      params,
    });
  });

  it("terminate TLS at the Ingress", () => {
    const ingress = { class: label("nginx"), tlsSecret: label("cert"), annotations: { a: "b" } };
    const { configs, server } = argoCdValues({ ...bare, host: "cd.example", ingress });
    assert.equal(configs.params["server.insecure"], true);
    assert.deepEqual(server.ingress, {
      enabled: true,
      ingressClassName: "nginx",
      annotations: { a: "b" },
      tls: false,
      extraTls: [{ hosts: ["cd.example"], secretName: "cert" }],
    });
  });

  it("leave TLS to the Ingress's default without a certificate, and have no Ingress without a host", () => {
    const ingress = { class: label("nginx"), annotations: {} };
    assert.deepEqual(argoCdValues({ ...bare, host: "cd.example", ingress }).server.ingress, {
      enabled: true,
      ingressClassName: "nginx",
      annotations: {},
      tls: false,
      extraTls: [],
    });
    assert.equal("ingress" in argoCdValues({ ...bare, ingress }).server, false);
  });

  it("poll cluster repositories seldom if GitHub sends pushes, and hold no key", () => {
    const { configs } = argoCdValues({ ...bare, host: "cd.example", webhookSecret: label("hook") });
    assert.deepEqual(configs, {
      cm: { url: "https://cd.example", "timeout.reconciliation": "15m" },
      params,
      secret: { githubSecret: "$hook:secret" },
    });
  });

  it("let people in only by single sign-on: no admin, and no role for people in none of the groups", () => {
    const given = { ...bare, host: "cd.example" };
    const plain = argoCdValues(given);
    const values = argoCdValues({ ...given, signOn });
    const provider = {
      name: "id.acme.example",
      issuer: "https://id.acme.example/realms/acme",
      clientID: "argo",
      clientSecret: "$sign-on:client-secret",
      requestedScopes: ["openid", "email", "groups"],
    };
    assert.deepEqual(values, {
      ...plain,
      configs: {
        ...plain.configs,
        cm: {
          url: "https://cd.example",
          "admin.enabled": false,
          "oidc.config": JSON.stringify(provider, undefined, 2),
        },
        rbac: {
          "policy.default": "",
          "policy.csv":
            "p, role:admin, *, *, *, deny\np, role:admins, *, *, *, allow\n" +
            "g, acme:platform, role:admins\ng, operators, role:admins\ng, Team A, role:readonly\n",
          scopes: '["groups"]',
        },
      },
    });
    assert.equal(
      argoCdValues({ ...given, signOn: { ...signOn, groupsClaim: "teams" } }).configs.rbac?.scopes,
      '["teams"]',
    );
    assert.deepEqual(argoCdValues({ ...given, signOn: { ...signOn, argocd: undefined } }), plain);
  });

  it("skip cluster-wide kinds that it may not read if a project lists any", () => {
    const project = (kinds: { group: string; kind: string }[], namespaces: string[]) => ({
      name: label("shop"),
      applications: namespaces.map((one) => ({ namespace: label(one) })),
      clusterKinds: kinds,
    });
    const kinds = [{ group: "", kind: "PersistentVolume" }];
    const cm = (projects: ReturnType<typeof project>[]) => argoCdValues({ ...bare, projects }).configs.cm;
    assert.deepEqual(cm([project(kinds, ["shop"])]), { "resource.respectRBAC": "normal" });
    assert.deepEqual(cm([project(kinds, []), project([], ["shop"])]), {});
  });

  it("run two replicas where possible with high availability", () => {
    const { repoServer, server } = argoCdValues({ ...bare, highAvailability: true });
    assert.deepEqual({ replicas: repoServer.replicas, pdb: repoServer.pdb }, two);
    assert.deepEqual({ replicas: server.replicas, pdb: server.pdb }, two);
  });
});

describe("the values of argocd-image-updater", () => {
  const args = {
    namespace: label("argocd"),
    interval: 7200,
    insecure: false,
    webhookSecret: label("hook"),
    commits: false,
    network: {},
    monitored: false,
  };

  it("read Docker Hub with the login of the stack", () => {
    const registry = named(registryHost, "docker.io");
    assert.deepEqual(imageUpdaterValues({ ...args, registry, pullSecret: label("regcred") }), {
      createClusterRoles: false,
      config: {
        registries: [
          {
            name: "Docker Hub",
            prefix: "docker.io",
            api_url: "https://registry-1.docker.io",
            default: true,
            defaultns: "library",
            credentials: "pullsecret:argocd/regcred",
            credsexpire: "10m",
          },
        ],
        interval: "2h",
        "webhook.enable": true,
        "disable-tls": true,
      },
      extraEnv: [
        {
          name: "CLOUDEVENTS_WEBHOOK_SECRET",
          valueFrom: { secretKeyRef: { name: "hook", key: "token" } },
        },
      ],
      service: { enabled: true },
      resources: requests("50m", "64Mi"),
    });
  });

  it("check all images at the interval of the stack", () => {
    const given = { ...args, registry: named(registryHost, "docker.io"), pullSecret: undefined };
    const interval = (seconds: number) => imageUpdaterValues({ ...given, interval: seconds }).config.interval;
    assert.deepEqual([interval(5400), interval(90)], ["90m", "90s"]);
  });

  it("serve metrics without authentication if they are collected", () => {
    const given = { ...args, registry: named(registryHost, "docker.io"), pullSecret: undefined };
    const { extraArgs, ...rest } = imageUpdaterValues({ ...given, monitored: true });
    assert.deepEqual(extraArgs, ["--metrics-secure=false"]);
    assert.deepEqual(rest, imageUpdaterValues(given));
  });

  it("mark commits to cluster repositories, so that they start no build", () => {
    const registry = named(registryHost, "docker.io");
    const { config } = imageUpdaterValues({ ...args, registry, pullSecret: undefined, commits: true });
    assert.match(config["git.commit-message-template"] ?? "", /^build: .* \[skip ci\]\n/);
  });

  it("read a registry of plain HTTP without a login", () => {
    const registry = named(registryHost, "registry:5000");
    const { config } = imageUpdaterValues({ ...args, registry, insecure: true, pullSecret: undefined });
    assert.deepEqual(config.registries, [
      { name: "registry:5000", prefix: "registry:5000", api_url: "http://registry:5000", insecure: true },
    ]);
  });

  it("read another registry by HTTPS, with the login of the stack", () => {
    const registry = named(registryHost, "registry.example");
    const { config } = imageUpdaterValues({ ...args, registry, pullSecret: label("regcred") });
    assert.deepEqual(config.registries, [
      {
        name: "registry.example",
        prefix: "registry.example",
        api_url: "https://registry.example",
        credentials: "pullsecret:argocd/regcred",
        credsexpire: "10m",
      },
    ]);
  });
});

describe("the values of the addons", () => {
  const nodePorts = { http: 32080, https: 32443 };
  const given = {
    ...{ ingressClass: label("nginx"), nodePorts: undefined },
    ...{ snippets: false, seesSources: false, highAvailability: false },
  };

  it("serve the IngressClass of ingress-nginx with Traefik, on ports of the nodes", () => {
    assert.deepEqual(traefikValues({ ...given, nodePorts, highAvailability: true }), {
      deployment: { replicas: 2 },
      podDisruptionBudget: { enabled: true, minAvailable: 1 },
      ingressClass: { enabled: false },
      providers: {
        kubernetesCRD: { enabled: false },
        kubernetesIngress: { enabled: false },
        kubernetesIngressNGINX: {
          enabled: true,
          ingressClass: "nginx",
          publishService: { enabled: false },
        },
      },
      service: { spec: { type: "NodePort" } },
      ports: { web: { nodePort: 32080 }, websecure: { nodePort: 32443 } },
      resources: requests("100m", "128Mi"),
    });
  });

  it("serve it through a load balancer if the cluster has them, and with snippets if the stack enables them", () => {
    const values = traefikValues({ ...given, snippets: true });
    assert.deepEqual(values.service, { spec: { type: "LoadBalancer" } });
    assert.equal(values.ports, undefined);
    const { publishService, allowSnippetAnnotations } = values.providers.kubernetesIngressNGINX;
    assert.deepEqual([publishService.enabled, allowSnippetAnnotations], [true, true]);
  });

  it("preserve the addresses of clients if the stack limits them", () => {
    const sees = { ...given, seesSources: true, highAvailability: true };
    const traffic = { externalTrafficPolicy: "Local" };
    const balanced = traefikValues(sees);
    assert.deepEqual(balanced.service, { spec: { type: "LoadBalancer", ...traffic } });
    assert.deepEqual(balanced.deployment, { replicas: 2 });
    const ofNodes = traefikValues({ ...sees, nodePorts });
    assert.deepEqual(ofNodes.service, { spec: { type: "NodePort", ...traffic } });
    assert.deepEqual([ofNodes.deployment, ofNodes.podDisruptionBudget], [{ kind: "DaemonSet" }, undefined]);
  });

  it("make the stack's StorageClass from Ceph's block pool, and only block volumes", () => {
    assert.deepEqual(rookCephClusterValues(label("rook-ceph"), label("ceph-block")), {
      operatorNamespace: "rook-ceph",
      cephBlockPools: [
        {
          name: "ceph-blockpool",
          spec: { failureDomain: "host", replicated: { size: 3 } },
          storageClass: {
            enabled: true,
            name: "ceph-block",
            isDefault: true,
            reclaimPolicy: "Delete",
            allowVolumeExpansion: true,
            volumeBindingMode: "Immediate",
            parameters: {
              imageFormat: "2",
              imageFeatures: "layering",
              "csi.storage.k8s.io/provisioner-secret-name": "rook-csi-rbd-provisioner",
              "csi.storage.k8s.io/provisioner-secret-namespace": "rook-ceph",
              "csi.storage.k8s.io/controller-expand-secret-name": "rook-csi-rbd-provisioner",
              "csi.storage.k8s.io/controller-expand-secret-namespace": "rook-ceph",
              "csi.storage.k8s.io/controller-publish-secret-name": "rook-csi-rbd-provisioner",
              "csi.storage.k8s.io/controller-publish-secret-namespace": "rook-ceph",
              "csi.storage.k8s.io/node-stage-secret-name": "rook-csi-rbd-node",
              "csi.storage.k8s.io/node-stage-secret-namespace": "rook-ceph",
              "csi.storage.k8s.io/fstype": "ext4",
            },
          },
        },
      ],
      cephFileSystems: [],
      cephObjectStores: [],
    });
    assert.deepEqual(rookCephValues(), {
      resources: { requests: { cpu: "200m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    });
  });

  it("name the driver as the StorageClass does, with priority over the pods that need it", () => {
    const sidecar = requests("10m", "32Mi");
    const plugin = requests("50m", "128Mi");
    const drivers = (highAvailability: boolean) => cephCsiDriversValues(label("rook-ceph"), highAvailability);
    assert.deepEqual(drivers(true), {
      operatorConfig: {
        namespace: "rook-ceph",
        driverSpecDefaults: {
          imageSet: { name: "rook-csi-operator-image-set-configmap" },
          nodePlugin: { priorityClassName: "system-node-critical" },
          controllerPlugin: { priorityClassName: "system-cluster-critical" },
        },
      },
      drivers: {
        rbd: {
          enabled: true,
          name: "rook-ceph.rbd.csi.ceph.com",
          nodePlugin: { resources: { registrar: sidecar, plugin } },
          controllerPlugin: {
            replicas: 2,
            resources: { provisioner: sidecar, attacher: sidecar, resizer: sidecar, plugin },
          },
        },
        cephfs: { enabled: false },
        nfs: { enabled: false },
        nvmeof: { enabled: false },
      },
    });
    assert.equal(drivers(false).drivers.rbd.controllerPlugin.replicas, 1);
  });

  it("run one Rollouts controller, or two of which one is always available", () => {
    const resources = requests("50m", "128Mi");
    assert.deepEqual(argoRolloutsValues(false), { controller: { replicas: 1, resources } });
    assert.deepEqual(argoRolloutsValues(true), { controller: { ...two, resources } });
  });

  it("keep the registry's images on a volume, and accept images in Docker's format", () => {
    const storageClass = label("ceph-block");
    const args = { nodePort: 30500, volumeSize: "3Gi", storageClass };
    const values = zotValues({ ...args, monitored: false });
    const { configFiles, ...rest } = values;
    assert.deepEqual(rest, {
      service: { type: "NodePort", nodePort: 30500 },
      persistence: true,
      pvc: { create: true, name: "images", storage: "3Gi", storageClassName: "ceph-block" },
      mountConfig: true,
      resources: requests("50m", "128Mi"),
      podSecurityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        fsGroup: 1000,
        seccompProfile,
      },
      securityContext: confined,
    });
    const config: unknown = JSON.parse(configFiles["config.json"]);
    assert.deepEqual(config, {
      storage: { rootDirectory: "/var/lib/registry", gc: true, gcDelay: "2h", gcInterval: "6h" },
      http: { address: "0.0.0.0", port: "5000", compat: ["docker2s2"] },
      log: { level: "info" },
    });
    const monitored = zotValues({ ...args, monitored: true });
    assert.deepEqual(JSON.parse(monitored.configFiles["config.json"]), {
      ...Object(config),
      extensions: { metrics: { enable: true, prometheus: { path: "/metrics" } } },
    });
  });
});
