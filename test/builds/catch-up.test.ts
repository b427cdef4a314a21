/** The schedule of the check for lost pushes, and what it uses. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { catchUpSchedule, catchUpTemplate } from "../../components/builds/catch-up.ts";
import { minuteOfDay } from "../../components/derived-names.ts";
import { label, owner, repositoryName } from "../support/builders.ts";
import { app, command, confined } from "../support/build-template.ts";
import { catchUp, reading } from "../support/catch-up-args.ts";
import { declaredFiles, smallConfig, smallProject } from "../support/declare.ts";

describe("the CronWorkflow that catches up", () => {
  it("runs one check at a time, and makes up for a missed one", () => {
    assert.deepEqual(catchUpSchedule(catchUp()), {
      schedules: ["3-59/10 * * * *"],
      timezone: "UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      workflowSpec: { workflowTemplateRef: { name: "catch-up" } },
    });
  });

  it("writes every period as a cron schedule, offset by a minute that depends on the stack", () => {
    const minutes = [5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];
    const offset = 707;
    const schedules = minutes.map((every) => catchUpSchedule(catchUp({ every, offset })).schedules[0] ?? "");
    assert.deepEqual(schedules, [
      "2-59/5 * * * *",
      "5-59/6 * * * *",
      "7-59/10 * * * *",
      "11-59/12 * * * *",
      "2-59/15 * * * *",
      "7-59/20 * * * *",
      "17-59/30 * * * *",
      "47 * * * *",
      "47 1-23/2 * * *",
      "47 2-23/3 * * *",
      "47 3-23/4 * * *",
      "47 5-23/6 * * *",
      "47 3-23/8 * * *",
      "47 11-23/12 * * *",
      "47 11 * * *",
    ]);
    for (const [index, text] of schedules.entries()) {
      const runs = minutesOf(text);
      const every = minutes[index] ?? 0;
      assert.equal(runs.length, 1440 / every, text);
      const gaps = runs.slice(1).map((run, before) => run - (runs[before] ?? 0));
      assert.ok(
        gaps.every((gap) => gap === every),
        text,
      );
    }
  });

  it("starts at another minute in another stack", () => {
    assert.notEqual(minuteOfDay("develop") % 10, minuteOfDay("publish") % 10);
  });
});

/** The minutes of a day when a cron schedule runs. */
function minutesOf(schedule: string): number[] {
  const [minutes = "", hours = ""] = schedule.split(" ");
  const isIn = (field: string, value: number) => {
    const [, first, , step] = /^([0-9]+)(-[0-9]+\/([0-9]+))?$/.exec(field) ?? [];
    if (first === undefined) return true;
    if (step === undefined) return value === Number(first);
    return value >= Number(first) && (value - Number(first)) % Number(step) === 0;
  };
  return [...Array(1440).keys()].filter(
    (minute) => isIn(hours, Math.floor(minute / 60)) && isIn(minutes, minute % 60),
  );
}

