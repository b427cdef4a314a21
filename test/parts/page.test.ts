/** The pages of a stack and of a report in a browser: by keyboard, for screen readers, on a phone, light and dark. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { page as pageOf } from "../../tools/page/page.ts";
import { reportPage } from "../../tools/page/report.ts";
import { executablePath, openBrowser } from "../../tools/screens/browser.ts";
import { existing } from "../support/cluster-environment.ts";
import { root } from "../support/declare.ts";
import { subjectOf } from "../support/page.ts";
import { applications, now, reported, workflow, workflows } from "../support/report.ts";
import { temporaryFolder } from "../support/script.ts";

// With an existing cluster, nothing has to be installed.
const skip = existing !== undefined && !existsSync(executablePath) ? "chromium is not installed" : false;

const folder = temporaryFolder("browser");
const file = join(folder, "page.html");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const hostile = `</script></code><img src=x onerror="document.title='taken'">`;

/** Nearly as long as the name of a Kubernetes object may be. */
const longest = `alog-service-${"of-a-name-".repeat(5)}`.slice(0, -1);

/** A stack that is hard to show: with a long name, hostile text, several applications, and an edit that destroys. */
function stackFile(): string {
  const stage = "- { name: stage, repository: alog-cluster, path: stage, namespace: stage }";
  const text = readFileSync(join(root, "Pulumi.develop.yaml"), "utf8")
    .replace("context: develop", `context: ${JSON.stringify(hostile)}`)
    .replace("- alog-service-file", `- ${longest}`)
    .replace("      applications:\n", `      applications:\n        ${stage}\n`)
    .replace("storageClass: ceph-block", "storageClass: fast");
  const target = join(folder, "Pulumi.page.yaml");
  writeFileSync(target, text);
  return target;
}

/** A report of stacks with succeeded and failed builds, one with hostile text, and of a stack that does not answer. */
async function hostileReport(names: readonly string[]): Promise<string> {
  const message = `main: Error (exit code 1): ${hostile} ${"a-long-word".repeat(12)}`;
  const build = { from: 1, to: 2, phase: "Failed", message };
  const failed = workflow("failed", 80, { build }, { phase: "Failed", end: 90 });
  const there = { workflows: [...workflows, failed], applications };
  const stacks = await Promise.all(names.map((name) => reported(there, {}, name)));
  return reportPage({ stacks, unanswered: [{ stack: "away", because: hostile }] }, now);
}

