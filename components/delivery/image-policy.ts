/** Which images pods of applications may have, as Kyverno checks it (https://kyverno.io/docs/policy-types/image-validating-policy). */
import { dockerHub, imageParts } from "../derived-names.ts";
import { dnsLabelOf } from "../names.ts";
import type { DnsLabel } from "../names.ts";
import type { ImageValidatingPolicySpec } from "../kinds/kyverno.ts";

export interface ImagePolicyArgs {
  /** Whether a pod is refused; otherwise whoever makes it is warned. */
  readonly refuses: boolean;
  /** Those of applications. */
  readonly namespaces: readonly DnsLabel[];
  readonly images: readonly SignedImage[];
  /** In PEM; one of them has signed an image. */
  readonly publicKeys: readonly string[];
  /** The registry speaks plain HTTP. */
  readonly insecure: boolean;
}

export interface SignedImage {
  /** With its registry, without a tag, as Kyverno names it. */
  readonly name: string;
  /** Its repository, as the provenance names it. */
  readonly source: string;
}

/** An image as Kyverno resolves it, which names Docker Hub by the host of its registry. */
export function resolvedName(image: string): string {
  const { host, path } = imageParts(image);
  return `${host === dockerHub ? "index.docker.io" : host}/${path}`;
}

export const imagePolicyName = dnsLabelOf("argo-cicd-signed-images");

/** Seconds: the most that an API server waits. Signatures are read from the registry. */
const timeoutSeconds = 30;

/** An image in CEL, as `SignedImage` names it. */
function nameOf(image: string): string {
  return `image(${image}).registry() + "/" + image(${image}).repository()`;
}

const every = "(images.containers + images.initContainers + images.ephemeralContainers)";
const source =
  "extractPayload(one, attestations.provenance).predicate.buildDefinition.externalParameters.repository";

/**
 * A pod has an image of this stack only as a build has made it, from the image's own repository: whoever can push to the registry
 * could give it another one's, with its signature.
 *
 * Of pods alone: in what makes them, Kyverno would write digests, which Argo CD would take for changes.
 */
export function imagePolicy(args: ImagePolicyArgs): ImageValidatingPolicySpec {
  const { refuses, images, publicKeys, insecure } = args;
  const attestors = publicKeys.map((data, index) => attestor(`key${index.toString()}`, data));
  const keys = attestors.map(({ name }) => `attestors.${name}`).join(", ");
  return {
    validationActions: [refuses ? "Deny" : "Warn"],
    failurePolicy: refuses ? "Fail" : "Ignore",
    webhookConfiguration: { timeoutSeconds },
    matchConstraints: podsOf(args.namespaces),
    autogen: { podControllers: { controllers: [] } },
    matchImageReferences: [
      { expression: `(${nameOf("ref")}) in ${JSON.stringify(images.map(({ name }) => name))}` },
    ],
    ...(insecure ? { credentials: { allowInsecureRegistry: true } } : {}),
    variables: [{ name: "sources", expression: JSON.stringify(sourcesOf(images)) }],
    attestors,
    attestations: [{ name: "provenance", intoto: { type: "https://slsa.dev/provenance/v1" } }],
    validations: [
      {
        expression: `${every}.all(one, verifyAttestationSignatures(one, attestations.provenance, [${keys}]) > 0)`,
        message: "an image of this stack is not signed by a build of its own",
      },
      {
        expression: `${every}.all(one, ${source} == variables.sources[${nameOf("one")}])`,
        message: "an image of this stack was built from another repository",
      },
    ],
  };
}

function sourcesOf(images: readonly SignedImage[]): Record<string, string> {
  return Object.fromEntries(images.map(({ name, source }) => [name, source]));
}

/** There is no transparency log. */
function attestor(name: string, data: string) {
  const ctlog = { insecureIgnoreTlog: true, insecureIgnoreSCT: true } as const;
  return { name, cosign: { key: { data }, ctlog } };
}

function podsOf(namespaces: readonly DnsLabel[]): ImageValidatingPolicySpec["matchConstraints"] {
  return {
    namespaceSelector: {
      matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: namespaces }],
    },
    resourceRules: [
      // An image may be changed where a pod stays, and ephemeral containers are added.
      {
        apiGroups: [""],
        apiVersions: ["v1"],
        operations: ["CREATE", "UPDATE"],
        resources: ["pods", "pods/ephemeralcontainers"],
      },
    ],
  };
}
