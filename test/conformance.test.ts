/** The results of `npm run conformance` are of these versions and Dockerfiles, and every difference is declared. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { images } from "../components/builds/images.ts";
import { cases } from "./conformance/cases.ts";
import { readResults, versionOf } from "./conformance/results.ts";

const { kaniko, buildkit } = readResults();
const again = (builder: string) => `record it again: npm run conformance -- ${builder}`;

describe("the image that a builder makes of a Dockerfile", () => {
  it("is recorded for the versions that a stack installs", () => {
    assert.equal(kaniko?.version, versionOf(images.kaniko), again("kaniko"));
    assert.equal(buildkit?.version, versionOf(images.buildkit), again("buildkit"));
  });

  it("is recorded for every case, each with a unique name", () => {
    const names = cases.map(({ construct }) => construct);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(Object.keys(kaniko?.results ?? {}).sort(), names.toSorted(), again("kaniko"));
    const tried = cases.filter(({ download }) => download !== true).map(({ construct }) => construct);
    assert.deepEqual(Object.keys(buildkit?.results ?? {}).sort(), tried.toSorted(), again("buildkit"));
  });

  for (const { construct, refused, unnoticed } of cases) {
    const same = { first: [], cached: [] };

    it(
      `is Docker's with BuildKit: ${construct}`,
      { skip: buildkit?.results[construct] === undefined },
      () => {
        assert.deepEqual(buildkit?.results[construct], same);
      },
    );

    // A refused case must differ, or the refusal is unnecessary.
    const declared = refused !== undefined || unnoticed !== undefined;
    it(`${declared ? "differs from" : "is"} Docker's with Kaniko: ${construct}`, () => {
      if (declared) assert.notDeepEqual(kaniko?.results[construct], same);
      else assert.deepEqual(kaniko?.results[construct], same);
    });
  }
});
