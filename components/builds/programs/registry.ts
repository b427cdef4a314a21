/**
 * Asks a registry for images (the distribution specification), with its login where it wants one.
 *
 * REGISTRY       the registry's host
 * INSECURE       true for a registry that speaks plain HTTP
 * DOCKER_CONFIG  folder with config.json, which has the login; there may be none
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Variables } from "./environment.ts";
import type { Answer, Request } from "./http.ts";
import { askTwice, demanded } from "./http.ts";
import { at, listAt, parseJson, textAt } from "./json.ts";

export const registryVariables = ["REGISTRY", "INSECURE", "DOCKER_CONFIG"] as const;
type Given = Variables<(typeof registryVariables)[number]>;

/** Seconds of each of the two tries. */
const timeLimit = 10;

/** Milliseconds for which a token is used: the least that one is valid for is a minute. */
const tokenAge = 45_000;

const dockerHub = { name: "docker.io", api: "registry-1.docker.io", login: "https://index.docker.io/v1/" };

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Who gives tokens, and for which registry. */
interface Challenge {
  readonly realm: string;
  readonly service: string;
}

export class Registry {
  readonly #api: string;
  /** Header of the login; empty where there is none. */
  readonly #login: string;
  /** What the registry wants to be told; a Challenge where it wants tokens. */
  #wants: "nothing" | "login" | Challenge = "nothing";
  /** By the path of their image. */
  readonly #tokens = new Map<string, { readonly token: Promise<string>; readonly until: number }>();

  constructor({ REGISTRY: host, INSECURE: insecure, DOCKER_CONFIG: folder }: Given) {
    const scheme = insecure === "true" ? "http" : "https";
    this.#api = `${scheme}://${host === dockerHub.name ? dockerHub.api : host}`;
    this.#login = loginIn(join(folder, "config.json"), host === dockerHub.name ? dockerHub.login : host);
  }

  /**
   * The digest under a tag; undefined where there is no such image. Docker Hub counts no such request as a pull.
   *
   * @throws Error that says why the registry did not tell
   */
  async digest(path: string, tag: string): Promise<string | undefined> {
    const answer = await this.#ask("HEAD", path, `manifests/${tag}`);
    if (answer.code === 404) return undefined;
    return String(found(answer).headers["docker-content-digest"] ?? "");
  }

  /** The commit that the image under a tag says it is of; empty where there is none, or where it says none. */
  async revision(path: string, tag: string): Promise<string> {
    const manifest = await this.#manifest(path, tag);
    const [first] = listAt(manifest, "manifests");
    const one = first === undefined ? manifest : await this.#manifest(path, textAt(first, "digest"));
    const config = textAt(one, "config", "digest");
    if (config === "") return "";
    const blob = await this.#ask("GET", path, `blobs/${config}`);
    const image = parseJson(found(await followed(blob, this.#api)).text);
    return textAt(image, "config", "Labels", "org.opencontainers.image.revision");
  }

  async #manifest(path: string, reference: string): Promise<unknown> {
    const answer = await this.#ask("GET", path, `manifests/${reference}`);
    return answer.code === 404 ? undefined : parseJson(found(answer).text);
  }

  /** The first time, the registry says what it wants. */
  async #ask(method: Request["method"], path: string, what: string): Promise<Answer> {
    const url = `${this.#api}/v2/${path}/${what}`;
    const told = this.#wants;
    const ask = async () => {
      const headers = { accept: manifestTypes, ...(await this.#authorization(path)) };
      return askTwice({ method, url, headers, seconds: timeLimit });
    };
    const answer = await ask();
    const challenge = answer.headers["www-authenticate"];
    if (answer.code !== 401 || told !== "nothing" || challenge === undefined) return answer;
    this.#wants = wanted(challenge);
    return ask();
  }

  async #authorization(path: string): Promise<{ authorization?: string }> {
    if (this.#wants === "nothing") return {};
    if (this.#wants === "login") return this.#login === "" ? {} : { authorization: this.#login };
    return { authorization: `Bearer ${await this.#token(this.#wants, path)}` };
  }

  #token(challenge: Challenge, path: string): Promise<string> {
    const known = this.#tokens.get(path);
    if (known !== undefined && known.until > Date.now()) return known.token;
    const token = this.#newToken(challenge, path);
    this.#tokens.set(path, { token, until: Date.now() + tokenAge });
    return token;
  }

  async #newToken({ realm, service }: Challenge, path: string): Promise<string> {
    if (realm.startsWith("http:") && this.#api.startsWith("https:"))
      throw new Error(`registry: it sends logins to ${realm}, without TLS`);
    const url = new URL(realm);
    if (service !== "") url.searchParams.set("service", service);
    url.searchParams.set("scope", `repository:${path}:pull`);
    const headers: Record<string, string> = this.#login === "" ? {} : { authorization: this.#login };
    const answer = await askTwice({ method: "GET", url: url.href, headers, seconds: timeLimit });
    const token = parseJson(found(answer).text);
    return textAt(token, "token") || textAt(token, "access_token");
  }
}

/** `Basic realm="…"`, or `Bearer realm="…",service="…",scope="…"`. */
function wanted(challenge: string): "login" | Challenge {
  const value = (key: string) => new RegExp(`[ ,]${key}="([^"]*)"`, "i").exec(challenge)?.[1] ?? "";
  return /^bearer /i.test(challenge) ? { realm: value("realm"), service: value("service") } : "login";
}

/** Blobs are often kept elsewhere, where the registry's login is nobody's business. */
async function followed(answer: Answer, api: string): Promise<Answer> {
  const { location } = answer.headers;
  if (answer.code < 300 || answer.code >= 400 || location === undefined) return answer;
  return askTwice({ method: "GET", url: new URL(location, api).href, headers: {}, seconds: timeLimit });
}

function found(answer: Answer): Answer {
  return demanded(answer, "registry");
}

/** The header of a login in a docker configuration; empty where it has none for this registry. */
function loginIn(file: string, registry: string): string {
  if (!existsSync(file)) return "";
  const login = at(parseJson(readFileSync(file, "utf8")), "auths", registry);
  const [user, password] = [textAt(login, "username"), textAt(login, "password")];
  const auth = textAt(login, "auth") || Buffer.from(`${user}:${password}`).toString("base64");
  return login === undefined ? "" : `Basic ${auth}`;
}
