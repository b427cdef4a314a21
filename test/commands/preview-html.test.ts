/** The page of `npm run preview -- <stack> --html FILE`. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { settingsOf } from "../../components/settings/settings.ts";
import { everything } from "../../tools/offline/expected.ts";
import { UserError } from "../../tools/offline/user-error.ts";
import { consequences } from "../../tools/page/consequences.ts";
import { page, writePage } from "../../tools/page/page.ts";
import { root } from "../support/declare.ts";
import { archiveOf, rowsOf, sectionOf, subjectOf, textOf } from "../support/page.ts";
import { temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("page");
const develop = join(root, "Pulumi.develop.yaml");

/** Writes a copy of develop's stack file with these texts replaced. */
function edited(name: string, edits: Readonly<Record<string, string>>): string {
  const text = Object.entries(edits).reduce(
    (before, [from, to]) => {
      assert.ok(before.includes(from), from);
      return before.replace(from, to);
    },
    readFileSync(develop, "utf8"),
  );
  const file = join(folder, `Pulumi.${name}.yaml`);
  writeFileSync(file, text);
  return file;
}

const subject = await subjectOf(everything);
const html = await page(subject);
const archive = archiveOf(html);
const committed = await subjectOf(develop);
const small = await page(committed);

/** The objects of a drawing, in the order of Tab. */
function stopsOf(drawing: string): string[] {
  return [...drawing.matchAll(/<a href="#([^"]*)"/g)].map(([, path = ""]) => path);
}

function drawingsOf(page: string, name: "wide" | "tall"): string[] {
  const all = sectionOf(page, "way").matchAll(new RegExp(`<div class="${name}">(<svg.*?</svg>)`, "gs"));
  return [...all].map(([, drawing = ""]) => drawing);
}

describe("the path of a push", () => {
  const first = [
    "_github/shop-cart.yaml",
    "part-events/EventSource-github.yaml",
    "part-events/EventBus-default.yaml",
    "part-events/Sensor-shop.yaml",
    "part-builds/WorkflowTemplate-shop-cart.yaml",
    "part-delivery/ImageUpdater-shop.yaml",
    "part-delivery/Application-shop-stage.yaml",
    "_cluster/Namespace-shop-stage.yaml",
  ];

  it("leads through the objects of the stack, from left to right and from top to bottom", () => {
    for (const name of ["wide", "tall"] as const)
      assert.deepEqual(stopsOf(drawingsOf(html, name)[0] ?? ""), first);
  });

  it("shows the steps of a build, the tags of its image, and where it is deployed", () => {
    const [, drawing = ""] = drawingsOf(html, "wide");
    const texts = [...drawing.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text = ""]) => text);
    for (const text of [
      ...["acme on GitHub", "part-events", "part-buildkit", "part-delivery", "Runs in"],
      ...["1. begin, build-amd64, build-arm64", "2. index", "3. scan", "4. attest", "5. publish", "6. live"],
      ...["registry.acme.example:5000/acme/shop", "web-{sha7}", "web-latest", "pushes to release/next"],
    ])
      assert.ok(texts.map((one) => one.replaceAll("&#45;", "-")).includes(text), text);
  });

  it("is chosen by repository, and drawn once for repositories that differ only in names", () => {
    const choices = JSON.parse(archive.get("choices") ?? "") as Record<string, unknown>;
    assert.deepEqual(choices["shop/shop-web"], {
      picture: 1,
      stops: [
        { id: "webhook", name: "shop-mono", label: "Webhook shop-mono", address: "#_github/shop-mono.yaml" },
        {
          id: "template",
          name: "shop-web",
          label:
            "WorkflowTemplate shop-web 1. begin, build-amd64, build-arm64 2. index 3. scan 4. attest 5. publish 6. live exit handler: end",
          address: "#part-buildkit/WorkflowTemplate-shop-web.yaml",
        },
        { id: "image", name: "storefront", label: "Image storefront web-{sha7} web-release-next web-latest" },
      ],
    });
    const names = Object.keys(choices).map((key) => key.split("/")[1] ?? "");
    assert.deepEqual(names, [
      "shop-cart",
      "shop-web",
      "shop-api",
      "tools-cli",
      "tools-docs",
      "videos-player",
    ]);
    assert.equal(drawingsOf(small, "wide").length, 2);
  });

  it("leads to all applications that follow the image", async () => {
    const stage =
      "        - name: stage\n          repository: alog-cluster\n          path: stage\n          namespace: stage\n";
    const file = edited("stage", { "      applications:\n": `      applications:\n${stage}` });
    const drawing = drawingsOf(await page(await subjectOf(file)), "tall").find((one) =>
      one.includes("alog-"),
    );
    assert.deepEqual(stopsOf(drawing ?? "").slice(-3), [
      "argocd/ImageUpdater-alog.yaml",
      "argocd/Application-stage.yaml",
      "argocd/Application-alog.yaml",
    ]);
    assert.match(drawing ?? "", />in stage</);
  });
});

