/** Rules between the keys of builds. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { secretsFor, smallConfig, smallProject } from "../support/declare.ts";

/** The errors of a stack with one repository with these keys. */
function errorsOf(repository: Config, more: Config = {}): string[] {
  const projects = { shop: { ...smallProject(), repositories: [{ name: "web", ...repository }] } };
  const config: Config = { ...more, projects };
  const { errors } = parseConfig({
    ...smallConfig(config),
    secrets: secretsFor({ ...smallConfig(), ...config }),
  });
  return errors.map(({ path, value, rule, fix }) =>
    [path.replace("projects.shop.repositories[0].", ""), value, rule, fix]
      .filter((one) => one !== undefined)
      .map(String)
      .join(" | "),
  );
}

describe("build arguments with their values", () => {
  it("may be any text, together with arguments by name", () => {
    const args = { NODE_ENV: "production", EMPTY: "", lines: "a\nb", BRACES: "{{x}} {commit}" };
    assert.deepEqual(errorsOf({ args, buildArgs: ["API_URL"], secrets: ["NODE_ENV"] }), []);
  });

  it("must be quoted if YAML would read another type", () => {
    const rule = "a text, which YAML reads as another type without quotes | write it in quotes";
    assert.deepEqual(errorsOf({ args: { PORT: 8080, DEBUG: true, NOTHING: null } }), [
      `args.PORT | 8080 | ${rule}`,
      `args.DEBUG | true | ${rule}`,
      `args.NOTHING | null | ${rule}`,
    ]);
  });

  it("must be valid as an argument of a program", () => {
    assert.deepEqual(errorsOf({ args: { A: "a\0b" } }), [
      "args.A | a\0b | a text without NUL bytes, which cannot be passed to a program | remove them",
    ]);
    assert.deepEqual(errorsOf({ args: { A: "x".repeat(32_768) } }), []);
    assert.match(errorsOf({ args: { A: "x".repeat(32_769) } })[0] ?? "", /at most 32768 characters/);
  });

  it("must have names of variables", () => {
    assert.match(
      errorsOf({ args: { "a-b": "x" } })[0] ?? "",
      /^args\.a-b \| the key must be an environment variable name/,
    );
  });

  it("occur once, in one of the two lists", () => {
    const [stands, fix] = ["a build argument may occur only once; the first is", "remove one of the two"];
    const at = "projects.shop.repositories[0]";
    assert.deepEqual(
      errorsOf({ buildArgs: ["A", "B", "A"], args: { B: "x", C: "y" }, secrets: ["S", "S"] }),
      [
        `buildArgs[2] | A | ${stands} ${at}.buildArgs[0] | ${fix}`,
        `args.B | x | ${stands} ${at}.buildArgs[1] | ${fix}`,
        `secrets[1] | S | a secret may occur only once; the first is ${at}.secrets[0] | ${fix}`,
      ],
    );
  });

  it("need enough memory to start a builder, for the stack and for a repository", () => {
    for (const memory of ["1Ki", "65535Ki", "63Mi", "1Mi"])
      assert.deepEqual(errorsOf({ resources: { memory } }), [
        `resources.memory | ${memory} | memory with which a builder can start: 64Mi or more | write it like 2Gi`,
      ]);
    for (const memory of ["65536Ki", "64Mi", "1Gi"])
      assert.deepEqual(errorsOf({ resources: { memory } }), [], memory);
    const { errors } = parseConfig(smallConfig({ builds: { resources: { memory: "1Ki" } } }));
    assert.deepEqual(
      errors.map(({ path }) => path),
      ["builds.resources.memory"],
    );
  });

  it("need enough disk for a checkout and a base image, and enough time to start a pod", () => {
    for (const disk of ["1Ki", "511Mi"])
      assert.deepEqual(errorsOf({ resources: { disk } }), [
        `resources.disk | ${disk} | disk with room for a checkout and a base image: 512Mi or more | write it like 20Gi`,
      ]);
    assert.deepEqual(errorsOf({ resources: { disk: "512Mi" }, timeLimit: "10s" }), []);
    const builds = { timeLimit: "1s", resources: { disk: "1Mi" } };
    const { errors } = parseConfig(smallConfig({ builds, delivery: { timeLimit: "5s" } }));
    assert.deepEqual(
      errors.map(({ path }) => path),
      ["builds.resources.disk", "builds.timeLimit", "delivery.timeLimit"],
    );
  });

  it("must have no password in an address, which is not shown", () => {
    for (const address of ["http://user:word@proxy:3128", "x postgres://u:word@db/x", "HTTPS://u:word@h"])
      assert.deepEqual(errorsOf({ args: { HTTP_PROXY: address } }), [
        "args.HTTP_PROXY | an address without a user and a password, which would be in plain text here and in the image's history | remove them and replace the password, and let the Dockerfile mount it as one of `secrets`",
      ]);
    const args = { A: "http://proxy:3128", B: "git@host:a/b", C: "https://h/a:b@c", D: "https://user@h" };
    assert.deepEqual(errorsOf({ args }), []);
  });

  it("must not be variables that the builder or its shell reads itself", () => {
    const rest =
      "the builder itself reads this variable | give the argument another name in the Dockerfile, or use `secrets`";
    for (const name of [
      "PATH",
      "LD_PRELOAD",
      "BUILDKIT_SYNTAX",
      "XDG_RUNTIME_DIR",
      "ARGO_TEMPLATE",
      "GODEBUG",
      "OPTIND",
      "_commit",
      "_",
    ]) {
      assert.deepEqual(errorsOf({ args: { [name]: "x" } }), [`args.${name} | ${name} | ${rest}`]);
      assert.deepEqual(errorsOf({ buildArgs: [name] }), [`buildArgs[0] | ${name} | ${rest}`]);
    }
    assert.deepEqual(errorsOf({ args: { commit: "x", tag: "x", PATHS: "x", _COMMIT: "x", value: "x" } }), []);
  });
});

