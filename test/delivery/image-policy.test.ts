/** The images that pods may run. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { imagePolicy, resolvedName } from "../../components/delivery/image-policy.ts";
import { label } from "../support/builders.ts";

const given = {
  refuses: true,
  namespaces: [label("shop"), label("default")],
  images: [
    { name: "index.docker.io/team/web", source: "https://github.com/acme/web.git" },
    { name: "index.docker.io/team/api", source: "https://github.com/acme/api.git" },
  ],
  publicKeys: ["one\n", "two\n"],
  insecure: false,
};

describe("the policy of images", () => {
  it("admits images that a build of their own repository has signed", () => {
    const every = "(images.containers + images.initContainers + images.ephemeralContainers)";
    const ctlog = { insecureIgnoreTlog: true, insecureIgnoreSCT: true };
    assert.deepEqual(imagePolicy(given), {
      validationActions: ["Deny"],
      failurePolicy: "Fail",
      webhookConfiguration: { timeoutSeconds: 30 },
      matchConstraints: {
        namespaceSelector: {
          matchExpressions: [
            { key: "kubernetes.io/metadata.name", operator: "In", values: ["shop", "default"] },
          ],
        },
        resourceRules: [
          {
            apiGroups: [""],
            apiVersions: ["v1"],
            operations: ["CREATE", "UPDATE"],
            resources: ["pods", "pods/ephemeralcontainers"],
          },
        ],
      },
      autogen: { podControllers: { controllers: [] } },
      matchImageReferences: [
        {
          expression:
            '(image(ref).registry() + "/" + image(ref).repository()) in ["index.docker.io/team/web","index.docker.io/team/api"]',
        },
      ],
      variables: [
        {
          name: "sources",
          expression:
            '{"index.docker.io/team/web":"https://github.com/acme/web.git","index.docker.io/team/api":"https://github.com/acme/api.git"}',
        },
      ],
      attestors: [
        { name: "key0", cosign: { key: { data: "one\n" }, ctlog } },
        { name: "key1", cosign: { key: { data: "two\n" }, ctlog } },
      ],
      attestations: [{ name: "provenance", intoto: { type: "https://slsa.dev/provenance/v1" } }],
      validations: [
        {
          expression: `${every}.all(one, verifyAttestationSignatures(one, attestations.provenance, [attestors.key0, attestors.key1]) > 0)`,
          message: "an image of this stack is not signed by one of its builds",
        },
        {
          expression: `${every}.all(one, extractPayload(one, attestations.provenance).predicate.buildDefinition.externalParameters.repository == variables.sources[image(one).registry() + "/" + image(one).repository()])`,
          message: "an image of this stack was built from another repository",
        },
      ],
    });
  });

  it("only warns if configured, also for a registry without TLS", () => {
    const { validationActions, failurePolicy, credentials } = imagePolicy({
      ...given,
      refuses: false,
      insecure: true,
    });
    assert.deepEqual(
      { validationActions, failurePolicy, credentials },
      { validationActions: ["Warn"], failurePolicy: "Ignore", credentials: { allowInsecureRegistry: true } },
    );
  });

  it("matches images by the names that Kyverno resolves them to", () => {
    assert.equal(resolvedName("team/web"), "index.docker.io/team/web");
    assert.equal(resolvedName("registry.example.com:5000/web"), "registry.example.com:5000/web");
  });
});
