// A page that stays up to date: cut off and back, with its server killed, by the keyboard alone.

import assert from 'node:assert/strict';

import { proven } from './restore.js';

/** What the page says of its news: shown, not merely there. */
const says = (page, text) => page.locator('.live').getByText(text).first().waitFor();

/** A page that cannot reach the server keeps what it shows and says since when; back in reach it goes on by itself. */
export async function offlineAndBack(window, page) {
  window.mayBeCutOff = true;
  await window.go('/');
  await says(page, 'Live');
  const lanes = await page.locator('svg.strip').count();
  assert.ok(lanes > 0);
  await window.context.setOffline(true);
  await says(page, /^Stale since/);
  assert.equal(await page.locator('svg.strip').count(), lanes, 'the last known data stay');
  await window.screenshot('overview-stale');
  await window.checkAccessibility('an overview that is stale');
  await window.context.setOffline(false);
  await says(page, 'Live');
}

/** The server is killed while it restores, and started again: the page, and another tab, see the restore to its proof. */
export async function killedInTheMiddle(window, product, point, region) {
  const { page } = window;
  window.mayBeCutOff = true;
  const id = await product.startRestore(point, region, 'shows_through_a_kill');
  await page.goto(`/restores/${id}`);
  await window.settled();
  const other = await window.context.newPage();
  await other.goto(`/restores/${id}`);
  await product.runThat(id, (run) => run.tables[0].items_written > 0);
  await product.kill();
  await says(page, /^Stale since/);
  await window.screenshot('restore-stale');
  await product.start();
  await says(page, 'Live');
  for (const tab of [page, other]) {
    await tab.bringToFront();
    await tab.getByText('found equal to the copy').waitFor({ timeout: 240_000 });
  }
  const run = await product.get(`/restores/${id}`);
  assert.equal(run.outcome, 'proven');
  assert.ok(run.resumed > 0, 'it was taken up again');
}

/** What is being typed, and an open menu, outlive news. */
export async function newsLeaveTheReaderAlone(window, page) {
  await window.go('/recovery-points');
  const field = page.getByRole('combobox', { name: 'Filter by properties' });
  await field.fill('state = ver');
  await page.getByText('View', { exact: true }).click();
  await field.focus();
  // It asks for news when it comes back into reach.
  const news = page.waitForResponse((response) => new URL(response.url()).pathname === '/recovery-points');
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await (await news).finished();
  await window.settled();
  assert.equal(await field.inputValue(), 'state = ver');
  assert.ok(await field.evaluate((element) => element === document.activeElement), 'the focus stays');
  assert.ok(await page.locator('details.view-menu').evaluate((menu) => menu.open), 'the menu stays open');
  await page.keyboard.press('Escape');
}

/** From the overview to a proven restore, without a pointer. */
export async function restoreByKeyboard(window, product, point, region) {
  const { page } = window;
  const reach = async (what, isThere, presses = 120) => {
    for (let press = 0; press < presses; press += 1) {
      if (await page.evaluate(isThere)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not reach ${what}`);
  };
  await window.go('/');
  await reach('a mark of a timeline', () => document.activeElement.matches('a.mark'));
  const here = () => page.evaluate(() => document.activeElement.getAttribute('href') ?? '');
  // From lane to lane, then back in time, to the recovery point.
  const isLane = (href) => href.includes(`region=${region}`) && href.includes('point=tvshows');
  for (let press = 0; press < 12 && !isLane(await here()); press += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  for (let press = 0; press < 40 && !(await here()).includes(`point=${point.id}`); press += 1) await page.keyboard.press('ArrowLeft');
  assert.ok((await here()).includes(`point=${point.id}`), await here());
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('point') === point.id);
  await reach('the restore', () => document.activeElement.textContent.trim().startsWith('Restore from'));
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/restores/new');
  const review = page.getByRole('complementary', { name: 'Review' });
  await review.getByText('Ready to start').waitFor({ timeout: 60_000 });
  await reach('the name of the target', () => document.activeElement.name?.startsWith('target.'));
  await page.keyboard.press('Control+a');
  await page.keyboard.type('shows_by_keyboard');
  await page.keyboard.press('Tab');
  await review.getByRole('table', { name: 'Target tables' }).getByText('shows_by_keyboard').waitFor({ timeout: 60_000 });
  await window.settled();
  await reach('the start', () => document.activeElement.textContent.trim() === 'Start restore');
  await page.keyboard.press('Enter');
  return proven(window, product, 'restore-by-keyboard');
}

/** Another copy of the same recovery point is planned as the first one was: by itself. */
export async function chooseAnotherCopy(window, page, point, region) {
  await window.go(`/restores/new?recovery_point=${point.id}&region=${region}`);
  const review = page.getByRole('complementary', { name: 'Review' });
  await review.getByText('Ready to start').waitFor({ timeout: 60_000 });
  const other = point.copies.find((copy) => copy.region !== region && copy.verdict === 'Verified').region;
  await page.locator(`a[href*="region=${other}"]`).first().click();
  await page.waitForURL((url) => url.searchParams.get('region') === other && url.searchParams.has('review'), { timeout: 60_000 });
  await review.getByText('Ready to start').waitFor({ timeout: 60_000 });
  await review.locator('code', { hasText: other }).first().waitFor();
}

/** Who asked for it is told when a restore has ended. */
export async function notifyAtTheEnd(window, product, point, region) {
  const { page } = window;
  await window.context.grantPermissions(['notifications'], { origin: product.url });
  await page.addInitScript(() => {
    window.notices = [];
    const Browsers = window.Notification;
    window.Notification = class extends Browsers {
      constructor(title, options) {
        super(title, options);
        window.notices.push(title);
      }
    };
  });
  const id = await product.startRestore(point, region, 'shows_with_a_notice');
  await page.goto(`/restores/${id}`);
  await window.settled();
  const button = page.getByRole('button', { name: 'Notify me' });
  await button.click();
  await page.locator('button[data-notifies][aria-pressed=true]').waitFor();
  await page.getByText('found equal to the copy').waitFor({ timeout: 240_000 });
  const notices = await page.evaluate(() => window.notices);
  assert.equal(notices.length, 1);
  assert.match(notices[0], /^Restored tvshows of /);
}
