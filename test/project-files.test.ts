/** Files of the repository that GitHub and editors read, and that no other test checks. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { recipes } from "./support/cluster-tools.ts";
import { root } from "./support/declare.ts";
import { changes } from "../tools/mutate/sources.ts";
import { temporaryFolder } from "./support/script.ts";

const text = (file: string) => readFileSync(join(root, file), "utf8");

interface DevContainer {
  readonly image: string;
  readonly features: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

describe("the development container", () => {
  const { image, features } = JSON.parse(text(".devcontainer/devcontainer.json")) as DevContainer;

  it("has the Node of the tests, the kubectl of the test cluster, and pinned features", () => {
    assert.equal(image, `node:${text(".nvmrc").trim()}-bookworm`);
    for (const feature of Object.keys(features))
      assert.match(feature, /^ghcr\.io\/devcontainers\/.*:\d+\.\d+\.\d+$/);
    const kubectl = Object.values(features).map(({ version }) => version);
    assert.deepEqual(kubectl, [recipes.kubectl.version.replace("v", "")]);
  });

  const version = text(".pulumi.version").trim();

  /** Runs the script with a stand-in for Pulumi's release archive. */
  function install(checksum: (archive: Buffer) => string) {
    const folder = temporaryFolder("pulumi");
    const inside = join(folder, "files/pulumi");
    mkdirSync(inside, { recursive: true });
    writeFileSync(join(inside, "pulumi"), "the command");
    const archive = join(folder, "archive");
    spawnSync("tar", ["-czf", archive, "-C", join(folder, "files"), "pulumi"]);
    const name = `pulumi-v${version}-linux-arm64.tar.gz`;
    const sums = [
      `${checksum(readFileSync(archive))}  ${name}`,
      `${"0".repeat(64)}  pulumi-v${version}-other`,
    ];
    writeFileSync(join(folder, "checksums"), `${sums.join("\n")}\n`);
    command(folder, "uname", "echo aarch64");
    command(
      folder,
      "curl",
      `echo "$7" >>${folder}/asked\ncase $7 in *.tar.gz) cp ${archive} "$6" ;; *) cp ${folder}/checksums "$6" ;; esac`,
    );
    const { status } = spawnSync("sh", [".devcontainer/pulumi.sh"], {
      cwd: root,
      env: { PATH: `${folder}:/usr/bin:/bin`, HOME: join(folder, "home") },
    });
    const asked = readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
    return { status, asked, installed: join(folder, "home/.pulumi/bin/pulumi") };
  }

  it("installs the Pulumi command of .pulumi.version, for the machine's architecture", () => {
    const { status, asked, installed } = install((archive) =>
      createHash("sha256").update(archive).digest("hex"),
    );
    assert.equal(status, 0);
    const releases = "https://get.pulumi.com/releases/sdk";
    assert.deepEqual(asked, [
      `${releases}/pulumi-v${version}-linux-arm64.tar.gz`,
      `${releases}/pulumi-${version}-checksums.txt`,
    ]);
    assert.equal(readFileSync(installed, "utf8"), "the command");
  });

  it("installs nothing if the checksum differs", () => {
    const { status, installed } = install(() => "1".repeat(64));
    assert.equal(status, 1);
    assert.ok(!existsSync(installed));
  });
});

function command(folder: string, name: string, lines: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
}

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly {
    readonly type: string;
    readonly id?: string;
    readonly attributes: { readonly label?: string; readonly value?: string };
    readonly validations?: { readonly required?: boolean };
  }[];
}

describe("a clone on Windows", () => {
  it("has the line ends that the programs need in the cluster", () => {
    const folder = temporaryFolder("line-ends");
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "core.autocrlf=true", ...args], { cwd: folder });
    git("init", "--quiet");
    for (const name of [".gitattributes", "components/builds/programs/tag.sh"])
      cpSync(join(root, name), join(folder, name));
    git("add", "--all");
    git("checkout-index", "--all", "--prefix=clone/");
    const script = readFileSync(join(folder, "clone/components/builds/programs/tag.sh"), "utf8");
    assert.ok(!script.includes("\r"));
  });
});

describe("an issue form", () => {
  const forms = globSync(".github/ISSUE_TEMPLATE/*.yml", { cwd: root }).filter(
    (file) => !file.includes("config"),
  );

  it("is for a bug or for a feature", () => {
    assert.deepEqual(forms.map((file) => (parse(text(file)) as Form).name).toSorted(), ["Bug", "Feature"]);
  });

  for (const file of forms) {
    it(`is accepted by GitHub: ${file}`, () => {
      const { name, description, body } = parse(text(file)) as Form;
      assert.ok(name !== "" && description !== "");
      const fields = body.filter(({ type }) => type !== "markdown");
      // GitHub refuses a form whose fields have no label or share an id or a label.
      for (const key of ["id", "label"] as const) {
        const all = fields.map((field) => (key === "id" ? field.id : field.attributes.label));
        assert.deepEqual([new Set(all).size, all.includes(undefined)], [fields.length, false], key);
      }
      assert.ok(fields.some(({ validations }) => validations?.required === true));
      for (const { type } of body) assert.match(type, /^(markdown|textarea|input|dropdown|checkboxes)$/);
    });
  }

  it("asks for the command, the message and the preview of a bug, and warns of secrets", () => {
    const { body } = parse(text(".github/ISSUE_TEMPLATE/bug.yml")) as Form;
    const ids = body.flatMap(({ id = [] }) => id);
    assert.deepEqual(ids, ["command", "seen", "expected", "preview", "versions", "secrets"]);
    assert.match(body[0]?.attributes.value ?? "", /Leave out secrets/);
  });
});

describe("the changelog", () => {
  it("begins with the unreleased changes, in the categories and order of Keep a Changelog", () => {
    const [, first = ""] = text("CHANGELOG.md").split(/^## /m);
    const [title, ...headings] = first.split(/^### /m).map((part) => part.split("\n")[0]);
    assert.equal(title, "Unreleased");
    const kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
    assert.deepEqual(
      headings,
      kinds.filter((kind) => headings.includes(kind)),
    );
  });
});

describe("the mutation check", () => {
  it("finds each text that it changes", () => {
    assert.deepEqual(
      changes.filter(({ file, from }) => !text(file).includes(from)),
      [],
    );
  });
});
