/** The images of a build's steps. A dependency bot raises each by the `renovate:` comment above it. */

export const images = {
  // renovate: datasource=docker depName=alpine/git
  git: "docker.io/alpine/git:v2.49.1",
  // renovate: datasource=docker depName=gcr.io/go-containerregistry/crane/debug
  crane: "gcr.io/go-containerregistry/crane/debug:v0.22.1",
  // renovate: datasource=docker depName=node
  node: "docker.io/library/node:24.21.0-alpine",
  // renovate: datasource=docker depName=aquasec/trivy
  trivy: "docker.io/aquasec/trivy:0.74.0",
  // The variant with a shell. It signs in the format of bundles, which it will be alone in future versions.
  // renovate: datasource=docker depName=ghcr.io/sigstore/cosign/cosign
  cosign: "ghcr.io/sigstore/cosign/cosign:v3.1.3-dev",
  // The variant with a shell.
  // renovate: datasource=docker depName=ghcr.io/osscontainertools/kaniko
  kaniko: "ghcr.io/osscontainertools/kaniko:v1.28.3-debug",
  // renovate: datasource=docker depName=moby/buildkit
  buildkit: "docker.io/moby/buildkit:v0.32.2-rootless",
} as const;
