// The pages in a real browser, on one server: each page in both themes and two widths, a viewer's limits, no scripts, and the
// way from signing in to a proven restore out of a replica Region.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { tellsAsBefore } from './aria.js';
import { deleteObject, dynamodb, keys } from './aws.js';
import { THEMES, WIDTHS, Window, findChromium, inWindow, launch } from './browser.js';
import {
  chooseAnotherCopy,
  killedInTheMiddle,
  newsLeaveTheReaderAlone,
  notifyAtTheEnd,
  offlineAndBack,
  restoreByKeyboard,
} from './live.js';
import { goByPalette, openAndClose } from './palette.js';
import { beLedBack, seeOwnDatabase } from './portal.js';
import { startProduct } from './product.js';
import { importWithoutScripts, pauseAndResume, restoreFromReplica, restoreWithoutScripts } from './restore.js';
import { exportCsv, filterBySuggestions, filterWithoutScripts, followEvidence, refuseAndMiss, sortAndChoose } from './tables.js';

const skip = findChromium() ? false : 'there is no Chromium: `cargo xtask setup` gets it or says how';

describe('pages', { skip, concurrency: false }, () => {
  let product;
  let browser;
  let point;
  let region;
  const sessions = {};

  before(async () => {
    product = await startProduct();
    browser = await launch();
    region = product.cloud.regions[1];
    point = await product.restorable('tvshows', region);
    for (const role of ['operator', 'viewer', 'customer']) {
      const window = await Window.open(browser, product);
      await window.signIn(product.user(role));
      sessions[role] = await window.context.storageState();
      await window.close();
    }
  });

  after(async () => {
    await browser?.close();
    await product?.stop();
  });

  /** The bucket of the copy, which takes the objects of an import as well. */
  const bucket = () => point.copies.find((copy) => copy.region === region).bucket;

  /** Looks at a run's page as it stands now, in both themes and widths. */
  async function inspect(id, name, text) {
    for (const theme of THEMES) {
      for (const viewport of Object.values(WIDTHS)) {
        await inWindow(browser, product, { theme, viewport, session: sessions.operator }, async (reader) => {
          await reader.go(`/restores/${id}`);
          await reader.page.getByText(text).first().waitFor();
          await reader.screenshot(name);
          await reader.checkAccessibility(name);
          await reader.checkWidth(name);
        });
      }
    }
  }

  /** Every page that needs no run, by the name of its pictures. */
  const pages = () => ({
    overview: '/',
    sources: '/sources',
    'sources-every-column':
      '/sources?sort=-restorable_age&column=standing,restorable,newest,target,interval,engine,class,region,account,arn',
    'sources-no-match': '/sources?filter=standing%20%3D%20nothing',
    'recovery-points': '/recovery-points',
    'recovery-points-every-column':
      '/recovery-points?filter=source%20%3D%20tvshows&sort=-size' +
      '&column=source,state,copies,rows,size,expires,vault,region,account,id,arn',
    'recovery-points-not-understood': '/recovery-points?filter=state%20%3D%20verifed',
    'recovery-point': `/recovery-points/${point.id}`,
    'new-restore': `/restores/new?recovery_point=${point.id}&region=${region}`,
    // A key that rows share: findings with examples, choices and an estimate.
    'new-restore-refused':
      `/restores/new?recovery_point=${point.id}&region=${region}&review=1&table=tvshows.shows` +
      '&partition.tvshows.shows=title&sort.tvshows.shows=&target.tvshows.shows=refused',
    // Both ways compared.
    'new-restore-import':
      `/restores/new?recovery_point=${point.id}&region=${region}&review=1&table=tvshows.shows&partition.tvshows.shows=id` +
      `&target.tvshows.shows=imported&way=import&work_bucket=${bucket()}&work_prefix=work`,
    restores: '/restores',
    policies: '/policies',
    compliance: '/compliance',
    'compliance-evidence': `/compliance?days=14&control=frequency&day=${new Date().toISOString().slice(0, 10)}`,
    audit: '/audit',
    kit: '/ui',
    access: '/access',
    settings: '/settings',
    portal: '/portal',
    'portal-database': '/portal/databases/tvshows',
    'not-found': '/no/such/page',
  });

  test('a stranger is led to the sign-in page and back', async () => {
    await inWindow(browser, product, {}, async (window, page) => {
      await window.go(`/recovery-points/${point.id}`);
      assert.equal(new URL(page.url()).pathname, '/sign-in');
      await page.getByLabel('Name').fill(product.user('viewer').name);
      await page.getByLabel('Password').fill(product.user('viewer').password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(`**/recovery-points/${point.id}`);
    });
  });

  test('a wrong password is refused in words', async () => {
    await inWindow(browser, product, {}, async (window, page) => {
      await window.go('/sign-in');
      await page.getByLabel('Name').fill(product.user('viewer').name);
      await page.getByLabel('Password').fill('not the password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').getByText('do not match').waitFor();
      await window.checkAccessibility('a refused sign-in');
    });
  });

  for (const theme of THEMES) {
    for (const [device, viewport] of Object.entries(WIDTHS)) {
      test(`every page is readable and accessible, ${theme}, ${device}`, async (suite) => {
        await suite.test('sign-in', async () => {
          await inWindow(browser, product, { theme, viewport }, async (window) => {
            await window.go('/sign-in');
            await window.screenshot('sign-in');
            await window.checkAccessibility('sign-in');
            await window.checkWidth('sign-in');
          });
        });
        for (const [name, where] of Object.entries(pages())) {
          await suite.test(name, async () => {
            await inWindow(browser, product, { theme, viewport, session: sessions.operator }, async (window) => {
              if (name === 'not-found') window.tolerated.push(404);
              if (name.endsWith('not-understood')) window.tolerated.push(400);
              await window.go(where);
              await window.screenshot(name);
              await window.checkAccessibility(name);
              await window.checkWidth(name);
            });
          });
        }
      });
    }
  }

  for (const [name, where] of Object.entries({ kit: '/ui', 'not-found': '/no/such/page', access: '/access', 'sign-in': '/sign-in' })) {
    test(`what assistive technology is told: ${name}`, async () => {
      await inWindow(browser, product, { session: name === 'sign-in' ? undefined : sessions.viewer }, async (window, page) => {
        if (name === 'not-found') window.tolerated.push(404);
        await window.go(where);
        await tellsAsBefore(page, name);
      });
    });
  }

  test('a viewer reads everything and is refused by the server', async () => {
    await inWindow(browser, product, { session: sessions.viewer }, async (window, page) => {
      await window.go('/');
      await window.go(`/recovery-points/${point.id}`);
      window.tolerated.push(403);
      await window.go(pages()['new-restore']);
      await window.screenshot('new-restore-viewer');
      await page.getByText(/operator/i).first().waitFor();
      // The button is not there, and that is not what protects: the same request by hand is refused as well.
      const body = {
        recovery_point: point.id,
        region,
        target_region: region,
        tables: [{ source: 'tvshows.shows', target: 'a_viewers_table', partition: 'id' }],
      };
      const answer = await page.request.post('/api/v1/restores', { data: body, headers: { origin: product.url } });
      assert.equal(answer.status(), 403);
      assert.deepEqual((await product.get('/restores')).items, []);
    });
  });

  for (const [name, use] of Object.entries({ filterBySuggestions, sortAndChoose, refuseAndMiss, exportCsv, followEvidence })) {
    test(`tables: ${name}`, async () => {
      await inWindow(browser, product, { session: sessions.viewer }, use);
    });
  }

  for (const [name, use] of Object.entries({ seeOwnDatabase, beLedBack })) {
    test(`portal: ${name}`, async () => {
      await inWindow(browser, product, { session: sessions.customer }, use);
    });
  }

  test('evidence is followed without scripts', async () => {
    await inWindow(browser, product, { session: sessions.viewer, scripts: false }, followEvidence);
  });

  test('tables are filtered and sorted without scripts', async () => {
    await inWindow(browser, product, { scripts: false, session: sessions.viewer }, filterWithoutScripts);
  });

  for (const theme of THEMES) {
    for (const [device, viewport] of Object.entries(WIDTHS)) {
      test(`the palette and the keyboard's help open and close, ${theme}, ${device}`, async () => {
        await inWindow(browser, product, { theme, viewport, session: sessions.viewer }, (window, page) =>
          openAndClose(window, page, 'policies'),
        );
      });
    }
  }

  test('there is no link to the AWS console where there is no AWS', async () => {
    await inWindow(browser, product, { session: sessions.viewer }, async (window, page) => {
      await window.go(`/recovery-points/${point.id}`);
      await page.getByRole('button', { name: 'Copy task' }).waitFor();
      assert.equal(await page.locator('a[href*="console"]').count(), 0);
    });
  });

  test('a choice of a finding resolves it', async () => {
    await inWindow(browser, product, { session: sessions.operator }, async (window, page) => {
      await window.go(pages()['new-restore-refused']);
      const review = page.getByRole('complementary', { name: 'Review' });
      await review.getByText('1 finding blocks the start').waitFor({ timeout: 60_000 });
      await review.getByText('5 examples').click();
      assert.match(await review.getByText(/^title=/).first().textContent(), /•.* \(S, \d+ bytes\)$/);
      await review.getByRole('link', { name: 'Take id as the key, proven unique' }).click();
      await review.getByText('Ready to start').waitFor({ timeout: 60_000 });
      assert.equal(await page.getByLabel('Partition key').inputValue(), 'id');
    });
  });

  test('pages work without scripts, and a restore can be asked for', async () => {
    await inWindow(browser, product, { scripts: false, session: sessions.operator }, async (window, page) => {
      await window.go('/');
      await window.screenshot('overview-without-scripts');
      await page.getByText('tvshows').first().waitFor();
      const run = await restoreWithoutScripts(window, product, point, region);
      assert.equal(run.outcome, 'proven');
    });
    await inWindow(browser, product, { scripts: false }, async (window) => {
      await window.signIn(product.user('operator'));
      await window.screenshot('overview-after-sign-in-without-scripts');
    });
  });

  test('an import is chosen, and its table proven, without scripts', async () => {
    await inWindow(browser, product, { scripts: false, session: sessions.operator }, async (window) => {
      const run = await importWithoutScripts(window, product, point, region);
      assert.equal(run.outcome, 'proven');
    });
  });

  test('a choice of import asks for the work bucket, and the plan follows', async () => {
    await inWindow(browser, product, { session: sessions.operator }, async (window, page) => {
      await window.go(pages()['new-restore']);
      const review = page.getByRole('complementary', { name: 'Review' });
      await review.getByText('written in batches').waitFor({ timeout: 60_000 });
      await page.getByLabel('Import from S3').check();
      await review.getByText('An import needs a work bucket').waitFor();
      await page.getByLabel('Work bucket').fill(bucket());
      await page.getByLabel('Prefix').fill('work');
      await page.getByLabel('Prefix').blur();
      await review.getByText('Ready to start').waitFor({ timeout: 60_000 });
      await review.getByText(`--way import --work s3://${bucket()}/work`).waitFor();
      await page.getByLabel('Write in batches').check();
      await review.getByText('written in batches').waitFor({ timeout: 60_000 });
      assert.ok(!(await page.getByLabel('Work bucket').isVisible()));
    });
  });

  test('a restore is paused, resumed and proven', async () => {
    const id = await product.startRestore(point, region, 'paused_shows');
    await inWindow(browser, product, { session: sessions.operator }, async (window) => {
      await window.page.goto(`/restores/${id}`);
      const run = await pauseAndResume(window, product, id, async (resting) => {
        assert.equal(resting.pause, 'paused');
        await inspect(id, 'restore-paused', 'It rests until somebody resumes it');
        assert.deepEqual(await product.get(`/restores/${id}`), resting, 'nobody works on it');
      });
      assert.equal(run.outcome, 'proven');
    });
  });

  test('a restore whose copy loses an object goes on from an identical one, and says so', async () => {
    const { items } = await product.get('/recovery-points?source=tvshows&state=verified');
    // The oldest, whose copies nobody else here reads.
    const { id: oldest } = items.at(-1);
    assert.notEqual(oldest, point.id);
    const old = await product.get(`/recovery-points/${oldest}`);
    const copy = old.copies.find((copy) => copy.region === region);
    const id = await product.startRestore(old, region, 'shows_of_two_copies');
    await product.runThat(id, (run) => run.tables[0].items_written > 0);
    await product.post(`/restores/${id}/pause`);
    await product.runThat(id, (run) => run.pause === 'paused');
    for (const key of await keys(product.cloud, region, copy.bucket, `${copy.prefix}/`)) {
      if (key.endsWith('.parquet')) await deleteObject(product.cloud, region, copy.bucket, key);
    }
    await product.post(`/restores/${id}/resume`);
    const run = await product.runThat(id, (run) => run.outcome === 'proven');
    assert.equal(run.went_on_from.length, 1);
    await inspect(id, 'restore-went-on', `Went on from the identical copy in ${run.went_on_from[0].region}`);
  });

  test('a table that held items is proven by the keys of the copy, and says what it held', async () => {
    const carts = await product.restorable('securecart', region);
    const TableName = 'held_customers';
    const source = { source: 'securecart.customers' };
    const end = (id) => product.runThat(id, (run) => run.outcome === 'proven');
    await end(await product.startRestore(carts, region, TableName, source));
    const [lost, changed] = (await dynamodb(product.cloud, region, 'Scan', { TableName, Limit: 2 })).Items;
    await dynamodb(product.cloud, region, 'DeleteItem', { TableName, Key: { id: lost.id } });
    await dynamodb(product.cloud, region, 'PutItem', { TableName, Item: { id: changed.id } });
    const id = await product.startRestore(carts, region, TableName, { ...source, existing: 'only_missing' });
    const [table] = (await end(id)).tables;
    assert.equal(table.items_written, 1);
    const equal = (table.rows_read - 2).toLocaleString('en-US');
    await inWindow(browser, product, { session: sessions.viewer }, async (window, page) => {
      await window.go(`/restores/${id}`);
      const proven = `${(table.rows_read - 1).toLocaleString('en-US')} of ${table.rows_read.toLocaleString('en-US')} rows`;
      await page.getByText(`${proven} were read back from DynamoDB and found equal to the copy`).waitFor();
      await page.getByText(`${proven} proven`).waitFor();
    });
    await inspect(id, 'restore-held-items', `it held ${equal} items that were the rows already, and 1 that were others`);
  });

  test('a proof that fails names the rows that differ', async () => {
    const TableName = 'unequal_shows';
    const call = (operation, request) => dynamodb(product.cloud, region, operation, { TableName, ...request });
    const id = await product.startRestore(point, region, TableName);
    await product.runThat(id, (run) => run.phase === 'proving');
    await product.post(`/restores/${id}/pause`);
    await product.runThat(id, (run) => run.pause === 'paused');
    // Everything is written now, and is read back from the beginning when the run goes on.
    const [lost, changed] = (await call('Scan', { Limit: 2 })).Items;
    const added = { id: { N: '99999999' } };
    await call('DeleteItem', { Key: { id: lost.id } });
    await call('PutItem', { Item: { ...changed, title: { S: 'Altered' } } });
    await call('PutItem', { Item: added });
    await product.post(`/restores/${id}/resume`);
    await inWindow(browser, product, { session: sessions.viewer }, async (window, page) => {
      await window.go(`/restores/${id}`);
      await page.getByText('1 missing, 1 altered, 1 unexpected', { exact: true }).waitFor({ timeout: 120_000 });
      const rows = await page.locator('.differences tbody tr').allTextContents();
      const told = (kind, item) => `${kind}id=${item.id.N}`;
      assert.deepEqual(rows, [told('missing', lost), told('altered', changed), told('unexpected', added)]);
    });
    assert.equal((await product.get(`/restores/${id}`)).outcome, 'failed');
    await inspect(id, 'restore-not-equal', 'Not equal');
  });

  test('from signing in to a proven restore out of a replica Region', async () => {
    await inWindow(browser, product, {}, async (window) => {
      await window.signIn(product.user('operator'));
      const run = await restoreFromReplica(window, product, point, region);
      assert.equal(run.outcome, 'proven');
      assert.equal(run.region, region);
      for (const table of run.tables) {
        assert.equal(table.digest_source, table.digest_target);
        assert.equal(table.items_written, point.tables.find(({ name }) => name === table.source).rows);
      }
      await inspect(run.run_id, 'restore-proven', 'found equal to the copy');
      await goByPalette(window, window.page, point, run);
    });
  });

  for (const [name, use] of Object.entries({ offlineAndBack, newsLeaveTheReaderAlone })) {
    test(`live: ${name}`, async () => {
      await inWindow(browser, product, { session: sessions.viewer }, use);
    });
  }

  test('another copy is planned as the first one was', async () => {
    await inWindow(browser, product, { session: sessions.operator }, (window, page) =>
      chooseAnotherCopy(window, page, point, region),
    );
  });

  test('there is a notice when a restore has ended', async () => {
    await inWindow(browser, product, { session: sessions.operator }, (window) =>
      notifyAtTheEnd(window, product, point, region),
    );
  });

  test('a restore is asked for and proven by the keyboard alone', async () => {
    await inWindow(browser, product, { session: sessions.operator }, async (window) => {
      assert.equal((await restoreByKeyboard(window, product, point, region)).outcome, 'proven');
    });
  });

  test('a restore and its page outlive a kill of the server', async () => {
    await inWindow(browser, product, { session: sessions.operator }, (window) =>
      killedInTheMiddle(window, product, point, region),
    );
  });
});
