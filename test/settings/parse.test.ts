import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { describeErrors } from "../../components/settings/errors.ts";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { smallConfig, stackConfig } from "../support/declare.ts";

/** The errors of a small stack after a change, one line each: path, value, rule, fix. */
function errors(change: (config: Editable) => void): string[] {
  const config = structuredClone(smallConfig());
  change(config as unknown as Editable);
  return parseConfig(config).errors.map(({ path, value, rule, fix }) =>
    [path, ...(value === undefined ? [] : [JSON.stringify(value)]), rule, fix].join(" | "),
  );
}

interface Editable extends Record<string, unknown> {
  cluster: Config;
  registry: unknown;
  projects: { shop: EditableProject; [name: string]: unknown };
  secrets: { projects: Config; [name: string]: unknown };
}

interface EditableProject extends Config {
  webhook: Config;
  repositories: unknown[];
  applications: Config[];
}

const repositoryRule =
  "a GitHub repository without its owner and without .git, at most 63 letters, digits, '.', '_' and '-' (it also names Kubernetes objects)";
const repositoryFix = "change it to a name like alog-front-web";

describe("an error has path, value, rule and fix", () => {
  const cases: [string, (config: Editable) => void, string[]][] = [
    [
      "an unknown key, with the nearest one",
      ({ projects }) => (projects.shop.repositories[0] = { name: "web", dockerfil: "Dockerfile" }),
      [
        'projects.shop.repositories[0].dockerfil | "Dockerfile" | unknown key; known keys are name, service, image, paths, dockerfile, context, target, buildArgs, args, secrets, submodules, lfs, cache, tags, resources, timeLimit, signing, nodeSelector, tolerations, architecture, builderFlags, pullRequests, otherBranches, builder, pin | did you mean dockerfile?',
      ],
    ],
    [
      "an unknown key that resembles none",
      ({ cluster }) => (cluster["colour"] = "blue"),
      [
        'cluster.colour | "blue" | unknown key; known keys are context, uid, storageClass, highAvailability, deletableNamespaces, adoptExisting, admissionPolicies, networkPolicies | remove it',
      ],
    ],
    [
      "an unknown top-level key",
      (config) => (config["project"] = {}),
      [
        "project | unknown key; known keys are cluster, branch, github, registry, registries, network, tags, builds, webhooks, eventBus, delivery, mail, argocd, workflows, signOn, monitoring, addons, namespaces, projects, secrets | did you mean projects?",
      ],
    ],
    [
      "a number and a Boolean in place of a text",
      (config) => (config["builds"] = { resources: { cpu: 2 }, gitTags: true }),
      [
        "builds.resources.cpu | 2 | must be a text | write it in quotes",
        "builds.gitTags | true | must be a text | write it in quotes",
      ],
    ],
    [
      "a commit of digits only, which YAML reads as a number",
      ({ projects }) => (projects.shop.repositories[0] = { name: "web", pin: 1234567 }),
      [
        "projects.shop.repositories[0].pin | 1234567 | a commit: 7 to 40 characters of its hash, 0-9 and a-f, in quotes if all are digits | write it in quotes",
      ],
    ],
    [
      "a tag in place of a commit",
      ({ projects }) => (projects.shop.repositories[0] = { name: "web", pin: "develop-1a2b3c4" }),
      [
        'projects.shop.repositories[0].pin | "develop-1a2b3c4" | a commit: 7 to 40 characters of its hash, 0-9 and a-f, in quotes if all are digits | change it to a name like "1a2b3c4"',
      ],
    ],
    [
      "a wrong type",
      ({ cluster }) => (cluster["highAvailability"] = "yes"),
      ['cluster.highAvailability | "yes" | must be true or false | write true or false here'],
    ],
    [
      "a list in place of an object",
      (config) => (config.registry = ["docker.io"]),
      ['registry | ["docker.io"] | must be an object of keys | write an object of keys here'],
    ],
    [
      "a missing key",
      ({ cluster }) => delete cluster["context"],
      ["cluster.context | required, but missing | add it (a text)"],
    ],
    [
      "a missing top-level key",
      (config) => delete config["branch"],
      ["branch | required, but missing | add it (a text)"],
    ],
    [
      "a value that is not in the enumeration",
      (config) => (config["builds"] = { builder: "docker" }),
      ['builds.builder | "docker" | must be one of kaniko, buildkit | choose one of these'],
    ],
    [
      "a name too long for Kubernetes",
      ({ projects }) => (projects.shop.repositories[0] = "w".repeat(64)),
      [`projects.shop.repositories[0] | "${"w".repeat(64)}" | ${repositoryRule} | ${repositoryFix}`],
    ],
    [
      "a repository with its owner",
      ({ projects }) => (projects.shop.repositories[0] = "acme/web"),
      [`projects.shop.repositories[0] | "acme/web" | ${repositoryRule} | ${repositoryFix}`],
    ],
    [
      "a project's name that Kubernetes refuses",
      ({ projects }) => (projects["My_Shop"] = {}),
      [
        "projects.My_Shop | the key must be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends (a Kubernetes name, RFC 1123) | change it to a name like alog",
      ],
    ],
    [
      "a webhook that is not a URL",
      ({ projects }) => (projects.shop.webhook["url"] = "ci.example/shop"),
      [
        'projects.shop.webhook.url | "ci.example/shop" | a URL of scheme, host and path only | write it like https://alog.acceler.kr/github-webhook',
      ],
    ],
    [
      "four JetStream pods",
      (config) => (config["eventBus"] = { replicas: 4 }),
      [
        "eventBus.replicas | 4 | 1, 3 or 5 pods: JetStream needs a majority, so an even number tolerates no more failures | write 3",
      ],
    ],
    [
      "a port out of the range",
      (config) => (config["argocd"] = { nodePort: 443 }),
      [
        "argocd.nodePort | 443 | a NodePort: a whole number from 30000 to 32767 | choose a free one in that range",
      ],
    ],
    [
      "a duration without a unit",
      (config) => (config["builds"] = { timeLimit: "90" }),
      ['builds.timeLimit | "90" | a duration: a whole number followed by s, m, h or d | write it like 30m'],
    ],
  ];
  for (const [name, change, expected] of cases) it(name, () => assert.deepEqual(errors(change), expected));
});

