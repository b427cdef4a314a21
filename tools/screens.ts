/**
 * Writes docs/images: screenshots of the page of the committed stack develop, and of the page of a sample report. Needs
 * Chromium. No test compares the pictures: run it after a change of the pages, and look at the result.
 *
 * npm run screens
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { sampleReport } from "../test/support/sample-report.ts";
import { subjectOf } from "../test/support/page.ts";
import { now } from "../test/support/report.ts";
import { command, print, readArguments } from "./command.ts";
import { stackFileOf } from "./offline/project.ts";
import { UserError } from "./offline/user-error.ts";
import { executablePath, openBrowser } from "./screens/browser.ts";

const usage = `npm run screens

Writes the pictures of docs/looks.md to docs/images. Needs Chromium: ${executablePath}.`;

const folder = join(import.meta.dirname, "../docs/images");

/** The views of each page, in pixels: what is visible without scrolling. */
const views = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 690 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 690 } },
  narrow: { colorScheme: "light", viewport: { width: 400, height: 690 } },
} as const;

await command(async () => {
  const { values, positionals } = readArguments({ help: { type: "boolean", short: "h" } }, usage);
  if (values.help === true) {
    await print(usage);
    return;
  }
  if (positionals.length > 0) throw new UserError(`This command takes no arguments.\n\n${usage}`);
  if (!existsSync(executablePath)) throw new UserError(`There is no ${executablePath}: install Chromium.`);
  const pages = { preview: await previewPage(), report: await reportPage() };
  const pictures = await picturesOf(pages);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, picture] of pictures) writeFileSync(join(folder, `${name}.png`), picture);
});

async function previewPage(): Promise<string> {
  const { page } = await import("./page/page.ts");
  return page(await subjectOf(stackFileOf("develop")));
}

async function reportPage(): Promise<string> {
  const page = await import("./page/report.ts");
  return page.reportPage(await sampleReport(), now);
}

/** Each page in each view, by its name. */
async function picturesOf(pages: Readonly<Record<string, string>>): Promise<Map<string, Buffer>> {
  const browser = await openBrowser();
  const pictures = new Map<string, Buffer>();
  for (const [name, html] of Object.entries(pages)) {
    for (const [view, options] of Object.entries(views)) {
      pictures.set(`${name}-${view}`, await picture(browser, html, options));
    }
  }
  await browser.close();
  return pictures;
}

async function picture(browser: Browser, html: string, options: BrowserContextOptions): Promise<Buffer> {
  const page = await browser.newPage(options);
  await page.setContent(html, { waitUntil: "load" });
  const taken = await page.screenshot();
  await page.close();
  return taken;
}
