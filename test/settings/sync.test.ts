/** The settings of an application's syncs, and their errors. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { smallConfig } from "../support/declare.ts";

const app = { name: "shop", repository: "shop-cluster", path: "k8s" };
const at = "projects.shop.applications[0]";

function parse(application: Config) {
  const shop = {
    owner: "acme",
    webhook: { url: "https://ci.example/shop" },
    repositories: ["web"],
    applications: [{ ...app, ...application }],
  };
  return parseConfig(smallConfig({ projects: { shop } }));
}

/** The errors of an application, one line each: path, rule, fix. */
function errors(application: Config): string[] {
  return parse(application).errors.map(({ path, rule, fix }) => `${path} | ${rule} | ${fix}`);
}

/** The paths of the errors. */
function invalidPaths(application: Config): string[] {
  return parse(application).errors.map(({ path }) => path.replace(`${at}.`, ""));
}

describe("sync options", () => {
  it("are Argo CD's for an Application, except CreateNamespace, since the program creates it", () => {
    assert.deepEqual(errors({ syncOptions: ["ServerSideApply=true", "PrunePropagationPolicy=orphan"] }), []);
    assert.deepEqual(invalidPaths({ syncOptions: ["ServerSideApply=yes", "CreateNamespace=true"] }), [
      "syncOptions[0]",
      "syncOptions[1]",
    ]);
  });
});

describe("sync windows", () => {
  const window = { kind: "deny", schedule: "0 22 * * *", duration: "8h" };
  const invalid = (differences: Config) => invalidPaths({ syncWindows: [{ ...window, ...differences }] });

  it("are in UTC by default, and block manual syncs too", () => {
    const { settings } = parse({ syncWindows: [window] });
    assert.deepEqual(settings?.projects[0]?.applications[0]?.syncWindows, [
      { kind: "deny", schedule: "0 22 * * *", duration: 28800, timeZone: "UTC", manualSync: false },
    ]);
  });

  it("must have a cron schedule", () => {
    for (const schedule of ["*/5 0-6,22 1,15 JAN-MAR MON-FRI", "59 23 31 12 6", "0 0 1-7/2 * SUN,3"])
      assert.deepEqual(invalid({ schedule }), [], schedule);
    for (const schedule of ["@daily", "0 22 * *", "60 * * * *", "0 24 * * *", "0 0 0 * *", "* * * 13 *"])
      assert.deepEqual(invalid({ schedule }), ["syncWindows[0].schedule"], schedule);
    for (const schedule of ["* * * * 7", "0 0 * * MON FRI", "0 22 * * * ", "0 0 , * *"])
      assert.deepEqual(invalid({ schedule }), ["syncWindows[0].schedule"], schedule);
    for (const schedule of ["0 0 * * FRI-MON", "30-10 * * * *", "0 0 * DEC-FEB *", "0 22-6/2 * * *"])
      assert.deepEqual(
        errors({ syncWindows: [{ ...window, schedule }] }),
        [
          `${at}.syncWindows[0].schedule | a cron expression with ascending ranges; the week begins with SUN | write two ranges with a comma, such as "0 22 * * FRI-SAT,SUN-MON"`,
        ],
        schedule,
      );
    for (const schedule of ["0 0 31 2 *", "0 0 30 FEB *", "0 0 31 4,6,9-9,NOV *", "0 0 30,31 2-2 */1"])
      assert.deepEqual(
        errors({ syncWindows: [{ ...window, schedule }] }),
        [
          `${at}.syncWindows[0].schedule | a cron expression that can match: none of the named months has this day | correct day or month, such as "0 0 28 2 *"`,
        ],
        schedule,
      );
    for (const schedule of [
      "0 0 29 2 *",
      "0 0 31 2 MON",
      "0 0 1,31 6 *",
      "0 0 31 */2 *",
      "0 0 */31 2 *",
      "0 0 31 APR-MAY *",
      "0 0 31 2 */2",
      "0 0 31 2-12/2 *",
    ])
      assert.deepEqual(invalid({ schedule }), [], schedule);
    for (const schedule of ["*/75 * * * *", "0 */25 * * *", "0 0 1/32 * *", "0 0 * */13 *", "0 0 * * MON/8"])
      assert.deepEqual(
        errors({ syncWindows: [{ ...window, schedule }] }),
        [
          `${at}.syncWindows[0].schedule | a cron expression whose steps fit into an hour, a day, a month, a year or a week | write the hours too, such as "0 */2 * * *"`,
        ],
        schedule,
      );
    for (const schedule of ["*/60 */24 */31 */12 */7", "0,*/30 * * * *"])
      assert.deepEqual(invalid({ schedule }), [], schedule);
    for (const schedule of ["0 *-5 * * *", "0 0 * * *-FRI"])
      assert.deepEqual(invalid({ schedule }), ["syncWindows[0].schedule"], schedule);
    assert.deepEqual(errors({ syncWindows: [{ ...window, schedule: "daily" }] }), [
      `${at}.syncWindows[0].schedule | a cron expression of minute, hour, day, month and day of the week | write it like "0 22 * * MON-FRI"`,
    ]);
  });

  it("must be in a time zone that Argo CD accepts", () => {
    for (const timeZone of ["UTC", "Asia/Seoul", "America/Argentina/Buenos_Aires", "Asia/Calcutta"])
      assert.deepEqual(invalid({ timeZone }), [], timeZone);
    for (const timeZone of ["asia/seoul", "Asia/seoul", "+09:00", "Korea Standard Time", "Mars/Base"])
      assert.deepEqual(invalid({ timeZone }), ["syncWindows[0].timeZone"], timeZone);
  });

  it("occur once, regardless of manualSync", () => {
    assert.deepEqual(errors({ syncWindows: [window, { ...window, manualSync: true }] }), [
      `${at}.syncWindows[1] | a window of an application may occur only once; the first is ${at}.syncWindows[0] | remove one of the two`,
    ]);
    assert.deepEqual(invalidPaths({ syncWindows: [window, { ...window, duration: "9h" }] }), []);
  });

  it("must have one of two kinds, and a duration", () => {
    assert.deepEqual(invalid({ kind: "close", duration: "8 hours" }), [
      "syncWindows[0].kind",
      "syncWindows[0].duration",
    ]);
  });
});

