/** How the programs of build steps get out of a cluster: with a private certificate authority, and through a proxy. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { nodeNetwork, shellNetwork } from "../../components/builds/steps/network.ts";
import type { Network } from "../../components/kinds/network.ts";
import type { TlsFront } from "../support/authority.ts";
import { makeAuthority, startTlsFront } from "../support/authority.ts";
import type { GitServer } from "../support/cluster-git.ts";
import { startGitServer } from "../support/cluster-git.ts";
import { clusterTool } from "../support/cluster-tools.ts";
import type { ForwardProxy } from "../support/forward-proxy.ts";
import { startForwardProxy } from "../support/forward-proxy.ts";
import type { GitHubServer } from "../support/github-server.ts";
import { startGitHubServer } from "../support/github-server.ts";
import type { LocalRegistry } from "../support/registry.ts";
import { pushImage, startLocalRegistry } from "../support/registry.ts";
import {
  programsFolder,
  result,
  runLines,
  runScript,
  imageShell,
  temporaryFolder,
} from "../support/script.ts";

const folder = temporaryFolder("network");
const crane = await clusterTool("crane");
const own = makeAuthority(join(folder, "own"));
const other = makeAuthority(join(folder, "other"));
const token = "github_pat_secret";

/** A host name that only the proxy can resolve. */
const name = "outside.example";

let git: GitServer;
let github: GitHubServer;
let plainRegistry: LocalRegistry;
let registry: LocalRegistry;
let proxy: ForwardProxy;
/** TLS in front of the three servers, with certificates for `name`. */
let fronts: Readonly<Record<"git" | "github" | "registry", TlsFront>>;
/** The same for this machine's address. */
let direct: Readonly<Record<"git" | "github", TlsFront>>;
let commit: string;
before(async () => {
  git = await startGitServer(join(folder, "git"), "127.0.0.1");
  commit = git.commit("a/service", "main", { Dockerfile: "FROM scratch" });
  github = await startGitHubServer("a/service", token);
  const images = join(folder, "registry");
  plainRegistry = await startLocalRegistry(images);
  registry = await startLocalRegistry(images, { tls: own.certificate("127.0.0.1") });
  pushImage(crane, `${plainRegistry.host}/a/service:main-${commit.slice(0, 7)}`, {
    "org.opencontainers.image.revision": commit,
  });
  proxy = await startForwardProxy();
  const front = (host: string, { url }: { readonly url: string }) =>
    startTlsFront(own.certificate(host), url);
  fronts = {
    git: await front(name, git),
    github: await front(name, github),
    registry: await front(name, { url: `http://${plainRegistry.host}` }),
  };
  direct = { git: await front("127.0.0.1", git), github: await front("127.0.0.1", github) };
});
after(() => {
  for (const one of [git, github, plainRegistry, registry, proxy]) one.close();
  for (const one of [...Object.values(fronts), ...Object.values(direct)]) one.close();
});
beforeEach(() => void (proxy.asked as string[]).splice(0));

const at = (host: string, { port }: TlsFront) => `${host}:${port.toString()}`;

/** The variables of a container, with this machine's paths and what the kubelet would fill in. */
function here(
  variables: Readonly<Record<string, string>>,
  authority = own,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(variables).map(([key, value]) => [
      key,
      value
        .replace("/kaniko/argo-cicd/authorities", authority.folder)
        .replace("$(KUBERNETES_SERVICE_HOST)", "127.0.0.2"),
    ]),
  );
}

const withCa: Network = { ca: readFileSync(own.file, "utf8") };
const withProxy = (): Network => ({ proxy: { http: proxy.url, https: proxy.url, noProxy: [] } });

let runs = 0;
function results(): string {
  runs += 1;
  const at = join(folder, `results-${runs.toString()}`);
  mkdirSync(at);
  writeFileSync(join(at, "commit"), commit);
  return at;
}

const shell = imageShell({ crane });
describe(`git in ${shell.name}`, () => {
  async function tip(server: string, variables: Readonly<Record<string, string>>) {
    const RESULTS = results();
    const { status, stderr } = await runScript(shell, "tip.sh", {
      ...{ REPOSITORY_URL: `https://${server}/a/service.git`, BRANCH: "main", GIT_TAG: "", COMMIT: "" },
      ...{ RESULTS, TMPDIR: folder, SYSTEM_CA_FILE: other.file, ...variables },
    });
    return { status, stderr, commit: result(RESULTS, "commit") };
  }

  it("trusts a private authority", async () => {
    const found = await tip(at("127.0.0.1", direct.git), here(shellNetwork(withCa)));
    assert.deepEqual(found, { status: 0, stderr: "", commit });
  });

  it("still trusts those of the system", async () => {
    const variables = { ...here(shellNetwork(withCa), other), SYSTEM_CA_FILE: own.file };
    assert.equal((await tip(at("127.0.0.1", direct.git), variables)).status, 0);
  });

  it("trusts no other", async () => {
    for (const variables of [{}, here(shellNetwork(withCa), other)]) {
      const { status, stderr } = await tip(at("127.0.0.1", direct.git), variables);
      assert.equal(status, 1);
      assert.match(stderr, /certificate/);
    }
  });

  it("names the file of authorities that cannot be read", async () => {
    const { status, stderr } = await tip(at("127.0.0.1", direct.git), { CA_FILE: "/nowhere/ca.crt" });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /cannot read the authorities of `network.ca` from \/nowhere\/ca.crt: is its ConfigMap mounted\?\n$/,
    );
  });

  it("goes through the proxy", async () => {
    const server = at(name, fronts.git);
    const found = await tip(server, here(shellNetwork({ ...withCa, ...withProxy() })));
    assert.deepEqual(found, { status: 0, stderr: "", commit });
    assert.deepEqual([...new Set(proxy.asked)], [server]);
  });
});

