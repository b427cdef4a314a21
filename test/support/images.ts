/** Container images for a node without a registry: archives as `docker save` writes them, made of files. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

export interface Image {
  /** The names that the node uses, each with a tag. */
  readonly names: readonly [string, ...string[]];
  /** Path in the image -> file here. */
  readonly files: Readonly<Record<string, string>>;
  /** Path in the image -> text of the file. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Path in the image -> target of the link. */
  readonly links?: Readonly<Record<string, string>>;
  /** Empty folders; `/tmp` and `/etc` by default. */
  readonly folders?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly user?: string;
  readonly env?: readonly string[];
  readonly workingDir?: string;
  /** Folder that is a volume in every container. */
  readonly volume?: string;
  /** Folders that `user` owns if the image is unpacked; in an archive, root owns everything. */
  readonly userFolders?: readonly string[];
  /** Path of a program -> its capabilities, as setcap takes them; only if the image is unpacked. */
  readonly capabilities?: Readonly<Record<string, string>>;
}

const busybox = "/bin/busybox";
const shell = { files: { "/bin/busybox": busybox }, links: { "/bin/sh": "busybox" } };
/** Ends on SIGTERM, which the first process of a container ignores by default. */
const wait = ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do /bin/busybox sleep 3600 & wait $!; done"];

/** Holds the namespaces of a pod. */
export const pauseImage: Image = { names: ["docker.io/test/pause:1"], ...shell, entrypoint: wait };

/** Stands in for a program that is unavailable, and whose work no test checks. */
export function idleImage(...names: Image["names"]): Image {
  return { names, ...shell, entrypoint: ["/bin/sh", "-c", wait[2] ?? "", "idle"] };
}

/** One program, and a folder for temporary files. */
export function programImage(name: string, path: string, program: string, user = "0"): Image {
  return { names: [name], files: { [path]: program }, entrypoint: [path], user };
}

/** A shell and its tools, to build images from. */
export function busyboxImage(name: string): Image {
  return {
    names: [name],
    files: shell.files,
    // As in every base image: Kaniko looks up the user of a RUN there.
    texts: { "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n", "/etc/group": "root:x:0:\n" },
    links: { ...shell.links, ...tools("cat", "ls", "id") },
  };
}

/** What the scripts call beside their image's own program; `git submodule` is a script too. */
const scriptTools =
  "awk basename cat cut date dirname find grep head mktemp rm sed sleep tail tr uname".split(" ");

/** Debian's git with its libraries, and a shell for the scripts that call it. */
export function gitImage(name: string): Image {
  const folder = execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim();
  const inFolder = (...files: string[]) => files.map((file) => join(folder, file));
  const scripts = inFolder("git-submodule", "git-sh-setup", "git-sh-i18n");
  return {
    names: [name],
    files: {
      ...shell.files,
      ...copies(withLibraries("/usr/bin/git", ...inFolder("git-remote-http", "git-sh-i18n--envsubst"))),
      ...copies(scripts),
    },
    links: {
      ...shell.links,
      ...tools(...scriptTools),
      [join(folder, "git-remote-https")]: "git-remote-http",
    },
  };
}

/** Node as the tests run it, with its libraries, and a shell that starts it. */
export function nodeImage(name: string): Image {
  const program = join(import.meta.dirname, "../../node_modules/node/bin/node");
  return {
    names: [name],
    files: { ...shell.files, "/usr/local/bin/node": program, ...copies(libraries(program)) },
    texts: { "/etc/passwd": "node:x:1000:1000::/home/node:/bin/sh\n" },
    links: shell.links,
  };
}

