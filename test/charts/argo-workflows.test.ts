/** The values of chart argo-workflows. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { argoWorkflowsValues } from "../../components/charts/argo-workflows.ts";
import { label } from "../support/builders.ts";
import { confined, requests, seccompProfile, signOn as ofArgoCd, two } from "../support/chart-values.ts";

const signOn = { ...ofArgoCd, workflows: { admins: ["platform"], viewers: [] } };

describe("the values of argo-workflows", () => {
  const workflows = { highAvailability: false, logs: false, network: {}, signOn: undefined };

  it("download no CRDs, allow only declared templates, and require a token of each user", () => {
    assert.deepEqual(argoWorkflowsValues(workflows), {
      crds: { full: false },
      workflow: { serviceAccount: { create: false }, rbac: { create: false } },
      controller: {
        replicas: 1,
        extraArgs: ["--qps=100", "--burst=200"],
        extraEnv: [{ name: "DEFAULT_REQUEUE_TIME", value: "200ms" }],
        workflowRestrictions: { templateReferencing: "Strict" },
        metricsConfig: { enabled: true },
        podSecurityContext: { seccompProfile },
        resources: requests("100m", "256Mi"),
      },
      executor: {
        resources: requests("50m", "64Mi"),
        securityContext: { ...confined, runAsNonRoot: true, runAsUser: 8737, seccompProfile },
      },
      server: {
        replicas: 1,
        authModes: ["client"],
        rbac: { create: false },
        clusterWorkflowTemplates: { enabled: false },
        secure: true,
        serviceType: "ClusterIP",
        podSecurityContext: { seccompProfile },
        resources: requests("50m", "128Mi"),
      },
    });
  });

  it("open a NodePort, and run two replicas of each with high availability", () => {
    const { controller, server } = argoWorkflowsValues({
      ...workflows,
      highAvailability: true,
      nodePort: 32746,
    });
    assert.deepEqual({ replicas: controller.replicas, pdb: controller.pdb }, two);
    assert.deepEqual({ replicas: server.replicas, pdb: server.pdb }, two);
    assert.equal(server.serviceType, "NodePort");
    assert.equal(server.serviceNodePort, 32746);
  });

  it("terminate TLS at the Ingress, with a certificate of the stack or the controller's default", () => {
    const ingress = { class: label("nginx"), tlsSecret: label("cert"), annotations: { a: "b" } };
    const given = { ...workflows, host: "wf.example" };
    const { server } = argoWorkflowsValues({ ...given, ingress });
    assert.deepEqual([server.secure, server.serviceType], [false, "ClusterIP"]);
    const values = {
      enabled: true,
      ingressClassName: "nginx",
      annotations: { a: "b" },
      hosts: ["wf.example"],
      tls: [{ hosts: ["wf.example"], secretName: "cert" }],
    };
    assert.deepEqual(server.ingress, values);
    const bare = argoWorkflowsValues({ ...given, ingress: { ...ingress, tlsSecret: undefined } }).server;
    assert.deepEqual(bare.ingress, { ...values, tls: [] });
  });

  it("let people in only by single sign-on, with the account of their groups", () => {
    const plain = argoWorkflowsValues({ ...workflows, host: "wf.example", nodePort: 32746 });
    const values = argoWorkflowsValues({ ...workflows, host: "wf.example", nodePort: 32746, signOn });
    const sso = {
      enabled: true,
      issuer: "https://id.acme.example/realms/acme",
      clientId: { name: "sign-on", key: "client-id" },
      clientSecret: { name: "sign-on", key: "client-secret" },
      redirectUrl: "https://wf.example:32746/oauth2/callback",
      rbac: { enabled: true },
      scopes: ["email", "groups"],
    };
    // Another client restarts the server, which reads it only when it starts.
    const podAnnotations = { "argo-cicd/sign-on-client": signOn.clientId };
    assert.deepEqual(values, {
      ...plain,
      server: { ...plain.server, authModes: ["sso"], sso, podAnnotations },
    });
    const claimed = argoWorkflowsValues({
      ...workflows,
      host: "wf.example",
      signOn: { ...signOn, groupsClaim: "teams" },
    });
    assert.deepEqual(claimed.server.sso, {
      ...sso,
      redirectUrl: "https://wf.example/oauth2/callback",
      customGroupClaimName: "teams",
    });
  });

  it("have no sign-on if only Argo CD has it", () => {
    const onlyArgoCd = { ...signOn, workflows: undefined };
    const given = { ...workflows, host: "wf.example" };
    assert.deepEqual(argoWorkflowsValues({ ...given, signOn: onlyArgoCd }), argoWorkflowsValues(given));
  });
});
