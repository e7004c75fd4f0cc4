// What assistive technology is told of a page, as a text that is reviewed: `aria/NAME.yml`.
//
// `UPDATE_ARIA=1` writes the texts anew. Times differ from run to run and stand as `<time>`.

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const folder = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), 'aria');

/** Compares what the page tells with what was reviewed. */
export async function tellsAsBefore(page, name) {
  const told = (await page.locator('body').ariaSnapshot()).replace(/\d{1,2} [A-Z][a-z]{2} \d{4}, \d{2}:\d{2}(:\d{2})?( UTC)?/g, '<time>') + '\n';
  const file = path.join(folder, `${name}.yml`);
  if (process.env.UPDATE_ARIA) {
    await mkdir(folder, { recursive: true });
    await writeFile(file, told);
    return;
  }
  assert.equal(told, await readFile(file, 'utf8'), `${file} says what was reviewed; UPDATE_ARIA=1 writes it anew`);
}
