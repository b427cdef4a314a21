/** A run of the catch-up, with git itself, and stand-ins for the API server, the registry and GitHub's API. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeclaredBuild } from "../../components/builds/programs/declared.ts";
import { writeBuilds } from "../../components/builds/programs/declared.ts";
import type { GitServer } from "./cluster-git.ts";
import { answerOfCommits } from "./github-commits.ts";
import { startHttpServer } from "./http-server.ts";
import type { KubernetesServer } from "./kubernetes-server.ts";
import { startKubernetesServer } from "./kubernetes-server.ts";
import type { RegistryServer } from "./registry-server.ts";
import { login, startRegistryServer } from "./registry-server.ts";
import { result, runProgram } from "./script.ts";

export interface Scene {
  /** Contains what the pod mounts. */
  readonly folder: string;
  readonly build: DeclaredBuild;
  readonly kubernetes: KubernetesServer;
  readonly registry: RegistryServer;
  /** The statuses at GitHub. */
  readonly statuses: { readonly commit: string; readonly context: string; readonly state: string }[];
  /** The requests to GitHub's API, with their tokens. */
  readonly asked: { readonly path: string; readonly token: string }[];
  /** Answers every request to GitHub's API with this code, if it is not 0. */
  readonly github: { code: number };
  /** Adds a commit to the branch. */
  readonly commit: (files: Readonly<Record<string, string>>) => string;
  readonly git: (...args: string[]) => string;
  /** Adds the commit's image to the registry, under its own tag and the given ones that follow the branch. */
  readonly publish: (commit: string, ...moving: readonly string[]) => void;
  /** Runs the program. */
  readonly check: (differences?: CheckDifferences) => Promise<Checked>;
  readonly close: () => void;
}

export interface CheckDifferences {
  readonly builds?: readonly DeclaredBuild[];
  readonly variables?: Readonly<Record<string, string>>;
}

export interface Checked {
  readonly status: number | null;
  readonly stdout: string;
  /** The names of all objects created so far. */
  readonly made: string[];
  readonly outputs: { readonly started: string; readonly unanswered: string; readonly settled: string };
}

export interface SceneOptions {
  readonly folder: string;
  readonly programs: string;
  readonly git: GitServer;
  /** The name of the repository, the service and its image. */
  readonly name: string;
  readonly build?: Partial<DeclaredBuild>;
}

export async function startScene({
  folder,
  programs,
  git,
  name,
  build: differences,
}: SceneOptions): Promise<Scene> {
  const [statuses, asked, github]: [Scene["statuses"], Scene["asked"], Scene["github"]] = [
    [],
    [],
    { code: 0 },
  ];
  const slug = `acme/${name}`;
  const ofSlug = () => statuses.map(({ commit, ...status }) => ({ repository: slug, commit, status }));
  const build = { ...buildOf(name, git.url), ...differences };
  const kubernetes = await startKubernetesServer("account-secret");
  const registry = await startRegistryServer("token");
  const api = await startHttpServer((request, response) => {
    const path = request.url ?? "";
    asked.push({ path, token: request.headers.authorization ?? "" });
    if (github.code === 0) answerOfCommits(git.git, request, response, path, ofSlug());
    else response.writeHead(github.code).end(JSON.stringify({ message: "API rate limit exceeded" }));
  });
  const place = join(folder, name);
  const given = {
    ...files(place),
    GITHUB_API: api.url,
    REGISTRY: registry.host,
    KUBERNETES_API: kubernetes.url,
  };
  writeLogin(given.DOCKER_CONFIG, registry.host);
  let looks = 0;
  return {
    ...{ build, kubernetes, registry, statuses, asked, github, folder: place },
    commit: (all) => git.commit(slug, build.branch, all),
    git: (...args) => git.git(slug, ...args),
    publish: (commit, ...moving) => {
      for (const tag of [`${build.branchLabel}-${commit.slice(0, 7)}`, ...moving])
        registry.images.set(`${build.image}:${tag}`, commit);
    },
    check: async ({ builds = [build], variables = {} } = {}) => {
      const BUILDS = join(place, "builds.json");
      writeFileSync(BUILDS, writeBuilds(builds));
      looks += 1;
      const RESULTS = join(place, `results-${looks.toString()}`);
      mkdirSync(RESULTS);
      const all = { ...given, BUILDS, RESULTS, ...variables };
      const { status, stdout, stderr } = await runProgram(programs, "catch-up.ts", all);
      assert.equal(stderr, "");
      assert.doesNotMatch(stdout, /secret/);
      const output = (key: string) => result(RESULTS, key) ?? "";
      const made = kubernetes.created.map(({ metadata }) => metadata.name);
      const outputs = {
        started: output("started"),
        unanswered: output("unanswered"),
        settled: output("settled"),
      };
      return { status, stdout, made, outputs };
    },
    close: () => {
      for (const one of [kubernetes, registry, api]) one.close();
    },
  };
}

export function buildOf(name: string, gitUrl: string): DeclaredBuild {
  return {
    project: "",
    service: name,
    template: name,
    namespace: "ci",
    workflowPrefix: name.slice(0, 41),
    slug: `acme/${name}`,
    url: `${gitUrl}/acme/${name}.git`,
    branch: "main",
    branchLabel: "main",
    image: `team/${name}`,
    commitTag: "main-{sha7}",
    movingTag: "main",
    paths: [],
    context: "argo-cicd/develop",
  };
}

/** What the pod mounts. */
function files(place: string) {
  const [ACCOUNT, DOCKER_CONFIG, CLONE_TOKENS] = ["account", "login", "clone"].map((one) => join(place, one));
  assert.ok(ACCOUNT !== undefined && DOCKER_CONFIG !== undefined && CLONE_TOKENS !== undefined);
  for (const one of [ACCOUNT, DOCKER_CONFIG, join(CLONE_TOKENS, "hidden")])
    mkdirSync(one, { recursive: true });
  writeFileSync(join(ACCOUNT, "token"), "account-secret");
  writeFileSync(join(ACCOUNT, "ca.crt"), "");
  writeFileSync(join(CLONE_TOKENS, "hidden", "token"), "clone-secret");
  writeFileSync(join(place, "github"), "status-secret");
  writeFileSync(join(place, "updater"), "updater-secret");
  mkdirSync(join(place, "owners", "acme"), { recursive: true });
  writeFileSync(join(place, "owners", "acme", "token"), "acme-secret");
  return {
    ...{ ACCOUNT, DOCKER_CONFIG, CLONE_TOKENS, TOKEN_FILE: join(place, "github") },
    ...{ APPLICATIONS_NAMESPACE: "", UPDATER: "", UPDATER_TOKEN_FILE: join(place, "updater") },
    ...{ INSECURE: "true", GIT_TAGS: "", SETTLE: "0", STRANDED: "120", NAMESPACE: "ci" },
  };
}

/** The docker configuration of a pull Secret. */
export function writeLogin(folder: string, host: string): void {
  const auth = Buffer.from(`${login.username}:${login.password}`).toString("base64");
  writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [host]: { ...login, auth } } }));
}
