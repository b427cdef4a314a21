import { authorities } from "../kinds/network.ts";
import type { DnsLabel } from "../names.ts";

/** An object store (S3) for logs, and the Secret with its keys `accessKey` and `secretKey`. */
export interface LogStore {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region?: string | undefined;
  readonly insecure: boolean;
  /** Whether a private authority, which is then in the Secret too, issued the store's certificate. */
  readonly privateCa: boolean;
  readonly secret: DnsLabel;
}

/** An artifact repository in the form that Argo Workflows reads from a ConfigMap, under the key `s3`. */
export function logRepository({ endpoint, bucket, region, insecure, privateCa, secret }: LogStore): {
  s3: string;
} {
  const s3 = {
    endpoint,
    bucket,
    ...(region === undefined ? {} : { region }),
    insecure,
    keyFormat: "{{workflow.namespace}}/{{workflow.name}}/{{pod.name}}",
    ...(privateCa ? { caSecret: { name: secret, key: authorities.key } } : {}),
    accessKeySecret: { name: secret, key: "accessKey" },
    secretKeySecret: { name: secret, key: "secretKey" },
  };
  // JSON is YAML too.
  return { s3: JSON.stringify({ archiveLogs: true, s3 }, null, 2) };
}