describe("the WorkflowTemplate that catches up", () => {
  it("runs one pod, with the tokens that it needs, and counts the builds that it has started", () => {
    const whole = catchUpTemplate(
      catchUp({
        clones: [reading({ project: label("shop"), token: label("shop-clone") })],
        gitTags: "v.*",
        insecure: true,
      }),
    );
    const { templates, ...rest } = whole;
    assert.deepEqual(rest, {
      entrypoint: "catch-up",
      serviceAccountName: "catch-up",
      imagePullSecrets: [{ name: "regcred" }],
      activeDeadlineSeconds: 1800,
      ttlStrategy: { secondsAfterCompletion: 345600 },
      podGC: { strategy: "OnPodSuccess" },
      podSpecPatch: '{"enableServiceLinks":false}',
      workflowMetadata: { labels: { "argo-cicd/catch-up": "true" } },
    });
    const [look] = templates;
    assert.ok(look !== undefined && "container" in look && templates.length === 1);
    const { container, ...pod } = look;
    const output = (name: string) => ({ name, valueFrom: { path: `/kaniko/argo-cicd/results/${name}` } });
    const items = [{ key: "token", path: "token" }];
    assert.deepEqual(pod, {
      name: "catch-up",
      outputs: { parameters: ["started", "unanswered", "settled"].map(output) },
      activeDeadlineSeconds: 900,
      metrics: {
        prometheus: [
          {
            name: "caught_up_pushes",
            help: "Builds that the last look for lost pushes has started",
            gauge: { value: "{{outputs.parameters.started}}", realtime: false },
          },
          {
            name: "caught_up_pushes_total",
            help: "Builds that looks for lost pushes have started",
            counter: { value: "{{outputs.parameters.started}}" },
          },
          {
            name: "catch_up_unanswered",
            help: "Services for which the last look for lost pushes could not ask git, the registry, GitHub or Kubernetes",
            gauge: { value: "{{outputs.parameters.unanswered}}", realtime: false },
          },
        ],
      },
      volumes: [
        { name: "scripts", configMap: { name: "build-scripts", defaultMode: 0o555 } },
        { name: "results", emptyDir: { sizeLimit: "16Mi" } },
        { name: "temporary", emptyDir: { sizeLimit: "1Gi" } },
        { name: "builds", configMap: { name: "catch-up", defaultMode: 0o444 } },
        { name: "shop-clone", secret: { secretName: "shop-clone", items } },
        { name: "github-status", secret: { secretName: "github-status", items } },
        {
          name: "registry-login",
          secret: { secretName: "regcred", items: [{ key: ".dockerconfigjson", path: "config.json" }] },
        },
      ],
    });
    const { image, script, env } = command(container);
    assert.match(image, /\/node:/);
    assert.equal(script, "exec node /kaniko/argo-cicd/scripts/catch-up.ts");
    assert.deepEqual(env, {
      HOME: "/tmp",
      RESULTS: "/kaniko/argo-cicd/results",
      BUILDS: "/builds/builds.json",
      CLONE_TOKENS: "/clone-tokens",
      GITHUB_API: "https://api.github.com",
      TOKEN_FILE: "/github-token/token",
      REGISTRY: "docker.io",
      INSECURE: "true",
      DOCKER_CONFIG: "/registry-login",
      APPLICATIONS_NAMESPACE: "",
      UPDATER: "",
      UPDATER_TOKEN_FILE: "/updater-token/token",
      GIT_TAGS: "v.*",
      SETTLE: "60",
      STRANDED: "120",
      NAMESPACE: "{{workflow.namespace}}",
    });
    assert.deepEqual(container.securityContext, confined);
    const mounts = container.volumeMounts.slice(3);
    assert.deepEqual(mounts, [
      { name: "builds", mountPath: "/builds", readOnly: true },
      { name: "shop-clone", mountPath: "/clone-tokens/shop", readOnly: true },
      { name: "github-status", mountPath: "/github-token", readOnly: true },
      { name: "registry-login", mountPath: "/registry-login", readOnly: true },
    ]);
  });

  it("uses the tokens of each owner, from Secrets or made by the GitHub App", () => {
    const [look] = catchUpTemplate(
      catchUp({
        clones: [
          reading({ project: label("shop"), token: app }),
          reading({ project: label("videos"), token: label("videos-clone") }),
        ],
        reports: [
          reading({ owner: owner("Acme"), token: app, permission: "checks:write,deployments:write" }),
          {
            owner: owner("acme-labs"),
            token: label("github-status"),
            permission: "statuses:write",
            repositories: [],
          },
        ],
      }),
    ).templates;
    assert.ok(look !== undefined && "container" in look);
    assert.equal(command(look.container).env["TOKEN_FILE"], "/github-tokens/{owner}/token");
    const [token, ...others] = look.initContainers ?? [];
    assert.ok(token !== undefined && others.length === 0);
    const { TOKENS, REPORT_TOKENS } = command(token).env;
    assert.equal(TOKENS, "");
    assert.deepEqual(REPORT_TOKENS?.split("\n"), [
      "/clone-tokens/shop/token 31415926 contents:read web",
      "/github-tokens/Acme/token 31415926 checks:write,deployments:write web",
    ]);
    const folders = (mounts: typeof token.volumeMounts) =>
      mounts
        .map(({ name, mountPath, readOnly }) => `${name} ${mountPath}${readOnly === true ? "" : " w"}`)
        .slice(3);
    assert.deepEqual(folders(token.volumeMounts), [
      "github-app /github-app",
      "shop-clone /clone-tokens/shop w",
      "acme-github-status /github-tokens/Acme w",
      "no-account /var/run/secrets/kubernetes.io/serviceaccount",
    ]);
    assert.deepEqual(folders(look.container.volumeMounts), [
      "builds /builds",
      "shop-clone /clone-tokens/shop",
      "videos-clone /clone-tokens/videos",
      "acme-github-status /github-tokens/Acme",
      "acme-labs-github-status /github-tokens/acme-labs",
      "registry-login /registry-login",
    ]);
  });

  it("requests a token for the whole installation if there are too many repositories to list", () => {
    const repositories = Array.from({ length: 501 }, (_, index) => repositoryName(`web-${index.toString()}`));
    const linesFor = (names: typeof repositories) => {
      const clones = [{ project: label("shop"), token: app, repositories: names }];
      const [look] = catchUpTemplate(catchUp({ clones, reports: [] })).templates;
      assert.ok(look !== undefined && "container" in look && look.initContainers?.[0] !== undefined);
      return command(look.initContainers[0]).env["REPORT_TOKENS"];
    };
    assert.equal(linesFor(repositories), "/clone-tokens/shop/token 31415926 contents:read");
    assert.match(linesFor(repositories.slice(1)) ?? "", / web-1,.*,web-500$/);
  });

  it("has the key of the Image Updater's webhook, if builds wait for Applications", () => {
    const delivery = { namespace: label("argocd"), updaterUrl: "http://updater.example.com/webhook" };
    const [look] = catchUpTemplate(catchUp({ delivery })).templates;
    assert.ok(look !== undefined && "container" in look);
    const { env } = command(look.container);
    assert.deepEqual([env["APPLICATIONS_NAMESPACE"], env["UPDATER"]], ["argocd", delivery.updaterUrl]);
    const items = [{ key: "token", path: "token" }];
    const secret = { secretName: "image-updater-webhook", items };
    assert.deepEqual(
      look.volumes.find(({ name }) => name === "updater-token"),
      { name: "updater-token", secret },
    );
    assert.deepEqual(
      look.container.volumeMounts.find(({ name }) => name === "updater-token"),
      { name: "updater-token", mountPath: "/updater-token", readOnly: true },
    );
  });

  it("mounts no token or login that the stack does not have", () => {
    const [look] = catchUpTemplate(catchUp({ reports: [], pullSecret: undefined })).templates;
    assert.ok(look !== undefined && "container" in look);
    assert.deepEqual(
      look.volumes.map(({ name }) => name),
      ["scripts", "results", "temporary", "builds"],
    );
    assert.equal(command(look.container).env["TOKEN_FILE"], "");
  });
});

