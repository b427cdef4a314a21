import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root } from "../../support/declare.ts";
import type { Shell } from "../../support/script.ts";
import { imageShell, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("credential");
const TOKEN_FILE = join(folder, "token");
writeFileSync(TOKEN_FILE, "secret=token\n");

function credential({ path }: Shell, what: string, input: string): string {
  return execFileSync("/usr/bin/env", ["sh", join(root, "components/builds/programs/credential.sh"), what], {
    input,
    encoding: "utf8",
    env: { PATH: path, TOKEN_FILE, REPOSITORY_URL: "https://git.example.com:8443/a/service.git" },
  });
}

const shell = imageShell();
describe(`credential.sh in ${shell.name}`, () => {
  const own = "protocol=https\nhost=git.example.com:8443\n";

  it("returns the token for the repository's server", () => {
    const given = "username=x-access-token\npassword=secret=token\n";
    assert.equal(
      credential(shell, "get", `capability[]=authtype\n${own}wwwauth[]=Basic realm="a"\n\n`),
      given,
    );
  });

  for (const what of ["store", "erase"]) {
    it(`returns nothing for ${what}`, () => assert.equal(credential(shell, what, own), ""));
  }

  for (const other of [
    "protocol=http\nhost=git.example.com:8443\n",
    "protocol=https\nhost=git.example.com\n",
    "protocol=https\nhost=git.example.com:844\n",
    "protocol=https\nhost=evil.example.com\n",
    "protocol=https\nhost=*\n",
    "protocol=https\nhost=git.example.com:8443@evil.example.com\n",
    "protocol=https\n",
    "",
  ]) {
    it(`returns nothing for ${JSON.stringify(other)}`, () =>
      assert.equal(credential(shell, "get", other), ""));
  }
});
