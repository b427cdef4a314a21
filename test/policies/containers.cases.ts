/** Cases for the policies of images, commands and environments of containers. */
import type { Cases } from "./objects.ts";
import { container, object, template } from "./objects.ts";

const bus = (containerTemplate: object) => [
  object({ kind: "EventBus", spec: { jetstream: { containerTemplate } } }),
];

export const containers: Readonly<Record<string, Cases>> = {
  "fixed-image": {
    kept: ["docker.io/a/b:1.2", "host:5000/a:v1", "docker.io/a/b@sha256:12"].map((image) =>
      container({ image }),
    ),
    broken: [
      [container({ image: "docker.io/a/b" }), ["a: docker.io/a/b has no fixed tag"]],
      [container({ image: "host:5000/b" }), ["a: host:5000/b has no fixed tag"]],
      [container({ image: "docker.io/a/b:latest" }), ["a: docker.io/a/b:latest has no fixed tag"]],
    ],
  },
  "full-image-name": {
    kept: ["docker.io/library/a:1", "host:5000/a:1", "localhost/a:1"].map((image) => container({ image })),
    broken: [
      [container({ image: "alpine:3" }), ["a: alpine:3 names no registry"]],
      [container({ image: "moby/buildkit:1" }), ["a: moby/buildkit:1 names no registry"]],
    ],
  },
  "memory-limit": {
    kept: [container({ resources: { limits: { memory: "1Gi" } } })],
    broken: [
      [container({ resources: { limits: { cpu: "1" } } }), ["a: no memory limit"]],
      [bus({}), ["containerTemplate: no memory limit"]],
    ],
  },
  "resource-requests": {
    kept: [container({ resources: { requests: { cpu: "1", memory: "1Gi" } } })],
    broken: [[container({}), ["a: requests no cpu", "a: requests no memory"]]],
  },
  "secrets-as-files": {
    kept: [container({ env: [{ name: "A", value: "b" }], envFrom: [{ configMapRef: { name: "c" } }] })],
    broken: [
      [
        container({ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] }),
        ["a: A is a secret"],
      ],
      [container({ envFrom: [{ secretRef: { name: "s" } }] }), ["a: has all keys of s"]],
    ],
  },
  "no-values-in-commands": {
    kept: [
      container({ args: ["--created={{workflow.creationTimestamp}}"] }),
      container({ env: [{ name: "A", value: "{{inputs.parameters.commit}}" }] }),
    ],
    broken: [
      [
        template({ container: { args: ["echo {{inputs.parameters.a}}"] } }),
        ["template t, container: echo {{inputs.parameters.a}} has a substituted value"],
      ],
      [
        template({ container: { command: ["{{=item}}"] } }),
        ["template t, container: {{=item}} has a substituted value"],
      ],
      [
        template({ script: { source: "echo {{workflow.parameters.b}}" } }),
        ["template t, script: echo {{workflow.parameters.b}} has a substituted value"],
      ],
    ],
  },
  "verified-servers": {
    kept: [container({ args: ["--cache=true"], env: [{ name: "INSECURE", value: "false" }] })],
    broken: [
      [container({ args: ["--skip-tls-verify"] }), ["a: --skip-tls-verify"]],
      [container({ env: [{ name: "GIT_SSL_NO_VERIFY", value: "1" }] }), ["a: GIT_SSL_NO_VERIFY=1"]],
    ],
  },
};
