/** Each command of the documentation is run as it is written, or listed with how it was tried. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { parseConfig } from "../../components/settings/parse.ts";
import { checkout } from "../support/checkout.ts";
import type { Config } from "../support/declare.ts";
import { root, smallConfig } from "../support/declare.ts";
import { commandsOf, documented, documents } from "../support/documented.ts";
import { anchorsOf } from "../support/markdown.ts";
import { temporaryFolder } from "../support/script.ts";

type Way =
  /** Run here, in a copy. The output must match. */
  | { readonly says: RegExp }
  /** A file that runs it. */
  | { readonly by: string }
  /** It needs more than a test has. */
  | { readonly needs: string; readonly tried: string };

const engine: Way = { by: "test/engine/docs.test.ts" };
const deadLetters: Way = { by: "test/webhooks/deliveries.ts" };
const cluster: Way = { by: "test/up/up.test.ts" };
const lanes: Way = { by: ".ci/run" };
const kind: Way = { needs: "Docker and kind", tried: "not yet" };
const argo: Way = { needs: "a stack that is up, and the command argo or kubectl", tried: "not yet" };
const ceph: Way = { needs: "a cluster with Ceph", tried: "not yet" };

const helm: Way = { needs: "helm, the network and a registry", tried: "not yet" };

const cosign: Way = {
  needs: "cosign, which asks for a password; test/parts/attest.test.ts uses the same key pair",
  tried: "2026-11-29",
};

const conformance: Way = {
  needs: "builders of exactly this version, which no registry has",
  tried: "2026-11-25",
};

