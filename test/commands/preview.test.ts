import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { readFolder, writeFolder } from "../../tools/offline/folder.ts";
import { root } from "../support/declare.ts";
import { nodeArguments } from "../support/package-script.ts";
import { handedOn } from "../support/script.ts";

const folder = mkdtempSync(join(tmpdir(), "preview-"));
after(() => rmSync(folder, { recursive: true }));

const command = nodeArguments("preview");

/** Runs the command in an empty environment: without a cluster or a home folder. */
function preview(...args: string[]) {
  return previewIn({}, ...args);
}

function previewIn(env: Readonly<Record<string, string>>, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, ...args], {
    encoding: "utf8",
    env: { ...handedOn, ...env },
    cwd: folder,
  });
  return { status, stdout, stderr };
}

function edited(name: string, edit: (text: string) => string): string {
  const file = join(folder, name);
  writeFileSync(file, edit(readFileSync(join(root, "Pulumi.develop.yaml"), "utf8")));
  return file;
}

describe("npm run preview", () => {
  it("reports an error that only the declared objects show", () => {
    const file = edited("Pulumi.twice.yaml", (text) =>
      text.replace("buildSecret: alog-secret", "buildSecret: regcred"),
    );
    const { stdout, stderr, status } = preview("--config", file);
    assert.deepEqual([stdout, status], ["", 1]);
    assert.match(
      stderr,
      /^Pulumi\.\w+\.yaml has 1 error; nothing was declared\.\n\n.* = "regcred"\n(.+\n){2}\n$/,
    );
  });

  it("shows what a stack declares, and which secrets it still needs", () => {
    const { status, stdout, stderr } = preview("publish", "--strict");
    assert.equal(stderr, "");
    assert.doesNotMatch(stdout, /^Warning: Policy /m);
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^Stack publish declares 102 objects\.\n\nCharts\n {2}Release {2}argo-cd 10\.1\.1, /,
    );
    assert.match(
      stdout,
      /\nWarning: The values of build arguments stay in an image's history, .*: alog-front-web \(REACT_APP_CLIENT_ID, /,
    );
    assert.match(
      stdout,
      /\n23 secrets have no value yet\. .*\n {2}pulumi config set --secret --path 'secrets\.githubToken' --stack publish\n/,
    );
  });

  it("fails if its output cannot be written, but not if its reader wants no more", () => {
    const shell = (redirected: string) =>
      spawnSync("sh", ["-c", `"$@" ${redirected}`, "preview", process.execPath, ...command, "publish"], {
        encoding: "utf8",
        env: handedOn,
        cwd: folder,
      });
    const { status, stderr } = shell("> /dev/full");
    assert.deepEqual(
      [status, stderr],
      [1, "Cannot write the output: ENOSPC: no space left on device, write\n"],
    );
    const closed = shell("| true");
    assert.deepEqual([closed.status, closed.stderr], [0, ""]);
  });

  it("--out writes a file for each object, and --against shows what differs", () => {
    const out = join(folder, "develop");
    assert.equal(preview("develop", "--out", out).status, 0);
    assert.deepEqual(readdirSync(out), [
      "_cluster",
      "_components",
      "_files.txt",
      "_github",
      "_providers",
      "_random",
      "_releases",
      "argo",
      "argo-events",
      "argocd",
      "ci",
      "default",
    ]);
    assert.equal(preview("develop", "--against", out).stdout, "Nothing differs.\n");
    // Another machine declares the same.
    const environment = { KUBECONFIG: "/elsewhere", GITHUB_BASE_URL: "https://github.acme.example/" };
    assert.equal(previewIn(environment, "develop", "--against", out).stdout, "Nothing differs.\n");

    const file = edited("Pulumi.develop.yaml", (text) => text.replace("        - alog-service-file\n", ""));
    const { stdout } = preview("--config", file, "--against", out);
    assert.match(stdout, /^changed: argo-events\/EventSource-github\.yaml$/m);
    assert.match(stdout, /^- +- alog-service-file$/m);
    assert.match(stdout, /^removed: ci\/WorkflowTemplate-alog-service-file\.yaml$/m);
    assert.match(stdout, /\n7 files differ\.\n$/);

    assert.equal(preview("--config", file, "--out", out).status, 0);
    assert.ok(!readdirSync(join(out, "ci")).includes("WorkflowTemplate-alog-service-file.yaml"));
  });

  it("reads and removes nothing outside the folder, whatever its list contains", () => {
    const out = join(folder, "listed");
    const beside = join(folder, "beside.txt");
    writeFileSync(beside, "secret");
    writeFolder(out, new Map([["a/b.yaml", "b"]]));
    const list = join(out, "_files.txt");
    writeFileSync(list, `../beside.txt\n${beside}\na/../../beside.txt\na/b.yaml\n`);
    assert.deepEqual([...readFolder(out)], [["a/b.yaml", "b"]]);
    writeFolder(out, new Map());
    assert.equal(readFileSync(beside, "utf8"), "secret");
    assert.equal(existsSync(join(out, "a/b.yaml")), false);
  });

  it("shows where the value of a secret comes from, wherever it is used", () => {
    const out = join(folder, "secrets");
    const file = edited(
      "Pulumi.secrets.yaml",
      (text) => `${text}  argo-cicd:secrets:
    registryPassword:
      secure: v1:abcdefgh:ciphertext
`,
    );
    const { stdout } = preview("--config", file, "--out", out);
    assert.match(stdout, /35 secrets have no value yet/);
    assert.equal(
      readFileSync(join(out, "default/Secret-regcred.yaml"), "utf8"),
      `# kubernetes:core/v1:Secret default/regcred
# parent: Credentials credentials
# provider: kubernetes
# retainOnDelete: true
# additionalSecretOutputs: data, stringData
apiVersion: v1
kind: Secret
metadata:
  name: regcred
  namespace: default
stringData: !secret
  .dockerconfigjson: !json
    auths:
      https://index.docker.io/v1/:
        username: chromato99
        password: <secrets.registryPassword>
        auth: !base64 chromato99:<secrets.registryPassword>
      https://registry-1.docker.io:
        username: chromato99
        password: <secrets.registryPassword>
        auth: !base64 chromato99:<secrets.registryPassword>
type: kubernetes.io/dockerconfigjson
`,
    );
  });
});

