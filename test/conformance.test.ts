/** What `npm run conformance` recorded is of these versions and these Dockerfiles, and nothing differs that is not said. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { images } from "../components/builds/images.ts";
import { cases } from "./conformance/cases.ts";
import { readResults, versionOf } from "./conformance/results.ts";

const { kaniko, buildkit } = readResults();
const again = (builder: string) => `record it again: npm run conformance -- ${builder}`;

describe("what the builders make of a Dockerfile", () => {
  it("is recorded for the versions that a stack installs", () => {
    assert.equal(kaniko?.version, versionOf(images.kaniko), again("kaniko"));
    assert.equal(buildkit?.version, versionOf(images.buildkit), again("buildkit"));
  });

  it("is recorded for every case, each of which has a name of its own", () => {
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

    // What is refused must differ, or it need not be.
    const said = refused !== undefined || unnoticed !== undefined;
    it(`is Docker's with Kaniko, or ${said ? "differs as is said" : "nothing"}: ${construct}`, () => {
      if (said) assert.notDeepEqual(kaniko?.results[construct], same);
      else assert.deepEqual(kaniko?.results[construct], same);
    });
  }
});