/** Debian's git beside the programs of Argo CD, one of which has many names. */
export function argoCdImage(
  name: string,
  programs: { readonly argocd: string; readonly kustomize: string },
): Image {
  const { files, links } = gitImage(name);
  const bin = "/usr/local/bin";
  return {
    names: [name],
    files: { ...files, [`${bin}/argocd`]: programs.argocd, [`${bin}/kustomize`]: programs.kustomize },
    links: {
      ...links,
      ...tools("cp"),
      [`${bin}/argocd-application-controller`]: "argocd",
      [`${bin}/argocd-repo-server`]: "argocd",
    },
    user: "999",
  };
}

/** Debian's redis with its libraries. */
export function redisImage(name: string): Image {
  const program = "/usr/bin/redis-server";
  return { names: [name], files: copies(withLibraries(program)), entrypoint: [program] };
}

/** crane beside a shell in /busybox, as in the debug variant of its image. */
export function craneImage(name: string, program: string): Image {
  return {
    names: [name],
    files: { "/ko-app/crane": program, "/busybox/busybox": busybox },
    links: busyboxLinks(),
    entrypoint: ["/ko-app/crane"],
  };
}

/**
 * Kaniko as in the debug variant of its image (osscontainertools/kaniko, `deploy/Dockerfile`, target `kaniko-debug`): a
 * build depends on the working directory, the environment and the paths that Kaniko excludes from what it builds.
 */
export function kanikoImage(name: string, program: string): Image {
  return {
    names: [name],
    files: {
      "/kaniko/executor": program,
      "/kaniko/ssl/certs/ca-certificates.crt": "/etc/ssl/certs/ca-certificates.crt",
      "/busybox/busybox": busybox,
    },
    texts: { "/etc/nsswitch.conf": "hosts: files dns\n" },
    folders: ["/kaniko/.docker", "/workspace"],
    links: { ...busyboxLinks(), "/bin/sh": "/busybox/sh" },
    entrypoint: ["/kaniko/executor"],
    env: [
      "HOME=/root",
      "USER=root",
      "PATH=/usr/local/bin:/kaniko:/busybox",
      "SSL_CERT_DIR=/kaniko/ssl/certs",
      "DOCKER_CONFIG=/kaniko/.docker/",
      "DOCKER_CREDENTIAL_GCR_CONFIG=/kaniko/.config/gcloud/docker_credential_gcr_config.json",
    ],
    workingDir: "/workspace",
    volume: "/busybox",
  };
}

/**
 * Rootless BuildKit as in its image (moby/buildkit, `Dockerfile`, target `rootless`), with Debian's newuidmap and
 * newgidmap.
 *
 * @param programs a folder with buildkitd, buildctl, rootlesskit, buildkit-runc and buildctl-daemonless.sh
 */
export function buildkitImage(name: string, programs: string): Image {
  const own = ["buildkitd", "buildctl", "rootlesskit", "buildkit-runc", "buildctl-daemonless.sh"];
  const [home, runtime, ids] = ["/home/user", "/run/user/1000", "user:100000:65536\n"];
  return {
    names: [name],
    files: {
      ...shell.files,
      ...copies(withLibraries("/usr/bin/newuidmap", "/usr/bin/newgidmap")),
      ...Object.fromEntries(own.map((file) => [`/usr/bin/${file}`, join(programs, file)])),
      ...copies(libraries(join(programs, "buildkit-runc"))),
    },
    texts: {
      "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n",
      "/etc/group": "root:x:0:\nuser:x:1000:\n",
      "/etc/subuid": ids,
      "/etc/subgid": ids,
    },
    links: { ...shell.links, ...tools(...scriptTools, "expr", "id", "kill") },
    folders: ["/tmp", "/etc", runtime, `${home}/.local/tmp`, `${home}/.local/share/buildkit`],
    user: "1000",
    // Debian's are set-user-ID, and stay root if they are built without libcap, which would also require SYS_ADMIN.
    capabilities: { "/usr/bin/newuidmap": "cap_setuid+ep", "/usr/bin/newgidmap": "cap_setgid+ep" },
    userFolders: [runtime, home, `${home}/.local`, `${home}/.local/tmp`, `${home}/.local/share`],
    env: [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      ...[`HOME=${home}`, "USER=user", `XDG_RUNTIME_DIR=${runtime}`, `TMPDIR=${home}/.local/tmp`],
      `BUILDKIT_HOST=unix://${runtime}/buildkit/buildkitd.sock`,
    ],
  };
}

