/** The sample: a service of one page, the cluster repository that runs it, and the stack that builds and delivers it. */

/** The names on the git server. The image has the service's name too. */
export const sample = {
  owner: "acme",
  service: "hello",
  clusterRepository: "hello-cluster",
  branch: "main",
  project: "sample",
  /** Of the Service and the pod. */
  port: 8080,
  namespace: "default",
} as const;

export const servicePath = `${sample.owner}/${sample.service}`;
export const clusterPath = `${sample.owner}/${sample.clusterRepository}`;

/** Stands for the commit until the image is built. */
const placeholder = "{commit}";

/** @param baseImage has a shell and busybox */
export function serviceFiles(baseImage: string): Record<string, string> {
  return {
    Dockerfile: `FROM ${baseImage}
ARG COMMIT
COPY index.html /www/index.html
RUN /bin/busybox sed -i "s/${placeholder}/$COMMIT/" /www/index.html
USER 65534
CMD ["/bin/busybox", "httpd", "-f", "-p", "${sample.port.toString()}", "-h", "/www"]
`,
    "index.html": `<!doctype html>
<title>hello</title>
<h1>Hello</h1>
<p>commit ${placeholder}</p>
`,
  };
}

/** @param image without a tag; the Image Updater chooses the one that runs */
export function clusterFiles(image: string): Record<string, string> {
  const { service, branch, port } = sample;
  return {
    "k8s/kustomization.yaml": `resources:
  - ${service}.yaml
`,
    [`k8s/${service}.yaml`]: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${service}
spec:
  selector:
    matchLabels: { app: ${service} }
  template:
    metadata:
      labels: { app: ${service} }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: ${service}
          image: ${image}:${branch}
          readinessProbe:
            httpGet: { path: /, port: ${port.toString()} }
            periodSeconds: 1
---
apiVersion: v1
kind: Service
metadata:
  name: ${service}
spec:
  selector: { app: ${service} }
  ports:
    - port: ${port.toString()}
`,
  };
}

/** The environment of the stack. */
export interface Surroundings {
  /** `cluster` of a stack file. */
  readonly cluster: object;
  /** As pods reach it. */
  readonly gitUrl: string;
  /** In the names of images. Serves plain HTTP. */
  readonly registry: string;
  /** Whether the cluster's nodes can pull what is built. */
  readonly deploys: boolean;
}

/** The namespace of the images in the registry. */
const imageNamespace = "sandbox";

export function imageOf(registry: string): string {
  return `${registry}/${imageNamespace}/${sample.service}`;
}

/** A stack file without secrets and without the prefix of its keys. */
export function sampleStack({ cluster, gitUrl, registry, deploys }: Surroundings) {
  const { owner, service, clusterRepository, branch, namespace } = sample;
  const application = { name: service, repository: clusterRepository, path: "k8s", namespace };
  return {
    cluster,
    branch,
    registry: { host: registry, namespace: imageNamespace, username: "sandbox", insecure: true },
    github: { url: gitUrl },
    delivery: { wait: deploys },
    eventBus: { replicas: 1 },
    builds: { resources: { cpu: "100m", memory: "1Gi" } },
    projects: {
      [sample.project]: {
        owner,
        webhook: { url: "https://sandbox.example/github-webhook" },
        repositories: [{ name: service, args: { COMMIT: placeholder } }],
        applications: deploys ? [application] : [],
      },
    },
  };
}