describe("the page", () => {
  it("contains every object as in the preview, and links to nothing else", () => {
    for (const [path, text] of subject.files) assert.equal(archive.get(path), text);
    const linked = [...html.matchAll(/href="#([^"]*\.yaml)"/g)].map(([, path = ""]) => decodeURI(path));
    assert.ok(linked.length > 150);
    assert.deepEqual(
      linked.filter((path) => !archive.has(path)),
      [],
    );
  });

  it("shows what is built, how it is tagged, what deploys it and what starts it", () => {
    assert.deepEqual(rowsOf(html, "repositories").slice(1, 4), [
      [
        "shop-web of shop-mono",
        "release/next, buildkit | web/docker/Dockerfile in web | stage runtime",
        "registry.acme.example:5000/acme/shop/storefront | web-{sha7} web-release-next web-latest",
        "shop in shop",
        "a push to release/next that changes web, shared | a tag v* | the check for lost pushes",
      ],
      [
        "shop-api of shop-mono",
        "release/next, kaniko | docker/api.Dockerfile",
        "registry.acme.example:5000/acme/shop/shop-api | shop-release-next-{sha7} shop-release-next",
        "shop in shop | pinned to 1a2b3c4d5e6f",
        "a push to release/next that changes api, docker/api.Dockerfile | a tag v* | the check for lost pushes",
      ],
      [
        "tools-cli",
        "main, kaniko | Dockerfile",
        "registry.acme.example:5000/acme/tools-cli | main.{sha7} main latest",
        "tools in default",
        "a push to main | a push to feature/* | a push to release-* | a tag v* | a pull request into main | the check for lost pushes",
      ],
    ]);
    assert.match(
      textOf(sectionOf(html, "repositories")),
      /builds in part-buildkit may be started by its administrators, part-builds\/catch-up, part-events\/github-sensor\./,
    );
  });

  it("shows who may do what, and what limits it", () => {
    const rows = new Map(rowsOf(html, "permissions").map(([who = "", ...rest]) => [who, rest]));
    assert.deepEqual(rows.get("part-builds/build-live ServiceAccount"), [
      "in part-builds, by build-live | create, patch workflowtaskresults.argoproj.io | " +
        "patch workflows.argoproj.io | " +
        "in part-delivery, by build-live | get applications.argoproj.io (only shop, tools) | " +
        "patch applications.argoproj.io (only shop)",
      "argo-cicd-build-live-notes | argo-cicd-build-live | argo-cicd-results",
    ]);
    assert.deepEqual(rows.get("part-events/github-eventsource ServiceAccount"), ["nothing", "–"]);
    const bindings = [...subject.files.keys()].filter((path) => /\/(Cluster)?RoleBinding-/.test(path));
    assert.equal(textOf([...rows.values()].flat().join()).match(/, by /g)?.length, bindings.length + 1);
  });

  it("names every chart with its version", () => {
    const releases = [...subject.files.keys()].filter((path) => path.startsWith("_releases/"));
    const rows = rowsOf(html, "charts");
    assert.equal(rows.length, releases.length);
    const traefik = ["traefik", "41.3.0", "part-ingress", "oci://registry.acme.example/charts/traefik"];
    assert.deepEqual(rows.at(-2), traefik);
    // Without a repository of the stack's own, charts come from upstream.
    const sources = rowsOf(small, "charts").map((row) => row.at(-1));
    assert.ok(sources.includes("https://argoproj.github.io/argo-helm/argo-cd"));
  });

  it("repeats the warnings and outputs of the preview, and the secrets without a value", () => {
    const notes = textOf(sectionOf(html, "notes"));
    assert.ok(subject.evaluation.warnings.length > 1);
    for (const warning of subject.evaluation.warnings) assert.ok(notes.includes(warning), warning);
    assert.ok(notes.includes("webhookUrls.shophttps://ci.acme.example/shop"));
    assert.ok(!notes.includes("no value yet"));
    const other = textOf(sectionOf(small, "notes"));
    assert.match(
      other,
      /36 secrets have no value yet ?pulumi config set --secret --path 'secrets\.githubToken'/,
    );
  });

  it("contains no secret, encrypted or not, but where each comes from", () => {
    const all = html + [...archive.values()].join("\n");
    assert.ok(all.includes("password: <secrets.registryPassword>"));
    for (const secret of ["v1:c2hvd24=", "ZW5jcnlwdGVk"]) assert.ok(!all.includes(secret), secret);
  });

  it("escapes text of the stack file", async () => {
    const hostile = `</script></code><img src=x onerror="document.title='taken'">`;
    const file = edited("hostile", {
      "context: develop": `context: ${JSON.stringify(hostile)}`,
      "- name: alog-front-web": `- name: alog-front-web\n          args: { TITLE: ${JSON.stringify(hostile)} }`,
    });
    const taken = await page(await subjectOf(file));
    assert.ok(!taken.includes("<img"));
    assert.ok(textOf(sectionOf(taken, "notes")).includes(hostile));
    const template = archiveOf(taken).get("ci/WorkflowTemplate-alog-front-web.yaml") ?? "";
    assert.ok(template.includes("</script></code><img src=x"));
  });

  it("lets a browser run only its own script, and load nothing", () => {
    assert.match(
      html,
      /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; /,
    );
    assert.doesNotMatch(html, /<(link|img|iframe|object|embed|base)\b| (src|srcset|action)="|url\(|@import/);
    assert.deepEqual(html.match(/href="(?!#)[^"]*"/g), null);
  });

  it("grows little with each repository", async () => {
    const more = Array.from({ length: 20 }, (_, index) => `        - service-${index.toString()}\n`);
    const file = edited("large", {
      "        - alog-service-user\n": `        - alog-service-user\n${more.join("")}`,
    });
    const large = await page(await subjectOf(file));
    assert.equal(drawingsOf(large, "wide").length, 2);
    const each = (large.length - small.length) / more.length;
    assert.ok(each > 500 && each < 2000, `${each.toString()} bytes for each repository`);
  });
});

describe("the page of an edit", () => {
  it("shows what differs, what is removed, and what the program refuses to lose", async () => {
    const { files } = committed;
    const file = edited("edit", {
      "        - alog-service-file\n": "",
      "rookCeph: true": "rookCeph: false",
      "storageClass: ceph-block": "storageClass: fast",
      "        - name: aform\n          repository": "        - name: other\n          repository",
    });
    const edit = await page(await subjectOf(file, files));
    const section = sectionOf(edit, "changes");
    const [, refused = "", gone = ""] = section.split('<div class="notice grave">');
    assert.match(
      textOf(refused),
      /^pulumi up refuses this edit \| cluster\.deletableNamespaces: this edit would delete the namespace rook-ceph, .* \| cluster\.storageClass: the event bus runs with ceph-block, /,
    );
    assert.deepEqual(textOf(gone.split("</ul>")[0] ?? "").split(" | "), [
      "What the edit removes: 7 objects",
      "_cluster/Namespace-rook-ceph is protected: Pulumi refuses to delete it",
      "_github/alog-service-file is deleted",
      "_releases/ceph-csi-drivers is protected: Pulumi refuses to delete it",
      "_releases/rook-ceph-cluster is protected: Pulumi refuses to delete it",
      "_releases/rook-ceph is protected: Pulumi refuses to delete it",
      "argocd/Application-aform is deleted; what it runs stays",
      "ci/WorkflowTemplate-alog-service-file is deleted",
    ]);
    const difference = archiveOf(edit).get("difference/argo-events/EventBus-default.yaml") ?? "";
    assert.match(difference, /^- +storageClassName: ceph-block\n\+ +storageClassName: fast$/m);
  });

  it("shows what happens to each kind of object that is removed", () => {
    const fates = Object.entries({
      "_cluster/Namespace-a.yaml": "# kubernetes:core/v1:Namespace a\nkind: Namespace\n",
      "_components/a.yaml": "# argo-cicd:index:Builds a\n{}\n",
      "a/Application-a.yaml":
        "# kubernetes:argoproj.io/v1alpha1:Application a\nmetadata:\n  finalizers: [resources-finalizer.argocd.argoproj.io]\n",
      "a/Application-b.yaml": "# kubernetes:argoproj.io/v1alpha1:Application b\nmetadata: {}\n",
      "a/EventBus-a.yaml": "# kubernetes:argoproj.io/v1alpha1:EventBus a\nkind: EventBus\n",
      "a/EventBus-b.yaml": "# kubernetes:argoproj.io/v1alpha1:EventBus b\n# protect: true\nkind: EventBus\n",
      "a/Secret-a.yaml":
        "# kubernetes:core/v1:Secret a\n# retainOnDelete: true\nstringData: !secret\n  key: <a>\n",
      "a/Role-a.yaml": "# kubernetes:rbac.authorization.k8s.io/v1:Role a\nrules: []\n",
    });
    const removed = fates.map(([path, before]) => ({ path, kind: "removed", before, patch: "" }) as const);
    const settings = settingsOf(committed.stackFile.settings(), "develop");
    assert.deepEqual(
      consequences(removed, settings).gone.map(({ path, fate }) => `${path} ${fate}`),
      [
        "_cluster/Namespace-a.yaml is deleted, with everything in it",
        "a/Application-a.yaml is deleted, with everything that it runs",
        "a/Application-b.yaml is deleted; what it runs stays",
        "a/EventBus-a.yaml is deleted, with the pushes that wait in it",
        "a/EventBus-b.yaml is protected: Pulumi refuses to delete it",
        "a/Secret-a.yaml stays, but the stack no longer manages it",
        "a/Role-a.yaml is deleted",
      ],
    );
  });

  it("shows that nothing differs", async () => {
    const same = await page({ ...subject, comparison: { against: "main", changes: [] } });
    assert.equal(textOf(sectionOf(same, "changes")), "Changes since mainNothing differs.");
    assert.equal(sectionOf(html, "changes"), "");
  });
});

describe("a page that cannot be written", () => {
  it("is reported in one line, and leaves an existing page unchanged", async () => {
    const there = join(folder, "there");
    mkdirSync(join(there, "folder"), { recursive: true });
    for (const [file, because] of [
      [join(there, "nowhere/page.html"), "no such file or directory"],
      [join(there, "folder"), "illegal operation on a directory"],
    ] as const) {
      await assert.rejects(
        writePage(file, subject),
        (error) => error instanceof UserError && error.message === `${file} cannot be written: ${because}.`,
      );
    }
    assert.deepEqual(readdirSync(there), ["folder"]);
    const file = join(there, "page.html");
    writeFileSync(file, "an earlier page");
    await writePage(file, subject);
    assert.equal(readFileSync(file, "utf8"), html);
    assert.deepEqual(readdirSync(there), ["folder", "page.html"]);
  });
});
