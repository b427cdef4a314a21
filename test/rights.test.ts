/** docs/rights.md is derived from the declared objects. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DeclaredObject } from "../tools/declared/objects.ts";
import { rightsPage } from "../tools/docs/rights.ts";
import { account, object } from "./policies/objects.ts";

const results = { apiGroups: ["argoproj.io"], resources: ["workflowtaskresults"], verbs: ["create"] };
const reader = {
  apiGroups: ["argoproj.io"],
  resources: ["applications"],
  resourceNames: ["shop"],
  verbs: ["get"],
};

const policy = (name: string, resource: string, conditions: object) =>
  object({
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      ...conditions,
      matchConstraints: { resourceRules: [{ resources: [resource], operations: ["CREATE"] }] },
      validations: [{ message: `${name} says so` }],
    },
  });
const ofOne = { matchConditions: [{ expression: "user in ['system:serviceaccount:ci:one']" }] };

function template(name: string): DeclaredObject {
  const mount = { volumeMounts: [{ name: "login", mountPath: "/login" }] };
  const hidden = { volumeMounts: [{ mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }] };
  const env = [{ name: "A", valueFrom: { secretKeyRef: { name: "keys", key: "A" } } }];
  const volumes = [{ name: "login", secret: { secretName: "login", items: [{ key: "a" }, { key: "b" }] } }];
  const templates = [
    { name: "build", volumes, initContainers: [{ name: "first", ...hidden, env }], container: mount },
  ];
  return object({
    kind: "WorkflowTemplate",
    metadata: { name, namespace: "ci" },
    spec: { serviceAccountName: "one", templates },
  });
}

/** The rows of the tables. */
function rows(...objects: readonly DeclaredObject[]): string[] {
  const page = rightsPage(new Map([["stack", objects]]));
  return (
    page
      .split("\n## stack\n\n")[1]
      ?.split("\n")
      .filter((line) => !/^(\| (account|Secret|---).*)?$/.test(line)) ?? []
  );
}

describe("the page of rights", () => {
  it("has each account with its rights, their limits, its pods, and the containers with its token", () => {
    const limits = [
      policy("narrow", "workflowtaskresults", ofOne),
      policy("other", "workflows", ofOne),
      policy("all", "workflows", {}),
    ];
    assert.deepEqual(rows(...account(results, reader), ...limits, template("web")), [
      "| `ci/one` | in `ci`: create workflowtaskresults<br>in `ci`: get applications `shop` | narrow says so (`narrow`) | `build` of WorkflowTemplate `web` | `build/container` of WorkflowTemplate `web` |",
      "For all accounts that write workflows: all says so (`all`).",
      "| `ci/keys` | `A` | `build/first` of WorkflowTemplate `web` |",
      "| `ci/login` | `a`, `b` | `build/container` of WorkflowTemplate `web` |",
    ]);
  });

  it("counts many similar objects, and has accounts without rights", () => {
    const many = ["a", "b", "c", "d"].map(template);
    assert.deepEqual(rows(...account(), ...many).slice(0, 2), [
      "| `ci/one` | none | none | `build` of 4 WorkflowTemplates | `build/container` of 4 WorkflowTemplates |",
      "| `ci/keys` | `A` | `build/first` of 4 WorkflowTemplates |",
    ]);
  });
});
