/** The shape of `delivery` in a stack file. */
import { z } from "zod";
import * as field from "../fields.ts";
import { says, strict } from "../checks.ts";

export const delivery = strict({
  wait: z
    .boolean()
    .default(true)
    .describe(
      "A build waits until the Applications that follow its image run it and are healthy; it fails if they do not. Without it, it ends with the image.",
    ),
  timeLimit: field.timeLimit.prefault("10m").describe("How long it waits."),
  interval: field.seconds
    .refine((seconds) => seconds >= 60, {
      error: says("at least a minute: each look asks the registry about every image", "write 2h"),
    })
    .prefault("2h")
    .describe(
      "How often the Image Updater asks the registry about every image, each of which counts as a pull. It is for lost notifications: a build notifies it, and one that waits does so again.",
    ),
})
  .prefault({})
  .describe("From the image to the running application.");
