/** The steps of a build: what is templated here, told to GitHub and shown by the report goes by this list. */

/** In the order in which they begin. */
export const steps = ["begin", "build", "scan", "publish", "live"] as const;
export type Step = (typeof steps)[number];

/**
 * Those that an image needs, whose failure is that of its build: it goes on without `begin`, and of `live` a Deployment
 * tells.
 */
export const imageSteps = ["build", "scan", "publish"] as const satisfies readonly Step[];
