/** Helm charts made of objects, and a repository that serves them to `helm` and the Kubernetes provider. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { ClusterObject } from "./cluster-api.ts";
import type { HttpServer } from "./http-server.ts";
import { startHttpServer } from "./http-server.ts";

export interface ChartContents {
  readonly name: string;
  readonly version: string;
  readonly objects: readonly ClusterObject[];
  /** Files with CustomResourceDefinitions, which remain when the release is removed, as in the original charts. */
  readonly kinds?: readonly string[];
}

/** A value in an object that Helm computes from the release's values, as JSON. */
export function computed(template: string): string {
  return `${open}${template}${close}`;
}

const open = "<helm>";
const close = "</helm>";

export interface ChartRepository extends HttpServer {
  /** Serves a chart in place of the one with its name and version. */
  readonly serve: (contents: ChartContents) => void;
  /** Sets whether it serves its charts or answers with an error. */
  readonly setUp: (up: boolean) => void;
}

/** A repository of charts on this machine. */
export async function startChartRepository(charts: readonly ChartContents[]): Promise<ChartRepository> {
  const archives = new Map<string, Buffer>();
  const serve = (contents: ChartContents) => archives.set(fileOf(contents), archive(contents));
  charts.forEach(serve);
  let isUp = true;
  const server = await startHttpServer(({ url = "" }, response) => {
    const body = url === "/index.yaml" ? index([...archives.keys()]) : archives.get(basename(url));
    if (isUp) response.writeHead(body === undefined ? 404 : 200).end(body);
    else response.writeHead(503).end();
  });
  return { ...server, serve, setUp: (up) => (isUp = up) };
}

function fileOf({ name, version }: ChartContents): string {
  return `${name}-${version}.tgz`;
}

/** The index of a repository (Helm's `docs/topics/chart_repository`), which is YAML and so may be JSON. */
function index(files: readonly string[]): string {
  const entries = files.map((file) => {
    const [, name = "", version = ""] = /^(.*?)-(v?\d.*)\.tgz$/.exec(file) ?? [];
    return [name, [{ apiVersion: "v2", name, version, urls: [file] }]];
  });
  return JSON.stringify({ apiVersion: "v1", entries: Object.fromEntries(entries) as object });
}

function archive(contents: ChartContents): Buffer {
  const { name, version, objects, kinds = [] } = contents;
  const folder = mkdtempSync(join(tmpdir(), "chart-"));
  const chart = join(folder, name);
  try {
    for (const part of ["kinds", "templates"]) mkdirSync(join(chart, part), { recursive: true });
    writeFileSync(join(chart, "Chart.yaml"), JSON.stringify({ apiVersion: "v2", name, version }));
    writeFileSync(join(chart, "values.yaml"), "{}\n");
    for (const file of kinds) {
      writeFileSync(join(chart, "kinds", basename(file)), kept(readFileSync(file, "utf8")));
    }
    writeFileSync(join(chart, "templates/kinds.yaml"), kindsTemplate);
    writeFileSync(join(chart, "templates/objects.yaml"), objects.map(template).join("\n---\n"));
    return execFileSync("tar", ["-C", folder, "-cz", name], { maxBuffer: 64 * 1024 * 1024 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Included as files: what looks like a template in them is not Helm's. */
const kindsTemplate = `{{- range $path, $_ := .Files.Glob "kinds/*.yaml" }}
---
{{ $.Files.Get $path }}
{{- end }}
`;

/** Adds the annotation by which Helm keeps an object when its release is removed. */
function kept(definition: string): string {
  const policy = "    helm.sh/resource-policy: keep\n";
  return /^metadata:\n {2}annotations:\n/m.test(definition)
    ? definition.replace(/^metadata:\n {2}annotations:\n/m, (found) => `${found}${policy}`)
    : definition.replace(/^metadata:\n/m, (found) => `${found}  annotations:\n${policy}`);
}

function template(object: ClusterObject): string {
  const [first = "", ...parts] = JSON.stringify(object).split(`"${open}`);
  const rest = parts.map((part) => {
    const [expression = "", literal = ""] = part.split(`${close}"`);
    return `{{ ${JSON.parse(`"${expression}"`) as string} }}${escaped(literal)}`;
  });
  return [escaped(first), ...rest].join("");
}

function escaped(literal: string): string {
  return literal.replaceAll("{{", '{{ "{{" }}');
}