describe("the nodes of builds", () => {
  it("are selected by labels and taints of Kubernetes", () => {
    const tolerations = [
      { operator: "Exists" },
      { key: "a.example/b", operator: "Exists", effect: "NoExecute" },
      { key: "builds", value: "true", effect: "NoSchedule" },
      { key: "builds", operator: "Equal" },
    ];
    const nodeSelector = { "node.kubernetes.io/instance-type": "m5.large", pool: "", x_Y: "a_B.c" };
    assert.deepEqual(errorsOf({ nodeSelector, tolerations, architecture: "arm64" }), []);
    assert.deepEqual(errorsOf({}, { builds: { nodeSelector, tolerations, architecture: "amd64" } }), []);
  });

  it("must have valid labels", () => {
    const rule =
      "the value of a Kubernetes label: at most 63 letters, digits, '.', '_' and '-', in quotes if YAML reads it as another type";
    const fix = 'write it like builds or "true"';
    assert.deepEqual(errorsOf({ nodeSelector: { a: true, b: "x y", c: "{{x}}" } }), [
      `nodeSelector.a | true | ${rule} | ${fix}`,
      `nodeSelector.b | x y | ${rule} | ${fix}`,
      `nodeSelector.c | {{x}} | ${rule} | ${fix}`,
    ]);
    for (const key of ["a b", "/a", "A.example/b", "a/b/c", "-a", ""])
      assert.match(
        errorsOf({ nodeSelector: { [key]: "x" } })[0] ?? "",
        /the key must be the key of a Kubernetes label or annotation/,
        key,
      );
  });

  it("must have valid tolerations and architectures", () => {
    assert.deepEqual(
      errorsOf({ tolerations: [{ key: "a", operator: "Exists", value: "b" }, { value: "b" }, {}] }),
      [
        "tolerations[0] | [object Object] | with the operator Exists a toleration has no value | remove value, or write Equal",
        "tolerations[1] | [object Object] | a toleration without a key needs the operator Exists | add key, or write operator: Exists",
        "tolerations[2] | [object Object] | a toleration without a key needs the operator Exists | add key, or write operator: Exists",
      ],
    );
    assert.match(
      errorsOf({ tolerations: [{ key: "a", effect: "NoRun" }] })[0] ?? "",
      /NoSchedule, PreferNoSchedule, NoExecute/,
    );
    const choice = "must be one of amd64, arm64 | choose one of these";
    assert.deepEqual(errorsOf({ architecture: "x86" }), [`architecture | x86 | ${choice}`]);
    assert.deepEqual(errorsOf({ architecture: ["amd64", "x86"] }), [`architecture[1] | x86 | ${choice}`]);
    assert.deepEqual(errorsOf({ architecture: [] }), [
      "architecture |  | at least one architecture | name one, or remove the key",
    ]);
    assert.deepEqual(errorsOf({}, { builds: { architecture: ["arm64", "arm64"] } }), [
      "builds.architecture | arm64,arm64 | an architecture may occur only once | remove one of the two",
    ]);
  });

  it("must have one source for the architecture", () => {
    const nodeSelector = { "kubernetes.io/arch": "amd64" };
    const named = "already sets this label | remove one of the two";
    const at = 'nodeSelector["kubernetes.io/arch"] | amd64 | architecture';
    assert.deepEqual(errorsOf({ nodeSelector, architecture: "amd64" }), [`${at} (amd64) ${named}`]);
    assert.deepEqual(errorsOf({ nodeSelector }, { builds: { architecture: "arm64" } }), [
      `${at} (arm64) ${named}`,
    ]);
    assert.deepEqual(errorsOf({ architecture: "arm64" }, { builds: { nodeSelector } }), [
      "architecture | arm64 | builds.nodeSelector already names an architecture, with kubernetes.io/arch | write builds.architecture: amd64 instead of that label",
    ]);
    assert.deepEqual(errorsOf({}, { builds: { nodeSelector, architecture: "arm64" } }), [
      `builds.${at} (arm64) ${named}`,
    ]);
    assert.deepEqual(errorsOf({ nodeSelector: {}, architecture: "arm64" }, { builds: { nodeSelector } }), []);
    const both = ["amd64", "arm64"];
    assert.deepEqual(errorsOf({ nodeSelector, architecture: both }), [`${at} (amd64, arm64) ${named}`]);
  });

  it("need tags for several architectures that no other branch can have", () => {
    const architecture = ["amd64", "arm64"];
    const tags = { commit: "{sha7}-{branch}" };
    const rule =
      "an image of several architectures has tags like {sha7}-{branch}-amd64, which may equal a tag of another branch if {branch} comes last";
    const fix = "use a commit tag that ends differently, such as {branch}-{sha7}";
    const error = `projects.shop.repositories[0] | {sha7}-{branch} | ${rule} | ${fix}`;
    assert.deepEqual(errorsOf({ architecture, tags }), [error]);
    assert.deepEqual(errorsOf({ tags }, { builds: { architecture } }), [error]);
    assert.deepEqual(errorsOf({ architecture: ["arm64"], tags }), []);
    assert.deepEqual(errorsOf({ architecture }), []);
  });

  it("need tags for several architectures that a registry accepts", () => {
    const commit = `{sha7}-{branch}-${"x".repeat(60)}`;
    const branch = "b".repeat(55);
    const long = errorsOf({ architecture: ["amd64", "arm64"], tags: { commit } }, { branch });
    assert.deepEqual(
      long.map((line) => line.split(" | ").slice(1, 3)),
      ["amd64", "arm64"].map((one) => [
        `${commit}-${one}`,
        `with the branch ${branch} the tag is longer than 128 characters`,
      ]),
    );
    assert.deepEqual(errorsOf({ architecture: "arm64", tags: { commit } }, { branch }), []);
  });
});

