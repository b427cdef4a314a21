/** Of what people are notified, and by which service. */

/** Of builds, by the build; of deployments, by Argo CD. */
export const notifiedEvents = ["failed", "recovered", "deployed"] as const;
export type NotifiedEvent = (typeof notifiedEvents)[number];
export type BuildEvent = Exclude<NotifiedEvent, "deployed">;

/** By an address each, which is a secret. */
export const webhooks = ["slack", "discord", "webhook"] as const;
export type Webhook = (typeof webhooks)[number];

/** Mail goes to people's addresses by one server, with a login of the stack. */
export const channels = [...webhooks, "mail"] as const;
export type Channel = (typeof channels)[number];

/** The server by which mail goes. */
export interface MailRelay {
  readonly host: string;
  readonly port: number;
  readonly from: string;
  /** Who logs in; absent where nobody does. */
  readonly username?: string | undefined;
}

/** Where TLS begins with the connection (RFC 8314); on every other port it begins by STARTTLS. */
export const implicitTlsPort = 465;
