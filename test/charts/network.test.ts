/** How Argo's components reach servers outside the cluster. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { images } from "../../components/builds/images.ts";
import { argoCdValues } from "../../components/charts/argo-cd-values.ts";
import { argoWorkflowsValues } from "../../components/charts/argo-workflows.ts";
import { chartSource } from "../../components/charts/chart.ts";
import { imageUpdaterValues } from "../../components/charts/image-updater.ts";
import { registryHost } from "../../components/names.ts";
import { requests } from "../support/chart-values.ts";
import { label, named } from "../support/builders.ts";

describe("the source of a chart", () => {
  const chart = { chart: "argo-cd", repository: "https://argoproj.github.io/argo-helm" };

  it("is its own repository, or the stack's", () => {
    assert.deepEqual(chartSource(chart, { network: {} }), {
      chart: "argo-cd",
      repositoryOpts: { repo: "https://argoproj.github.io/argo-helm" },
    });
    const charts = "https://charts.example.com/all";
    assert.deepEqual(chartSource(chart, { network: { charts } }), {
      chart: "argo-cd",
      repositoryOpts: { repo: charts },
    });
  });

  it("is its full name if it is in a registry, for which Helm accepts no repository", () => {
    const charts = "oci://registry.example.com/charts";
    assert.deepEqual(chartSource(chart, { network: { charts } }), { chart: `${charts}/argo-cd` });
  });
});

describe("the proxy and the certificate authorities", () => {
  const proxy = { https: "http://proxy.example.com:3128", noProxy: [".example.com"] };
  const inside = "localhost,127.0.0.1,.svc,.cluster.local,$(KUBERNETES_SERVICE_HOST),.example.com";
  const ofProxy = [
    { name: "HTTPS_PROXY", value: "http://proxy.example.com:3128" },
    { name: "https_proxy", value: "http://proxy.example.com:3128" },
    { name: "NO_PROXY", value: inside },
    { name: "no_proxy", value: inside },
  ];
  const ofCa = [
    { name: "GIT_SSL_CAINFO", value: "/authorities/ca.crt" },
    { name: "SSL_CERT_FILE", value: "/authorities/ca.crt" },
  ];
  const pod = {
    // The hash of the text "certificates".
    podAnnotations: {
      "argo-cicd/authorities": "f78c06aa55a0e2d18b5653884184079a5e77f231af10d7cbdc121b5cb40ef187",
    },
    volumes: [
      {
        name: "certificate-authorities",
        configMap: { name: "certificate-authorities", defaultMode: 0o444 },
      },
      { name: "authorities", emptyDir: {} },
    ],
    volumeMounts: [{ name: "authorities", mountPath: "/authorities", readOnly: true }],
    initContainers: [
      {
        name: "authorities",
        image: images.git,
        command: [
          "/bin/sh",
          "-c",
          "cat /etc/ssl/certs/ca-certificates.crt /own-authorities/ca.crt >/authorities/ca.crt",
        ],
        volumeMounts: [
          { name: "certificate-authorities", mountPath: "/own-authorities", readOnly: true },
          { name: "authorities", mountPath: "/authorities" },
        ],
        resources: requests("10m", "16Mi"),
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          runAsNonRoot: true,
          runAsUser: 1000,
          seccompProfile: { type: "RuntimeDefault" },
        },
      },
    ],
  };
  const cd = {
    ...{ host: undefined, nodePort: undefined, ingress: undefined, highAvailability: false },
    projects: [],
    isolated: false,
    signOn: undefined,
  };
  const signOn = {
    issuer: "https://id.acme.example",
    clientId: "argo",
    groupsClaim: "groups",
    scopes: ["groups"],
    argocd: { admins: ["platform"], viewers: [] },
    workflows: { admins: ["platform"], viewers: [] },
  };
  const updater = {
    ...{ namespace: label("argocd"), registry: named(registryHost, "r.example"), insecure: false },
    ...{
      pullSecret: undefined,
      interval: 7200,
      webhookSecret: label("hook"),
      commits: false,
      monitored: false,
    },
  };

  it("are set for Argo CD's repo server, which reads cluster repositories", () => {
    const network = { ca: "certificates", proxy };
    const { repoServer, ...rest } = argoCdValues({ ...cd, webhookSecret: undefined, network });
    const { repoServer: plain, ...others } = argoCdValues({ ...cd, webhookSecret: undefined, network: {} });
    assert.deepEqual(rest, others);
    assert.deepEqual(repoServer, { ...plain, env: [...ofProxy, ...ofCa], ...pod });
    const { repoServer: proxied } = argoCdValues({ ...cd, webhookSecret: undefined, network: { proxy } });
    assert.deepEqual(proxied, { ...plain, env: ofProxy });
  });

  it("are set for the Image Updater, which reads the registry and cluster repositories", () => {
    const plain = imageUpdaterValues({ ...updater, network: {} });
    assert.deepEqual(imageUpdaterValues({ ...updater, network: { ca: "certificates", proxy } }), {
      ...plain,
      extraEnv: [...plain.extraEnv, ...ofProxy, ...ofCa],
      ...pod,
    });
  });

  it("are set for Argo CD's server if people sign on", () => {
    const given = { ...cd, webhookSecret: undefined, signOn };
    assert.equal("env" in argoCdValues({ ...given, network: {} }).server, false);
    const { server, configs } = argoCdValues({ ...given, network: { ca: "certificates", proxy } });
    assert.deepEqual(server.env, ofProxy);
    const provider = JSON.parse(configs.cm["oidc.config"] ?? "") as { rootCA?: string };
    assert.equal(provider.rootCA, "certificates");
  });

  const workflows = { host: "wf.example", highAvailability: false, logs: false, signOn: undefined };

  it("are set for Argo Workflows if logs go to an object store", () => {
    const network = { ca: "certificates", proxy };
    const plain = argoWorkflowsValues({ ...workflows, network: {} });
    assert.deepEqual(argoWorkflowsValues({ ...workflows, network }), plain);
    assert.deepEqual(argoWorkflowsValues({ ...workflows, logs: true, network }), {
      ...plain,
      executor: { ...plain.executor, env: ofProxy },
      server: { ...plain.server, extraEnv: ofProxy },
    });
  });

  it("are set for Argo Workflows' server if people sign on, with private authorities in addition to the public ones", () => {
    const given = { ...workflows, signOn };
    const plain = argoWorkflowsValues({ ...given, network: {} });
    assert.deepEqual(argoWorkflowsValues({ ...given, network: { ca: "certificates", proxy } }), {
      ...plain,
      server: {
        ...plain.server,
        extraEnv: [...ofProxy, { name: "SSL_CERT_DIR", value: "/own-authorities" }],
        podAnnotations: { ...plain.server.podAnnotations, ...pod.podAnnotations },
        volumes: [
          {
            name: "certificate-authorities",
            configMap: { name: "certificate-authorities", defaultMode: 0o444 },
          },
        ],
        volumeMounts: [{ name: "certificate-authorities", mountPath: "/own-authorities", readOnly: true }],
      },
    });
  });

  it("leave the Image Updater to reread credentials, since they may be renewed", () => {
    const { config } = imageUpdaterValues({
      ...updater,
      ...{ pullSecret: label("ecr"), network: {} },
    });
    assert.deepEqual(config.registries, [
      {
        ...{ name: "r.example", prefix: "r.example", api_url: "https://r.example" },
        ...{ credentials: "pullsecret:argocd/ecr", credsexpire: "10m" },
      },
    ]);
  });
});
