import * as pulumi from "@pulumi/pulumi";
import type { Pin, PinsArgs } from "./args.ts";
import { hasImage } from "./registry.ts";
import { refuse } from "../settings/settings.ts";

/**
 * Checks that the registry has the image of every pin.
 *
 * A registry that does not respond is a warning, because it may be reachable only from the cluster. Without an engine,
 * as in the offline preview, nothing is checked.
 * @throws pulumi.RunError that lists every pin without an image
 */
export async function verifyPins({ pins, login, ...registry }: PinsArgs): Promise<void> {
  if (pins.length === 0 || pulumi.runtime.getEngine() === undefined) return;
  const access = {
    ...registry,
    login: login && { username: login.username, password: await plain(login.password) },
  };
  const answers = await Promise.all(
    pins.map(async (pin) => ({ pin, answer: await hasImage(pin.image, access) })),
  );
  refuse(answers.flatMap(({ pin, answer }) => (answer === false ? [error(pin)] : [])));
  for (const { pin, answer } of answers) {
    if (typeof answer === "boolean") continue;
    await pulumi.log.warn(
      `Cannot check whether the registry has ${named(pin)}, which ${pin.path} deploys: ${answer.reason}`,
    );
  }
}

/** The value is only sent to the registry, and becomes part of no output. */
function plain(secret: pulumi.Output<string>): Promise<string> {
  return new Promise((done) => secret.apply(done));
}

function error(pin: Pin) {
  return {
    path: pin.path,
    value: pin.commit,
    rule: `the registry has no image ${named(pin)}`,
    fix: "use a commit that was built, or first build this one by hand (docs/builds.md)",
  };
}

function named({ image: { path, tag } }: Pin): string {
  return `${path}:${tag}`;
}