const ways: Readonly<Record<string, Way>> = {
  "npm ci": lanes,
  "npm test": lanes,
  "npm run preview -- develop": { says: /^Stack develop declares \d+ objects\.$/m },
  "npm run preview -- develop --html develop.html": { says: /^Stack develop declares \d+ objects\.$/m },
  "npm run preview -- develop --against HEAD": { says: /^Nothing differs\.$/m },
  "npm run charts -- develop --against HEAD": { by: "test/commands/charts.test.ts" },
  "npm run doctor -- develop": { by: "test/commands/doctor.test.ts" },
  "npm run doctor -- develop --only cluster": { by: "test/commands/doctor.test.ts" },
  "npm run report -- develop": { by: "test/commands/report.test.ts" },
  "npm run report -- develop publish --html report.html": { by: "test/commands/report.test.ts" },
  "npm run sandbox": { by: "test/up/sandbox.test.ts" },
  "npm run secrets -- import develop alog alog.env": { by: "test/engine/secrets.test.ts" },
  "kind create cluster --name argo-cicd --kubeconfig /tmp/argo-cicd.kubeconfig": kind,
  "export CLUSTER_HOST=$(docker exec argo-cicd-control-plane ip route | awk '/^default/ {print $3}')": kind,
  "CLUSTER_KUBECONFIG=/tmp/argo-cicd.kubeconfig npm run test:cluster": kind,
  "kind delete cluster --name argo-cicd --kubeconfig /tmp/argo-cicd.kubeconfig": kind,
  "npm run conformance -- kaniko <the executor, built from its source at that version>": conformance,
  "npm run conformance -- buildkit <a folder with buildkitd and buildctl, built from the Go module>":
    conformance,
  "mkdir -p ~/pulumi-state": engine,
  'pulumi login "file://$HOME/pulumi-state"': engine,
  "pulumi stack init develop": engine,
  "pulumi config set --secret --path secrets.githubToken": engine,
  [`pulumi config set --secret --path 'secrets.registries["docker.io"]' --stack develop`]: engine,
  "pulumi config set --secret --path secrets.githubAppKey --stack develop < app.pem": {
    needs: "the key of a GitHub App; it is the command of every secret",
    tried: "not yet",
  },
  "npm run doctor -- develop --only github": { by: "test/commands/doctor.test.ts" },
  "pulumi config set --secret --path secrets.notifications.shop.slack --stack develop": {
    needs: "a webhook of Slack; it is the command of every secret",
    tried: "not yet",
  },
  "pulumi config set --secret --path secrets.mail --stack develop": {
    needs: "a mail server; it is the command of every secret",
    tried: "not yet",
  },
  "pulumi config set --path cluster.uid \"$(kubectl --context develop get namespace kube-system --output jsonpath='{.metadata.uid}')\" --stack develop":
    engine,
  "pulumi config set --path cluster.adoptExisting true --stack develop": engine,
  "pulumi config rm --path cluster.adoptExisting --stack develop": engine,
  "pulumi stack export --stack develop --file develop.json": engine,
  "pulumi stack import --stack develop --file develop.json": engine,
  "ssh-keygen -t ed25519 -N '' -C argocd -f key": engine,
  "pulumi config set --secret --path secrets.clusterRepositories.alog-cluster --stack develop < key": engine,
  "cosign generate-key-pair": cosign,
  "pulumi config set --secret --path secrets.signing.key --stack develop < cosign.key": cosign,
  "pulumi config set --secret --path secrets.signing.password --stack develop": cosign,
  "pulumi stack output imageKey --stack develop > cosign.pub": argo,
  "cosign verify-attestation --key cosign.pub --insecure-ignore-tlog --type https://slsa.dev/provenance/v1 registry.example.com/team/web:main":
    {
      needs: "a signed image; test/parts/attest.test.ts has one in a registry of its own",
      tried: "2026-11-29",
    },
  "helm install kyverno kyverno --repo https://kyverno.github.io/kyverno --namespace kyverno --create-namespace":
    { needs: "a cluster, and helm", tried: "not yet" },
  "pulumi preview --stack develop": cluster,
  "pulumi up --stack develop": cluster,
  "pulumi up --exclude '**:Release::*' --stack develop": cluster,
  "helm pull argo-cd --repo https://argoproj.github.io/argo-helm --version <version>": helm,
  "helm push argo-cd-<version>.tgz oci://registry.example.com/charts": helm,
  "pulumi refresh --stack develop": cluster,
  "pulumi destroy --stack develop": cluster,
  "pulumi cancel --yes --stack develop": cluster,
  "kubectl --context develop get configmaps --namespace argo-events --selector argo-cicd/dead-letter --output custom-columns=SINCE:.metadata.creationTimestamp,REPLAY:.data.replay":
    deadLetters,
  "kubectl --context develop delete configmaps --namespace argo-events --selector argo-cicd/dead-letter":
    deadLetters,
  "kubectl --context develop get secret --all-namespaces --selector 'owner=helm,status in (pending-install,pending-upgrade,pending-rollback)'":
    cluster,
  "kubectl --context develop delete secret --namespace <namespace> <name>": cluster,
  "pulumi stack output argocdInitialPasswordCommand --stack develop": argo,
  'eval "$(pulumi stack output argocdInitialPasswordCommand --stack develop)"': argo,
  "argo submit --namespace ci --from workflowtemplate/alog-service-user --watch": argo,
  "argo submit --namespace ci --from workflowtemplate/alog-service-user --parameter commit=<all 40 characters> --watch":
    argo,
  "argo submit --namespace ci --from workflowtemplate/alog-service-user --parameter rebuild=true --watch":
    argo,
  [`kubectl create --namespace ci --filename - <<EOF
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: { generateName: alog-service-user- }
spec: { workflowTemplateRef: { name: alog-service-user } }
EOF`]: argo,
  "argo list --namespace ci --selector argo-cicd/started-by=catch-up": argo,
  "argo submit --namespace ci --from workflowtemplate/catch-up --log": argo,
  "kubectl get workflows --namespace ci --selector argo-cicd/project=alog,argo-cicd/branch=develop": argo,
  "kubectl get endpointslices kubernetes --namespace default": argo,
  'kubectl --namespace argocd patch application alog --type json --patch \'[{"op":"remove","path":"/spec/source/kustomize"}]\'':
    argo,
  "kubectl delete eventbus default --namespace argo-events": argo,
  "kubectl delete pvc --namespace argo-events --selector controller=eventbus-controller": argo,
  "kubectl delete pods --namespace argo-events --selector controller=eventsource-controller": argo,
  "kubectl delete pods --namespace argo-events --selector controller=sensor-controller": argo,
  "kubectl --context develop get pvc --all-namespaces": ceph,
  "kubectl --context develop delete pvc --namespace <namespace> <name>": ceph,
  "kubectl --context develop get pv": ceph,
};