function busyboxLinks(): Record<string, string> {
  const links: [string, string][] = ["sh", ...scriptTools].map((tool) => [`/busybox/${tool}`, "busybox"]);
  return Object.fromEntries(links);
}

/** A stand-in for trivy, described in trivy.sh. */
export function trivyImage(name: string): Image {
  return {
    names: [name],
    files: { ...shell.files, "/usr/local/bin/trivy": join(import.meta.dirname, "trivy.sh") },
    links: { ...shell.links, ...tools(...scriptTools) },
    entrypoint: ["trivy"],
  };
}

function tools(...names: string[]): Record<string, string> {
  const links: [string, string][] = names.map((name) => [`/bin/${name}`, "busybox"]);
  return Object.fromEntries(links);
}

/** Files under the same paths as here. */
function copies(files: readonly string[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [file, file]));
}

function withLibraries(...programs: string[]): string[] {
  return [...programs, ...programs.flatMap(libraries)];
}

/** The files that a program is linked with, under the paths where its loader looks. */
function libraries(program: string): string[] {
  const listed = execFileSync("ldd", [program], { encoding: "utf8" });
  return [...listed.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
}

/** @returns the archive's file, in the folder */
export function makeArchive(image: Image, folder: string): string {
  const work = mkdtempSync(join(folder, "image-"));
  const layer = join(work, "layer.tar");
  layerOf(image, join(work, "root"), layer);
  const config = {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: {
      Env: image.env ?? ["PATH=/usr/local/bin:/usr/bin:/bin:/busybox"],
      User: image.user ?? "0",
      WorkingDir: image.workingDir ?? "/",
      ...(image.volume === undefined ? {} : { Volumes: { [image.volume]: {} } }),
      ...(image.entrypoint === undefined ? {} : { Entrypoint: image.entrypoint }),
    },
    rootfs: { type: "layers", diff_ids: [`sha256:${digest(layer)}`] },
  };
  const manifest = [{ Config: "config.json", RepoTags: image.names, Layers: ["layer.tar"] }];
  writeFileSync(join(work, "config.json"), JSON.stringify(config));
  writeFileSync(join(work, "manifest.json"), JSON.stringify(manifest));
  const archive = `${work}.tar`;
  execFileSync("tar", ["-C", work, "-cf", archive, "manifest.json", "config.json", "layer.tar"]);
  rmSync(work, { recursive: true });
  return archive;
}

function layerOf(image: Image, root: string, layer: string): void {
  unpack(image, root);
  execFileSync("tar", ["-C", root, "--owner=0", "--group=0", "--numeric-owner", "-cf", layer, "."]);
  rmSync(root, { recursive: true });
}

/** Writes the files of an image to a new folder. */
export function unpack(image: Image, root: string): void {
  const { files, texts = {}, links = {}, folders = ["/tmp", "/etc"] } = image;
  mkdirSync(root);
  for (const folder of folders) {
    mkdirSync(join(root, folder), { recursive: true });
    // The umask narrows the mode of new folders.
    if (folder === "/tmp") chmodSync(join(root, folder), 0o1777);
  }
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(source, join(root, path));
  }
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
  setRights(image, root);
}

function setRights({ user, userFolders = [], capabilities = {} }: Image, root: string): void {
  for (const path of userFolders) chownSync(join(root, path), Number(user), Number(user));
  for (const [path, text] of Object.entries(capabilities)) {
    chmodSync(join(root, path), 0o755);
    execFileSync("setcap", [text, join(root, path)]);
  }
}

function digest(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