describe("ignored differences", () => {
  const deployment = { group: "apps", kind: "Deployment" };
  const invalid = (...ignoreDifferences: Config[]) => invalidPaths({ ignoreDifferences });

  it("must name a kind, and the fields to ignore", () => {
    assert.deepEqual(invalid({ kind: "Service", jsonPointers: ["/spec/ports"] }), []);
    assert.deepEqual(invalid({ kind: "*", managedFieldsManagers: ["keda-operator"] }), []);
    assert.deepEqual(errors({ ignoreDifferences: [deployment] }), [
      `${at}.ignoreDifferences[0] | an entry needs jsonPointers, jqPathExpressions or managedFieldsManagers | add one of them`,
    ]);
    assert.deepEqual(invalid({ kind: "deployments", jsonPointers: ["spec", "/a~2"] }), [
      "ignoreDifferences[0].kind",
      "ignoreDifferences[0].jsonPointers[0]",
      "ignoreDifferences[0].jsonPointers[1]",
    ]);
    assert.deepEqual(invalid({ kind: "Service", jqPathExpressions: ["spec.ports"] }), [
      "ignoreDifferences[0].jqPathExpressions[0]",
    ]);
  });

  it("must name the group of a known kind", () => {
    const pointers = { jsonPointers: ["/spec/replicas"] };
    assert.deepEqual(errors({ ignoreDifferences: [{ kind: "Deployment", ...pointers }] }), [
      `${at}.ignoreDifferences[0].group | Deployment is a kind of the group 'apps' | write group: "apps"`,
    ]);
    const groups = [
      { group: "*", kind: "Deployment" },
      { kind: "Pod" },
      { group: "batch", kind: "CronJob" },
      { group: "acme.example", kind: "Other" },
    ];
    assert.deepEqual(invalid(...groups.map((one) => ({ ...one, ...pointers }))), []);
  });

  const image =
    "this also ignores the image, so a new one would not be rolled out | ignore only the fields that others change, not the image, or write images: []";

  it("must not include an image that is followed", () => {
    const ignored = {
      ...deployment,
      jsonPointers: ["/spec/template/spec/containers/0/image"],
      jqPathExpressions: [".spec.template.spec.containers[].image"],
      managedFieldsManagers: ["argocd-controller"],
    };
    assert.deepEqual(errors({ ignoreDifferences: [ignored] }), [
      `${at}.ignoreDifferences[0].jsonPointers[0] | ${image}`,
      `${at}.ignoreDifferences[0].jqPathExpressions[0] | ${image}`,
      `${at}.ignoreDifferences[0].managedFieldsManagers[0] | ${image}`,
    ]);
    assert.deepEqual(errors({ ignoreDifferences: [ignored], images: [] }), []);
  });

  const pods = "/spec/template/spec";
  const pointers: Readonly<Record<string, readonly [kind: Config, pointers: readonly string[]]>> = {
    refused: [
      deployment,
      [
        "/spec",
        "/spec/template",
        pods,
        `${pods}/containers`,
        `${pods}/containers/1`,
        `${pods}/containers/web`,
      ],
    ],
    taken: [
      deployment,
      [
        "/spec/replicas",
        "/spec/temp",
        `${pods}/volumes`,
        `${pods}/containers/0/imagePullPolicy`,
        "/metadata",
      ],
    ],
    "refused of a CronJob": [
      { group: "batch", kind: "CronJob" },
      ["/spec/jobTemplate", "/spec/jobTemplate/spec/template/spec/containers/0"],
    ],
    "taken of a Service": [{ kind: "Service" }, ["/spec"]],
  };
  for (const [what, [kind, all]] of Object.entries(pointers)) {
    it(`by a JSON pointer are ${what}, depending on its target`, () => {
      for (const jsonPointer of all) {
        const found = invalid({ ...kind, jsonPointers: [jsonPointer] });
        const expected = what.startsWith("refused") ? ["ignoreDifferences[0].jsonPointers[0]"] : [];
        assert.deepEqual(found, expected, jsonPointer);
      }
    });
  }

  it("by a jq path are refused or accepted, depending on its target", () => {
    const containers = ".spec.template.spec.containers";
    const found = (expression: string) => invalid({ ...deployment, jqPathExpressions: [expression] }).length;
    for (const expression of [
      ".spec",
      ".spec.template",
      containers,
      `${containers}[]`,
      `${containers}[0].image`,
      `${containers}[] | select(.name == "web")`,
      `${containers}[]? | select(.name == "web") | .image`,
      '.spec["template"].spec."containers"[].image',
    ])
      assert.equal(found(expression), 1, expression);
    for (const expression of [
      ".spec.replicas",
      `${containers}[].resources`,
      `${containers}[].imagePullPolicy`,
      `${containers}[] | select(.name == "istio-proxy") | .env[]`,
      ".spec.template.metadata.annotations",
    ])
      assert.equal(found(expression), 0, expression);
  });
});

