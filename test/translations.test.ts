/** The Korean documents follow the English ones. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { translations } from "./support/markdown.ts";
import type { Pair } from "./support/translation.ts";
import { differences } from "./support/translation.ts";

const read = (path: string) => ({
  path,
  text: readFileSync(join(import.meta.dirname, "..", path), "utf8"),
});

const pairs: readonly Pair[] = translations.map(([original, translation]) => ({
  original: read(original),
  translation: read(translation),
}));

describe("a translation", () => {
  for (const pair of pairs) {
    it(`follows ${pair.original.path}`, () => {
      assert.deepEqual(differences(pair, pairs), []);
    });
  }
});

const english = `# Shop

English | [한국어](shop.ko.md)

It is up after 15 minutes, or three.

## Start

- **Now**, with \`npm start\`, as [said below](#the-end) and [in the notes](notes.md#now).
- **Later**, on the page _Settings_:

  \`\`\`yaml
  later: true
  \`\`\`

\`\`\`sh
npm start   # all of it
\`\`\`

## The end

| key | value |
| --- | ----- |
| a   | b     |
`;

const korean = `# 상점

[English](shop.md) | 한국어

15분이나 3분이면 준비됩니다.

## 시작

- [아래에 적은 대로](#끝) \`npm start\`로 **바로** 시작합니다. [메모](notes.ko.md#지금)를 참고하십시오.
- *Settings*에서 **나중에** 시작합니다.

  \`\`\`yaml
  later: true
  \`\`\`

\`\`\`sh
npm start # 전체
\`\`\`

## 끝

| 키  | 값  |
| --- | --- |
| a   | b   |
`;

const notes: Pair = {
  original: { path: "docs/notes.md", text: "# Notes\n\n## Now\n" },
  translation: { path: "docs/notes.ko.md", text: "# 메모\n\n## 지금\n" },
};

function reported(original: string, translation: string): string[] {
  const pair = {
    original: { path: "docs/shop.md", text: original },
    translation: { path: "docs/shop.ko.md", text: translation },
  };
  return differences(pair, [pair, notes]);
}

const shop = 'docs/shop.ko.md, "# 상점" (docs/shop.md, "# Shop")';
const start = 'docs/shop.ko.md, "## 시작" (docs/shop.md, "## Start")';
const end = 'docs/shop.ko.md, "## 끝" (docs/shop.md, "## The end")';

describe("the comparison of a translation with the original", () => {
  it("accepts other words, another order, numbers in digits and other comments", () => {
    assert.deepEqual(reported(english, korean), []);
  });

  /** Edits of the translation: the replaced text, the new text, and the expected messages. */
  const edits: Readonly<Record<string, readonly [string, string, ...string[]]>> = {
    "another command in the text": [
      "`npm start`",
      "`npm run`",
      `${start} lacks \`npm start\``,
      `${start} has \`npm run\`, which the original lacks`,
    ],
    "another command in a block": [
      "npm start #",
      "npm stop #",
      `${start} has the line \`npm stop #\` where the original has the line \`npm start #\``,
    ],
    "another line of a block in a list": [
      "later: true",
      "later: false",
      `${start} has the line \`later: false\` where the original has the line \`later: true\``,
    ],
    "a lost comment": [
      " # 전체",
      "",
      `${start} has the line \`npm start\` where the original has the line \`npm start #\``,
    ],
    "another language of a block": [
      "```sh",
      "```yaml",
      `${start} has a block of yaml where the original has a block of sh`,
    ],
    "another number": ["15분", "20분", `${shop} lacks 15`],
    "lost bold text": ["**바로**", "바로", `${start} lacks bold text`],
    "emphasis that ends before a letter, which CommonMark does not allow": [
      "*Settings*에서",
      "_Settings_에서",
      `${start} lacks _Settings_`,
    ],
    "a link to another heading": [
      "(#끝)",
      "(#시작)",
      `${start} lacks a link to docs/shop.ko.md#끝`,
      `${start} has a link to docs/shop.ko.md#시작, which the original lacks`,
    ],
    "a link to a document that is translated": [
      "notes.ko.md#지금",
      "notes.md#now",
      `${start} lacks a link to docs/notes.ko.md#지금`,
      `${start} has a link to docs/notes.md#now, which the original lacks`,
    ],
    "a lost element of a list": [
      "- *Settings*에서",
      "  *Settings*에서",
      `${start} has a list of 1 where the original has a list of 2`,
    ],
    "another paragraph": [
      "15분이나",
      "15분.\n\n",
      `${shop} has a paragraph where the original has nothing more`,
    ],
    "a lost row": [
      "| a   | b   |\n",
      "",
      `${end} has a table (rows: 0, columns: 2) where the original has a table (rows: 1, columns: 2)`,
    ],
    "another level of a heading": [
      "## 시작",
      "### 시작",
      'docs/shop.ko.md has "### 시작" where docs/shop.md has "## Start"',
    ],
    "a lost section": [
      korean.slice(korean.indexOf("## 시작"), korean.indexOf("## 끝")),
      "",
      'docs/shop.ko.md has "## 끝" where docs/shop.md has "## Start"',
    ],
    "no link to the original": [
      "[English](shop.md)",
      "English",
      'docs/shop.ko.md: the third line must be "[English](shop.md) | 한국어"',
    ],
  };
  for (const [name, [from, to, ...messages]] of Object.entries(edits)) {
    it(`reports ${name}`, () => {
      assert.ok(korean.includes(from));
      assert.deepEqual(reported(english, korean.replace(from, to)), messages);
    });
  }

  it("reports the heading first, whatever else differs", () => {
    assert.deepEqual(reported(english, korean.replace("15분", "20분").replace("## 끝", "# 끝")), [
      'docs/shop.ko.md has "# 끝" where docs/shop.md has "## The end"',
    ]);
  });

  it("reports additions to the original", () => {
    assert.deepEqual(reported(`${english}\nSee \`npm stop\`.\n`, korean), [
      `${end} has nothing more where the original has a paragraph`,
      `${end} lacks \`npm stop\``,
    ]);
    assert.deepEqual(reported(`${english}\n## After\n`, korean), [
      'docs/shop.ko.md has the end where docs/shop.md has "## After"',
    ]);
  });
});
