/**
 * Finds the images that a folder of a cluster repository uses, without running kustomize or Helm: from `image:` in its
 * files, and from the `images:` of its kustomizations.
 */
import { posix } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Tree } from "./git.ts";

export interface Manifests {
  /** Without tags. */
  readonly images: ReadonlySet<string>;
  /** References to files that do not exist. */
  readonly missing: readonly string[];
  /** What could not be read. */
  readonly unread: readonly string[];
  /** Whether everything that may contain an image was read. */
  readonly complete: boolean;
}

interface Reading {
  readonly tree: Tree;
  readonly images: Set<string>;
  readonly missing: string[];
  readonly unread: string[];
  readonly seen: Set<string>;
}

const kustomizations = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** @returns undefined if there is no such folder */
export async function readManifests(tree: Tree, path: string): Promise<Manifests | undefined> {
  const folder = posix.normalize(path).replace(/\/$/, "");
  if (filesIn(tree, folder).length === 0) return undefined;
  const reading: Reading = { tree, images: new Set(), missing: [], unread: [], seen: new Set() };
  if (tree.paths.includes(posix.join(folder, "Chart.yaml"))) {
    reading.unread.push(`${folder} is a Helm chart, whose images only Helm can list`);
  } else if (kustomizationOf(tree, folder) !== undefined) await readFolder(reading, folder);
  else await Promise.all(plainFiles(tree, folder).map((file) => readFile(reading, file)));
  const { images, missing, unread } = reading;
  return { images, missing, unread, complete: missing.length === 0 && unread.length === 0 };
}

function filesIn({ paths }: Tree, folder: string): string[] {
  return folder === "." ? [...paths] : paths.filter((path) => path.startsWith(`${folder}/`));
}

function kustomizationOf({ paths }: Tree, folder: string): string | undefined {
  return kustomizations.map((name) => posix.join(folder, name)).find((file) => paths.includes(file));
}

/** Without a kustomization, Argo CD reads the folder but no subfolder. */
function plainFiles(tree: Tree, folder: string): string[] {
  return filesIn(tree, folder).filter(
    (file) => /\.(ya?ml|json)$/.test(file) && posix.dirname(file) === posix.normalize(folder),
  );
}

async function readFolder(reading: Reading, folder: string): Promise<void> {
  const file = kustomizationOf(reading.tree, folder);
  if (file === undefined || reading.seen.has(file)) return;
  reading.seen.add(file);
  const [kustomization] = await documents(reading, file);
  const listed = ["resources", "bases", "components", "patchesStrategicMerge"].flatMap((key) =>
    texts(field(kustomization, key)),
  );
  listed.push(...patches(kustomization));
  await Promise.all(listed.map((one) => readListed(reading, folder, file, one)));
  rename(reading.images, field(kustomization, "images"));
  const made = ["helmCharts", "generators"].filter((key) => field(kustomization, key) !== undefined);
  reading.unread.push(...made.map((key) => `${file} uses ${key}, which only kustomize can run`));
}

function patches(kustomization: unknown): string[] {
  const list = field(kustomization, "patches");
  return texts((Array.isArray(list) ? list : []).map((one: unknown) => field(one, "path")));
}

async function readListed(reading: Reading, folder: string, from: string, listed: string): Promise<void> {
  const { paths } = reading.tree;
  // A patch may be inline.
  if (listed.includes("\n")) {
    collect(
      reading.images,
      parseAllDocuments(listed).map((one) => one.toJS() as unknown),
    );
    return;
  }
  if (/^[a-z+]+:\/\/|^git@|\?ref=|^github\.com\//.test(listed)) {
    reading.unread.push(`${from} lists ${listed}, which is in another repository`);
    return;
  }
  const path = posix.join(folder, listed).replace(/\/$/, "");
  if (paths.includes(path)) await readFile(reading, path);
  else if (kustomizationOf(reading.tree, path) !== undefined) await readFolder(reading, path);
  else reading.missing.push(`${from} lists ${listed}, which does not exist`);
}

async function readFile(reading: Reading, file: string): Promise<void> {
  collect(reading.images, await documents(reading, file));
}

async function documents({ tree, unread }: Reading, file: string): Promise<unknown[]> {
  const parsed = parseAllDocuments(await tree.read(file));
  const all = "empty" in parsed ? [] : parsed;
  if (all.some(({ errors }) => errors.length > 0)) {
    unread.push(`${file} is not YAML`);
    return [];
  }
  return all.map((one) => one.toJS() as unknown);
}

/** Adds every text under a key `image`, at any depth. */
function collect(images: Set<string>, value: unknown): void {
  if (Array.isArray(value)) for (const one of value) collect(images, one);
  else if (typeof value === "object" && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      if (key === "image" && typeof child === "string") images.add(withoutTag(child));
      else collect(images, child);
    }
  }
}

/** Replaces image names, as kustomize does. */
function rename(images: Set<string>, list: unknown): void {
  for (const one of Array.isArray(list) ? list : []) {
    const [name, newName] = [field(one, "name"), field(one, "newName")];
    if (typeof name !== "string" || typeof newName !== "string") continue;
    if (images.delete(withoutTag(name))) images.add(withoutTag(newName));
  }
}

/** Also drops Docker Hub's host, which has several names. */
function withoutTag(image: string): string {
  return image
    .replace(/@.*$/, "")
    .replace(/:[^/]*$/, "")
    .replace(/^(docker\.io|index\.docker\.io|registry-1\.docker\.io)\//, "");
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
