/** Logs in to the image registry, as the distribution specification describes. */
import type { Challenge } from "../../components/builds/programs/registry-access.ts";
import {
  registryUrl,
  tokenIn,
  tokenUrl,
  challengeOf,
} from "../../components/builds/programs/registry-access.ts";
import type { Answer, Question } from "./exchange.ts";
import type { Examined } from "./finding.ts";

export interface Registry {
  readonly url: string;
  /** The answer to a request without a login. */
  readonly hello: Answer;
  /** The Authorization header of the login; undefined if none is given. */
  readonly basic: string | undefined;
  /** The server that issues its tokens; undefined if the registry takes the login itself. */
  readonly tokens: Challenge | undefined;
  readonly ask: (
    question: Pick<Question, "method" | "headers"> & { readonly path: string },
  ) => Promise<Answer>;
}

export async function openRegistry({ settings, given, ask }: Examined): Promise<Registry> {
  const { host, insecure, username } = settings.registry;
  const url = registryUrl(host, insecure);
  const password = given.registryPassword;
  const hasLogin = username !== undefined && password !== undefined;
  const hello = await ask({ url: `${url}/v2/` });
  return {
    url,
    hello,
    basic: hasLogin ? `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` : undefined,
    tokens: tokenServer(hello.headers["www-authenticate"] ?? ""),
    ask: ({ path, ...rest }) => ask({ url: `${url}/v2/${path}`, ...rest }),
  };
}

/** The token server that a registry's challenge names. */
function tokenServer(challenge: string): Challenge | undefined {
  const asked = challengeOf(challenge);
  return asked === "login" || !URL.canParse(asked.realm) ? undefined : asked;
}

/** The outcome of a token request. */
export type Token =
  | { readonly state: "given"; readonly token: string }
  | { readonly state: "refused"; readonly because: string }
  | { readonly state: "silent"; readonly because: string };

/** @param scope like `repository:team/web:pull,push` */
export async function tokenFor(
  { ask }: Examined,
  { url, basic, tokens }: Registry,
  scope: string,
): Promise<Token> {
  if (tokens === undefined) return { state: "silent", because: "it names no token server" };
  const address = new URL(tokens.realm);
  if (address.protocol !== "https:" && url.startsWith("https:"))
    return { state: "silent", because: `its token server ${address.host} has no TLS` };
  const headers: Record<string, string> = basic === undefined ? {} : { authorization: basic };
  const { code, text, reason } = await ask({ url: tokenUrl(tokens, [scope]), headers });
  if (code === 401 || code === 403) return { state: "refused", because: reason };
  const token = tokenIn(text);
  // The token is sent in a header, where a line break would start another header.
  if (code !== 200 || !/^[\x21-\x7e]+$/.test(token)) return { state: "silent", because: reason };
  return { state: "given", token };
}