describe("a chart from a Helm repository", () => {
  const chart = { repository: "oci://ghcr.io/acme/charts/", name: "web", version: "1.2.3" };
  const helm = { valueFiles: ["values.yaml"], image: "image", tag: "tag" };
  const secrets = { githubToken: "a", statusToken: "b", clusterRepositories: { "shop-cluster": "c" } };
  const committed = { access: "token", writeBack: "git", chart, helm };

  it("is converted to Argo CD's notation", () => {
    const of = (repository: string) => {
      const { settings } = parse({ chart: { ...chart, repository }, helm, images: [] });
      return settings?.projects[0]?.applications[0]?.chart?.repository;
    };
    assert.equal(of("oci://ghcr.io/acme/charts/"), "ghcr.io/acme/charts");
    assert.equal(of("https://charts.example.com:8443/stable"), "https://charts.example.com:8443/stable");
  });

  it("must be one version of one chart", () => {
    const invalid = (differences: Config) =>
      invalidPaths({ chart: { ...chart, ...differences }, helm, images: [] });
    assert.deepEqual(invalid({ repository: "http://charts.example.com", name: "Web", version: "1.x" }), [
      "chart.repository",
      "chart.name",
      "chart.version",
    ]);
    for (const version of ["v1.2.3", "1.2.3-rc.1+build"]) assert.deepEqual(invalid({ version }), [], version);
    for (const version of ["1.2", "^1.2.3", "*"]) assert.deepEqual(invalid({ version }), ["chart.version"]);
  });

  it("must have its values in the cluster repository", () => {
    const error = `${at}.helm.valueFiles | the values of a chart from a Helm repository are files of the cluster repository | name at least one, below \`path\``;
    assert.deepEqual(errors({ chart, images: [] }), [error]);
    assert.deepEqual(errors({ chart, helm: { ...helm, valueFiles: [] }, images: [] }), [error]);
  });

  it("must get its images by commits, since this program owns the sources", () => {
    assert.deepEqual(errors({ chart, helm }), [
      `${at}.writeBack | the images of a chart from a Helm repository are written into its values files | write git or pullRequest, or images: []`,
    ]);
    for (const writeBack of ["git", "pullRequest"]) {
      const shop = {
        owner: "acme",
        webhook: { url: "https://ci.example/shop" },
        repositories: ["web"],
        applications: [{ ...app, ...committed, writeBack }],
      };
      assert.deepEqual(parseConfig(smallConfig({ projects: { shop }, secrets })).errors, []);
    }
  });
});

describe("the interval of the Image Updater", () => {
  it("must be at least a minute", () => {
    const found = (interval: string) =>
      parseConfig(smallConfig({ delivery: { interval } })).errors.map(
        ({ path, value, rule, fix }) => `${path} = ${String(value)} | ${rule} | ${fix}`,
      );
    assert.deepEqual(found("60s"), []);
    assert.deepEqual(found("59s"), [
      "delivery.interval = 59s | at least a minute: each check queries the registry for every image | write 2h",
    ]);
  });
});

describe("a pull request with the new image", () => {
  it("requires a token", () => {
    const error = `${at}.writeBack | the Image Updater needs a token: a deploy key cannot open a pull request | add access: token, or write argocd`;
    assert.ok(errors({ writeBack: "pullRequest" }).includes(error));
    assert.ok(errors({ writeBack: "pullRequest", access: "deployKey" }).includes(error));
    assert.ok(!errors({ writeBack: "pullRequest", access: "token" }).includes(error));
  });
});