describe("a stack that catches up", () => {
  const hidden = { ...smallProject(), private: true, repositories: [{ name: "web", builder: "buildkit" }] };
  const paths = async (builds: object) => {
    const files = await declaredFiles(smallConfig({ projects: { shop: hidden }, builds }));
    return { files, ours: [...files.keys()].filter((path) => /catch-up|-clone/.test(path)) };
  };

  it("has one CronWorkflow for all namespaces of builds, with the tokens that clone", async () => {
    const { files, ours } = await paths({ catchUp: { every: "1h" } });
    assert.deepEqual(ours.toSorted(), [
      "_cluster/ValidatingAdmissionPolicy-argo-cicd-catch-up-pods.yaml",
      "_cluster/ValidatingAdmissionPolicy-argo-cicd-catch-up.yaml",
      "_cluster/ValidatingAdmissionPolicyBinding-argo-cicd-catch-up-pods.yaml",
      "_cluster/ValidatingAdmissionPolicyBinding-argo-cicd-catch-up.yaml",
      "argocd/Role-catch-up.yaml",
      "argocd/RoleBinding-catch-up.yaml",
      "ci-buildkit/Role-catch-up.yaml",
      "ci-buildkit/RoleBinding-catch-up.yaml",
      "ci-buildkit/Secret-shop-clone.yaml",
      "ci/ConfigMap-catch-up.yaml",
      "ci/CronWorkflow-catch-up.yaml",
      "ci/Role-catch-up.yaml",
      "ci/RoleBinding-catch-up.yaml",
      "ci/Secret-shop-clone.yaml",
      "ci/ServiceAccount-catch-up.yaml",
      "ci/WorkflowTemplate-catch-up.yaml",
    ]);
    const { rules } = parse(files.get("ci-buildkit/Role-catch-up.yaml") ?? "") as { rules: unknown };
    assert.deepEqual(rules, [
      { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["get", "list", "create", "patch"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["list", "delete"] },
    ]);
    const reading = parse(files.get("argocd/Role-catch-up.yaml") ?? "") as { rules: unknown };
    assert.deepEqual(reading.rules, [
      { apiGroups: ["argoproj.io"], resources: ["applications"], resourceNames: ["shop"], verbs: ["get"] },
    ]);
  });

  it("has no object of it if it is off", async () => {
    const { ours } = await paths({ catchUp: { enabled: false } });
    assert.deepEqual(ours, ["ci-buildkit/Secret-shop-clone.yaml"]);
  });
});
