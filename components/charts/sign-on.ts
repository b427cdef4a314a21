/** Single sign-on by OpenID Connect, in the words of each dashboard. */
import { signOnSecret } from "../derived-names.ts";

/** As a stack file has it. */
export interface SignOn {
  readonly issuer: string;
  readonly clientId: string;
  readonly groupsClaim: string;
  readonly scopes: readonly string[];
  readonly argocd?: Roles | undefined;
  readonly workflows?: Roles | undefined;
}

/** Groups by what their members may. */
export interface Roles {
  readonly admins: readonly string[];
  readonly viewers: readonly string[];
}

/** The keys of the Secret that both dashboards have in their namespaces. */
export const signOnKeys = { id: "client-id", secret: "client-secret" } as const;

/** What Argo CD's `argocd-cm` has of it (argo-cd `docs/operator-manual/user-management`). */
export interface ArgoCdSignOn {
  readonly "admin.enabled": false;
  readonly "oidc.config": string;
}

/** @param ca certificates of private authorities; the public ones count too */
export function argoCdSignOn({ issuer, clientId, scopes }: SignOn, ca: string | undefined): ArgoCdSignOn {
  const provider = {
    // Stands on the button.
    name: new URL(issuer).host,
    issuer,
    clientID: clientId,
    // A reference: the ConfigMap and the values of the release can be read in the cluster.
    clientSecret: `$${signOnSecret}:${signOnKeys.secret}`,
    requestedScopes: ["openid", ...scopes],
    ...(ca === undefined ? {} : { rootCA: ca }),
  };
  // JSON is YAML.
  return { "admin.enabled": false, "oidc.config": JSON.stringify(provider, undefined, 2) };
}

/** What Argo CD's `argocd-rbac-cm` has of it (argo-cd `docs/operator-manual/rbac.md`). */
export interface ArgoCdRoles {
  readonly "policy.default": "";
  readonly "policy.csv": string;
  readonly scopes: string;
}

/**
 * `role:readonly` is Argo CD's own. Its `role:admin` is shut: whoever has a group of that name at the provider would have it, or the
 * name `admin` as `sub` (argo-cd `assets/builtin-policy.csv`, `server/rbacpolicy`).
 */
export function argoCdRoles({ groupsClaim }: SignOn, { admins, viewers }: Roles): ArgoCdRoles {
  const lines = [
    "p, role:admin, *, *, *, deny",
    "p, role:admins, *, *, *, allow",
    ...admins.map((group) => `g, ${group}, role:admins`),
    ...viewers.map((group) => `g, ${group}, role:readonly`),
  ];
  return {
    // Whoever is in none of the groups signs on, and sees nothing.
    "policy.default": "",
    "policy.csv": lines.map((line) => `${line}\n`).join(""),
    scopes: JSON.stringify([groupsClaim]),
  };
}

/** The values of chart argo-workflows' `server.sso` that we set. */
export interface WorkflowsSignOn {
  readonly enabled: true;
  readonly issuer: string;
  readonly clientId: SecretKey;
  readonly clientSecret: SecretKey;
  readonly redirectUrl: string;
  readonly rbac: { readonly enabled: true };
  readonly scopes: readonly string[];
  readonly customGroupClaimName?: string;
}

interface SecretKey {
  readonly name: string;
  readonly key: string;
}

/** @param page address under which browsers reach the server */
export function workflowsSignOn({ issuer, groupsClaim, scopes }: SignOn, page: string): WorkflowsSignOn {
  const key = (one: string): SecretKey => ({ name: signOnSecret, key: one });
  return {
    enabled: true,
    issuer,
    clientId: key(signOnKeys.id),
    clientSecret: key(signOnKeys.secret),
    redirectUrl: `${page}/oauth2/callback`,
    // Else everybody who signs on would have the server's own rights.
    rbac: { enabled: true },
    scopes,
    // Under the name `groups` it reads them without.
    ...(groupsClaim === "groups" ? {} : { customGroupClaimName: groupsClaim }),
  };
}