describe("a rule between keys", () => {
  const cases: [string, (config: Editable) => void, string[]][] = [
    [
      "a repository twice",
      ({ projects }) => projects.shop.repositories.push("WEB"),
      [
        "projects.shop.repositories[1] | \"WEB\" | a repository is declared once in a stack, or once for each `service`, and names that differ only in case, '.', '_' and '-' make the same Kubernetes name; the first is projects.shop.repositories[0] | remove one of the two",
      ],
    ],
    [
      "a repository's services in two projects",
      ({ projects }) =>
        (projects["bar"] = {
          owner: "acme",
          webhook: { url: "https://ci.example/bar" },
          repositories: [{ name: "web", service: "worker" }],
        }),
      [
        'projects.bar.repositories[0] | "web" | all services of a repository belong to one project; the first is projects.shop.repositories[0] | declare it there',
      ],
    ],
    [
      "a git tag that is not a valid image tag",
      (config) => (config["builds"] = { gitTags: "release/*" }),
      [
        "builds.gitTags | \"release/*\" | at most 63 letters, digits, '_', '.' and '-', as in an image tag, with '*' for any run of these | change it to a name like v*",
      ],
    ],
    [
      "zero builds at once",
      (config) => (config["builds"] = { atOnce: 0 }),
      ["builds.atOnce | 0 | how many: a whole number from 1 to 1000000 | write a number like 4"],
    ],
    [
      "an application twice",
      ({ projects }) => projects.shop.applications.push({ name: "shop", repository: "other", path: "k8s" }),
      [
        'projects.shop.applications[1] | "shop" | an application\'s name may occur only once in a stack; the first is projects.shop.applications[0] | rename one of the two',
      ],
    ],
    [
      "a webhook address twice",
      ({ projects }) => (projects["bar"] = { owner: "acme", webhook: { url: "https://ci.example/shop" } }),
      [
        'projects.bar.webhook.url | "https://ci.example/shop" | each project needs its own webhook address; the first is projects.shop.webhook.url | change the path of one, e.g. append the project\'s name',
      ],
    ],
    [
      "a port of the EventSource twice",
      ({ projects }) =>
        (projects["bar"] = { owner: "acme", webhook: { url: "https://ci.example/bar", port: 14857 } }),
      [
        "projects.bar.webhook.port | 14857 | each project needs its own port of the EventSource, derived from its name or set here; the first is projects.shop.webhook.port | set this one to a port that no other project has, such as 11999",
      ],
    ],
    [
      "a port of the EventSource that is in use, or privileged",
      ({ projects }) => {
        const project = (name: string, port: number) => ({
          owner: "acme",
          webhook: { url: `https://ci.example/${name}`, port },
        });
        Object.assign(projects, { bar: project("bar", 7777), baz: project("baz", 443) });
      },
      [
        "projects.bar.webhook.port | 7777 | a port: a whole number from 1024 to 65535, except 7777 | choose another one in that range",
        "projects.baz.webhook.port | 443 | a port: a whole number from 1024 to 65535, except 7777 | choose another one in that range",
      ],
    ],
    [
      "a NodePort twice",
      (config) => {
        config["argocd"] = { nodePort: 30443 };
        config["workflows"] = { nodePort: 30443 };
      },
      [
        "workflows.nodePort | 30443 | a NodePort belongs to one Service; the first is argocd.nodePort | choose another port for one of the two",
      ],
    ],
    [
      "a namespace twice",
      (config) => (config["namespaces"] = { builds: "argo" }),
      [
        'namespaces.builds | "argo" | each part needs its own namespace, since their pod security levels differ; the first is namespaces.workflows | rename one of the two',
      ],
    ],
    [
      "an image of a repository that is not declared",
      ({ projects }) => Object.assign(projects.shop.applications[0] ?? {}, { images: ["wab"] }),
      [
        'projects.shop.applications[0].images[0] | "wab" | an application follows images of its project\'s repositories | did you mean web?',
      ],
    ],
    [
      "tags that cannot work",
      (config) => (config["tags"] = { commit: "{branch}", moving: ["{sha7}", "x", "x"] }),
      [
        'tags.commit | "{branch}" | the commit tag must contain {sha7} | add {sha7}',
        'tags.moving[0] | "{sha7}" | a moving tag is the same for every commit | remove {sha7}',
        'tags.moving[2] | "x" | a tag may occur only once; the first is tags.moving[1] | remove one of the two',
      ],
    ],
    [
      "Docker Hub without a login, over plain HTTP",
      (config) => (config.registry = { namespace: "team", insecure: true }),
      [
        "registry.insecure | true | Docker Hub speaks HTTPS only | remove the key, or set registry.host to the registry that speaks plain HTTP",
        "registry.username | Docker Hub accepts no push without a login | add the user who pushes, or set registry.host to another registry",
      ],
    ],
    [
      "high availability on a bus of one pod",
      (config) => {
        config.cluster["highAvailability"] = true;
        config["eventBus"] = { replicas: 1 };
      },
      [
        "eventBus.replicas | 1 | cluster.highAvailability needs an EventBus that survives the loss of a node | write 3, or remove the key",
      ],
    ],
    [
      "an Ingress without a host, together with a NodePort",
      (config) => (config["argocd"] = { nodePort: 30443, ingress: {} }),
      [
        "argocd.host | an Ingress needs a host | add the name that browsers use",
        "argocd.nodePort | 30443 | with argocd.ingress TLS ends at the Ingress, so a NodePort would serve plain HTTP | remove nodePort, or remove ingress",
      ],
    ],
  ];
  for (const [name, change, expected] of cases) it(name, () => assert.deepEqual(errors(change), expected));
});

