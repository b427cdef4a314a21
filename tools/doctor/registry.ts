/** Checks whether the registry answers and lets the stack's login pull and push. Pushes nothing. */
import { at, listAt, parseJson } from "../../components/builds/programs/json.ts";
import { imageParts } from "../../components/derived-names.ts";
import type { Check, Examined, Finding } from "./finding.ts";
import { bad, good, unchecked } from "./finding.ts";
import { notGiven } from "./given.ts";
import { pulls } from "./pulls.ts";
import type { Registry } from "./registry-login.ts";
import { openRegistry, tokenFor } from "./registry-login.ts";

export const registry: Check = async (examined) => {
  const { host, username } = examined.settings.registry;
  const one = await openRegistry(examined);
  const { code, reason } = one.hello;
  const path = "registry.host";
  if (code === 0) return [unchecked(path, `${host} does not answer from here (${reason})`)];
  if (code !== 200 && code !== 401)
    return [bad(path, `${host} does not answer like a registry (${reason})`, "correct the host, or its TLS")];
  const login = username === undefined ? anonymous(host, code) : await loginFindings(examined, one);
  return [good(path, `${host} answers`), ...login, ...(await pulls(examined, one))];
};

/** A registry may allow anonymous pulls, but tells so only for an image. */
function anonymous(host: string, code: number): Finding[] {
  if (code === 200) return [good("registry.username", `${host} requires no login`)];
  const fix = "set registry.username and secrets.registryPassword";
  return [bad("registry.username", `${host} requires a login to push, and the stack has none`, fix)];
}

async function loginFindings(examined: Examined, one: Registry): Promise<Finding[]> {
  if (one.basic === undefined) return [notGiven("registryPassword")];
  const images = examples(examined);
  const found = await Promise.all(images.map((image) => pushFinding(examined, one, image)));
  // A refused login is refused for all images.
  return found.some(({ level }) => level === "good") ? found : found.slice(0, 1);
}

/** One image of each namespace: a login may push to one namespace but not to another. */
function examples({ settings }: Examined): string[] {
  const paths = settings.projects.flatMap(({ repositories }) =>
    repositories.map(({ image }) => imageParts(image).path),
  );
  const namespace = (path: string) => path.slice(0, path.lastIndexOf("/"));
  return [...new Map(paths.toReversed().map((path) => [namespace(path), path])).values()];
}

const path = "secrets.registryPassword";

async function pushFinding(examined: Examined, one: Registry, image: string): Promise<Finding> {
  if (one.tokens === undefined) return uploadFinding(one, image, one.basic ?? "");
  const token = await tokenFor(examined, one, `repository:${image}:pull,push`);
  if (token.state === "silent") return unchecked(path, `the login cannot be tested (${token.because})`);
  if (token.state === "refused") return refused(examined, token.because);
  const granted = actionsOf(token.token);
  if (granted === undefined) return uploadFinding(one, image, `Bearer ${token.token}`);
  return ["pull", "push"].every((action) => granted.includes(action))
    ? accepted(image)
    : mayNot(image, `it was granted ${granted.join(", ") || "nothing"}`);
}

function refused({ settings }: Examined, because: string): Finding {
  const { host, username = "" } = settings.registry;
  return bad(path, `${host} does not accept the login of ${username} (${because})`, "set another password");
}

function accepted(image: string): Finding {
  return good(path, `the login may pull and push ${image}`);
}

function mayNot(image: string, because: string): Finding {
  return bad(path, `the login may not pull and push ${image} (${because})`, "grant it both");
}

/** The actions that a token grants, if it is a JWT that lists them (distribution `token/jwt.md`). */
function actionsOf(token: string): readonly unknown[] | undefined {
  const claims = parseJson(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  if (at(claims, "access") === undefined) return undefined;
  return listAt(claims, "access").flatMap((one) => listAt(one, "actions"));
}

/** Starts an upload and cancels it, which creates no image. */
async function uploadFinding(one: Registry, image: string, authorization: string): Promise<Finding> {
  const headers = { authorization };
  const {
    code,
    reason,
    headers: answered,
  } = await one.ask({
    method: "POST",
    path: `${image}/blobs/uploads/`,
    headers,
  });
  if (code === 401 || code === 403) return mayNot(image, reason);
  if (code !== 202) return unchecked(path, `cannot tell whether the login may push ${image} (${reason})`);
  await cancel(one, answered.location ?? "", headers);
  return accepted(image);
}

/** Cancels an upload in this registry only: the login is sent to no other server. */
async function cancel(one: Registry, location: string, headers: { authorization: string }): Promise<void> {
  const base = `${one.url}/v2/`;
  if (!URL.canParse(location, base)) return;
  const { href } = new URL(location, base);
  if (href.startsWith(base)) await one.ask({ method: "DELETE", path: href.slice(base.length), headers });
}