describe(`crane in ${shell.name}`, () => {
  async function find(host: string, variables: Readonly<Record<string, string>>) {
    const RESULTS = results();
    const { status, stdout, stderr } = await runScript(shell, "find.sh", {
      ...{ IMAGE: `${host}/a/service`, COMMIT_TAG: "main-{sha7}", INSECURE: "false", REBUILD: "false" },
      ...{ RESULTS, ...variables },
    });
    return { status, output: stdout + stderr, digest: result(RESULTS, "digest") };
  }

  it("trusts a private authority, and no other", async () => {
    const { status, digest = "" } = await find(registry.host, here(shellNetwork(withCa)));
    assert.equal(status, 0);
    assert.match(digest, /^sha256:/);
    for (const variables of [{}, here(shellNetwork(withCa), other)]) {
      const { status: refused, output } = await find(registry.host, variables);
      assert.equal(refused, 1);
      assert.match(output, /certificate signed by unknown authority/);
    }
  });

  // The image's shell has the wget that the check needs; another machine may have none.
  if (shell.name === "busybox sh")
    it("does not skip the check of certificates if plain HTTP is configured", async () => {
      const { status, output } = await find(registry.host, { INSECURE: "true" });
      assert.equal(status, 1);
      assert.equal(
        output,
        `${registry.host} speaks HTTPS, and \`registry.insecure\` is for a registry that speaks plain HTTP: remove it, ` +
          "and put the authority of the registry's certificate into `network.ca`\n",
      );
    });

  it("goes through the proxy", async () => {
    const host = at(name, fronts.registry);
    const { status, output } = await find(host, here(shellNetwork({ ...withCa, ...withProxy() })));
    assert.equal(status, 0, output);
    assert.deepEqual([...new Set(proxy.asked)], [host]);
  });
});

describe("Node", () => {
  const programs = programsFolder;
  writeFileSync(join(folder, "token"), token);

  /** @returns the output of a program that calls GitHub, or another address */
  async function ask(api: string, variables: Readonly<Record<string, string>>): Promise<string> {
    const lines = `
      import { setStatus } from "./github.ts";
      const status = { commit: "${commit}", context: "c", state: "success", description: "d" };
      await setStatus(process.env, status);
    `;
    const given = { REPOSITORY: "a/service", TOKEN_FILE: join(folder, "token"), TARGET_URL: "" };
    const { stdout, stderr } = await runLines(programs, lines, { ...given, GITHUB_API: api, ...variables });
    return stdout + stderr;
  }

  const expected = () => `set the status c of ${commit}: success, d
`;

  it("trusts a private authority, and no other", async () => {
    const api = `https://${at("127.0.0.1", direct.github)}`;
    assert.equal(await ask(api, here(nodeNetwork(withCa))), expected());
    assert.match(await ask(api, {}), /could not set the status .*certificate/);
    assert.match(await ask(api, here(nodeNetwork(withCa), other)), /could not set the status .*certificate/);
  });

  it("goes through the proxy with HTTPS and HTTP", async () => {
    const variables = here(nodeNetwork({ ...withCa, ...withProxy() }));
    const server = at(name, fronts.github);
    assert.equal(await ask(`https://${server}`, variables), expected());
    assert.deepEqual(proxy.asked, [server]);
    const plain = `http://${name}:${new URL(github.url).port}`;
    assert.equal(await ask(plain, variables), expected());
    assert.deepEqual(proxy.asked, [server, `${plain}/repos/a/service/statuses/${commit}`]);
  });

  it("reaches addresses inside the cluster, and those that the stack file lists, without the proxy", async () => {
    const inside = [
      "https://kubernetes.default.svc",
      "http://updater.argocd.svc:8080",
      "https://127.0.0.2:9",
      "https://a.svc.cluster.local",
    ];
    const variables = here(
      nodeNetwork({ proxy: { http: proxy.url, https: proxy.url, noProxy: [".own.example"] } }),
    );
    for (const address of [...inside, "https://github.own.example"]) {
      assert.match(await ask(address, variables), /^could not set the status /, address);
    }
    assert.deepEqual(proxy.asked, []);
    const local = `http://127.0.0.1:${new URL(github.url).port}`;
    assert.equal(await ask(local, variables), expected());
    assert.deepEqual(proxy.asked, []);
  });
});
