/** The address of a registry, and how it requires clients to authenticate (distribution specification). */
import { existsSync, readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { askTwice, requireOk } from "./http.ts";
import { at, parseJson, textAt } from "./json.ts";

export interface RegistryConfig {
  readonly host: string;
  /** Whether it uses plain HTTP. */
  readonly insecure: boolean;
  /** Folder with config.json, which has the logins; the file may be missing. */
  readonly configFolder: string;
}

/** The timeout of each of two attempts, in seconds. */
export const timeLimit = 10;

/** Milliseconds for which a token is reused: tokens are valid for at least a minute. */
const tokenLifetime = 45_000;

const dockerHub = { name: "docker.io", api: "registry-1.docker.io", login: "https://index.docker.io/v1/" };

/** The header that authenticates a request; empty for an anonymous one. */
export interface Authorization {
  readonly authorization?: string;
}

/** The endpoint that issues tokens, and the registry's name there. */
export interface Challenge {
  readonly realm: string;
  readonly service: string;
}

export class RegistryAccess {
  readonly api: string;
  readonly #file: string;
  /** The key of the login in config.json. */
  readonly #key: string;
  /** The authentication that the registry requires; a Challenge if by tokens. */
  #scheme: "nothing" | "login" | Challenge = "nothing";
  /** Tokens by their scopes. */
  readonly #tokens = new Map<string, { readonly token: Promise<string>; readonly until: number }>();

  constructor({ host, insecure, configFolder }: RegistryConfig) {
    this.api = registryUrl(host, insecure);
    this.#file = join(configFolder, "config.json");
    this.#key = host === dockerHub.name ? dockerHub.login : host;
  }

  /**
   * Learns from a 401 how to authenticate.
   *
   * @param sent the header of the request
   * @returns whether to send the request again
   */
  learn(sent: Authorization, code: number, { "www-authenticate": challenge }: IncomingHttpHeaders): boolean {
    if (code !== 401 || sent.authorization !== undefined || challenge === undefined) return false;
    this.#scheme = challengeOf(challenge);
    return true;
  }

  /**
   * The header that authenticates a request.
   *
   * @param scopes the access that it needs, like `repository:team/web:pull`
   * @throws Error with the reason if the registry issues no token
   */
  async authorization(scopes: readonly string[]): Promise<Authorization> {
    if (this.#scheme === "nothing") return {};
    if (this.#scheme === "login") return this.#login();
    return { authorization: `Bearer ${await this.#token(this.#scheme, scopes)}` };
  }

  /** Read each time, since the login may have been renewed. */
  #login(): Authorization {
    const header = loginIn(this.#file, this.#key);
    return header === "" ? {} : { authorization: header };
  }

  #token(challenge: Challenge, scopes: readonly string[]): Promise<string> {
    const key = scopes.join(" ");
    const known = this.#tokens.get(key);
    if (known !== undefined && known.until > Date.now()) return known.token;
    const token = this.#newToken(challenge, scopes);
    this.#tokens.set(key, { token, until: Date.now() + tokenLifetime });
    return token;
  }

  async #newToken(challenge: Challenge, scopes: readonly string[]): Promise<string> {
    const { realm } = challenge;
    if (!URL.canParse(realm)) throw new Error("registry: its header WWW-Authenticate has no URL for tokens");
    if (realm.startsWith("http:") && this.api.startsWith("https:"))
      throw new Error(`registry: it would send logins to ${realm} without TLS`);
    const headers = { ...this.#login() };
    const url = tokenUrl(challenge, scopes);
    const answer = await askTwice({ method: "GET", url, headers, seconds: timeLimit });
    return tokenIn(requireOk(answer, "registry").text);
  }
}

/** The URL of a registry's API. */
export function registryUrl(host: string, insecure: boolean): string {
  return `${insecure ? "http" : "https"}://${host === dockerHub.name ? dockerHub.api : host}`;
}

/** The URL that issues a token for these scopes. */
export function tokenUrl({ realm, service }: Challenge, scopes: readonly string[]): string {
  const url = new URL(realm);
  if (service !== "") url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  return url.href;
}

/** The token in the answer; empty if there is none. */
export function tokenIn(answer: string): string {
  const token = parseJson(answer);
  return textAt(token, "token") || textAt(token, "access_token");
}

/** Parses `Basic realm="…"`, or `Bearer realm="…",service="…",scope="…"`. */
export function challengeOf(challenge: string): "login" | Challenge {
  const value = (key: string) => new RegExp(`[ ,]${key}="([^"]*)"`, "i").exec(challenge)?.[1] ?? "";
  return /^bearer /i.test(challenge) ? { realm: value("realm"), service: value("service") } : "login";
}

/** The header for the login in a Docker configuration; empty if it has none for this registry. */
function loginIn(file: string, registry: string): string {
  if (!existsSync(file)) return "";
  const login = at(parseJson(readFileSync(file, "utf8")), "auths", registry);
  const [user, password] = [textAt(login, "username"), textAt(login, "password")];
  const auth = textAt(login, "auth") || Buffer.from(`${user}:${password}`).toString("base64");
  return login === undefined ? "" : `Basic ${auth}`;
}
