import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { stringify } from "yaml";
import { prefixed } from "../../components/settings/config-keys.ts";
import type { GitServer } from "../support/cluster-git.ts";
import { startGitServer } from "../support/cluster-git.ts";
import type { Config } from "../support/declare.ts";
import { project, root, smallConfig, smallProject } from "../support/declare.ts";
import type { HttpServer } from "../support/http-server.ts";
import { startHangingServer, startHttpServer } from "../support/http-server.ts";
import { handedOn, outcome, temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("doctor");
const temporary = join(folder, "tmp");
mkdirSync(temporary);

let stackFiles = 0;

/** Writes a stack file whose repositories are on a server. */
function stackFile(url: string, differences: Config = {}): string {
  stackFiles += 1;
  const file = join(folder, `Pulumi.test${stackFiles.toString()}.yaml`);
  const { secrets, ...config } = smallConfig({
    github: { url, statuses: false, deployments: false },
    registry: { host: "docker.io", namespace: "team", username: "team" },
    ...differences,
  });
  const sealed = JSON.parse(JSON.stringify(secrets), (_, value: unknown) =>
    typeof value === "string" ? { secure: "v1:x:y" } : value,
  ) as unknown;
  writeFileSync(file, stringify({ config: prefixed(project, { ...config, secrets: sealed }) }));
  return file;
}

/** Runs the checks that query only git. */
function doctor(file: string, ...args: string[]) {
  return run([...gitAlone, "--config", file, ...args]);
}

const gitAlone = ["secrets", "repositories", "applications"].flatMap((name) => ["--only", name]);

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return outcome(
    spawn(process.execPath, [join(root, "tools/doctor.ts"), ...args], {
      env: { ...handedOn, PATH: process.env["PATH"], TMPDIR: temporary, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
}

const kustomization = (...resources: string[]) => stringify({ resources });
const deployment = (...images: string[]) =>
  stringify({
    kind: "Deployment",
    spec: { template: { spec: { containers: images.map((image) => ({ image })) } } },
  });

const shop = (differences: Config) => ({ projects: { shop: { ...smallProject(), ...differences } } });
const application = { name: "shop", repository: "shop-cluster", path: "k8s" };

describe("npm run doctor", { concurrency: 2 }, () => {
  let git: GitServer;
  const servers: HttpServer[] = [];
  before(async () => {
    git = await startGitServer(join(folder, "git"), "127.0.0.1", { address: "127.0.0.1" });
    git.commit("acme/web", "main", { Dockerfile: "FROM a", "src/a.ts": "", "docs/b.md": "" });
    git.git("acme/web", "config", "uploadpack.allowFilter", "true");
    git.commit("acme/shop-cluster", "main", {
      "k8s/kustomization.yaml": kustomization("web.yaml"),
      "k8s/web.yaml": deployment("team/web:latest", "redis:7"),
    });
  });
  after(() => {
    git.close();
    for (const one of servers) one.close();
    assert.deepEqual(readdirSync(temporary), [], "nothing that was fetched is left");
  });

  /** The exit status, and the lines that are not good. */
  async function found(differences: Config, ...args: string[]): Promise<[number | null, ...string[]]> {
    const { status, stdout, stderr } = await doctor(stackFile(git.url, differences), ...args);
    assert.equal(stderr, "");
    const lines = stdout.split("\n").filter((line) => /^(warn|bad|unchecked) /.test(line));
    return [status, ...lines.map((line) => line.replace(/ {2,}/, " "))];
  }

  it("prints a line for each finding", async () => {
    assert.deepEqual(await doctor(stackFile(git.url)), {
      status: 0,
      stdout: `good       secrets: each secret has a value.
good       projects.shop.repositories[0]: web has the branch main and Dockerfile.
good       projects.shop.applications[0]: acme/shop-cluster has k8s, with 2 images, 1 of them followed.

3 good, 0 warnings, 0 bad, 0 not checked
`,
      stderr: "",
    });
  });

  it("reports repositories, branches, Dockerfiles, contexts and paths that do not exist", async () => {
    git.commit("acme/early", "develop", { Dockerfile: "" });
    git.commit("acme/tasks", "main", {
      "docker/Dockerfile": "",
      "docker/Dockerfile.dev": "",
      "api/main.go": "",
    });
    const repositories = [
      "early",
      "gone",
      "tasks",
      { name: "web", context: "srv", paths: ["src", "doc"] },
      { name: "tasks", service: "tasks-api", context: "api", dockerfile: "Dockerfile" },
    ];
    assert.deepEqual(await found(shop({ repositories, applications: [] })), [
      2,
      "bad projects.shop.repositories[0]: acme/early has no branch main; it has develop. Fix: push it, or set projects.shop.branch to develop.",
      "bad projects.shop.repositories[1]: the repository acme/gone does not exist or is not public. Fix: correct the name, or set projects.shop.private.",
      "bad projects.shop.repositories[2].dockerfile: acme/tasks has no Dockerfile; it has docker/Dockerfile, docker/Dockerfile.dev. Fix: name an existing one.",
      "bad projects.shop.repositories[3].context: acme/web has no folder srv. Fix: correct the path, or remove the key.",
      "bad projects.shop.repositories[3].dockerfile: acme/web has no srv/Dockerfile; it has Dockerfile. Fix: name an existing one.",
      "warn projects.shop.repositories[3].paths: acme/web has nothing at doc, so no push changes it. Fix: correct the path, or remove it.",
      "bad projects.shop.repositories[4].dockerfile: acme/tasks has no api/Dockerfile; it has docker/Dockerfile, docker/Dockerfile.dev. Fix: name an existing one.",
    ]);
  });

  it("reports a renamed repository", async () => {
    const server = await startHttpServer(({ url = "" }, response) => {
      response
        .writeHead(301, { location: `${git.url}${url.replace("/acme/old.git", "/acme/web.git")}` })
        .end();
    });
    servers.push(server);
    const { status, stdout } = await doctor(
      stackFile(server.url, shop({ repositories: ["old"], applications: [] })),
    );
    assert.equal(status, 2);
    assert.match(
      stdout,
      /^bad +projects\.shop\.repositories\[0\]: acme\/old has moved to http:\S+\/acme\/web\.git\/, so its pushes name another repository\. Fix: set its new name and owner\.$/m,
    );
  });

  it("reports images that only the builds or only the manifests have", async () => {
    git.commit("acme/shop-cluster", "wrong", {
      "k8s/kustomization.yaml": `${kustomization("web.yaml", "../base")}images: [{ name: cache, newName: docker.io/team/cash }]\n`,
      "k8s/web.yaml": `${deployment("docker.io/team/web:latest")}---\n${deployment("other/thing", "cache:1")}`,
      "base/kustomization.yaml": kustomization("jobs.yaml"),
      "base/jobs.yaml": deployment("team/job@sha256:1"),
      "base/not-listed.yaml": deployment("team/jobs"),
    });
    git.commit("acme/jobs", "main", { Dockerfile: "" });
    const images = shop({
      repositories: ["web", "jobs"],
      applications: [{ ...application, revision: "wrong" }],
    });
    assert.deepEqual(await found(images), [
      0,
      "warn projects.shop.applications[0]: no manifest uses team/jobs, which is built from jobs and never deployed. Fix: use it in a manifest, or remove the service from `images`; did you mean team/job?",
      "warn projects.shop.applications[0]: a manifest uses team/job, which no repository of the stack builds. Fix: add its repository, or correct the manifest; did you mean team/jobs?",
      "warn projects.shop.applications[0]: a manifest uses team/cash, which no repository of the stack builds. Fix: add its repository, or correct the manifest.",
    ]);
  });

  it("counts an image as deployed if one of several applications uses it", async () => {
    git.commit("acme/halves-cluster", "main", {
      "a/web.yaml": deployment("team/web"),
      "b/api.yaml": deployment("team/api"),
    });
    git.commit("acme/api", "main", { Dockerfile: "" });
    git.commit("acme/mail", "main", { Dockerfile: "" });
    const of = (path: string) => ({ ...application, name: path, repository: "halves-cluster", path });
    const both = shop({ repositories: ["web", "api", "mail"], applications: [of("a"), of("b")] });
    assert.deepEqual(await found(both), [
      0,
      "warn projects.shop.applications[0]: no manifest uses team/mail, which is built from mail and never deployed. Fix: use it in a manifest, or remove the service from `images`.",
    ]);
  });

  it("reports folders, branches and files of cluster repositories that do not exist", async () => {
    git.commit("acme/other-cluster", "main", {
      "k8s/kustomization.yaml": kustomization("web.yaml", "nothing.yaml"),
      "k8s/web.yaml": deployment("team/web"),
      "plain/web.yaml": deployment("team/web"),
      "plain/deeper/x.yaml": deployment("team/x"),
    });
    const of = (name: string, differences: Config) => ({ ...application, name, ...differences });
    const other = { repository: "other-cluster" };
    const applications = [
      of("a", { path: "manifests" }),
      of("b", { revision: "develop" }),
      of("c", { repository: "gone-cluster" }),
      of("d", other),
      of("e", { ...other, path: "plain", images: [] }),
    ];
    assert.deepEqual(await found(shop({ applications })), [
      2,
      "bad projects.shop.applications[0].path: acme/shop-cluster has no folder manifests on the branch main. Fix: correct the path.",
      "bad projects.shop.applications[1]: acme/shop-cluster has no branch develop; it has main, wrong. Fix: push it, or set projects.shop.applications[1].revision.",
      "bad projects.shop.applications[2]: the repository acme/gone-cluster does not exist or is not public. Fix: correct the name, or set `access`.",
      "bad projects.shop.applications[3].path: acme/other-cluster: k8s/kustomization.yaml lists nothing.yaml, which does not exist. Fix: correct the cluster repository.",
    ]);
  });

  it("reports what it could not check: what is private, in another repository, or rendered by Helm", async () => {
    git.commit("acme/strange-cluster", "main", {
      "remote/kustomization.yaml": kustomization("https://git.example.com/x?ref=v1"),
      "chart/Chart.yaml": "name: x",
      "broken/a.yaml": "a: [",
      "made/kustomization.yaml": "helmCharts: [{ name: x }]",
    });
    const of = (path: string) => ({ ...application, name: path, repository: "strange-cluster", path });
    const closed = { ...application, name: "closed", access: "token" };
    const applications = [of("remote"), of("chart"), of("broken"), of("made"), closed];
    assert.deepEqual(await found(shop({ private: true, applications })), [
      3,
      "unchecked projects.shop.repositories[0]: acme/web is private.",
      "unchecked projects.shop.applications[0]: acme/strange-cluster: remote/kustomization.yaml lists https://git.example.com/x?ref=v1, which is in another repository.",
      "unchecked projects.shop.applications[1]: acme/strange-cluster: chart is a Helm chart, whose images only Helm can list.",
      "unchecked projects.shop.applications[2]: acme/strange-cluster: broken/a.yaml is not YAML.",
      "unchecked projects.shop.applications[3]: acme/strange-cluster: made/kustomization.yaml uses helmCharts, which only kustomize can run.",
      "unchecked projects.shop.applications[4]: acme/shop-cluster is private.",
    ]);
  });

  it("reports a server that is down", async () => {
    const server = await startHttpServer(() => undefined);
    server.close();
    const { status, stdout } = await doctor(stackFile(server.url));
    assert.equal(status, 3);
    assert.match(
      stdout,
      /^unchecked +projects\.shop\.repositories\[0\]: acme\/web does not answer \(unable to access .*\)\.$/m,
    );
    assert.match(stdout, /\n1 good, 0 warnings, 0 bad, 2 not checked\n$/);
  });

  it("waits for a server that never answers only once", async () => {
    const server = await startHangingServer();
    servers.push(server);
    const { status, stdout } = await doctor(stackFile(server.url));
    assert.equal(status, 3);
    assert.match(stdout, /acme\/web does not answer \(no answer within 8 s\)/);
  });

  it("reports secrets without a value, as JSON too", async () => {
    const file = join(root, "Pulumi.publish.yaml");
    const { status, stdout } = await doctor(file, "--json");
    assert.equal(status, 2);
    const { stack, findings } = JSON.parse(stdout) as { stack: string; findings: unknown[] };
    assert.equal(stack, "publish");
    assert.deepEqual(findings[0], {
      level: "bad",
      path: "secrets",
      message: "23 secrets have no value",
      fix: `npm run preview -- --config ${file} lists the command of each`,
    });
  });

  it("ends if no server answers, and shows no secret", async () => {
    const server = await startHangingServer();
    servers.push(server);
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "kubectl"), "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 });
    const { host } = new URL(server.url);
    const file = stackFile(server.url, {
      registry: { host, namespace: "team", username: "team", insecure: true },
      ...shop({ webhook: { url: `${server.url}/hook`, nodePort: 30500 } }),
    });
    const { status, stdout, stderr } = await run(["--config", file], {
      PATH: `${bin}:${process.env["PATH"] ?? ""}`,
      GITHUB_TOKEN: "token-of-webhooks",
      REGISTRY_PASSWORD: "password-of-team",
    });
    assert.deepEqual([status, stderr], [3, ""]);
    assert.deepEqual(stdout.replaceAll(host, "<host>").split("\n"), [
      "good       secrets: each secret has a value.",
      "unchecked  projects.shop.repositories[0]: acme/web does not answer (no answer within 8 s).",
      "unchecked  projects.shop.applications[0]: acme/shop-cluster does not answer (no answer within 8 s).",
      "unchecked  cluster.context: the cluster of the context test cannot be queried (kubectl proxy does not start). Fix: run `kubectl --context test get nodes`, and fix the error that it reports.",
      "unchecked  projects.shop.webhook.url: <host> does not answer from here (no answer within 4 s). Fix: run the doctor from the Internet, as GitHub connects: some networks cannot reach their own public address.",
      "unchecked  github.url: GitHub does not answer (no answer within 4 s).",
      "unchecked  registry.host: <host> does not answer from here (no answer within 4 s).",
      "",
      "1 good, 0 warnings, 0 bad, 6 not checked",
      "",
    ]);
  });

  it("masks a secret that a server repeats", async () => {
    const server = await startHttpServer(({ headers }, response) => {
      response.writeHead(403).end(JSON.stringify({ message: `no: ${headers.authorization ?? "nobody"}` }));
    });
    servers.push(server);
    const token = { GITHUB_TOKEN: "token-of-webhooks" };
    const { stdout } = await run(["--config", stackFile(server.url), "--only", "github"], token);
    assert.match(stdout, /accepts this token \(403 no: Bearer \*\*\*\)/);
    assert.doesNotMatch(stdout, /token-of-webhooks/);
  });

  it("reports a user error in one line", async () => {
    const file = stackFile(git.url, { branch: "" });
    const { status, stdout, stderr } = await doctor(file);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^Pulumi\.test\d+\.yaml has 1 error; nothing was declared\.\n/);
    const none = await doctor(join(folder, "none.yaml"));
    assert.match(none.stderr, /^There is no .*none\.yaml\. /);
    const unknown = await run(["develop", "--only", "clutser"]);
    assert.match(unknown.stderr, /^There is no check clutser\.\n\nnpm run doctor -- /);
  });
});
