// The way through the pages from a recovery point to a proven restore, by what a person reads on them.

import assert from 'node:assert/strict';

// 100,871 rows and a read-back of all of them, on two busy cores.
const RESTORE_MS = 240_000;

/** From the overview to a proven run; gives the run as the API has it. */
export async function restoreFromReplica(window, product, point, region) {
  const { page } = window;
  // The timeline: each recovery point is a link of its Region's lane, and opens the split panel.
  await page.locator(`a[href*="point=${point.id}"][href*="region=${region}"]`).first().click();
  await page.waitForURL((url) => url.searchParams.get('point') === point.id);
  await window.settled();
  await window.screenshot('overview-selected');
  await page.getByRole('link', { name: `Restore from ${region}` }).click();
  await page.waitForURL((url) => url.pathname === '/restores/new' && url.searchParams.get('region') === region);
  const review = page.getByRole('complementary', { name: 'Review' });
  await review.getByText('Ready to start').waitFor({ timeout: 60_000 });
  await window.screenshot('new-restore-reviewed');
  await review.getByLabel(/Reason/).fill('Browser test');
  await review.getByRole('button', { name: 'Start restore' }).click();
  return proven(window, product, 'restore-running');
}

/** The same as plain forms. */
export async function restoreWithoutScripts(window, product, point, region) {
  const { page } = window;
  await window.go(`/restores/new?recovery_point=${point.id}&region=${region}`);
  await page.getByRole('button', { name: 'Review', exact: true }).click();
  const review = page.getByRole('complementary', { name: 'Review' });
  await review.getByText('Ready to start').waitFor({ timeout: 60_000 });
  await window.screenshot('new-restore-reviewed-without-scripts');
  await review.getByRole('button', { name: 'Start restore' }).click();
  return proven(window, product, 'restore-running-without-scripts');
}

/** Restores the shows by import, as plain forms; the work bucket is asked for where import is chosen, and not before. */
export async function importWithoutScripts(window, product, point, region) {
  const { page } = window;
  const { bucket } = point.copies.find((copy) => copy.region === region);
  await window.go(`/restores/new?recovery_point=${point.id}&region=${region}`);
  await page.getByLabel('Target table').fill('shows_imported');
  assert.ok(!(await page.getByLabel('Work bucket').isVisible()));
  await page.getByLabel('Import from S3').check();
  await page.getByRole('button', { name: 'Review', exact: true }).click();
  const review = page.getByRole('complementary', { name: 'Review' });
  await review.getByText(`An import needs a work bucket: name one of ${region}.`).waitFor();
  await page.getByLabel('Work bucket').fill(bucket);
  await page.getByLabel('Prefix').fill('work');
  await page.getByRole('button', { name: 'Review', exact: true }).click();
  await review.getByText('Ready to start').waitFor({ timeout: 60_000 });
  await review.getByText(`s3://${bucket}/work`, { exact: true }).waitFor();
  await review.getByRole('row', { name: /^or batches/ }).waitFor();
  await window.screenshot('new-restore-import-without-scripts');
  await review.getByRole('button', { name: 'Start restore' }).click();
  return proven(window, product, 'restore-importing-without-scripts');
}

/** Lets a run rest when it has written something, and gives what `whileItRests` makes of it; then it goes on to its proof. */
export async function pauseAndResume(window, product, id, whileItRests) {
  const { page } = window;
  await product.runThat(id, (run) => run.tables[0].items_written > 0);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('It rests until somebody resumes it').waitFor();
  await page.getByText('Paused', { exact: true }).waitFor();
  await whileItRests(await product.get(`/restores/${id}`));
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('found equal to the copy').waitFor({ timeout: RESTORE_MS });
  return product.get(`/restores/${id}`);
}

/** Waits on the run's page until it says that the run is proven. */
export async function proven(window, product, picture) {
  const { page } = window;
  await page.waitForURL((url) => /^\/restores\/r-[^/]+$/.test(url.pathname), { timeout: 60_000 });
  await window.screenshot(picture);
  await page.getByText('found equal to the copy').waitFor({ timeout: RESTORE_MS });
  return product.get(`/restores/${new URL(page.url()).pathname.split('/').pop()}`);
}