describe("a user error", () => {
  it("in an earlier preview is that it is incomplete", () => {
    const out = join(folder, "incomplete");
    mkdirSync(join(out, "ci"), { recursive: true });
    const again = `Create it again: npm run preview -- <stack> --out ${out}\n`;
    writeFileSync(join(out, "_files.txt"), "ci/a.yaml\n");
    assert.equal(
      preview("publish", "--against", out).stderr,
      `${out} contains no complete preview: ci/a.yaml cannot be read: no such file or directory. ${again}`,
    );
    // As if the next one were interrupted: what is there may be of either.
    mkdirSync(join(out, "ci/WorkflowTemplate-alog-service-user.yaml"));
    writeFileSync(join(out, "ci/a.yaml"), "");
    assert.match(
      preview("publish", "--out", out).stderr,
      /^The preview cannot be written to .*: illegal operation/,
    );
    assert.equal(
      preview("publish", "--against", out).stderr,
      `${out} contains no complete preview: writing it was interrupted. ${again}`,
    );
    rmSync(join(out, "ci/WorkflowTemplate-alog-service-user.yaml"), { recursive: true });
    assert.equal(preview("publish", "--out", out).status, 0);
    assert.ok(!existsSync(join(out, "ci/a.yaml")));
    assert.equal(preview("publish", "--against", out).stdout, "Nothing differs.\n");
  });

  const cases: [string, string[], RegExp][] = [
    [
      "an unknown stack",
      ["staging"],
      /^There is no stack staging: no Pulumi\.staging\.yaml\. The stacks are develop, publish\.\n$/,
    ],
    ["no stack", [], /^Name one stack, or one file with --config\.\n\nnpm run preview -- <stack>/],
    ["an unknown option", ["develop", "--output", "x"], /^Unknown option '--output'/],
    ["a file that does not exist", ["--config", "nowhere.yaml"], /^There is no nowhere\.yaml\. /],
    ["a page without a name", ["develop", "--html"], /^Option '--html <value>' argument missing\n\nnpm run/],
    ["a stack of an empty name", [""], /^Name one stack, or one file with --config\.\n\nnpm run preview/],
    ["a file of an empty name", ["--config="], /^Name one stack, or one file with --config\.\n\nnpm run/],
    ["a page of an empty name", ["develop", "--html="], /^--html needs the name of a file\.\n\nnpm run/],
    [
      "a page that cannot be written",
      ["publish", "--html", "nowhere/page.html"],
      /^nowhere\/page\.html cannot be written: no such file or directory\.\n$/,
    ],
    ["a folder without a preview", ["develop", "--against", "."], /^\. contains no preview\. /],
    [
      "a comparison with an empty name",
      ["develop", "--against="],
      /^--against needs the name of a folder, or a commit\.\n\nnpm run/,
    ],
    ["a folder of an empty name", ["develop", "--out="], /^--out needs the name of a folder\.\n\nnpm run/],
    [
      "a folder that is a file",
      ["publish", "--out", import.meta.filename],
      /^The preview cannot be written to \S+preview\.test\.ts: not a directory\.\n$/,
    ],
    [
      "a folder where there can be none",
      ["publish", "--out", "/proc/a/b"],
      /^The preview cannot be written to \/proc\/a\/b: no such file or directory\.\n$/,
    ],
  ];
  for (const [name, args, expected] of cases) {
    it(`is reported in one line, without a stack trace: ${name}`, () => {
      const { status, stdout, stderr } = preview(...args);
      assert.equal(status, 1);
      assert.equal(stdout, "");
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /^ +at /m);
    });
  }

  it("in the stack file is reported with all others, and nothing is written", () => {
    const file = edited("Pulumi.typo.yaml", (text) =>
      text
        .replace("storageClass: ceph-block", "storageclass: ceph-block")
        .replace("- alog-service-user", "- alog_service-auth"),
    );
    const out = join(folder, "typo");
    const { status, stderr } = preview("--config", file, "--out", out);
    assert.equal(status, 1);
    assert.match(stderr, /^Pulumi\.typo\.yaml has 3 errors; nothing was declared\.\n/);
    assert.match(
      stderr,
      /argo-cicd:cluster\.storageclass = "ceph-block"\n +rule: unknown key.*\n +fix: +did you mean storageClass\?/,
    );
    assert.match(stderr, /argo-cicd:cluster\.storageClass\n +rule: required, but missing/);
    assert.match(stderr, /repositories\[6\] = "alog-service-auth"\n +rule: a repository is declared once/);
    assert.throws(() => readdirSync(out));
  });

  it("that breaks a policy is a warning, and with --strict an error", () => {
    const file = edited("Pulumi.policy.yaml", (text) =>
      text.replace("  argo-cicd:projects:", "  argo-cicd:builds:\n    builderFlags: [--skip-tls-verify]\n$&"),
    );
    const policy =
      /^(Warning: )?Policy verified-servers: .*\n( {2}ci\/WorkflowTemplate-[a-z-]+\.yaml: .* --skip-tls-verify\n){8} {2}and 6 more\n/m;
    const warned = preview("--config", file);
    assert.deepEqual([warned.status, warned.stderr], [0, ""]);
    assert.match(warned.stdout, policy);
    const refused = preview("--config", file, "--strict");
    assert.deepEqual([refused.status, refused.stdout], [1, ""]);
    assert.match(refused.stderr, policy);
  });

  it("of a secret in plain text is an error that does not show it", () => {
    const file = edited(
      "Pulumi.plain.yaml",
      (text) => `${text}  argo-cicd:secrets:\n    githubToken: ghp_hunter2\n`,
    );
    const { status, stderr } = preview("--config", file);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /argo-cicd:secrets\.githubToken\n +rule: a secret must be encrypted in the stack file/,
    );
    assert.doesNotMatch(stderr, /hunter2/);
  });

  it("in the YAML is reported with its line", () => {
    const file = edited("Pulumi.broken.yaml", (text) =>
      text.replace("  argo-cicd:branch: develop", "  argo-cicd:branch: [develop"),
    );
    const { status, stderr } = preview("--config", file);
    assert.equal(status, 1);
    assert.match(stderr, /is not YAML: .* at line \d+, column \d+/);
  });
});
