// How quick the pages are in Chromium on this machine, as a table: `node browser/speed.js`. No test: figures are compared, not asserted.
//
// Of each page, of five visits: the largest contentful paint (median and worst), how long it took until the page was live, and the longest
// interaction while the palette is opened, written in and closed; the layout's shift over all of it.

import { Window, launch } from './browser.js';
import { startProduct } from './product.js';

const VISITS = 5;

/** Observes in the page what the browser reports of it. */
function observe() {
  Object.assign(window, { paint: 0, shift: 0, interaction: 0 });
  const on = (type, options, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...options });
  on('largest-contentful-paint', {}, (entry) => (window.paint = entry.startTime));
  on('layout-shift', {}, (entry) => (window.shift += entry.hadRecentInput ? 0 : entry.value));
  on('event', { durationThreshold: 16 }, (entry) => {
    if (entry.interactionId) window.interaction = Math.max(window.interaction, entry.duration);
  });
  new MutationObserver(() => {
    if (document.documentElement.hasAttribute('data-live')) window.live ??= performance.now();
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-live'] });
}

const product = await startProduct();
const browser = await launch();
try {
  const first = await Window.open(browser, product);
  await first.signIn(product.user('operator'));
  const session = await first.context.storageState();
  await first.close();
  const [, region] = product.cloud.regions;
  const point = await product.restorable('tvshows', region);
  const pages = {
    overview: '/',
    'overview, 35 days': '/?window=35d',
    sources: '/sources',
    'recovery points': '/recovery-points',
    'recovery point': `/recovery-points/${point.id}`,
    'new restore': `/restores/new?recovery_point=${point.id}&region=${region}`,
    compliance: '/compliance',
    policies: '/policies',
    portal: '/portal',
  };
  console.log('| page | LCP, median | LCP, worst | live after, median | longest interaction | layout shift |');
  console.log('|---|---|---|---|---|---|');
  for (const [name, where] of Object.entries(pages)) {
    const window = await Window.open(browser, product, { session });
    const { page } = window;
    await page.addInitScript(observe);
    const visits = [];
    for (let visit = 0; visit < VISITS; visit += 1) {
      await window.go(where);
      await page.waitForTimeout(300);
      visits.push(await page.evaluate(() => ({ paint: window.paint, live: window.live })));
    }
    await page.keyboard.press('Control+k');
    await page.keyboard.type('tvshows', { delay: 40 });
    await page.waitForTimeout(400);
    await page.keyboard.press('Escape');
    await page.waitForTimeout(200);
    const { interaction, shift } = await page.evaluate(() => ({ interaction: window.interaction, shift: window.shift }));
    const sorted = (of) => visits.map(of).sort((one, other) => one - other);
    const paints = sorted((visit) => visit.paint);
    const lives = sorted((visit) => visit.live);
    const ms = (value) => `${Math.round(value)} ms`;
    const middle = Math.floor(VISITS / 2);
    console.log(`| ${name} | ${ms(paints[middle])} | ${ms(paints.at(-1))} | ${ms(lives[middle])} | ${ms(interaction)} | ${shift.toFixed(3)} |`);
    await window.close();
  }
} finally {
  await browser.close();
  await product.stop();
}
