/** The NodePorts of charts. */

export interface ChartNodePort {
  /** The key of the stack file. */
  readonly path: string;
  readonly chart: "argoCd" | "argoWorkflows" | "traefik" | "zot";
  readonly port: number;
}

/** A stack file, or the settings. */
interface Stack {
  readonly argocd?: Exposed;
  readonly workflows?: Exposed;
  readonly addons?:
    | {
        readonly registry?: Exposed;
        readonly ingressController?:
          { readonly nodePorts?: { readonly http?: Port; readonly https?: Port } | undefined } | undefined;
      }
    | undefined;
}

type Port = number | undefined;
type Exposed = { readonly nodePort?: Port } | undefined;

export function chartNodePorts({ argocd, workflows, addons }: Stack): ChartNodePort[] {
  const { http, https } = addons?.ingressController?.nodePorts ?? {};
  return [
    at("argocd.nodePort", "argoCd", argocd?.nodePort),
    at("workflows.nodePort", "argoWorkflows", workflows?.nodePort),
    at("addons.registry.nodePort", "zot", addons?.registry?.nodePort),
    at("addons.ingressController.nodePorts.http", "traefik", http),
    at("addons.ingressController.nodePorts.https", "traefik", https),
  ].flat();
}

function at(path: string, chart: ChartNodePort["chart"], port: Port): ChartNodePort[] {
  return port === undefined ? [] : [{ path, chart, port }];
}
