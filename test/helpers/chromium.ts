import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const probesFile = fileURLToPath(new URL('../fixtures/report-probes.js', import.meta.url));

const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const named = process.env.CHROMIUM_PATH;

/** The Chromium to test with: the one that CHROMIUM_PATH names and no other; where it is unset, one where it usually is. */
export const chromiumPath = (named === undefined ? usualPaths : [named]).find(existsSync);

/** For `skip`: why tests cannot run here; false when they can. */
export const noChromium =
  chromiumPath === undefined &&
  (named === undefined
    ? 'no Chromium: install one, or name it in CHROMIUM_PATH'
    : `no Chromium: CHROMIUM_PATH names ${named}, which does not exist`);

/** Starts a headless Chromium of its own that keeps to itself: no updates, no sync, no first run. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}

/** A page opened from disk, and what it complained about and asked for meanwhile. */
export interface OpenedPage {
  readonly page: Page;
  readonly complaints: string[];
  /** Every URL it asked for, itself included. */
  readonly requests: string[];
  readonly url: string;
}

/** Opens HTML as a file for the length of a test, offline. */
export async function openFile(
  t: TestContext,
  browser: Browser,
  html: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const folder = await mkdtemp(join(tmpdir(), 'report-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'report.html');
  await writeFile(file, html);
  const context = await browser.newContext({ offline: true, ...options });
  t.after(() => context.close());
  // Not an element of the page, so its policy does not forbid it.
  await context.addInitScript({ path: probesFile });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  const url = pathToFileURL(file).href;
  await page.goto(url);
  return { page, complaints, requests, url };
}
