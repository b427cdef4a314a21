/** Speaks to the registry of the images with the login that is given, as the distribution specification says. */
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
  /** What it answers to who does not say who asks. */
  readonly hello: Answer;
  /** The header of a login; absent where none is given. */
  readonly basic: string | undefined;
  /** Who gives its tokens; absent where it takes the login itself. */
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

/** Whom a registry's challenge names. */
function tokenServer(challenge: string): Challenge | undefined {
  const asked = challengeOf(challenge);
  return asked === "login" || !URL.canParse(asked.realm) ? undefined : asked;
}

/** What came of asking for a token. */
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
  if (tokens === undefined) return { state: "silent", because: "it names nobody who gives tokens" };
  const address = new URL(tokens.realm);
  if (address.protocol !== "https:" && url.startsWith("https:"))
    return { state: "silent", because: `it sends logins to ${address.host}, without TLS` };
  const headers: Record<string, string> = basic === undefined ? {} : { authorization: basic };
  const { code, text, reason } = await ask({ url: tokenUrl(tokens, [scope]), headers });
  if (code === 401 || code === 403) return { state: "refused", because: reason };
  const token = tokenIn(text);
  // A token stands in a header, where a line of its own would be another header.
  if (code !== 200 || !/^[\x21-\x7e]+$/.test(token)) return { state: "silent", because: reason };
  return { state: "given", token };
}
