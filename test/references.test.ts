import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { declaredFiles, stackConfig } from "./support/declare.ts";

describe("references", () => {
  for (const stack of ["develop", "publish"]) {
    it(`of ${stack} lead to objects of the stack`, async () => {
      const files = await declaredFiles(stackConfig(stack), stack);
      const missing = [...files].flatMap(([path, text]) => {
        const folder = path.split("/")[0] ?? "";
        const object = parse(text) as { namespace?: string };
        const namespace = folder === "_releases" ? (object.namespace ?? "") : folder;
        return references(object)
          .filter((one) => !files.has(`${namespace}/${one}.yaml`))
          .map((one) => `${path} -> ${one}`);
      });
      assert.deepEqual(missing, []);
    });
  }
});

/** The ServiceAccounts, Secrets and ConfigMaps that an object names. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    if (key === "serviceAccountName") return [`ServiceAccount-${String(child)}`];
    if (key === "secretKeyRef" || key === "webhookSecret")
      return [`Secret-${(child as { name: string }).name}`];
    if (key === "secretName") return [`Secret-${String(child)}`];
    if (key === "artifactRepositoryRef") return [`ConfigMap-${(child as { configMap: string }).configMap}`];
    if (key === "configMap" || key === "configMapKeyRef")
      return [`ConfigMap-${(child as { name: string }).name}`];
    return references(child);
  });
}
