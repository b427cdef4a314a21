/** Argo Workflows' own programs with an API server. No pods run, and users sign on. */
import { join } from "node:path";
import type { ArgoWorkflowsValues } from "../../components/charts/argo-workflows.ts";
import type { WorkflowsServerValues } from "../../components/charts/argo-workflows-server.ts";
import type { EnvironmentVariable } from "../../components/kinds/kubernetes.ts";
import type { ApiServer } from "./api-server.ts";
import { writeKubeconfig } from "./api-server.ts";
import { startInBackground } from "./background-program.ts";
import { cookiesOf, signOn } from "./browser.ts";
import { clusterTool } from "./cluster-tools.ts";
import { freePort } from "./free-port.ts";

const configMap = "--configmap=workflow-controller-configmap";

/** @param values the chart's, which it turns into variables and arguments */
export async function startWorkflowController(
  { address, token }: ApiServer,
  { extraEnv, extraArgs }: ArgoWorkflowsValues["controller"],
  folder: string,
): Promise<{ readonly stop: () => void }> {
  const KUBECONFIG = writeKubeconfig(join(folder, "workflow-controller.kubeconfig"), address, token, "argo");
  const args = [configMap, "--executor-image=none", ...extraArgs];
  return startInBackground(await clusterTool("workflow-controller"), args, {
    env: { KUBECONFIG, LEADER_ELECTION_DISABLE: "true", ...valuesOf(extraEnv) },
  });
}

function valuesOf(variables: readonly EnvironmentVariable[]): Record<string, string> {
  return Object.fromEntries(variables.flatMap((one) => ("value" in one ? [[one.name, one.value]] : [])));
}

export interface ArgoServer {
  /** Signs on. @returns a client with the session of the user that the code names; undefined if that is refused */
  readonly signOn: (code: string) => Promise<Session | undefined>;
  readonly stop: () => void;
}

/** @returns the status and the text of an answer */
export type Session = (
  method: string,
  path: string,
  body?: object,
) => Promise<{ status: number; text: string }>;

/**
 * Resolves once the server answers.
 *
 * @param token of its pod's account
 * @param values the chart's, which it turns into arguments, a ConfigMap and variables
 * @param authorities the folder that the chart would mount at `SSL_CERT_DIR`
 */
export async function startArgoServer(
  { address }: ApiServer,
  token: string,
  { secure, authModes, extraEnv = [] }: WorkflowsServerValues,
  { folder, authorities }: { readonly folder: string; readonly authorities: string },
): Promise<ArgoServer> {
  const port = await freePort();
  const KUBECONFIG = writeKubeconfig(join(folder, "argo-server.kubeconfig"), address, token, "argo");
  const args = ["server", configMap, `--port=${port.toString()}`];
  const given = valuesOf(extraEnv);
  const trusted = given["SSL_CERT_DIR"] === undefined ? {} : { SSL_CERT_DIR: authorities };
  const modes = authModes.map((mode) => `--auth-mode=${mode}`);
  const url = `http://127.0.0.1:${port.toString()}`;
  const allArgs = [...args, `--secure=${secure.toString()}`, ...modes];
  const { stop } = await startInBackground(await clusterTool("argo"), allArgs, {
    env: { KUBECONFIG, HOME: folder, ...given, ...trusted },
    answers: async () => (await fetch(`${url}/oauth2/redirect`, { redirect: "manual" })).status === 302,
  });
  return { signOn: (code) => sessionOf(url, code), stop };
}

async function sessionOf(url: string, code: string): Promise<Session | undefined> {
  const back = await signOn(`${url}/oauth2/redirect?redirect=/workflows/ci`, `${url}/oauth2/callback`, code);
  if (back.status !== 302) return undefined;
  const cookie = cookiesOf(back);
  return async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  };
}
