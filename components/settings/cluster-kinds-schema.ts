/** The shape of a project's `clusterKinds`. Argo CD takes patterns, with which an application may hold kinds that nobody has thought of. */
import { z } from "zod";
import { says, strict } from "../checks.ts";

const group = z.string().regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*)?$/, {
  error: says("the name of an API group, without `*`", "write it like rbac.authorization.k8s.io"),
});

const kind = z.string().regex(/^[A-Z][A-Za-z0-9]*$/, {
  error: says("the name of one kind, without `*`", "write it like PriorityClass"),
});

export const clusterKinds = z
  .array(strict({ group: group.describe("API group, '' for core."), kind: kind.describe("Kind.") }))
  .default([])
  .describe("Cluster-wide kinds that the applications may hold; none by default.");
