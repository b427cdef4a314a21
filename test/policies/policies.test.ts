/** Each policy finds violations and nothing else; the stacks have only the listed exceptions. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DeclaredObject } from "../../tools/declared/objects.ts";
import { objectsOf } from "../../tools/declared/objects.ts";
import { evaluateStackFile, expectedStacks } from "../../tools/offline/expected.ts";
import { exceptions } from "../../tools/policies/exceptions.ts";
import { describeViolation, policies, violations } from "../../tools/policies/policies.ts";
import type { Config } from "../support/declare.ts";
import { declare, smallConfig } from "../support/declare.ts";
import { cases } from "./cases.ts";
import { object } from "./objects.ts";

const stacks = new Map<string, readonly DeclaredObject[]>();
for (const [stack, file] of expectedStacks) {
  stacks.set(stack, objectsOf((await evaluateStackFile(file)).declared));
}
const withoutLimits = smallConfig({
  cluster: { context: "test", storageClass: "standard", admissionPolicies: false },
});
stacks.set("without admission policies", await declared(withoutLimits));

async function declared(config: Config): Promise<DeclaredObject[]> {
  return objectsOf((await declare(config)).declared);
}

describe("the policies", () => {
  for (const [stack, objects] of stacks) {
    it(`hold for ${stack}, except for the exceptions`, () => {
      assert.deepEqual(violations(objects).map(describeViolation), []);
    });
  }

  it("have unique names, and each has cases", () => {
    const names = policies.map(({ name }) => name);
    assert.deepEqual(Object.keys(cases).toSorted(), names.toSorted());
  });

  for (const { name, find } of policies) {
    const { kept, broken } = cases[name] ?? { kept: [], broken: [] };
    it(`${name} finds violations, and nothing else`, () => {
      assert.ok(kept.length > 0 && broken.length > 0);
      for (const objects of kept)
        assert.deepEqual(
          find(objects).map(({ found }) => found),
          [],
        );
      for (const [objects, found] of broken)
        assert.deepEqual(
          find(objects).map((one) => one.found),
          found,
        );
    });
  }
});

describe("an exception", () => {
  for (const { policy, what, covers } of exceptions) {
    it(`of ${policy} for ${what} names a policy, and covers a finding`, () => {
      const one = policies.find(({ name }) => name === policy);
      assert.ok(one !== undefined);
      const covered = [...stacks.values()].some((objects) =>
        one.find(objects).some((finding) => covers(finding, objects)),
      );
      assert.ok(covered);
    });
  }

  it("covers no similar object", () => {
    const own = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: {} } };
    const pod = {
      kind: "Pod",
      metadata: { name: "web", namespace: "shop" },
      spec: { containers: [{ name: "a" }] },
    };
    const webhook = (url: string) => object({ kind: "RepositoryWebhook", configuration: { url } });
    const ingress = object({ kind: "Ingress", spec: { rules: [{ host: "ci.example" }] } });
    const application = object({ kind: "Application", spec: { destination: { namespace: "shop" } } });
    const broken = (...objects: readonly DeclaredObject[]) =>
      violations(objects).map(({ policy }) => policy.name);
    assert.ok(!broken(object(own), application).includes("pod-security"));
    assert.ok(broken(object(own)).includes("pod-security"));
    assert.ok(broken(object(own), application, object(pod)).includes("pod-security"));
    assert.ok(!broken(ingress, webhook("https://ci.example/a")).includes("ingress-tls"));
    assert.ok(broken(ingress).includes("ingress-tls"));
    assert.ok(
      broken(ingress, webhook("https://ci.example/a"), webhook("http://ci.example/b")).includes(
        "ingress-tls",
      ),
    );
    assert.ok(broken(ingress, webhook("https://ci.example.org/a")).includes("ingress-tls"));
    const node = { kind: "Service", metadata: { name: "other" }, spec: { type: "NodePort" } };
    assert.ok(broken(object(node)).includes("exposed-service"));
  });
});

describe("a violation", () => {
  it("in many places shows eight of them", () => {
    const images = Array.from({ length: 10 }, (_, index) => ({
      name: "a",
      image: `docker.io/a/${index.toString()}`,
    }));
    const pod = object({ kind: "Pod", spec: { containers: images } });
    const [text = ""] = violations([pod])
      .map(describeViolation)
      .filter((one) => one.startsWith("Policy fixed-image"));
    assert.match(text, /docker\.io\/a\/7 has no fixed tag\n {2}and 2 more$/);
  });

  it("shows the policy, the reason, the fix, and each place once", () => {
    const pod = object({
      kind: "Pod",
      metadata: { name: "web", namespace: "shop" },
      spec: {
        containers: [
          { name: "a", image: "docker.io/acme/a" },
          { name: "b", image: "docker.io/acme/b:latest" },
        ],
      },
    });
    const [violation] = violations([pod]).filter(({ policy }) => policy.name === "fixed-image");
    assert.ok(violation !== undefined);
    assert.equal(
      describeViolation(violation),
      "Policy fixed-image: A tag that moves may run something else tomorrow than what was reviewed today. " +
        "Use a version as the image's tag, or a digest.\n" +
        "  shop/Pod-web.yaml: a: docker.io/acme/a has no fixed tag\n" +
        "  shop/Pod-web.yaml: b: docker.io/acme/b:latest has no fixed tag",
    );
  });
});
