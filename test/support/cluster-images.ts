/** The images that a build needs, under the names that the manifests and the controllers request. */
import { images } from "../../components/builds/images.ts";
import { controllerImages } from "./cluster-argo.ts";
import { clusterTool } from "./cluster-tools.ts";
import type { Image } from "./images.ts";
import {
  craneImage,
  gitImage,
  idleImage,
  kanikoImage,
  nodeImage,
  programImage,
  trivyImage,
} from "./images.ts";
import type { Node } from "./node.ts";

/** The user that Argo's own images run as. */
const argoUser = "8737";

export async function addBuildImages({ addImage }: Pick<Node, "addImage">): Promise<void> {
  const { events, workflows, executor, nats, natsMetrics, natsReloader } = controllerImages;
  const all: Image[] = [
    programImage(events, "/bin/argo-events", await clusterTool("argo-events")),
    programImage(workflows, "/bin/workflow-controller", await clusterTool("workflow-controller"), argoUser),
    programImage(executor, "/bin/argoexec", await clusterTool("argoexec"), argoUser),
    programImage(full(nats), "/nats-server", await clusterTool("nats-server")),
    idleImage(full(natsMetrics), full(natsReloader)),
    kanikoImage(images.kaniko, await clusterTool("kaniko-executor")),
    gitImage(images.git),
    nodeImage(images.node),
    trivyImage(images.trivy),
    craneImage(images.crane, await clusterTool("crane")),
  ];
  for (const image of all) await addImage(image);
}

/** The name that the node uses for an image without a registry in its name. */
function full(name: string): string {
  return `docker.io/${name.includes("/") ? name : `library/${name}`}`;
}
