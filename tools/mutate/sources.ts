/** Changes of the sources, each a bug, and whether test/expected.test.ts detects them. */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Change {
  readonly title: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

function change(title: string, file: string, from: string, to: string): Change {
  return { title, file: `components/${file}`, from, to };
}

export const changes: readonly Change[] = [
  change("deliveries without a signature", "kinds/webhook.ts", "secret: key }", 'secret: "none" }'),
  change(
    "a webhook that accepts any certificate",
    "kinds/webhook.ts",
    "insecureSsl: false",
    "insecureSsl: true",
  ),
  change("builds in a privileged namespace", "builds/builders/kaniko.ts", '"baseline"', '"privileged"'),
  change("Argo CD in a privileged namespace", "charts/argo-cd.ts", '"restricted"', '"privileged"'),
  change(
    "bodies of at most a kilobyte",
    "trigger/listener.ts",
    'proxy-body-size": "6m"',
    'proxy-body-size": "1k"',
  ),
  change("releases that stay half installed", "charts/release.ts", "atomic: true", "atomic: false"),
  change("releases that wait a second", "charts/release.ts", "timeout = 900", "timeout = 1"),
  change("drains that wait forever", "trigger/trigger.ts", "maxUnavailable: 1", "maxUnavailable: 0"),
  change(
    "a token in the event source",
    "trigger/trigger.ts",
    "serviceAccount(sourceAccount, namespace, false",
    "serviceAccount(sourceAccount, namespace, true",
  ),
  change("an update that waits for nothing", "trigger/trigger.ts", ".status}=True", ".status}=False"),
  change("keys of one letter", "kinds/generated-key.ts", "length: 64", "length: 1"),
  change(
    "a class of another controller",
    "charts/traefik.ts",
    "k8s.io/ingress-nginx",
    "traefik.io/ingress-controller",
  ),
  change("a key that Argo CD does not read", "kinds/argocd.ts", 'part-of": "argocd"', 'part-of": "argo-cd"'),
];

const root = join(import.meta.dirname, "../..");

/** Requires a difference in files: a crash does not count. */
export async function isDetected({ file, from, to }: Change): Promise<boolean> {
  const copy = mkdtempSync(join(tmpdir(), "mutate-"));
  try {
    copySources(copy);
    const path = join(copy, file);
    const before = readFileSync(path, "utf8");
    if (!before.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(path, before.replace(from, to));
    return /^.*\d+ files? differ/m.test(await testOutput(copy));
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function copySources(folder: string): void {
  const stacks = ["develop", "publish"].map((stack) => `Pulumi.${stack}.yaml`);
  for (const path of ["index.ts", "components", "tools", "test", "package.json", "Pulumi.yaml", ...stacks]) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
}

function testOutput(cwd: string): Promise<string> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ["--test", "test/expected.test.ts"], { cwd });
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.on("close", () => done(Buffer.concat(output).toString()));
  });
}
