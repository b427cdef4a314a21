/**
 * The images that pods of applications may have, as a policy of Kyverno
 * (https://kyverno.io/docs/policy-types/image-validating-policy).
 */
import { dockerHub, imageParts } from "../derived-names.ts";
import { dnsLabelOf } from "../names.ts";
import type { DnsLabel } from "../names.ts";
import type { ImageValidatingPolicySpec } from "../kinds/kyverno.ts";

export interface ImagePolicyArgs {
  /** Whether a pod is refused; otherwise, its creator is warned. */
  readonly refuses: boolean;
  /** The namespaces of applications. */
  readonly namespaces: readonly DnsLabel[];
  readonly images: readonly SignedImage[];
  /** In PEM format; an image must be signed with one of them. */
  readonly publicKeys: readonly string[];
  /** Whether the registry speaks plain HTTP. */
  readonly insecure: boolean;
}

export interface SignedImage {
  /** Registry and path, without a tag, as Kyverno resolves them. */
  readonly name: string;
  /** Address of its Git repository, as in the provenance. */
  readonly source: string;
}

/** An image's name as Kyverno resolves it: Docker Hub is named by the host of its registry. */
export function resolvedName(image: string): string {
  const { host, path } = imageParts(image);
  return `${host === dockerHub ? "index.docker.io" : host}/${path}`;
}

export const imagePolicyName = dnsLabelOf("argo-cicd-signed-images");

/** The maximum that an API server allows. Kyverno reads signatures from the registry. */
const timeoutSeconds = 30;

/** The `name` of a `SignedImage`, in CEL. */
function nameOf(image: string): string {
  return `image(${image}).registry() + "/" + image(${image}).repository()`;
}

const every = "(images.containers + images.initContainers + images.ephemeralContainers)";
const source =
  "extractPayload(one, attestations.provenance).predicate.buildDefinition.externalParameters.repository";

/**
 * Admits an image of this stack only if a build made it from the image's own repository. Anyone who can push to the
 * registry could otherwise put a signed image of another repository in its place.
 *
 * Checks only pods: in their controllers, Kyverno would write digests, which Argo CD would see as changes.
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
        message: "an image of this stack is not signed by one of its builds",
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

/** Without a transparency log, because builds do not write to one. */
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
      // The images of an existing pod can be changed, and ephemeral containers added to it.
      {
        apiGroups: [""],
        apiVersions: ["v1"],
        operations: ["CREATE", "UPDATE"],
        resources: ["pods", "pods/ephemeralcontainers"],
      },
    ],
  };
}
