/** The check for lost pushes, with servers that do not answer as they should. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { askRefs } from "../../../components/builds/programs/git-refs.ts";
import { remember } from "../../../components/builds/programs/memory.ts";
import { mapPool } from "../../../components/builds/programs/pool.ts";
import { Registry } from "../../../components/builds/programs/registry.ts";
import type { CheckDifferences, Scene } from "../../support/catch-up.ts";
import { startScene, writeLogin } from "../../support/catch-up.ts";
import type { GitServer } from "../../support/cluster-git.ts";
import { startGitServer } from "../../support/cluster-git.ts";
import { startHttpServer } from "../../support/http-server.ts";
import type { RequiredLogin } from "../../support/registry-server.ts";
import { startRegistryServer } from "../../support/registry-server.ts";
import { programsFolder, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("catch-up-errors");
const programs = programsFolder;
let git: GitServer;
const toClose: { readonly close: () => void }[] = [];
before(async () => {
  git = await startGitServer(join(folder, "git"), "127.0.0.1", { address: "127.0.0.1" });
});
after(() => {
  for (const one of [git, ...toClose]) one.close();
});

function closing<One extends { readonly close: () => void }>(one: One): One {
  toClose.push(one);
  return one;
}

async function scene(name: string): Promise<Scene> {
  return closing(await startScene({ folder, programs, git, name }));
}

const head = "0123456789abcdef".repeat(3).slice(0, 40);

describe("the check for lost pushes", () => {
  it("restarts once a build that the controller failed without a reported end", async () => {
    const { build, commit, check, kubernetes, statuses } = await scene("error");
    const commits = { "argo-cicd/commit": commit({ file: "one" }), "argo-cicd/branch": "main" };
    const services = { reported: "error", unreported: "pending" };
    kubernetes.workflows = Object.keys(services).map((service) => ({
      name: "any",
      created: "2026-11-25T10:00:00Z",
      labels: { ...commits, "argo-cicd/service": service, "workflows.argoproj.io/phase": "Error" },
    }));
    const builds = Object.entries(services).map(([service, state]) => {
      const context = `argo-cicd/develop/${service}`;
      statuses.push({ commit: commits["argo-cicd/commit"], context, state });
      return { ...build, service, workflowPrefix: service, context };
    });
    const name = `unreported-${commits["argo-cicd/commit"].slice(0, 12)}-catch-up`;
    assert.deepEqual((await check({ builds })).made, [name]);
    assert.deepEqual((await check({ builds })).made, [name]);
  });
});

describe("the check for lost pushes continues", { concurrency: 2 }, () => {
  it("without a repository that is gone, was moved, or lacks the branch", async () => {
    const { build, commit, check } = await scene("good");
    const tip = commit({ file: "one" });
    const moved = closing(
      await startHttpServer((_, response) => {
        response.writeHead(301, { location: "https://github.example.com/acme/new" }).end();
      }),
    );
    const builds = [
      { ...build, service: "gone", url: `${git.url}/acme/gone.git` },
      { ...build, service: "moved", url: `${moved.url}/acme/old.git` },
      { ...build, service: "branchless", workflowPrefix: "branchless", branch: "develop" },
      build,
    ];
    const { stdout, made, outputs, status } = await check({ builds });
    assert.deepEqual(made, [`good-${tip.slice(0, 12)}-catch-up`]);
    assert.deepEqual([status, outputs.started, outputs.unanswered], [0, "1", "2"]);
    assert.deepEqual(stdout.split("\n").slice(1, 4), [
      "cannot check gone for lost pushes: git server: 404",
      "cannot check moved for lost pushes: git server: 301, moved to https://github.example.com/acme/new",
      "services: 4, builds started: 1, services not checked: 2",
    ]);
  });

  /** Checks a repository with a lost push, and another without. */
  async function refused(name: string, break_: (one: Scene) => void, differences: CheckDifferences = {}) {
    const one = await scene(name);
    one.commit({ file: "one" });
    const other = { ...one.build, service: "other", branch: "none" };
    break_(one);
    return one.check({ builds: [one.build, other], ...differences });
  }

  it("if GitHub does not answer, and asks again the next time", async () => {
    const { stdout, made, status, outputs } = await refused("no-github", ({ github }) => (github.code = 403));
    assert.deepEqual([made, status, outputs.settled], [[], 0, "[]"]);
    assert.match(stdout, /^cannot check no-github for lost pushes: GitHub: 403 API rate limit exceeded\n/);
  });

  it("if the registry refuses or fails", async () => {
    for (const code of [401, 403, 500]) {
      const { stdout, made, status } = await refused(`registry-${code.toString()}`, ({ registry }) => {
        registry.code = code;
      });
      assert.deepEqual([made, status], [[], 0], code.toString());
      assert.match(stdout, new RegExp(`for lost pushes: registry: ${code.toString()}\n`));
    }
  });

  it("if the API server creates no Workflow", async () => {
    const { stdout, made, status, outputs } = await refused("forbidden", ({ kubernetes }) => {
      kubernetes.refusesNew = true;
    });
    assert.deepEqual([made, status, outputs.unanswered], [[], 0, "1"]);
    assert.match(
      stdout,
      /^cannot check forbidden for lost pushes: Workflow forbidden-[0-9a-f]{12}-catch-up: 403 /,
    );
  });

  it("and fails only if it could check nothing at all", async () => {
    const one = await scene("nothing");
    one.commit({ file: "one" });
    one.registry.code = 503;
    const { status, stdout, outputs } = await one.check();
    assert.deepEqual([status, outputs.unanswered], [1, "1"]);
    assert.match(stdout, /services: 1, builds started: 0, services not checked: 1\n$/);
    one.registry.code = 0;
    one.kubernetes.failures.set("", [403, 403]);
    const listed = await one.check();
    assert.equal(listed.status, 1);
    assert.match(listed.stdout, /^cannot check nothing for lost pushes: Workflows of ci: 403 /);
    assert.equal((await one.check({ builds: [] })).status, 0);
  });
});

