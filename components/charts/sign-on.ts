/** Single sign-on with OpenID Connect, in the configuration of each dashboard. */
import { signOnSecret } from "../derived-names.ts";

/** As in a stack file. */
export interface SignOn {
  readonly issuer: string;
  readonly clientId: string;
  readonly groupsClaim: string;
  readonly scopes: readonly string[];
  readonly argocd?: Roles | undefined;
  readonly workflows?: Roles | undefined;
}

/** The groups with each role. */
export interface Roles {
  readonly admins: readonly string[];
  readonly viewers: readonly string[];
}

/** The keys of the Secret, which is in the namespaces of both dashboards. */
export const signOnKeys = { id: "client-id", secret: "client-secret" } as const;

/** The settings in Argo CD's `argocd-cm` (argo-cd `docs/operator-manual/user-management`). */
export interface ArgoCdSignOn {
  readonly "admin.enabled": false;
  readonly "oidc.config": string;
}

/** @param ca certificates of private authorities, trusted in addition to the public ones */
export function argoCdSignOn({ issuer, clientId, scopes }: SignOn, ca: string | undefined): ArgoCdSignOn {
  const provider = {
    // Shown on the button.
    name: new URL(issuer).host,
    issuer,
    clientID: clientId,
    // A reference, because the ConfigMap and the values of the release are readable in the cluster.
    clientSecret: `$${signOnSecret}:${signOnKeys.secret}`,
    requestedScopes: ["openid", ...scopes],
    ...(ca === undefined ? {} : { rootCA: ca }),
  };
  // JSON is YAML.
  return { "admin.enabled": false, "oidc.config": JSON.stringify(provider, undefined, 2) };
}

/** The settings in Argo CD's `argocd-rbac-cm` (argo-cd `docs/operator-manual/rbac.md`). */
export interface ArgoCdRoles {
  readonly "policy.default": "";
  readonly "policy.csv": string;
  readonly scopes: string;
}

/**
 * `role:readonly` is built into Argo CD. The built-in `role:admin` is denied: a user would have it by a group of that
 * name at the provider, or by the `sub` `admin` (argo-cd `assets/builtin-policy.csv`, `server/rbacpolicy`).
 */
export function argoCdRoles({ groupsClaim }: SignOn, { admins, viewers }: Roles): ArgoCdRoles {
  const lines = [
    "p, role:admin, *, *, *, deny",
    "p, role:admins, *, *, *, allow",
    ...admins.map((group) => `g, ${group}, role:admins`),
    ...viewers.map((group) => `g, ${group}, role:readonly`),
  ];
  return {
    // A user in none of the groups can sign on, but sees nothing.
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

/** @param page the server's address in browsers */
export function workflowsSignOn({ issuer, groupsClaim, scopes }: SignOn, page: string): WorkflowsSignOn {
  const key = (one: string): SecretKey => ({ name: signOnSecret, key: one });
  return {
    enabled: true,
    issuer,
    clientId: key(signOnKeys.id),
    clientSecret: key(signOnKeys.secret),
    redirectUrl: `${page}/oauth2/callback`,
    // Otherwise, everybody who signs on would have the server's own rights.
    rbac: { enabled: true },
    scopes,
    // The server reads the claim `groups` by default.
    ...(groupsClaim === "groups" ? {} : { customGroupClaimName: groupsClaim }),
  };
}
