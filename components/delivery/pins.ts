import * as pulumi from "@pulumi/pulumi";
import type { Pin, PinsArgs } from "./args.ts";
import { hasImage } from "./registry.ts";
import { refuse } from "../settings/settings.ts";

/**
 * Settles once the registry has been asked for the image of every pin.
 *
 * A registry that cannot be asked is a warning: it may be reachable from the cluster alone. Nothing is asked without
 * an engine, as in the offline preview.
 * @throws pulumi.RunError with every pin that has no image
 */
export async function provePins({ pins, login, ...registry }: PinsArgs): Promise<void> {
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
      `Cannot ask the registry whether it has ${named(pin)}, at which ${pin.path} holds what is deployed: ${answer.reason}`,
    );
  }
}

/** For this program alone: it goes to the registry, and into no output. */
function plain(secret: pulumi.Output<string>): Promise<string> {
  return new Promise((done) => secret.apply(done));
}

function error(pin: Pin) {
  return {
    path: pin.path,
    value: pin.commit,
    rule: `the registry has no image ${named(pin)}`,
    fix: "name a commit that was built, or build this one by hand first (docs/builds.md)",
  };
}

function named({ image: { path, tag } }: Pin): string {
  return `${path}:${tag}`;
}
