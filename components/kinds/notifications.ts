/** Of what people are told, and by which service. */

/** Of builds, by the build; of deployments, by Argo CD. */
export const notifiedEvents = ["failed", "recovered", "deployed"] as const;
export type NotifiedEvent = (typeof notifiedEvents)[number];
export type BuildEvent = Exclude<NotifiedEvent, "deployed">;

/** Each by an address of its own, which is a secret. */
export const channels = ["slack", "discord", "webhook"] as const;
export type Channel = (typeof channels)[number];