describe("the documentation", () => {
  const commands = [...new Set(documented().map(({ command }) => command))];

  it("has only commands that are listed here", () => {
    assert.deepEqual(commands.toSorted(), Object.keys(ways).toSorted());
  });

  it("names existing files and commands of package.json", () => {
    for (const way of Object.values(ways)) if ("by" in way) assert.ok(existsSync(join(root, way.by)), way.by);
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
    const texts = documents.map((document) => readFileSync(join(root, document), "utf8"));
    const named = texts.flatMap((text) =>
      [...text.matchAll(/npm (?:run )?([a-z:-]+)/g)].map(([, name]) => name),
    );
    const known = ["ci", "installs", ...Object.keys(scripts)];
    assert.deepEqual(
      [...new Set(named)].filter((name) => name !== undefined && !known.includes(name)),
      [],
    );
  });

  it("links only to existing headings and files", () => {
    const anchors = new Map<string, readonly string[]>();
    for (const document of documents) {
      const text = readFileSync(join(root, document), "utf8");
      for (const [, link = ""] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
        const [file = "", anchor] = link.split("#");
        const target = file === "" ? join(root, document) : join(root, document, "..", file);
        assert.ok(existsSync(target), `${document}: ${link}`);
        if (anchor === undefined) continue;
        const known = anchors.get(target) ?? anchorsOf(readFileSync(target, "utf8"));
        anchors.set(target, known);
        assert.ok(known.includes(anchor), `${document}: ${link}`);
      }
    }
  });

  const here = Object.entries(ways).flatMap(([command, way]) => ("says" in way ? [[command, way.says]] : []));
  it("has commands with the documented output", { concurrency: 2 }, async (context) => {
    const work = checkout(join(temporaryFolder("docs"), "work"));
    const run = (command: string) =>
      execFileSync("sh", ["-euc", command], {
        cwd: work,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    writeFileSync(join(work, ".gitignore"), "node_modules\n");
    run("git init --quiet && git add --all");
    run("git -c user.name=test -c user.email=test@example.com commit --quiet --message first");
    for (const [command, says] of here) {
      await context.test(String(command), () => assert.match(run(String(command)), says as RegExp));
    }
  });
});

describe("a check of pull requests", () => {
  const workflow = parse(readFileSync(join(root, ".github/workflows/checks.yaml"), "utf8")) as Workflow;
  const steps = workflow.jobs["offline-preview"]?.steps ?? [];
  const folder = temporaryFolder("checks");

  const run = (name: string, script: string) => {
    writeFileSync(join(folder, "npm"), `#!/bin/sh\necho "$@" >${folder}/asked\n${script}\n`, {
      mode: 0o755,
    });
    const step = steps.find((one) => one.name === name);
    // As GitHub runs a step without `shell`.
    const { status } = spawnSync("bash", ["-e", "-c", step?.run ?? ""], {
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        STACK: "develop",
        RUNNER_TEMP: folder,
        GITHUB_STEP_SUMMARY: join(folder, name),
      },
    });
    return [status, readFileSync(join(folder, name), "utf8")];
  };

  for (const [name, title, asked] of [
    ["Difference", "develop", `preview -- develop --against HEAD^ --html ${folder}/develop.html`],
    ["Charts", "Charts of develop", "charts -- develop --against HEAD^"],
  ] as const) {
    it(`shows differences and errors in the summary, and fails after an error: ${name}`, () => {
      const first = `### ${title}\n~~~~diff\nchanged: x\n~~~~\n`;
      assert.deepEqual(run(name, "echo changed: x"), [0, first]);
      assert.equal(readFileSync(join(folder, "asked"), "utf8"), `run --silent ${asked}\n`);
      const second = `### ${title}\n~~~~diff\nHEAD^ cannot be previewed\n~~~~\n`;
      assert.deepEqual(run(name, "echo 'HEAD^ cannot be previewed' >&2; exit 1"), [1, first + second]);
    });
  }

  it("fails if a stack breaks a policy or cannot be previewed", () => {
    writeFileSync(join(folder, "Policies"), "");
    assert.deepEqual(run("Policies", "echo '{}'"), [0, ""]);
    assert.equal(readFileSync(join(folder, "asked"), "utf8"), "run --silent preview -- develop --strict\n");
    assert.deepEqual(run("Policies", "echo 'error' >&2; exit 1"), [1, ""]);
  });

  it("ignores the status of no command", () => {
    const scripts = Object.values(workflow.jobs).flatMap(({ steps: all }) => all.map((one) => one.run ?? ""));
    assert.ok(scripts.some((script) => script.includes("||")));
    // GitHub's shell has no `pipefail`: only the last command of a pipe counts, or whatever follows `||` and `;`.
    const lost = /[^|]\|[^|]|\|\| *(true|:)|set \+e/;
    assert.deepEqual(
      scripts.filter((script) => lost.test(script)),
      [],
    );
  });

  it("gives `pulumi preview` the documented variables: the login of each backend, and the passphrase", () => {
    const { env = {}, with: given = {} } =
      workflow.jobs["preview"]?.steps.find(({ uses = "" }) => uses.startsWith("pulumi/actions@")) ?? {};
    const used = [...Object.values(env), ...Object.values(given)].join(" ");
    const section = readFileSync(join(root, "docs/operations.md"), "utf8").split("## Pull request checks")[1];
    const names = [...(section ?? "").matchAll(/`((?:PULUMI|AWS)_[A-Z_]+)`/g)].map(([, name = ""]) => name);
    const passphrases = names.filter((name) => name.startsWith("PULUMI_PASSPHRASE_"));
    assert.deepEqual(passphrases.length, 2);
    const others = names.filter((name) => !passphrases.includes(name));
    assert.deepEqual(
      [...used.matchAll(/(?:secrets|vars)\.([A-Z_]+)/g)].map(([, name = ""]) => name).toSorted(),
      others.toSorted(),
    );
    assert.equal(env["PULUMI_CONFIG_PASSPHRASE"], "${{ secrets[matrix.passphrase] }}");
    // The backends of the README, without the folder, which needs no login.
    const login = /^pulumi login .*$/m.exec(readFileSync(join(root, "README.md"), "utf8"))?.[0] ?? "";
    assert.match(login, /S3 bucket, or Pulumi Cloud$/);
    for (const name of ["PULUMI_ACCESS_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"])
      assert.ok(name in env, name);
  });
});

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

describe("the commands of a block", () => {
  it("are its lines without comments, and a here-document with its text", () => {
    assert.deepEqual(commandsOf("a # b\n# c\n\nd && e\ncat <<EOF\n# f\ng && h\nEOF\ni 'x#y'\n"), [
      "a",
      "d",
      "e",
      "cat <<EOF\n# f\ng && h\nEOF",
      "i 'x#y'",
    ]);
  });
});

describe("the parts of a stack file", () => {
  const partsOf = (document: string) => {
    const text = readFileSync(join(root, document), "utf8");
    const blocks = [...text.matchAll(/```yaml\n(argo-cicd:.*?)```/gs)].map(([, block = ""]) => block);
    // These omit a certificate.
    return blocks.filter((block) => !block.includes("…"));
  };
  const least: readonly [string, number][] = [
    ["docs/registries.md", 4],
    ["docs/monitoring.md", 1],
    ["docs/notifications.md", 2],
  ];

  for (const [document, count] of least) {
    it(`in ${document} are valid, except for secrets`, () => {
      assert.ok(partsOf(document).length >= count);
      for (const block of partsOf(document)) assert.deepEqual(errorsIn(block), [], block);
    });
  }

  function errorsIn(block: string) {
    const keys = Object.entries(parse(block) as Config).map(([key, value]) => [
      key.replace(/^.*:/, ""),
      value,
    ]);
    const { errors } = parseConfig(smallConfig(Object.fromEntries(keys) as Config));
    return errors.filter(({ missingSecret }) => missingSecret === undefined);
  }
});
