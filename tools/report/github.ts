/** Reads the Deployments that builds create at GitHub, by GraphQL: fifty with all of their statuses in one request. */
import { z } from "zod";
import { githubHeaders } from "../../components/builds/programs/github.ts";
import type { PublicSettings } from "../../components/settings/places.ts";
import { githubApi } from "../../components/settings/places.ts";
import type { Answer, Ask } from "../doctor/exchange.ts";
import { asking } from "../doctor/exchange.ts";
import type { Source } from "../doctor/given.ts";
import { hiding, readGiven } from "../doctor/given.ts";
import type { Deployment } from "./deployments.ts";
import { fromGithub } from "./deployments.ts";
import { parseOutside } from "./outside.ts";

export interface GitHub {
  readonly ask: Ask;
  /** Of the GraphQL API. */
  readonly url: string;
  /** May read Deployments and commit statuses. */
  readonly token: string;
}

/** In milliseconds, for all requests. */
const timeLimit = 30_000;

/** Undefined if no token is available. */
export async function githubOf(
  settings: Pick<PublicSettings, "github" | "network">,
  source: Source,
): Promise<GitHub | undefined> {
  const { given } = await readGiven(source);
  const token = given.statusToken ?? given.githubToken;
  if (token === undefined) return undefined;
  const [ask, hide] = [asking(Date.now() + timeLimit, settings.network.ca), hiding(given)];
  return {
    ask: async (question) => {
      const answer = await ask(question);
      return { ...answer, text: hide(answer.text), reason: hide(answer.reason) };
    },
    url: graphqlUrl(settings),
    token,
  };
}

/** GitHub Enterprise Server has `/api/v3` and `/api/graphql`. */
function graphqlUrl(settings: Pick<PublicSettings, "github">): string {
  return `${githubApi(settings).replace(/\/v3$/, "")}/graphql`;
}

/** A service whose Deployments are read, with the names that its builds use at GitHub. */
export interface Recorder {
  readonly service: string;
  /** `owner/name`. */
  readonly slug: string;
  readonly environment: string;
  /** Of its commit statuses. */
  readonly context: string;
}

/** More of them take GitHub longer than the limit of a request. */
const perPage = 50;

const query = `query ($owner: String!, $name: String!, $environment: String!, $context: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    deployments(environments: [$environment], first: ${perPage.toString()}, after: $after, orderBy: { field: CREATED_AT, direction: DESC }) {
      nodes {
        commitOid
        createdAt
        commit { status { context(name: $context) { description } } }
        statuses(first: 20) { nodes { state createdAt description } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

const text = z
  .string()
  .nullish()
  .transform((one) => one ?? "");
const node = z
  .object({
    commitOid: z.string(),
    createdAt: z.string(),
    commit: z
      .object({
        status: z.object({ context: z.object({ description: text }).nullable() }).nullable(),
      })
      .nullish(),
    statuses: z.object({
      nodes: z.array(z.object({ state: z.string(), createdAt: z.string(), description: text })),
    }),
  })
  .transform(({ commitOid, createdAt, commit, statuses }) => ({
    commit: commitOid,
    createdAt,
    published: commit?.status?.context?.description ?? "",
    statuses: statuses.nodes.map(({ createdAt: at, ...one }) => ({ at, ...one })),
  }));
const page = z.object({
  nodes: z.array(node),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
});
const answered = z.object({ data: z.object({ repository: z.object({ deployments: page }) }) });

/** More Deployments of one service in 30 days are an error. */
const maxPages = 40;

/**
 * The Deployments of a service since a time, and perhaps older ones.
 * @throws Error with the reason why GitHub does not return them
 */
export async function readDeployments(github: GitHub, recorder: Recorder, from: Date): Promise<Deployment[]> {
  const found: Deployment[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < maxPages; pages += 1) {
    const { nodes, pageInfo } = await readPage(github, recorder, after);
    found.push(...nodes.map((one) => fromGithub(recorder.service, one)));
    const oldest = nodes.at(-1)?.createdAt ?? "";
    after = pageInfo.endCursor;
    if (!pageInfo.hasNextPage || Date.parse(oldest) < from.getTime()) return found;
  }
  throw new Error(`it has more than ${(maxPages * perPage).toString()} Deployments`);
}

async function readPage({ ask, url, token }: GitHub, recorder: Recorder, after: string | null) {
  const { slug, environment, context } = recorder;
  const [owner, name] = slug.split("/");
  const answer = await ask({
    method: "POST",
    url,
    headers: { ...githubHeaders, authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { owner, name, environment, context, after } }),
  });
  return pageIn(answer);
}

/** What the token may not read is null, with an error beside it. Deployments are usable without commit statuses. */
function pageIn({ code, text: body, reason }: Answer): z.output<typeof page> {
  if (code !== 200) throw new Error(reason);
  const { data } = answered.safeParse(parsed(body));
  if (data === undefined) throw new Error(reason.replace(/^200 ?/, "") || "the answer is not from GitHub");
  return data.data.repository.deployments;
}

function parsed(body: string): unknown {
  try {
    return parseOutside(body);
  } catch {
    return undefined;
  }
}
