/** A real browser for tests of pages: Debian's, without a window. Nothing but loopback is ever loaded. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { PublishedFile } from '../../../src/status/publication/published-file.ts';

const executable = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));
/** For the `skip` option of a test. */
export const noBrowser = executable === undefined ? 'chromium is not installed' : false;

/** Ends with the test. */
export async function startBrowser(t: TestContext): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: executable ?? '',
    chromiumSandbox: false,
    args: ['--disable-dev-shm-usage', '--disable-gpu'],
  });
  t.after(() => browser.close());
  return browser;
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** @returns `http://127.0.0.1:PORT/` of a server that ends with the test */
export async function listen(t: TestContext, answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Serves files below a prefix, as any server of static files would; `prefix` ends with a slash. */
export function serveFiles(files: readonly PublishedFile[], prefix = '/'): RequestListener {
  const byPath = new Map(files.map((file) => [`${prefix}${file.path}`, file]));
  return (request, response) => {
    const path = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
    const file = byPath.get(path.endsWith('/') ? `${path}index.html` : path);
    response.writeHead(file === undefined ? 404 : 200, { 'Content-Type': file?.contentType ?? 'text/plain' });
    response.end(file?.body);
  };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds amiss, as `rule: where`. Scripts of the page may be off: axe is put in from outside. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`,
    );
  });
  return found;
}
