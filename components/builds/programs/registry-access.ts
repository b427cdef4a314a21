/** How a registry is spoken to: where it is, and how it wants callers to authenticate (the distribution specification). */
import { existsSync, readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { askTwice, demanded } from "./http.ts";
import { at, parseJson, textAt } from "./json.ts";

export interface RegistryPlace {
  readonly host: string;
  /** It speaks plain HTTP. */
  readonly insecure: boolean;
  /** Folder with config.json, which has the logins; there may be none. */
  readonly configFolder: string;
}

/** Seconds of each of the two tries. */
export const timeLimit = 10;

/** Milliseconds for which a token is used: the least that one is valid for is a minute. */
const tokenAge = 45_000;

const dockerHub = { name: "docker.io", api: "registry-1.docker.io", login: "https://index.docker.io/v1/" };

/** The header that says who asks; none where nobody need know. */
export interface Authorization {
  readonly authorization?: string;
}

/** Who gives tokens, and for which registry. */
export interface Challenge {
  readonly realm: string;
  readonly service: string;
}

export class RegistryAccess {
  readonly api: string;
  readonly #file: string;
  /** Of the login in the configuration. */
  readonly #key: string;
  /** The header that the registry wants; a Challenge where it wants tokens. */
  #wants: "nothing" | "login" | Challenge = "nothing";
  /** By their scopes. */
  readonly #tokens = new Map<string, { readonly token: Promise<string>; readonly until: number }>();

  constructor({ host, insecure, configFolder }: RegistryPlace) {
    this.api = registryUrl(host, insecure);
    this.#file = join(configFolder, "config.json");
    this.#key = host === dockerHub.name ? dockerHub.login : host;
  }

  /**
   * Takes from a refusal what the registry wants.
   *
   * @param asked the header with which it was asked
   * @returns whether there is a reason to ask again
   */
  learn(asked: Authorization, code: number, { "www-authenticate": challenge }: IncomingHttpHeaders): boolean {
    if (code !== 401 || asked.authorization !== undefined || challenge === undefined) return false;
    this.#wants = challengeOf(challenge);
    return true;
  }

  /**
   * The header that says who asks.
   *
   * @param scopes what is asked for, like `repository:team/web:pull`
   * @throws Error that says why the registry gave no token
   */
  async authorization(scopes: readonly string[]): Promise<Authorization> {
    if (this.#wants === "nothing") return {};
    if (this.#wants === "login") return this.#login();
    return { authorization: `Bearer ${await this.#token(this.#wants, scopes)}` };
  }

  /** Read each time: what renews logins may have written another. */
  #login(): Authorization {
    const header = loginIn(this.#file, this.#key);
    return header === "" ? {} : { authorization: header };
  }

  #token(challenge: Challenge, scopes: readonly string[]): Promise<string> {
    const key = scopes.join(" ");
    const known = this.#tokens.get(key);
    if (known !== undefined && known.until > Date.now()) return known.token;
    const token = this.#newToken(challenge, scopes);
    this.#tokens.set(key, { token, until: Date.now() + tokenAge });
    return token;
  }

  async #newToken(challenge: Challenge, scopes: readonly string[]): Promise<string> {
    const { realm } = challenge;
    if (!URL.canParse(realm)) throw new Error("registry: its WWW-Authenticate names no address for tokens");
    if (realm.startsWith("http:") && this.api.startsWith("https:"))
      throw new Error(`registry: it sends logins to ${realm}, without TLS`);
    const headers = { ...this.#login() };
    const url = tokenUrl(challenge, scopes);
    const answer = await askTwice({ method: "GET", url, headers, seconds: timeLimit });
    return tokenIn(demanded(answer, "registry").text);
  }
}

/** The address of a registry's interface. */
export function registryUrl(host: string, insecure: boolean): string {
  return `${insecure ? "http" : "https"}://${host === dockerHub.name ? dockerHub.api : host}`;
}

/** Where a token for these scopes is had. */
export function tokenUrl({ realm, service }: Challenge, scopes: readonly string[]): string {
  const url = new URL(realm);
  if (service !== "") url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  return url.href;
}

/** The token in an answer from there; empty where there is none. */
export function tokenIn(answer: string): string {
  const token = parseJson(answer);
  return textAt(token, "token") || textAt(token, "access_token");
}

/** `Basic realm="…"`, or `Bearer realm="…",service="…",scope="…"`. */
export function challengeOf(challenge: string): "login" | Challenge {
  const value = (key: string) => new RegExp(`[ ,]${key}="([^"]*)"`, "i").exec(challenge)?.[1] ?? "";
  return /^bearer /i.test(challenge) ? { realm: value("realm"), service: value("service") } : "login";
}

/** The header of a login in a docker configuration; empty where it has none for this registry. */
function loginIn(file: string, registry: string): string {
  if (!existsSync(file)) return "";
  const login = at(parseJson(readFileSync(file, "utf8")), "auths", registry);
  const [user, password] = [textAt(login, "username"), textAt(login, "password")];
  const auth = textAt(login, "auth") || Buffer.from(`${user}:${password}`).toString("base64");
  return login === undefined ? "" : `Basic ${auth}`;
}
