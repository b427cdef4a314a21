/** Which rules between keys a small stack breaks. */
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "./declare.ts";
import { secretsFor, smallConfig, smallProject } from "./declare.ts";

/** The paths of the errors of a stack with these differences, and with every secret that it needs. */
export function invalidPaths(differences: Config): string[] {
  return parseConfig(smallConfig(differences)).errors.map(({ path }) => path);
}

/** The same for a small project with a change. */
export function inShop(change: Config, more: Config = {}): string[] {
  const config: Config = { ...more, projects: { shop: { ...smallProject(), ...change } } };
  return invalidPaths({ ...config, secrets: secretsFor({ ...smallConfig(), ...config }) });
}

export const [app] = smallProject().applications;
export const applications = (...changes: Config[]) =>
  changes.map((change, index) => {
    const name = `shop-${index.toString()}`;
    return { ...app, name, path: `k8s/${name}`, ...change };
  });
export const project = (name: string, change: Config = {}) => ({
  owner: "acme",
  webhook: { url: `https://ci.example/${name}` },
  ...change,
});
