// Sources and recovery points as tables: filtered, sorted, with chosen columns, all of it in the address.

import assert from 'node:assert/strict';

/** Types a filter with its suggestions, and finds it in the address and in the table. */
export async function filterBySuggestions(window, page) {
  await window.go('/recovery-points');
  const field = page.getByRole('combobox', { name: 'Filter by properties' });
  await field.click();
  await page.getByRole('option', { name: /^source/ }).click();
  await page.getByRole('option', { name: /^= equals/ }).click();
  await field.press('ArrowDown');
  const first = await page.locator('#filter-list [aria-selected="true"]').textContent();
  await field.press('Enter');
  await field.pressSequentially('and state = ver');
  await page.getByRole('option', { name: 'verified', exact: true }).waitFor();
  await window.screenshot('recovery-points-suggestions');
  await window.checkAccessibility('suggestions of a filter');
  await field.press('ArrowDown');
  await field.press('Enter');
  assert.equal((await field.inputValue()).trim(), `source = ${first} and state = verified`);
  await field.press('Escape');
  await field.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('filter')?.trim() === `source = ${first} and state = verified`);
  await page.getByText(/^\d+ recovery points?$/).waitFor();
  const states = await page.locator('tbody td[data-label="State"]').allTextContents();
  assert.ok(states.length > 0 && states.every((state) => state.startsWith('Verified')), states.join(', '));
  const sources = await page.locator('tbody td[data-label="Source"]').allTextContents();
  assert.ok(sources.every((source) => source === first), sources.join(', '));
  await page.getByRole('link', { name: 'Clear filter' }).click();
  await page.waitForURL((url) => url.pathname === '/recovery-points' && url.search === '');
  assert.equal(await field.inputValue(), '');
}

/** Sorts by a header and chooses columns; both stay in the address, through a reload. */
export async function sortAndChoose(window, page) {
  await window.go('/recovery-points');
  await page.getByRole('link', { name: 'Size' }).click();
  await page.waitForURL((url) => url.searchParams.get('sort') === '-size');
  const sorted = page.getByRole('columnheader', { name: 'Size' });
  await page.locator('th[aria-sort="descending"]', { hasText: 'Size' }).waitFor();
  await page.getByText('View', { exact: true }).click();
  await page.getByRole('checkbox', { name: 'Rows' }).uncheck();
  await page.waitForURL((url) => url.searchParams.getAll('column').length > 0);
  await page.getByRole('checkbox', { name: 'Vault' }).check();
  await page.getByRole('columnheader', { name: 'Vault' }).waitFor();
  assert.equal(await page.getByRole('columnheader', { name: 'Rows' }).count(), 0);
  const { search } = new URL(page.url());
  assert.equal(new URLSearchParams(search).get('sort'), '-size', 'the order stays');
  await page.reload();
  await window.settled();
  await page.getByRole('columnheader', { name: 'Vault' }).waitFor();
  assert.equal(await sorted.getAttribute('aria-sort'), 'descending');
}

/** The same by plain forms, without scripts. */
export async function filterWithoutScripts(window, page) {
  await window.go('/recovery-points');
  await page.getByLabel('Filter by properties').fill('source = tvshows');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.waitForURL((url) => url.searchParams.get('filter') === 'source = tvshows');
  const sources = await page.locator('tbody td[data-label="Source"]').allTextContents();
  assert.ok(sources.length > 0 && sources.every((source) => source === 'tvshows'));
  await page.getByText('View', { exact: true }).click();
  await page.getByLabel('Sorted by').selectOption('made');
  await page.getByRole('checkbox', { name: 'Account' }).check();
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL((url) => url.searchParams.get('sort') === 'made' && url.searchParams.get('filter') === 'source = tvshows');
  await page.getByRole('columnheader', { name: 'Account' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Search' }).count(), 0, 'no palette without scripts');
  await window.go('/sources');
  await page.getByRole('link', { name: 'Source', exact: true }).click();
  await page.waitForURL((url) => url.searchParams.get('sort') === '-source');
}

/** What is not understood is refused in words, and what does not match says so. */
export async function refuseAndMiss(window, page) {
  window.tolerated.push(400);
  await window.go('/recovery-points?filter=stat%20%3D%20verified');
  await page.getByText('The filter is not understood').waitFor();
  await page.getByText('At character 1: "stat" is no property of recovery points.').waitFor();
  await page.locator('.possible').getByText('unreachable_in', { exact: true }).waitFor();
  assert.equal(await page.getByLabel('Filter by properties').inputValue(), 'stat = verified', 'it can be mended');
  await window.go('/sources?filter=standing%20%3D%20nothing');
  await page.getByText('No source matches').waitFor();
  await page.getByRole('link', { name: 'Show all sources' }).click();
  await page.getByText(/^2 sources/).waitFor();
  await window.go('/recovery-points?source=tvshows&state=verified');
  assert.equal(await page.getByLabel('Filter by properties').inputValue(), 'source = tvshows and state = verified');
}

/** The table as a file, filtered alike. */
export async function exportCsv(window, page) {
  await window.go('/recovery-points?filter=source%20%3D%20tvshows');
  const rows = await page.locator('tbody tr').count();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export CSV' }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), 'recovery-points.csv');
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\r\n');
  assert.ok(lines[0].startsWith('id,source,state,made,'));
  assert.equal(lines.length - 1, rows);
  assert.ok(lines.slice(1).every((line) => line.includes(',tvshows,')));
}

/** A control on a day leads to what shows it, by scripts or without, and the report is a file as well. */
export async function followEvidence(window, page) {
  await window.go('/compliance?days=7');
  await page.getByRole('table').getByRole('link', { name: /^Frequency, / }).nth(1).click();
  await page.waitForURL((url) => url.searchParams.get('control') === 'frequency');
  const evidence = page.getByRole('complementary', { name: 'Evidence' });
  await evidence.getByText(/^\d+ made/).waitFor();
  await evidence.getByRole('link', { name: 'Recovery points of the day' }).click();
  await page.waitForURL((url) => /^source = \S+ and made = \d{4}-\d\d-\d\d$/.test(url.searchParams.get('filter')));
  await page.getByText(/^\d+ recovery points?/).waitFor();
  await window.go('/compliance?source=tvshows&days=7');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download CSV' }).click();
  const chunks = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\r\n');
  assert.equal(lines[0], 'source,day,control,standing,evidence,run,looked_at,requirement');
  assert.equal(lines.length - 1, 8 * 7, 'a line for each control and day');
  assert.ok(lines.slice(1).every((line) => line.startsWith('tvshows,')));
}
