/** The policies that restrict writes; test/parts/admission.test.ts evaluates them in an API server. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildPolicies } from "../../components/builds/admission.ts";
import {
  bindingSpec,
  hasOnly,
  metadataUnchangedBut,
  policySpec,
  unchangedBut,
} from "../../components/kinds/admission.ts";
import { label } from "../support/builders.ts";

const rule = { expression: "true", message: "all is allowed" };
const policy = {
  name: label("a-policy"),
  resource: "workflows",
  operations: ["UPDATE"],
  rules: [rule],
} as const;
const accounts = [
  { namespace: label("ci"), name: label("build") },
  { namespace: label("ci-buildkit"), name: label("build") },
];
const matchConstraints = {
  resourceRules: [
    {
      apiGroups: ["argoproj.io"],
      apiVersions: ["v1alpha1"],
      operations: ["UPDATE"],
      resources: ["workflows"],
    },
  ],
};

describe("an admission policy", () => {
  it("for accounts matches their names, in all namespaces", () => {
    const forAccounts = { ...policy, appliesTo: { accounts } };
    assert.deepEqual(policySpec(forAccounts), {
      failurePolicy: "Fail",
      matchConstraints,
      matchConditions: [
        {
          name: "account",
          expression:
            "request.userInfo.username in ['system:serviceaccount:ci:build', 'system:serviceaccount:ci-buildkit:build']",
        },
      ],
      validations: [rule],
    });
    assert.deepEqual(bindingSpec(forAccounts), { policyName: "a-policy", validationActions: ["Deny"] });
  });

  it("for everybody matches the namespaces", () => {
    const forEverybody = { ...policy, appliesTo: { namespaces: [label("ci"), label("ci-buildkit")] } };
    assert.deepEqual(policySpec(forEverybody), {
      failurePolicy: "Fail",
      matchConstraints,
      validations: [rule],
    });
    assert.deepEqual(bindingSpec(forEverybody), {
      policyName: "a-policy",
      validationActions: ["Deny"],
      matchResources: {
        namespaceSelector: {
          matchExpressions: [
            { key: "kubernetes.io/metadata.name", operator: "In", values: ["ci", "ci-buildkit"] },
          ],
        },
      },
    });
  });

  it("expresses in CEL what may change", () => {
    assert.equal(hasOnly("object.spec", ["a", "b"]), "object.spec.all(key, key in ['a', 'b'])");
    assert.equal(
      unchangedBut(".spec", ["a"]),
      "object.spec.all(key, key in ['a'] || (key in oldObject.spec && object.spec[key] == oldObject.spec[key])) && " +
        "oldObject.spec.all(key, key in ['a'] || key in object.spec)",
    );
    assert.match(
      metadataUnchangedBut({}),
      / && object\.metadata\.\?finalizers\.orValue\(\[\]\) == oldObject\.metadata\.\?finalizers\.orValue\(\[\]\)$/,
    );
  });
});

describe("the admission policies of builds", () => {
  const names = (...given: [followed: { areReported: boolean } | undefined, caughtUp: boolean]) =>
    buildPolicies([label("ci")], ...given).map(({ name }) => name);

  it("are those of every existing account", () => {
    const always = ["argo-cicd-arguments", "argo-cicd-results", "argo-cicd-build-control"];
    assert.deepEqual(names(undefined, false), always);
    const caughtUp = [...always, "argo-cicd-catch-up", "argo-cicd-catch-up-pods", "argo-cicd-build-live"];
    assert.deepEqual(names({ areReported: false }, true), caughtUp);
    assert.deepEqual(names({ areReported: true }, true), [...caughtUp, "argo-cicd-build-live-notes"]);
  });
});