describe("secrets", () => {
  it("that are missing are reported with the command that sets each", () => {
    const found = errors((config) => {
      config.secrets = { projects: {} };
      config.registry = { host: "registry.example:5000", username: "robot" };
      config.projects.shop["secret"] = { name: "shop-secret", keys: ["DB_PASSWORD"] };
      config.projects.shop.repositories = [{ name: "web", buildArgs: ["API_URL"], secrets: ["NPM_TOKEN"] }];
      config.projects.shop["private"] = true;
      config["builds"] = { logs: { endpoint: "ceph.example", bucket: "logs" } };
    });
    const missing = (path: string) =>
      `${path} | a secret without a value | pulumi config set --secret --path '${path}'`;
    assert.deepEqual(found, [
      missing("secrets.githubToken"),
      missing("secrets.statusToken"),
      missing("secrets.registryPassword"),
      missing("secrets.logs.accessKey"),
      missing("secrets.logs.secretKey"),
      missing("secrets.cloneTokens.shop"),
      missing("secrets.projects.shop.DB_PASSWORD"),
      missing("secrets.projects.shop.API_URL"),
      missing("secrets.projects.shop.NPM_TOKEN"),
    ]);
  });

  it("of an unknown project or key are errors, and their values are not shown", () => {
    const found = errors(({ secrets }) => {
      secrets.projects = { shop: { DB_PASSWORT: "hunter2" }, shopp: { KEY: "hunter2" } };
      secrets["cloneTokens"] = { shapp: "hunter2" };
    });
    assert.deepEqual(found, [
      "secrets.cloneTokens.shapp | unknown project | did you mean shop?",
      "secrets.projects.shopp | unknown project | did you mean shop?",
      "secrets.projects.shop.DB_PASSWORT | no build uses this, and projects.shop.secret has no key of this name | remove it",
    ]);
  });

  it("of a wrong type are not shown either", () => {
    const path = "secrets.githubToken";
    const found = errors(({ secrets }) => (secrets["githubToken"] = { nested: "hunter2" }));
    assert.deepEqual(found, [`${path} | must be a text | pulumi config set --secret --path '${path}'`]);
  });

  it("that are empty are reported with the command, and a text in place of keys is not", () => {
    const found = errors(({ secrets }) => {
      secrets["githubToken"] = "";
      secrets["cloneTokens"] = "hunter2";
    });
    assert.deepEqual(found, [
      "secrets.githubToken | must not be empty | pulumi config set --secret --path 'secrets.githubToken'",
      "secrets.cloneTokens | must be an object of keys | write an object of keys here",
    ]);
  });
});

