import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checks, examine } from "../../tools/doctor/examine.ts";
import { examinedOf, linesOf } from "../support/doctor.ts";

const never = new Promise<never>(() => undefined);

describe("the checks of the doctor", () => {
  it("run in parallel, and end at the time limit", async () => {
    const examined = examinedOf({}, { kubectl: { connect: () => never }, ask: () => never });
    // Keeps the process alive, since nothing else does.
    const awake = setTimeout(() => undefined, 5000);
    const lines = linesOf(await examine(examined, ["secrets", "cluster", "github"], 400));
    clearTimeout(awake);
    assert.deepEqual(lines, [
      "good secrets: each secret has a value.",
      "unchecked cluster: this check did not end within 1 s.",
      "unchecked github: this check did not end within 1 s.",
    ]);
  });

  it("have these names", () => {
    assert.deepEqual(Object.keys(checks), [
      "secrets",
      "repositories",
      "applications",
      "cluster",
      "endpoints",
      "github",
      "registry",
      "mail",
    ]);
  });
});