describe("additional flags of a builder", () => {
  const kaniko = ["--single-snapshot", "--compression=zstd", "--label=team=a b"];
  const buildkit = [
    "--opt=attest:provenance=mode=max",
    "--opt=context:base=docker-image://a",
    "--progress=plain",
    "--no-cache",
  ];

  it("are accepted if the program does not set them", () => {
    assert.deepEqual(errorsOf({ builderFlags: kaniko }, { builds: { builderFlags: kaniko } }), []);
    assert.deepEqual(errorsOf({ builder: "buildkit", builderFlags: buildkit }), []);
    const builds = { builder: "buildkit", builderFlags: buildkit };
    assert.deepEqual(errorsOf({ builder: "kaniko", builderFlags: kaniko }, { builds }), []);
  });

  it("must be complete", () => {
    const rule =
      "a flag with two dashes, with any value after a = | write it like --single-snapshot or --compression=zstd";
    const wrong = ["-f", "--", "single-snapshot", "--a b", "--target prod", "a", ""];
    assert.deepEqual(
      errorsOf({ builderFlags: wrong }),
      wrong.map((flag, index) => `builderFlags[${index.toString()}] | ${flag} | ${rule}`),
    );
  });

  for (const [builder, flags] of Object.entries({
    kaniko: {
      "--context=dir:///": "set `context`",
      "--context-sub-path=a": "set `context`",
      "--dockerfile=a": "set `dockerfile`",
      "--destination=a": "set `image` or `tags`",
      "--target=a": "set `target`",
      "--build-arg=A=b": "add it to `args` or `buildArgs`",
      "--secret=id=a": "add it to `secrets`",
      "--no-push": "remove it: a build pushes its image, and nothing else",
      "--no-push=false": "remove it: a build pushes its image, and nothing else",
      "--tar-path=/a": "remove it: a build pushes its image, and nothing else",
      "--cache=false": "set `cache` or `builds.cache`",
      "--cache-repo=a": "set `cache` or `builds.cache`",
      "--custom-platform=linux/arm64": "set `architecture`",
      "--label=org.opencontainers.image.revision=a": "remove it: every image has this label",
    },
    buildkit: {
      "--local=context=/": "set `context` or `dockerfile`",
      "--opt=filename=a": "set `context` or `dockerfile`",
      "--opt=target=a": "set `target`",
      "--opt=build-arg:A=b": "add it to `args` or `buildArgs`",
      "--opt=platform=linux/arm64": "set `architecture`",
      "--opt=label:org.opencontainers.image.revision=a": "remove it: every image has this label",
      "--output=type=local": "set `image`, `tags` or `registry`",
      "--o=type=local": "set `image`, `tags` or `registry`",
      "--import-cache=type=gha": "set `cache` or `builds.cache`",
    },
  })) {
    const rule = `the program sets this flag of ${builder} itself`;
    it(`of ${builder} must not be ones that the program sets`, () => {
      const expected = Object.entries(flags).map(([flag, fix]) => `${flag} | ${rule} | ${fix}`);
      const builderFlags = Object.keys(flags);
      const at = (prefix: string) =>
        expected.map((one, index) => `${prefix}builderFlags[${index.toString()}] | ${one}`);
      assert.deepEqual(errorsOf({ builder, builderFlags }), at(""));
      assert.deepEqual(errorsOf({}, { builds: { builder, builderFlags } }), at("builds."));
    });
  }
});
