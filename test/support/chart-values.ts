/** Expected parts of several charts' values, and the sign-on of a stack file. */

export const seccompProfile = { type: "RuntimeDefault" };
export const confined = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
export const requests = (cpu: string, memory: string) => ({ requests: { cpu, memory } });
export const two = { replicas: 2, pdb: { enabled: true, minAvailable: 1 } };

export const signOn = {
  issuer: "https://id.acme.example/realms/acme",
  clientId: "argo",
  groupsClaim: "groups",
  scopes: ["email", "groups"],
  argocd: { admins: ["acme:platform", "operators"], viewers: ["Team A"] },
};
