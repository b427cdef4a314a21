/** The shape of `delivery` in a stack file. */
import { z } from "zod";
import * as field from "../fields.ts";
import { must, strict } from "../checks.ts";

export const delivery = strict({
  wait: z
    .boolean()
    .default(true)
    .describe(
      "A build waits until the Applications that follow its image run it and are healthy, and fails if they do not. Without it, a build ends once the image is pushed.",
    ),
  timeLimit: field.timeLimit.prefault("10m").describe("How long a build waits."),
  interval: field.seconds
    .refine((seconds) => seconds >= 60, {
      error: must("at least a minute: each check queries the registry for every image", "write 2h"),
    })
    .prefault("2h")
    .describe(
      "How often the Image Updater queries the registry for every image, each of which counts as a pull. This is only for lost notifications: builds notify it, those that wait notify it again, and so does each check for lost pushes.",
    ),
})
  .prefault({})
  .describe("From the image to the running application.");
