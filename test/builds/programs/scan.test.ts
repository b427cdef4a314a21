/** Uses a stand-in for Trivy: the script's handling of its output is under test. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { severities } from "../../../components/settings/schema.ts";
import { root } from "../../support/declare.ts";
import { imageShell, result, runScript, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("scan");
const digest = `sha256:${"1a2b3c4d".repeat(8)}`;

const shell = imageShell({ trivy: join(root, "test/support/trivy.sh") });
describe(`scan.sh in ${shell.name}`, () => {
  async function scan(name: string, variables: Readonly<Record<string, string>> = {}) {
    const results = join(
      folder,
      `${shell.name}-${name.replace(/\W/g, "")}-${Object.values(variables).join()}`,
    );
    mkdirSync(results);
    const { status, stdout, stderr } = await runScript(shell, "scan.sh", {
      IMAGE: `registry.example.com/a/${name}@${digest}`,
      SEVERITY: "HIGH",
      MODE: "warn",
      INSECURE: "false",
      RESULTS: results,
      ...variables,
    });
    return { status, stdout, stderr, findings: result(results, "findings") };
  }

  it("reports nothing for an image without findings", async () => {
    const { status, stdout, stderr, findings } = await scan("clean", { MODE: "stop" });
    assert.equal(
      stdout,
      `trivy image --scanners vuln --severity HIGH,CRITICAL --ignore-unfixed --exit-code 10 --no-progress registry.example.com/a/clean@${digest}\n` +
        `no vulnerabilities of HIGH or above in registry.example.com/a/clean@${digest}\n`,
    );
    assert.deepEqual([status, stderr, findings], [0, "", ""]);
  });

  it("uses plain HTTP if the registry is configured as insecure", async () => {
    assert.match((await scan("clean", { INSECURE: "true" })).stdout, /--no-progress --insecure registry/);
  });

  it("scans each image of an index, and names those with findings", async () => {
    const both = { ARCHITECTURES: "amd64 arm64", MODE: "stop" };
    const clean = await scan("clean", both);
    const flags =
      "image --scanners vuln --severity HIGH,CRITICAL --ignore-unfixed --exit-code 10 --no-progress";
    const image = `registry.example.com/a/clean@${digest}`;
    assert.equal(
      clean.stdout,
      ["amd64", "arm64"]
        .map(
          (one) =>
            `trivy ${flags} --platform linux/${one} ${image}\nno vulnerabilities of HIGH or above in ${image} for ${one}\n`,
        )
        .join(""),
    );
    assert.deepEqual([clean.status, clean.stderr, clean.findings], [0, "", ""]);
    const { status, stderr, findings } = await scan("vulnerable", both);
    const reported = (one: string) =>
      `found vulnerabilities of HIGH or above in registry.example.com/a/vulnerable@${digest} for ${one}: newer versions of the packages in the table fix them`;
    assert.equal(stderr, `${reported("amd64")}; ${reported("arm64")}\n`);
    assert.deepEqual([status, findings], [1, "vulnerabilities of HIGH or above"]);
  });

  // All severities that a stack file may set.
  for (const [index, SEVERITY] of severities.entries()) {
    const all = severities.slice(index).join();
    it(`counts ${all} for the severity ${SEVERITY}`, async () => {
      const { stdout, findings } = await scan("vulnerable", { SEVERITY });
      assert.ok(stdout.includes(`--severity ${all} `));
      assert.equal(findings, `vulnerabilities of ${SEVERITY} or above`);
    });
  }

  it("refuses an unknown severity", async () => {
    const { status, stderr } = await scan("clean", { SEVERITY: "high" });
    assert.equal(stderr, 'there is no severity "high": it is LOW, MEDIUM, HIGH or CRITICAL\n');
    assert.equal(status, 1);
  });

  for (const [MODE, code] of [
    ["warn", 0],
    ["stop", 1],
  ] as const) {
    it(`shows what is found, and exits with ${code.toString()} in mode ${MODE}`, async () => {
      const { status, stdout, stderr, findings } = await scan("vulnerable", { MODE });
      assert.match(stdout, /CVE-2026-0001/);
      assert.equal(
        stderr,
        `found vulnerabilities of HIGH or above in registry.example.com/a/vulnerable@${digest}: newer versions of the packages in the table fix them\n`,
      );
      assert.deepEqual([status, findings], [code, "vulnerabilities of HIGH or above"]);
    });

    it(`reports that it cannot scan, and exits with ${code.toString()} in mode ${MODE}`, async () => {
      const { status, stderr, findings } = await scan("unreadable", { MODE });
      assert.match(
        stderr,
        /unreadable@sha256:\w+ could not be scanned: trivy exited with code 1, see its error above\n$/,
      );
      assert.deepEqual([status, findings], [code, "could not be scanned"]);
    });
  }
});

describe(`sbom.sh in ${shell.name}`, () => {
  const statements = join(folder, `statements-${shell.name}`);
  mkdirSync(statements);

  function sbom(name: string, variables: Readonly<Record<string, string>> = {}) {
    return runScript(shell, "sbom.sh", {
      IMAGE: `registry.example.com/a/${name}@${digest}`,
      BUILT: "true",
      INSECURE: "false",
      STATEMENTS: statements,
      ...variables,
    });
  }

  it("writes an SBOM of each image of an index", async () => {
    const { stdout } = await sbom("several", { ARCHITECTURES: "amd64 arm64", INSECURE: "true" });
    const image = `registry.example.com/a/several@${digest}`;
    const line = (one: string) =>
      `trivy image --format spdx-json --output ${statements}/sbom-${one}.json --no-progress --insecure --platform linux/${one} ${image}\n`;
    assert.equal(stdout, `${line("amd64")}${line("arm64")}wrote the SBOM of ${image}\n`);
    for (const one of ["amd64", "arm64"])
      assert.match(result(statements, `sbom-${one}.json`) ?? "", /SPDX-2\.3/);
  });

  it("writes nothing for an image that was not built", async () => {
    const { status, stdout } = await sbom("clean", { BUILT: "false" });
    assert.deepEqual([status, result(statements, "sbom.json")], [0, undefined]);
    assert.match(
      stdout,
      /^registry\.example\.com\/a\/clean@sha256:\w+ was not built: its SBOM was written by/,
    );
  });

  it("writes the SBOM of the digest", async () => {
    const { status, stdout } = await sbom("clean", { INSECURE: "true" });
    const image = `registry.example.com/a/clean@${digest}`;
    assert.equal(
      stdout,
      `trivy image --format spdx-json --output ${statements}/sbom.json --no-progress --insecure ${image}\nwrote the SBOM of ${image}\n`,
    );
    assert.equal(status, 0);
    assert.match(readFileSync(join(statements, "sbom.json"), "utf8"), /"spdxVersion":"SPDX-2\.3"/);
  });

  it("fails if the image cannot be read", async () => {
    const { status, stderr } = await sbom("unreadable");
    assert.equal(status, 1);
    assert.match(
      stderr,
      /\ncannot write an SBOM of registry\.example\.com\/a\/unreadable@sha256:\w+: see trivy's error/,
    );
  });
});
