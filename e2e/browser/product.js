// The product as a browser's owner sees it: one server process on the embedded AWS, and its API for what a test must know.

import { spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// A day of history is made at the first start; this is for two cores that compile beside it.
const READY_MS = 600_000;
const STOP_MS = 20_000;

const binary = path.resolve(process.env.DATA_RESTORE ?? '../target/debug/data-restore');

/** Starts a server on a folder of its own and waits until it is ready. */
export async function startProduct() {
  const folder = await mkdtemp(path.join(tmpdir(), 'data-restore-browser-'));
  const data = path.join(folder, 'data');
  const listen = `127.0.0.1:${await freePort()}`;
  const url = `http://${listen}`;
  const log = await open(path.join(folder, 'server.log'), 'a');
  const product = new Product(url, folder, data, log);
  try {
    await product.start();
    product.demo = JSON.parse(await readFile(path.join(data, 'demo.json'), 'utf8'));
    product.cloud = JSON.parse(await readFile(path.join(data, 'local-aws.json'), 'utf8'));
    return product;
  } catch (error) {
    await product.stop();
    throw error;
  }
}

class Product {
  constructor(url, folder, data, log) {
    Object.assign(this, { url, folder, data, log });
  }

  /** Starts the server on its folder, where it goes on with what is there, and waits until it is ready. */
  async start() {
    // Nothing of the developer's own AWS, home or configuration; a shorter history, for whoever works on one page, is let through.
    const isKept = (name) => ['PATH', 'DATA_RESTORE_HISTORY_HOURS'].includes(name) || name.startsWith('LEPTOS_');
    const kept = Object.entries(process.env).filter(([name]) => isKept(name));
    const listen = new URL(this.url).host;
    this.server = spawn(binary, ['serve', '--local', '--data-dir', this.data, '--listen', listen], {
      cwd: this.folder,
      env: { ...Object.fromEntries(kept), HOME: this.folder },
      stdio: ['ignore', this.log.fd, this.log.fd],
    });
    let failure = null;
    this.server.on('error', (error) => (failure = error));
    const deadline = Date.now() + READY_MS;
    while (!(await isReady(this.url))) {
      if (failure || this.server.exitCode !== null || Date.now() > deadline) {
        const end = (await readFile(path.join(this.folder, 'server.log'), 'utf8')).split('\n').slice(-30).join('\n');
        throw new Error(`the server is not ready: ${failure ?? `exit ${this.server.exitCode}`}\n${end}`);
      }
      await sleep(200);
    }
  }

  /** Ends the server as a power cut would. */
  async kill() {
    const ended = new Promise((resolve) => this.server.once('exit', resolve));
    this.server.kill('SIGKILL');
    await ended;
  }

  /** The seeded user with a role. */
  user(role) {
    const user = this.demo.users.find((user) => user.role === role);
    if (!user) throw new Error(`demo.json has no ${role}`);
    return user;
  }

  /** The answer of `GET /api/v1…`. */
  async get(where) {
    return this.call('GET', where);
  }

  /** The answer of `POST /api/v1…`. */
  async post(where, body = {}) {
    return this.call('POST', where, JSON.stringify(body));
  }

  async call(method, where, body) {
    const headers = { authorization: `Bearer ${this.demo.operator_token}`, 'content-type': 'application/json' };
    const response = await fetch(`${this.url}/api/v1${where}`, { method, headers, body });
    if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Starts a restore of the shows, or of another table; gives the run's id. */
  async startRestore(point, region, target, table = {}) {
    const tables = [{ source: 'tvshows.shows', target, partition: 'id', ...table }];
    const request = { recovery_point: point.id, region, target_region: region, tables };
    return (await this.post('/restores', request)).run_id;
  }

  /** Waits until a run is as `is` says, and gives it. Fails when it ends before. */
  async runThat(id, is) {
    const deadline = Date.now() + READY_MS;
    for (;;) {
      const run = await this.get(`/restores/${id}`);
      if (is(run)) return run;
      if (run.outcome || Date.now() > deadline) throw new Error(`${is} never came: ${JSON.stringify(run)}`);
      await sleep(50);
    }
  }

  /** The newest recovery point of a source with a verified copy in a Region; waits until there is one. */
  async restorable(source, region) {
    const deadline = Date.now() + READY_MS;
    for (;;) {
      const page = await this.get(`/recovery-points?source=${source}`);
      const isVerified = (copy) => copy.region === region && copy.verdict === 'Verified';
      const point = page.items.find((point) => point.copies.some(isVerified));
      if (point) return this.get(`/recovery-points/${point.id}`);
      if (Date.now() > deadline) throw new Error(`no copy of ${source} in ${region} is verified`);
      await sleep(500);
    }
  }

  async stop() {
    if (this.server && this.server.exitCode === null && this.server.signalCode === null) {
      const ended = new Promise((resolve) => this.server.once('exit', resolve));
      this.server.kill('SIGTERM');
      const timer = setTimeout(() => this.server.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    }
    await this.log.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function isReady(url) {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}

async function freePort() {
  const probe = createServer();
  await new Promise((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
