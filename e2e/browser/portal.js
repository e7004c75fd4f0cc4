// The portal: a customer sees their own databases in plain words, downloads evidence, and is led back from everywhere else.

import assert from 'node:assert/strict';

const OWN = 'tvshows';
const FOREIGN = 'securecart';

/** Words of those who run backups, which a customer need not know. */
const OPERATORS_WORDS = /recovery point|verdict|export task|arn:|replica|\bRPO\b|vault|parquet/i;

async function checkWords(page) {
  const text = await page.locator('body').innerText();
  assert.doesNotMatch(text, OPERATORS_WORDS);
  assert.ok(!text.includes(FOREIGN), 'nothing of others');
}

/** The own database, whether it is safe, its copies, and the evidence of one, by scripts or without. */
export async function seeOwnDatabase(window, page) {
  await window.go('/portal');
  await page.getByRole('heading', { level: 1, name: /your data|the newest copy|no copy/i }).waitFor();
  await page.getByText('Restore last tested').waitFor();
  assert.equal(await page.getByRole('navigation', { name: 'Main' }).getByRole('link').count(), 0);
  await checkWords(page);
  await window.checkAccessibility('portal of a customer');
  await page.getByRole('link', { name: OWN, exact: true }).click();
  await page.waitForURL(`**/portal/databases/${OWN}`);
  await page.getByRole('table').getByRole('rowheader', { name: 'Oregon, USA' }).waitFor();
  await checkWords(page);
  await window.screenshot('portal-of-a-customer');
  await window.checkAccessibility('database of a customer');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: /^Evidence of the copy in Oregon, USA/ }).first().click();
  const file = await download;
  assert.match(file.suggestedFilename(), new RegExp(`^evidence-${OWN}-.*-us-west-2\\.json$`));
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  const manifest = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  assert.equal(manifest.source, OWN);
  assert.match(manifest.sha256, /^[0-9a-f]{64}$/);
}

/** Every other page leads to the portal, every other call is refused, and what others own is not there. */
export async function beLedBack(window, page) {
  for (const where of ['/', '/sources', '/recovery-points', '/restores', '/compliance', '/audit', '/settings', '/access', '/none']) {
    await window.go(where);
    assert.equal(new URL(page.url()).pathname, '/portal', where);
  }
  for (const where of ['sources', 'restores', 'audit', 'about', 'access', `sources/${OWN}`]) {
    assert.equal((await page.request.get(`/api/v1/${where}`)).status(), 403, where);
  }
  window.tolerated.push(404);
  for (const name of [FOREIGN, 'nobodys']) {
    await window.go(`/portal/databases/${name}`);
    await page.getByText(`Database ${name} was not found.`).waitFor();
  }
}
