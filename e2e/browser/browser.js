// A real browser, watched: a test fails on any error in the console, any failed request, any exception.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { chromium } from 'playwright-core';

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const screenshots = path.join(here, 'screenshots');
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const THEMES = ['light', 'dark'];
export const WIDTHS = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** The browser to drive, or why there is none. */
export function findChromium() {
  const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return places.find((place) => place && existsSync(place));
}

export async function launch() {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A window with its own cookies; `close` fails when anything went wrong in it. */
export class Window {
  static async open(browser, product, { theme = 'light', viewport = WIDTHS.desktop, scripts = true, session } = {}) {
    const context = await browser.newContext({
      baseURL: product.url,
      colorScheme: theme,
      viewport,
      javaScriptEnabled: scripts,
      reducedMotion: 'reduce',
      storageState: session,
      timezoneId: 'UTC',
      locale: 'en-GB',
    });
    context.setDefaultTimeout(20_000);
    return new Window(context, await context.newPage(), { theme, viewport, scripts });
  }

  constructor(context, page, options) {
    Object.assign(this, { context, page, options });
    this.troubles = [];
    this.tolerated = [];
    // Whether the server may be out of reach for a while.
    this.mayBeCutOff = false;
    page.on('console', (message) => {
      // The browser repeats each failed response here without its address; `response` below reports it with one.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        this.troubles.push(`console: ${message.text()}`);
      }
    });
    page.on('pageerror', (error) => this.troubles.push(`exception: ${error.stack ?? error}`));
    page.on('response', (response) => {
      if (response.status() >= 400 && !this.tolerated.includes(response.status())) {
        this.troubles.push(`${response.status()} ${response.request().method()} ${response.url()}`);
      }
    });
    page.on('requestfailed', (request) => {
      // Leaving a page ends what it was still listening to or loading.
      const left = request.failure()?.errorText === 'net::ERR_ABORTED';
      // A browser without scripts refuses to load them, and says `csp`.
      const refused = !options.scripts && request.failure()?.errorText === 'csp';
      const unreachable = this.mayBeCutOff && /ERR_(CONNECTION|INTERNET|EMPTY|INCOMPLETE|SOCKET|NETWORK)/.test(request.failure()?.errorText);
      if (!left && !refused && !unreachable) this.troubles.push(`${request.failure()?.errorText} ${request.method()} ${request.url()}`);
    });
  }

  /** Goes to a page and waits until it is what it says it is, and hydrated. */
  async go(where) {
    const response = await this.page.goto(where, { waitUntil: 'load' });
    assert.ok(response.status() < 400 || this.tolerated.includes(response.status()), `${where}: ${response.status()}`);
    await this.page.getByRole('heading', { level: 1 }).first().waitFor();
    await this.settled();
  }

  /** Waits until the page is live and nothing is asked for. */
  async settled() {
    if (!this.options.scripts) return;
    await this.page.locator('html[data-live]:not([data-busy])').waitFor({ state: 'attached' });
  }

  async signIn(user) {
    await this.go('/sign-in');
    await this.page.getByLabel('Name').fill(user.name);
    await this.page.getByLabel('Password').fill(user.password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
    await this.settled();
  }

  /** Keeps a picture of the whole page, named after what it shows and how. */
  async screenshot(name) {
    await mkdir(screenshots, { recursive: true });
    const { theme, viewport } = this.options;
    const file = path.join(screenshots, `${name}-${theme}-${viewport.width}.png`);
    await this.page.screenshot({ path: file, fullPage: true, animations: 'disabled' });
  }

  /** Fails with every accessibility rule of WCAG A and AA that the page breaks. */
  async checkAccessibility(name) {
    await this.page.evaluate(axe);
    const { violations, passes } = await this.page.evaluate(async () => {
      const found = await window.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      });
      const violations = found.violations.map(({ id, impact, help, nodes }) => ({
        rule: `${id} (${impact}): ${help}`,
        where: nodes.slice(0, 5).map((node) => `${node.target.join(' ')}: ${node.failureSummary?.split('\n').slice(1).join(' ')}`),
      }));
      return { violations, passes: found.passes.length };
    });
    assert.ok(passes > 10, `axe looked at ${name}: only ${passes} of its rules applied`);
    assert.deepEqual(violations, [], `${name} (${this.options.theme}, ${this.options.viewport.width} px)`);
  }

  /** Fails when the page is wider than the window: on a phone, nobody scrolls sideways to read. */
  async checkWidth(name) {
    const { width, culprits } = await this.page.evaluate(() => {
      const width = document.documentElement.scrollWidth;
      const wide = [...document.body.querySelectorAll('*')].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && box.right > window.innerWidth + 1 && !element.closest('[data-scrolls], .scroll, .table-scroll');
      });
      const name = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join('.')}`;
      return { width, culprits: wide.slice(0, 6).map(name) };
    });
    const { viewport } = this.options;
    assert.ok(width <= viewport.width, `${name} is ${width} px wide in a window of ${viewport.width} px: ${culprits.join(', ')}`);
  }

  async close() {
    await this.context.close();
    assert.deepEqual(this.troubles, [], 'what went wrong in the browser');
  }
}

/** Runs `use` in a window and closes it; what went wrong in the window is reported with what went wrong in the test. */
export async function inWindow(browser, product, options, use) {
  const window = await Window.open(browser, product, options);
  try {
    await use(window, window.page);
  } catch (error) {
    await window.screenshot('failure').catch(() => {});
    if (window.troubles.length > 0) error.message += `\nin the browser:\n  ${window.troubles.join('\n  ')}`;
    await window.context.close();
    throw error;
  }
  await window.close();
}
