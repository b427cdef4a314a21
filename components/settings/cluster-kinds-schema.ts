/** The shape of a project's `clusterKinds`. Argo CD's patterns would allow kinds that nobody thought of. */
import { z } from "zod";
import { must, strict } from "../checks.ts";

const group = z.string().regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*)?$/, {
  error: must("the name of an API group, without `*`", "write it like rbac.authorization.k8s.io"),
});

const kind = z.string().regex(/^[A-Z][A-Za-z0-9]*$/, {
  error: must("the name of one kind, without `*`", "write it like PriorityClass"),
});

export const clusterKinds = z
  .array(strict({ group: group.describe("API group, '' for core."), kind: kind.describe("Kind.") }))
  .default([])
  .describe("Cluster-scoped kinds that the applications may contain; none by default.");