describe("a secret of several lines", () => {
  it("is refused if it must be one line, and is not shown", () => {
    const found = errors(({ secrets }) => {
      secrets["githubToken"] = "hunter2\n";
      secrets["registryPassword"] = '{\n  "private_key_id": "hunter2"\n}\n';
    });
    assert.deepEqual(found, [
      "secrets.githubToken | one line, without a line break | set it again without the line break, or only its first line",
    ]);
  });
});

describe("all errors", () => {
  it("are reported at once, in one message", () => {
    const config = structuredClone(smallConfig()) as unknown as Editable;
    config.cluster["contxt"] = "x";
    config.projects.shop.repositories.push("web", "bad name");
    config["branch"] = "refs/heads/main";
    const { errors: found } = parseConfig(config);
    assert.equal(
      describeErrors("Pulumi.test.yaml", "argo-cicd", found),
      `Pulumi.test.yaml has 4 errors; nothing was declared.

  argo-cicd:cluster.contxt = "x"
      rule: unknown key; known keys are context, uid, storageClass, highAvailability, deletableNamespaces, adoptExisting, admissionPolicies, networkPolicies
      fix:  did you mean context?

  argo-cicd:branch = "refs/heads/main"
      rule: a branch name that git accepts, without refs/heads/
      fix:  change it to a name like develop

  argo-cicd:projects.shop.repositories[2] = "bad name"
      rule: ${repositoryRule}
      fix:  ${repositoryFix}

  argo-cicd:projects.shop.repositories[1] = "web"
      rule: a repository is declared once in a stack, or once for each \`service\`, and names that differ only in case, '.', '_' and '-' make the same Kubernetes name; the first is projects.shop.repositories[0]
      fix:  remove one of the two
`,
    );
  });

  it("are found in any file: the parser never throws", () => {
    const key = fc.constantFrom(...Object.keys(smallConfig()), "else");
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue()), (config) => {
        const { settings, errors: found } = parseConfig(config);
        assert.equal(settings === undefined, found.length > 0);
      }),
    );
  });

  it("do not depend on the order of projects, nor do the settings", () => {
    const config = stackConfig("develop");
    const projects = config["projects"] as Config;
    const reversed = Object.fromEntries(Object.entries(projects).reverse());
    assert.notDeepEqual(Object.keys(reversed), Object.keys(projects));
    const { settings } = parseConfig(config);
    assert.ok(settings !== undefined);
    assert.deepEqual(parseConfig({ ...config, projects: reversed }).settings, settings);
  });
});