describe("the page in a browser", { skip }, () => {
  let browser: Browser;
  let files: ReadonlyMap<string, string>;
  before(async () => {
    const { files: earlier } = await subjectOf(join(root, "Pulumi.develop.yaml"));
    const subject = await subjectOf(stackFile(), earlier);
    ({ files } = subject);
    writeFileSync(file, await pageOf(subject));
    browser = await openBrowser();
  });
  after(() => browser.close());

  /** What the browser has requested beside the page, and what it has logged. */
  const noticed: string[] = [];

  async function open(
    width: number,
    colorScheme: "light" | "dark",
    address = "",
    shown = file,
  ): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const own = pathToFileURL(shown).href;
    page.on("request", (request) => {
      if (request.url().split("#")[0] !== own) noticed.push(request.url());
    });
    page.on("console", (message) => noticed.push(message.text()));
    page.on("pageerror", ({ message }) => noticed.push(message));
    await page.goto(own + address);
    return page;
  }

  async function violations(page: Page): Promise<unknown> {
    await page.evaluate(axe);
    return page.evaluate(
      "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join())]))",
    );
  }

  /** By how much the page is wider than the screen; 0 if it fits. */
  const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
  const unfold = "for (const one of document.querySelectorAll('details:not(.difference)')) one.open = true";
  /** Differences that are shown before the page has drawn them. */
  const unfilled = ".difference[open]:not(:has(pre))";

  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 1280],
    ["light", 400],
  ] as const) {
    it(`passes axe and fits, ${colorScheme} and ${width.toString()} px wide`, async () => {
      const page = await open(width, colorScheme, `#way/alog/${longest}`);
      await page.evaluate(unfold);
      await page.locator(unfilled).first().waitFor({ state: "detached" });
      assert.deepEqual(await violations(page), []);
      assert.equal(await page.evaluate(overflow), 0);
      const link = page.getByRole("link", { name: `WorkflowTemplate ${longest.slice(0, 29)}…` });
      assert.ok((await link.getAttribute("aria-label"))?.endsWith(longest));
      await link.click();
      await page.locator("dialog").waitFor();
      assert.deepEqual(await violations(page), []);
      assert.equal(await page.evaluate(overflow), 0);
      await page.close();
    });
  }

  it("shows an object by keyboard alone, and returns the focus", async () => {
    const page = await open(1280, "light");
    const focused = () => page.evaluate("document.activeElement.getAttribute('aria-label')");
    await page.locator("#repository").focus();
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Webhook aform-front-web");
    for (let stop = 0; stop < 4; stop += 1) await page.keyboard.press("Tab");
    const template = await focused();
    assert.match(String(template), /^WorkflowTemplate aform-front-web 1\. begin, build 2\. publish /);
    await page.keyboard.press("Enter");
    await page.locator("dialog[open]").waitFor();
    assert.equal(await focused(), "YAML");
    assert.equal(
      await page.locator("dialog pre").textContent(),
      files.get("ci/WorkflowTemplate-aform-front-web.yaml"),
    );
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "hidden" });
    assert.equal(await focused(), template);
    await page.close();
  });

  it("shows the way of the selected repository", async () => {
    const page = await open(1280, "light");
    const links = () => page.locator("figure:not([hidden]) svg:visible a");
    const label = (index: number) => links().nth(index).getAttribute("aria-label");
    await page.locator("#repository").selectOption("alog/alog-service-auth");
    await page.getByRole("link", { name: "WorkflowTemplate alog-service-auth" }).click();
    const title = page.locator("#viewer-title");
    assert.equal(await title.textContent(), "ci/WorkflowTemplate-alog-service-auth");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("link", { name: "aform-service-ai", exact: true }).click();
    await page.getByRole("link", { name: "Webhook aform-service-ai" }).waitFor();
    assert.equal(await page.locator("#repository").inputValue(), "aform/aform-service-ai");
    assert.deepEqual(
      [await label(0), await label(3)],
      ["Webhook aform-service-ai", "Sensor aform pushes to main"],
    );
    await page.close();
  });

  it("shows the object that its address names", async () => {
    const page = await open(400, "dark", "#argo-events/EventBus-default.yaml");
    await page.locator("dialog[open]").waitFor();
    assert.match((await page.locator("dialog pre").textContent()) ?? "", /storageClassName: fast/);
    await page.close();
  });

  it("shows differences line by line", async () => {
    const page = await open(1280, "light");
    const difference = page.locator("details", { hasText: "argo-events/EventBus-default" }).locator("pre");
    const lines = (kind: string) => difference.locator(`.${kind}`).allTextContents();
    await difference.locator(".added").first().waitFor();
    assert.deepEqual(await lines("removed"), ["-      storageClassName: ceph-block\n"]);
    assert.deepEqual(await lines("added"), ["+      storageClassName: fast\n"]);
    await page.close();
  });

  it("runs no script that the stack file contains", async () => {
    const page = await open(1280, "light", "#_providers/kubernetes.yaml");
    await page.locator("dialog[open]").waitFor();
    assert.ok((await page.locator("dialog pre").textContent())?.includes("<img src=x"));
    assert.ok((await page.locator("header").textContent())?.includes(hostile));
    assert.deepEqual([await page.locator("img").count(), await page.title()], [0, "Stack page"]);
    await page.close();
  });

  for (const [stacks, colorScheme, width] of [
    [["develop"], "dark", 1280],
    [["develop", "publish"], "light", 1280],
    [["develop"], "light", 400],
    [["develop", "publish"], "dark", 400],
  ] as const) {
    it(`shows an accessible report of ${stacks.join(" and ")}, ${colorScheme} and ${width.toString()} px wide`, async () => {
      const report = join(folder, "report.html");
      writeFileSync(report, await hostileReport(stacks));
      const page = await open(width, colorScheme, "", report);
      assert.deepEqual(await violations(page), []);
      assert.equal(await page.evaluate(overflow), 0);
      assert.ok((await page.locator("#failures").textContent())?.includes(hostile));
      assert.deepEqual(
        [await page.locator("img").count(), await page.title()],
        [0, `What is live in ${stacks.join(" and ")}`],
      );
      await page.close();
    });
  }

  it("has requested nothing else and logged nothing", () => {
    assert.deepEqual(noticed, []);
  });
});
