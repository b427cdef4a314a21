/**
 * The images of a build's steps, each with its registry and its tag. A dependency bot recognizes them by that form,
 * updates them, and adds the digest after the tag: `name:tag@sha256:…`.
 */

export const images = {
  git: "docker.io/alpine/git:v2.49.1",
  crane: "gcr.io/go-containerregistry/crane/debug:v0.22.1",
  node: "docker.io/library/node:24.21.0-alpine",
  trivy: "docker.io/aquasec/trivy:0.74.0",
  // The variant with a shell. It signs in the bundle format, which will be the only one in future versions.
  cosign: "ghcr.io/sigstore/cosign/cosign:v3.1.3-dev",
  // The variant with a shell.
  kaniko: "ghcr.io/osscontainertools/kaniko:v1.28.3-debug",
  buildkit: "docker.io/moby/buildkit:v0.32.2-rootless",
} as const;
