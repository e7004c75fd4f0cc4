// The command palette and the keyboard's help: opened, used and closed by keys alone.

import assert from 'node:assert/strict';

/** Goes to a page, a source, a recovery point and a restore by typing what is remembered of them. */
export async function goByPalette(window, page, point, run) {
  await window.go('/audit');
  const dialog = page.getByRole('dialog', { name: 'Go to' });
  const field = page.getByRole('combobox', { name: 'Page, source, recovery point or restore' });
  const open = async (keys, text) => {
    await window.settled();
    await page.keyboard.press(keys);
    await dialog.waitFor();
    await field.pressSequentially(text);
  };
  await open('Control+k', 'polic');
  await page.getByRole('option', { name: /^Policies/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/policies');
  assert.ok(!(await dialog.isVisible()), 'the palette closes');

  await open('Meta+k', 'securec');
  await page.getByRole('option', { name: /^securecart\s*source/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.getByRole('option', { name: /^securecart\s*source/ }).click();
  await page.waitForURL((url) => url.searchParams.get('filter') === 'source = securecart');

  await open('Control+k', point.id);
  await page.getByRole('option', { name: /recovery point, verified|recovery point, / }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/recovery-points/${point.id}`);

  await open('Control+k', run.run_id.slice(0, 12));
  await page.getByRole('option', { name: new RegExp(run.run_id) }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/restores/${run.run_id}`);
}

/** Both dialogs keep the focus, close by Escape and give it back. */
export async function openAndClose(window, page, name) {
  await window.go('/policies');
  const search = page.getByRole('button', { name: 'Search' });
  await search.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Go to' });
  await dialog.waitFor();
  await page.keyboard.type('tv');
  await page.getByRole('option', { name: /^tvshows/ }).first().waitFor();
  await window.screenshot(`${name}-palette`);
  await window.checkAccessibility('the palette');
  for (let index = 0; index < 6; index += 1) {
    await page.keyboard.press('Tab');
    // The browser's own bar may have the focus between the last element and the first; the page never has.
    const outside = await page.evaluate(() => document.activeElement !== document.body && !document.activeElement.closest('dialog'));
    assert.ok(!outside, 'the focus stays in the dialog');
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.ok(await search.evaluate((element) => element === document.activeElement), 'the focus comes back');

  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard' });
  await help.waitFor();
  await help.getByText('Go to a page, source, recovery point or restore').waitFor();
  await window.screenshot(`${name}-keyboard`);
  await window.checkAccessibility("the keyboard's help");
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });

  await window.go('/recovery-points');
  await page.getByRole('combobox', { name: 'Filter by properties' }).pressSequentially('?');
  assert.ok(!(await help.isVisible()), 'a question mark that is written is none that is asked');
}
