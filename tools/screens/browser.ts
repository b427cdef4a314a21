/** The browser that shows the pages: Debian's Chromium, since playwright-core contains none. */
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";

export const executablePath = "/usr/bin/chromium";

export function openBrowser(): Promise<Browser> {
  // Chromium's own sandbox does not run as root.
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}
