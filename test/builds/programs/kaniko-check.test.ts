import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { cases } from "../../conformance/cases.ts";
import type { Case } from "../../conformance/case.ts";
import type { Outcome } from "../../support/script.ts";
import { imageShell, runScript, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("kaniko-check");
let count = 0;

type Given = Pick<Case, "dockerfile" | "context">;

/** Writes a context. The check does not read archives, so these stay empty. */
function checkout({ dockerfile, context = {} }: Given): string {
  count += 1;
  const at = join(folder, count.toString());
  const files: Required<Case>["context"] = { ...context, Dockerfile: dockerfile };
  for (const [path, file] of Object.entries(files)) {
    mkdirSync(dirname(join(at, path)), { recursive: true });
    if (typeof file === "object" && "link" in file) symlinkSync(file.link, join(at, path));
    else writeFileSync(join(at, path), typeof file === "string" ? file : "");
  }
  return at;
}

const shell = imageShell();

function check(given: Given, where = { DOCKERFILE: "Dockerfile", CONTEXT: "." }): Promise<Outcome> {
  return runScript(shell, "kaniko-check.sh", where, checkout(given));
}

const passed: Outcome = { status: 0, stdout: "", stderr: "" };

function refusal(text: string, file = "Dockerfile"): string {
  const [, line = "", what = ""] = /^(\d+): (.*)$/.exec(text) ?? [];
  // Every builder does this, so another one is no fix.
  const other = what.includes(".dockerignore") ? "" : ", or `builder: buildkit` in the stack file";
  return `${file}:${line}: Kaniko ${what}${other}`;
}

function refused(text: string, file?: string): Outcome {
  return { status: 1, stdout: `${refusal(text, file)}\n`, stderr: "" };
}

/** Dockerfiles that Kaniko builds as Docker does, although they resemble ones that it does not. */
const accepted: Readonly<Record<string, string>> = {
  "flags in the text of RUN": "FROM a\nRUN tar --exclude=x -c . && x --mount=type=tmpfs <y\n",
  "instructions in comments": "FROM a\n# RUN <<EOF\nRUN true \\\n  # COPY --parents a b\n  && true\n",
  "instructions in heredocs": "FROM a\nCOPY <<EOF /script\nADD --checksum=x y z\nRUN <<X\nEOF\nRUN true\n",
  "a heredoc that ends after tabs": "FROM a\nRUN cat <<-EOF >/a\n\tRUN --network=none x\n\tEOF\nRUN true\n",
  "heredocs one after the other": "FROM a\nCOPY <<A <<'B' /to/\nA1\nA\nRUN <<C\nB\nRUN true\n",
  "a heredoc in an ONBUILD": "FROM a AS b\nONBUILD COPY <<EOF /a\nRUN --network=none x\nEOF\n",
  "shifts and here-strings": 'FROM a\nRUN echo $((1 << 2)) && cat <<<word\nRUN echo "a <<EOF"\n',
  "an unclosed quote in a comment of the shell": "FROM a\nRUN true # don't <<EOF\nRUN true\n",
  "RUN in exec form": 'FROM a\nRUN ["sh", "-c", "cat <<EOF"]\n',
  "continued lines with blanks after the backslash": "FROM a\nRUN echo \\  \n --network=none\n",
  "an escape that is itself escaped": "FROM a\nRUN echo C:\\\\\nRUN true\n",
  "another escape": "# escape=`\nFROM a\nRUN echo `\n  --network=none\nCOPY a C:\\\n",
  "a directive that comes too late": "FROM a\n# syntax=example.com/other\nRUN true\n",
  "a comment that is not a directive": "# a comment\n# syntax=example.com/other\nFROM a\n",
  "Docker's frontend": "#syntax = docker/dockerfile:1.7-labs\nFROM a\n",
  "line endings of Windows":
    "FROM a\r\nRUN echo \\\r\n  --network=none\r\nCOPY <<EOF /a\r\nRUN --network=none x\r\nEOF\r\n",
  "the platform of the build":
    "ARG P=$BUILDPLATFORM\nFROM --platform=${TARGETPLATFORM} a\nFROM --platform=$P b\n",
  "mounts of all kinds that work":
    "FROM a\nRUN --mount=type=cache,target=/a,sharing=locked --mount=type=bind,target=/b --mount=type=secret,id=c,target=d true\n",
  "mounts at a variable's place":
    "FROM a\nENV HOME=/h\nRUN --mount=type=cache,target=$HOME/a --mount=type=cache,target=${HOME} x\n",
  "flags that are switched off": "FROM a\nCOPY --parents=false --link a b\nADD --keep-git-dir=false a b\n",
  "links below what is copied": "FROM a\nCOPY . /all\nCOPY folder /folder\n",
  "links below a path copied from a stage, and its other paths":
    "FROM a AS b\nWORKDIR /w\nCOPY . .\nCOPY folder /x\nFROM c\nCOPY --from=b /w /w/folder /link2 /w/a /x/link2 /m/\n",
  "a link of an unknown folder":
    "FROM a AS b\nCOPY . .\nCOPY $D /y\nFROM c\nCOPY --from=b link2 /y/link2 /m/\n",
  "defaults of variables that are set, also by the builder":
    "ARG L=a\nFROM --platform=${TARGETPLATFORM:-linux/s390x} a\nCOPY ${L:-link2} ${L-link2} ${M:+link2} b/\n",
  "COPY --from of a path that only looks like a link":
    "FROM a AS b\nRUN ln -s /real /link && ls /link\nFROM c\nCOPY --from=b /real /link2 /\n",
  "a volume whose path is a prefix of another path":
    "FROM a\nVOLUME /data\nRUN touch /database /var/data /data.txt\n",
  "a volume of another stage": "FROM a\nVOLUME /data\nFROM b\nRUN touch /data/x\n",
  "RUN before VOLUME": "FROM a\nRUN touch /data/x\nVOLUME /data\n",
  "a RUN outside of the volume": "FROM a\nVOLUME /data\nWORKDIR /database\nRUN touch x\n",
  "a shell's test, which is not JSON":
    'FROM a\nRUN [ "$A" = "<<E" ] && cat <<EOF >/x\nRUN --network=none x\nCOPY --parents a b\nEOF\n',
  "the platform of the build by its other names":
    "FROM --platform=x86_64 a\nFROM --platform=linux/amd64/v1 b\nFROM --platform=Linux/AMD64 c\n",
  "programs that are read from /busybox":
    'FROM a\nSHELL ["/busybox/sh", "-c"]\nRUN /busybox/true\nCOPY a /busybox2\n',
  "users with a group, with a name, without RUN":
    "FROM a\nUSER 1:2\nRUN x\nUSER app\nRUN x\nUSER 0\nRUN x\nUSER 1001\nCMD x\n",
  "a user that RUN creates": "FROM a\nRUN useradd --uid 1234 app\nUSER 1234\nRUN true\n",
  "a user that RUN creates in the stage before":
    "FROM a AS b\nRUN useradd --uid 1234 app\nFROM b\nUSER 1234\nRUN true\n",
  "a user that RUN creates in a stage that is copied from":
    "FROM a AS b\nRUN useradd --uid 1234 app\nFROM a\nCOPY --from=b /etc/passwd /etc/\nUSER 1234\nRUN true\n",
  "a user that RUN creates by a variable":
    "FROM a\nARG ID=1234\nRUN useradd --uid ${ID} app\nUSER $ID\nRUN true\n",
  "CMD and ENTRYPOINT together": "FROM a AS b\nCMD x\nFROM b\nENTRYPOINT y\nCMD z\nFROM c\nENTRYPOINT y\n",
  "ports from variables": "FROM a\nEXPOSE $PORT ${PORT}/udp 80/tcp\n",
  "ADD of URLs and archives":
    "FROM a\nADD https://example.com/a.tar.gz https://example.com/x /b/\nADD a.tar.gz /c/\n",
  "/var/run in other base images":
    "FROM debian\nRUN mkdir /var/run/a\nWORKDIR /var/run/b\nFROM busybox\nRUN mkdir /var/running\n",
  "no instruction": "# nothing\n\n",
};

const context = { "folder/a": "a", "folder/link": { link: "a" }, link2: { link: "folder" } } as const;

/** Dockerfile and error. */
const refusedDockerfiles: readonly (readonly [string, string])[] = [
  ["FROM a\nrun --network=host true\n", "2: ignores RUN --network=host: leave it out"],
  [
    "FROM a\n  RUN \\\n  # a comment\n\n  --security=insecure true\n",
    "2: ignores RUN --security=insecure: leave it out",
  ],
  ["FROM a\nRUN <<-EOF\n\tx\n\tEOF\n", "2: does not run `RUN <<-EOF`: write `RUN sh <<'EOF'`"],
  ["FROM a\nRUN 3<<E x\nE\nRUN <<E\nE\n", "4: does not run `RUN <<E`: write `RUN sh <<'E'`"],
  ["FROM a\nRUN --mount=type=cache,target=/a <<E\nx\nE\n", "2: does not run `RUN <<E`: write `RUN sh <<'E'`"],
  ["FROM a\nRUN --mount=dst=/a,FROM=b x\n", "2: ignores --mount with from=b: use COPY --from"],
  ["FROM a\nRUN --mount=type=cache,from=b,target=/a x\n", "2: ignores --mount with from=b: use COPY --from"],
  [
    "ARG D=cache\nFROM a\nRUN --mount=type=tmpfs,target=$D x\n",
    "3: ignores RUN --mount=type=tmpfs: leave it out",
  ],
  ["FROM a\nRUN --device=nvidia.com/gpu=all x\n", "2: ignores RUN --device=nvidia.com/gpu=all: leave it out"],
  ["ARG P=linux/ppc64le\nFROM --platform=$P a\n", "2: ignores FROM --platform=linux/ppc64le: leave it out"],
  ["FROM a\nCOPY --parents=true a b\n", "2: ignores COPY --parents: leave it out"],
  ["FROM a\nCOPY --exclude=a --chown=b c d\n", "2: ignores COPY --exclude: leave it out"],
  ["FROM a\nADD --keep-git-dir=true a b\n", "2: ignores ADD --keep-git-dir: leave it out"],
  ["FROM a\nADD git@example.com:a/b.git b\n", "2: does not ADD a Git repository: use a submodule"],
  [
    "FROM a\nADD ssh://git@example.com/a/b.git#main:c b\n",
    "2: does not ADD a Git repository: use a submodule",
  ],
  ["FROM a\nCOPY ./link2/ /b/\n", "2: copies the link link2, not its target: name the target"],
  ['FROM a\nCOPY ["folder/l*", "/b/"]\n', "2: copies the link folder/link, not its target: name the target"],
  ["ARG L=link2\nFROM a\nADD ${L} /b/\n", "3: copies the link link2, not its target: name the target"],
  [
    "FROM a AS b\nRUN ln -sf x /l && true\nFROM b AS c\nFROM d\nCOPY --from=C /l /m\n",
    "5: copies the link /l, not its target: name the target",
  ],
  [
    "FROM a\nRUN ln -s x /l\nFROM d\nCOPY --from=0 /l /m\n",
    "4: copies the link /l, not its target: name the target",
  ],
  [
    "FROM a\nRUN true\nRUN ln -s x /l\nFROM d\nCOPY --from=0 /l /m\n",
    "5: copies the link /l, not its target: name the target",
  ],
  [
    'FROM a\nVOLUME ["/data"]\nRUN <<E cat >/x\n/data/y\nE\n',
    "3: drops what RUN writes to volume /data: put VOLUME last",
  ],
  [
    "FROM a AS b\nWORKDIR /app\nVOLUME /app/\nFROM b\nWORKDIR sub\nRUN npm ci\n",
    "6: drops what RUN writes to volume /app: put VOLUME last",
  ],
  [
    "FROM a\nENV DATA=/data\nVOLUME ${DATA}//x\nRUN touch $DATA/x/y\n",
    "4: drops what RUN writes to volume /data/x: put VOLUME last",
  ],
  [
    "FROM a\nARG TO=/data/x\nVOLUME /data\nRUN touch ${TO}\n",
    "4: drops what RUN writes to volume /data: put VOLUME last",
  ],
  ["FROM a\nRUN cp x /kaniko/y\n", "2: drops RUN to /kaniko, its own folder: use another"],
  ["FROM a\nCOPY --from=b /busybox /busybox\n", "2: drops COPY to /busybox, its own folder: use another"],
  ["FROM a\nWORKDIR /etc\nCOPY a ./hosts\n", "3: drops COPY to /etc/hosts, a mount: leave it out"],
  ["FROM a\nENV L link2\nCOPY ../$L /b/\n", "3: copies the link link2, not its target: name the target"],
  [
    "FROM a\nARG D=folder\nCOPY $D/[l]ink /b/\n",
    "3: copies the link folder/link, not its target: name the target",
  ],
  ...[
    ["COPY . .", "/w/link2"],
    ["COPY folder ./to/", "/w/to/link"],
    ["ADD folder/ /x", "/x/l*"],
    ["COPY . /", "/link2"],
    ["ARG TO\nCOPY folder ${TO:-/x}", "/x/link"],
  ].map(([copy = "", link = ""]): [string, string] => {
    const text = `FROM a AS b\nWORKDIR /w\n${copy}\nFROM b AS c\nFROM d\nCOPY --from=c ${link} /m\n`;
    return [
      text,
      `${(text.split("\n").length - 1).toString()}: copies the link ${link}, not its target: name the target`,
    ];
  }),
  ["FROM a\nARG L=x\nCOPY ${L:+link2} ${M-b}\n", "3: copies the link link2, not its target: name the target"],
  ["FROM a\nARG L=\nCOPY ${L:-link2} b\n", "3: copies the link link2, not its target: name the target"],
  ["FROM a\nCOPY a ${D:-/kaniko}/b\n", "2: drops COPY to /kaniko, its own folder: use another"],
  ["FROM a\nCOPY [l]ink2 /b/\n", "2: copies the link link2, not its target: name the target"],
  ...[
    'RUN ["ln", "-s", "x", "/w/l"]',
    "RUN ln --symbolic x '/w/l'",
    "RUN rm -f l && ln -s x l",
    "RUN ln -s /x/l /w/",
    "ARG L=/w/l\nRUN ln -s x $L",
  ].map((run): [string, string] => {
    const text = `FROM a AS b\nWORKDIR /w\n${run}\nFROM c\nCOPY --from=b w/l /m\n`;
    return [
      text,
      `${(text.split("\n").length - 1).toString()}: copies the link /w/l, not its target: name the target`,
    ];
  }),
  ["FROM a\nARG O=:web\nCOPY --chown=$O a b\n", "3: does not read --chown=$O: name the user, too"],
  [
    "FROM a AS b\nUSER 1001\nFROM b\nRUN true\n",
    "2: gives USER 1001 the group 1001: name its group: USER 1001:0",
  ],
  [
    "FROM a\nRUN npm install a@1001\nFROM b\nUSER 1001\nRUN true\n",
    "4: gives USER 1001 the group 1001: name its group: USER 1001:0",
  ],
  [
    "FROM a AS b\nUSER 1001\nRUN true\nFROM b\nRUN true\n",
    "2: gives USER 1001 the group 1001: name its group: USER 1001:0",
  ],
  [
    "FROM a\nUSER 1001\nWORKDIR /a\nRUN true\nRUN true\n",
    "2: gives USER 1001 the group 1001: name its group: USER 1001:0",
  ],
  [
    "FROM a\nENV U=1001\nUSER ${U}\nRUN true\n",
    "3: gives USER 1001 the group 1001: name its group: USER 1001:0",
  ],
  [
    "FROM a AS b\nCMD x\nFROM b AS c\nFROM c\nENTRYPOINT y\n",
    "5: keeps the CMD of an earlier stage: add `CMD []`",
  ],
  ["FROM a\nEXPOSE 80 90/sctp\n", "2: does not read EXPOSE 90/sctp: list ports such as 80/tcp"],
  [
    "FROM docker.io/library/busybox:1 AS a\nFROM a\nRUN x /var/run/y\n",
    "3: drops RUN to /var/run, a mount: use /run",
  ],
  ["FROM busybox\nWORKDIR /var/run\n", "2: drops WORKDIR to /var/run, a mount: use /run"],
  ["FROM a\nCOPY a /etc/resolv.conf\n", "2: drops COPY to /etc/resolv.conf, a mount: leave it out"],
  ["FROM a\nWORKDIR /kaniko/x\n", "2: drops WORKDIR to /kaniko, its own folder: use another"],
  ["FROM a AS b\nONBUILD RUN --mount=type=ssh x\nFROM b\n", "2: ignores RUN --mount=type=ssh: leave it out"],
];

describe(`kaniko-check.sh in ${shell.name}`, { concurrency: 4 }, () => {
  for (const one of cases) {
    const { construct, refused: text } = one;
    it(`${text === undefined ? "accepts" : "refuses"} ${construct}`, async () => {
      assert.deepEqual(await check(one), text === undefined ? passed : refused(text));
    });
  }

  for (const [what, dockerfile] of Object.entries(accepted)) {
    it(`accepts ${what}`, async () => {
      assert.deepEqual(await check({ dockerfile, context }), passed);
    });
  }

  for (const [dockerfile, text] of refusedDockerfiles) {
    it(`refuses ${JSON.stringify(dockerfile)}`, async () => {
      assert.deepEqual(await check({ dockerfile, context }), refused(text));
    });
  }

  it("reports all errors, and last the first with the number of others", async () => {
    const { stdout } = await check({
      dockerfile: "FROM a\nRUN --network=none x\nCOPY --parents a b\n",
    });
    const [first, second] = [
      refusal("2: ignores RUN --network=none: leave it out"),
      refusal("3: ignores COPY --parents: leave it out"),
    ];
    assert.equal(stdout, `${first}\n${second}\n${first} (and 1 more)\n`);
  });

  it("finds errors in and after long instructions", { timeout: 120_000 }, async () => {
    const numbers = Array.from({ length: 30_000 }, (_, index) => index.toString());
    const script = numbers.map((one) => `echo "line ${one}"`).join("\n");
    const command = numbers
      .slice(0, 3_000)
      .map((one) => `  && echo "word ${one}" \\\n`)
      .join("");
    const given = [
      "FROM a AS b",
      "VOLUME /data",
      `RUN sh <<'EOF'\n${script}\nln -s x /l\nEOF`,
      // A user whose number is in the heredoc, and one whose number is nowhere.
      "USER 29999\nRUN true",
      "USER 30000\nRUN true",
      `RUN true \\\n${command}  && echo > /data/x`,
      "FROM c\nCOPY --from=b /l /m",
    ];
    const { stdout } = await check({ dockerfile: given.join("\n") });
    assert.deepEqual(stdout.split("\n").slice(0, -2), [
      refusal("30008: gives USER 30000 the group 30000: name its group: USER 30000:0"),
      refusal("30010: drops what RUN writes to volume /data: put VOLUME last"),
      refusal("33013: copies the link /l, not its target: name the target"),
    ]);
  });

  it("applies .dockerignore", async () => {
    const ignore =
      "# a comment\n\n  /out/  \n**/*.log\n./a/?.txt\nfolder/*\n!folder/kept\n*.md\n!README.md\nall\n!all/one\n";
    const lost = ["out", "out/x", "./x/y.log", "z.log", "a/b.txt", "folder/x", "x.md"];
    const kept = [
      "outer",
      "a/bc.txt",
      "folder",
      "folder/kept",
      "README.md",
      "x/y.md",
      "all",
      "all/one",
      "*.log",
    ];
    const dockerfile = `FROM a\nCOPY ${[...lost, ...kept].join(" ")} /to/\nCOPY --from=b out /c\n`;
    const { stdout } = await check({ dockerfile, context: { ".dockerignore": ignore } });
    const reported = lost.map((path) =>
      refusal(`2: copies nothing for ${path}, which .dockerignore excludes: add an exception there`),
    );
    assert.deepEqual(stdout.split("\n").slice(0, -2), reported);
    const other = { ".dockerignore": ignore, "Dockerfile.dockerignore": "none\n" };
    assert.deepEqual(await check({ dockerfile, context: other }), passed);
  });

  it("shows the Dockerfile's path, and looks for links in the context", async () => {
    const at = {
      dockerfile: "",
      context: {
        "api/a=b/Dockerfile": "FROM a\nCOPY link /b\n",
        "api/link": { link: "x" },
        link: "no link",
      },
    };
    assert.deepEqual(
      await check(at, { DOCKERFILE: "api/a=b/Dockerfile", CONTEXT: "api" }),
      refused("2: copies the link link, not its target: name the target", "api/a=b/Dockerfile"),
    );
    assert.deepEqual(await check(at, { DOCKERFILE: "api/a=b/Dockerfile", CONTEXT: "." }), passed);
  });
});

describe("each error of a Dockerfile", () => {
  it("fits into a commit status, with the container's name before it", () => {
    for (const text of [
      ...cases.flatMap(({ refused: one }) => one ?? []),
      ...refusedDockerfiles.map(([, one]) => one),
    ]) {
      const reported = `checkout failed: ${refusal(text)}`;
      assert.ok(reported.length <= 140, `${reported.length.toString()} characters: ${reported}`);
    }
  });
});
