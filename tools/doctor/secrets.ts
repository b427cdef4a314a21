/** Checks whether each secret has a value. */
import { setSecret } from "../../components/settings/errors.ts";
import type { Check } from "./finding.ts";

export const secrets: Check = ({ stack, named, missingSecrets }) => {
  const [first, ...more] = missingSecrets;
  if (first === undefined) {
    return Promise.resolve([{ level: "good", path: "secrets", message: "each secret has a value" }]);
  }
  const one = more.length === 0;
  const count = (more.length + 1).toString();
  return Promise.resolve([
    {
      level: "bad",
      path: one ? first.path : "secrets",
      message: one ? "no value" : `${count} secrets have no value`,
      fix: one
        ? `${setSecret(first.path)} --stack ${stack}`
        : `npm run preview -- ${named} lists the command of each`,
    },
  ]);
};
