import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  catchUpBuilds,
  followApplications,
  noteUnreported,
  reportResults,
  stopBuilds,
} from "../../components/builds/roles.ts";
import { startBuilds } from "../../components/trigger/roles.ts";
import { buildLabels, labelsFrom, labelValue } from "../../components/builds/labels.ts";
import { branch, label, repositoryName } from "../support/builders.ts";

const apiGroups = ["argoproj.io"];

describe("the rights", () => {
  it("of the Sensor are to create a Workflow, or to find that it exists", () => {
    assert.deepEqual(startBuilds, [
      { apiGroups, resources: ["workflows"], verbs: ["get", "create", "patch"] },
    ]);
  });

  it("of a build's pods are to report their results", () => {
    assert.deepEqual(reportResults, [
      { apiGroups, resources: ["workflowtaskresults"], verbs: ["create", "patch"] },
    ]);
  });

  it("of the other steps are to label and read Workflows, and to find and stop older ones", () => {
    const verbs = ["get", "list", "patch"];
    assert.deepEqual(stopBuilds, [{ apiGroups, resources: ["workflows"], verbs }]);
  });

  it("of the check for lost pushes are to list, create and patch Workflows, and to delete pods of lost nodes", () => {
    assert.deepEqual(catchUpBuilds, [
      { apiGroups, resources: ["workflows"], verbs: ["get", "list", "create", "patch"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["list", "delete"] },
    ]);
  });

  it("of the step that waits are to note on a Workflow what it could not report to GitHub", () => {
    assert.deepEqual(noteUnreported, [{ apiGroups, resources: ["workflows"], verbs: ["patch"] }]);
  });

  it("of the step that waits are to read the Applications by name, and to refresh those with images by commit", () => {
    const rule = (resourceNames: string[], verb: string) => ({
      apiGroups,
      resources: ["applications"],
      resourceNames,
      verbs: [verb],
    });
    assert.deepEqual(followApplications(["shop", "other"], []), [rule(["shop", "other"], "get")]);
    assert.deepEqual(followApplications(["shop", "other"], ["other"]), [
      rule(["shop", "other"], "get"),
      rule(["other"], "patch"),
    ]);
  });
});

describe("the labels of builds", () => {
  it("are the project, the repository, the service and the branch", () => {
    const names = { name: repositoryName("_Web"), service: repositoryName("api.v2-") };
    assert.deepEqual(buildLabels(label("shop"), names, branch("release/1.x")), {
      "argo-cicd/project": "shop",
      "argo-cicd/repository": "Web",
      "argo-cicd/service": "api.v2",
      "argo-cicd/branch": "release-1.x",
    });
    assert.deepEqual(labelsFrom, {
      "argo-cicd/commit": { expression: "workflow.parameters.commit" },
      "argo-cicd/git-tag": { expression: "workflow.parameters.tag" },
    });
  });

  it("begin and end with a letter or a digit, and keep what is in between", () => {
    assert.equal(labelValue(repositoryName("__a._-B--")), "a._-B");
  });
});