describe("a git server", { concurrency: true }, () => {
  const branch = "refs/heads/main";
  const server = async (text: string) => {
    const { url } = closing(await startHttpServer((_, response) => response.end(text)));
    return askRefs({ url, token: "" }, [branch]);
  };
  const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;

  it("may use the old protocol", async () => {
    const tag = "f".repeat(40);
    const refs = await server(
      [
        line("# service=git-upload-pack\n"),
        "0000",
        line(`${head} HEAD\0multi_ack symref=HEAD:${branch}\n`),
        line(`${head} ${branch}\n`),
        line(`${tag} refs/tags/v1\n`),
        line(`${head} refs/tags/v1^{}\n`),
        "0000",
      ].join(""),
    );
    assert.deepEqual(
      [...refs],
      [
        [branch, head],
        ["refs/tags/v1", head],
      ],
    );
  });

  it("may have a repository without commits", async () => {
    const text = [
      line("# service=git-upload-pack\n"),
      "0000",
      line(`${"0".repeat(40)} capabilities^{}\0x\n`),
      "0000",
    ];
    assert.deepEqual([...(await server(text.join("")))], []);
  });

  it("without git's protocol is distinguished from one without refs", async () => {
    await assert.rejects(server("<html>"), /git server: it does not speak git's protocol/);
    await assert.rejects(server(""), /git server: it does not speak git's protocol/);
  });
});

describe("a registry is asked for an image", () => {
  const commit = "1a2b3c4d".repeat(5);
  for (const [wanted, isIndex] of [
    ["nothing", false],
    ["login", true],
    ["token", true],
  ] as const satisfies [RequiredLogin, boolean][]) {
    it(`and for its commit, if it requires ${wanted}`, async () => {
      const server = closing(await startRegistryServer(wanted, isIndex));
      for (const path of ["team/web", "team/deep/api"]) server.images.set(`${path}:main`, commit);
      writeLogin(folder, server.host);
      const registry = new Registry({ REGISTRY: server.host, INSECURE: "true", DOCKER_CONFIG: folder });
      for (const path of ["team/web", "team/deep/api"]) {
        assert.match((await registry.digest(path, "main")) ?? "", /^sha256:/);
        assert.equal(await registry.digest(path, "other"), undefined);
        assert.equal(await registry.revision(path, "main"), commit);
        assert.equal(await registry.revision(path, "other"), "");
      }
    });
  }

  it("and is sent no login of another registry", async () => {
    const server = closing(await startRegistryServer("login"));
    writeFileSync(
      join(folder, "config.json"),
      JSON.stringify({ auths: { "registry.example.com": { auth: "x" } } }),
    );
    const registry = new Registry({ REGISTRY: server.host, INSECURE: "true", DOCKER_CONFIG: folder });
    await assert.rejects(registry.digest("team/web", "main"), { message: "registry: 401" });
    const none = new Registry({
      REGISTRY: server.host,
      INSECURE: "true",
      DOCKER_CONFIG: join(folder, "none"),
    });
    await assert.rejects(none.digest("team/web", "main"), { message: "registry: 401" });
  });
});

describe("the helpers of the check", () => {
  it("run a limited number of tasks at a time, and each task once", async () => {
    let running = 0;
    let maxRunning = 0;
    const results = await mapPool([...Array(20).keys()], 3, async (one) => {
      running += 1;
      maxRunning = Math.max(maxRunning, running);
      await new Promise((done) => setImmediate(done));
      running -= 1;
      return one * 2;
    });
    assert.deepEqual(
      results,
      [...Array(20).keys()].map((one) => one * 2),
    );
    assert.equal(maxRunning, 3);
    assert.deepEqual(await mapPool([], 3, () => Promise.resolve(1)), []);
  });

  it("remember as many entries as fit", () => {
    assert.equal(remember(["a b c", "d"]), '["a b c","d"]');
    const kept = JSON.parse(remember(Array(10_000).fill("x".repeat(97)))) as string[];
    assert.equal(kept.length, 1999);
  });
});
