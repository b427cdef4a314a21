/** What users are notified of, and through which service. */

/** Builds notify users of builds, Argo CD of deployments. */
export const notifiedEvents = ["failed", "recovered", "deployed"] as const;
export type NotifiedEvent = (typeof notifiedEvents)[number];
export type BuildEvent = Exclude<NotifiedEvent, "deployed">;

/** Services with a webhook, whose address is a secret. */
export const webhooks = ["slack", "discord", "webhook"] as const;
export type Webhook = (typeof webhooks)[number];

/** Mail goes to users' addresses through one server, with the stack's login. */
export const channels = [...webhooks, "mail"] as const;
export type Channel = (typeof channels)[number];

/** The server that sends mail. */
export interface MailRelay {
  readonly host: string;
  readonly port: number;
  readonly from: string;
  /** Undefined if the server needs no login. */
  readonly username?: string | undefined;
}

/** The port where connections start with TLS (RFC 8314). Every other port uses STARTTLS. */
export const implicitTlsPort = 465;
