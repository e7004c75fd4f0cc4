// The way through the pages from a recovery point to a proven restore, by what a person reads on them.

import assert from 'node:assert/strict';

// 100,871 rows and a read-back of all of them, on two busy cores.
const RESTORE_MS = 240_000;

/** From the overview to a proven run; gives the run as the API has it. */
export async function restoreFromReplica(window, product, point, region) {
  const { page } = window;
  // The overview's timeline: the newest restorable copy of the Region is a link of its lane, and opens the split panel.
  await page.locator(`a[href*="point=${point.id}"][href*="region=${region}"]`).first().click();
  await page.waitForURL((url) => url.searchParams.get('point') === point.id);
  await window.screenshot('overview-selected');
  await page.getByRole('link', { name: `Restore from ${region}` }).click();
  await page.waitForURL((url) => url.pathname === '/restores/new' && url.searchParams.get('region') === region);
  await window.settled();
  await window.screenshot('new-restore-chosen');
  await page.getByRole('button', { name: /check|review|plan/i }).first().click();
  await window.settled();
  await window.screenshot('new-restore-preflight');
  await page.getByRole('button', { name: /^(start|restore)/i }).first().click();
  await page.waitForURL(/\/restores\/r-[^/]+$/);
  await window.screenshot('restore-running');
  await page.getByText(/proven/i).first().waitFor({ timeout: RESTORE_MS });
  const run = await product.get(`/restores/${new URL(page.url()).pathname.split('/').pop()}`);
  assert.ok(run.tables.length > 0);
  return run;
}

/** The same as plain forms. */
export async function restoreWithoutScripts(window, product, point, region) {
  const { page } = window;
  await window.go(`/restores/new?recovery_point=${point.id}&region=${region}`);
  await window.screenshot('new-restore-without-scripts');
  await page.getByRole('button', { name: /check|review|plan/i }).first().click();
  await window.screenshot('new-restore-preflight-without-scripts');
}
