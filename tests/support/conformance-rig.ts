/**
 * What the conformance test runs against: one sim with a front for each market, a connector process for each market and
 * link with an account of its own, certificates of the engine's authority, and the suite as the program that users run.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needsPassphrase } from '../../apps/connector/src/venues/venue-config.ts';
import { certificatePaths, createAuthority, issueCertificate } from '../../apps/engine/src/certs/authority.ts';
import { type Sim, startSim } from '../../apps/sim/src/sim.ts';
import type { VenueName } from '../../apps/sim/src/venues/registry.ts';
import { type Child, spawnChild } from '../../packages/kit/src/child.ts';
import { formatToml } from '../../packages/kit/src/toml.ts';
import { decimal } from '../../proto/src/decimal.ts';
import type { Identity } from '../../proto/src/link/identity.ts';
import { clock } from '../../proto/src/link/testing/rig.ts';
import { FRONTS } from './venue-rig.ts';

export const LINKS = ['listen', 'dial'] as const;
export type LinkMode = (typeof LINKS)[number];

const ROOT = join(import.meta.dir, '../..');
const ACCOUNT_KEYS = { apiSecret: 'the-secret', passphrase: 'the-passphrase' } as const;
/** Short enough to be waited for, long enough for a stream to be resumed. */
const GRACE = '3s';
const MAIN: Identity = { role: 'engine', name: 'main' };
const CALLERS: readonly Identity[] = [
  MAIN,
  { role: 'tool', name: 'tool' },
  { role: 'engine', name: 'observer' },
  { role: 'engine', name: 'stranger' },
];

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  /** What the connector logged, for a failure's reader. */
  readonly log: readonly string[];
}

export interface ConformanceRig {
  /** Starts a connector, runs the suite against it, stops what is left of it. */
  run(front: VenueName, link: LinkMode, words?: readonly string[]): Promise<Finished>;
  close(): Promise<void>;
}

export async function openConformanceRig(fronts: readonly VenueName[]): Promise<ConformanceRig> {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const certs = join(folder, 'certs');
  const made = await createAuthority({ folder: certs, clock });
  if (!made.ok) throw new Error(made.message);
  for (const identity of CALLERS) await issue(certs, identity);
  const sim = await startSim({
    clock,
    seed: 11,
    venues: fronts,
    symbols: ['BTCUSDT'],
    actionsPerSecond: 100,
    // Connectors of two links trade the same front: each with an account of its own.
    accounts: LINKS.map((link) => ({
      name: link,
      apiKey: `key-${link}`,
      ...ACCOUNT_KEYS,
      canWithdraw: false,
      balances: { USDT: decimal('10000000'), BTC: decimal('100') },
    })),
  });
  const secrets = { secret: ACCOUNT_KEYS.apiSecret, passphrase: ACCOUNT_KEYS.passphrase };
  const keys = Object.fromEntries(LINKS.map((link) => [`key-${link}`, `key-${link}`]));
  for (const [name, text] of Object.entries({ ...secrets, ...keys })) {
    writeFileSync(join(folder, name), text, { mode: 0o400 });
  }
  return {
    run: (front, link, words = []) => runSuite({ folder, certs, sim }, front, link, words),
    async close() {
      await sim.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Ground {
  readonly folder: string;
  readonly certs: string;
  readonly sim: Sim;
}

async function runSuite(ground: Ground, front: VenueName, link: LinkMode, words: readonly string[]): Promise<Finished> {
  const { certs, sim } = ground;
  const name = `${front}-${link}`;
  await issue(certs, { role: 'connector', name });
  const gateway = link === 'dial' ? await freePort() : 0;
  const log: string[] = [];
  const connector = await startConnector(ground, { name, front, link, gateway, log });
  const reach = link === 'listen' ? ['--target', `127.0.0.1:${connector.port}`] : ['--gateway', `127.0.0.1:${gateway}`];
  const lines: string[] = [];
  const suite = spawnChild({
    command: process.execPath,
    args: [
      join(ROOT, 'apps/conformance/src/main.ts'),
      ...reach,
      ...['--name', name, '--certs', certs, '--sim', sim.urls.control, '--sim-venue', front],
      ...['--may-stop-pid', String(connector.child.pid), '--json', ...words],
    ],
    env: process.env,
    clock,
    onLine: (line) => lines.push(line),
    onErrorLine: (line) => log.push(line),
  });
  const exit = await suite.exited;
  await connector.child.terminate(5_000);
  return { exitCode: exit.kind === 'exited' ? exit.code : -1, stdout: lines.join('\n'), log };
}

interface Connector {
  readonly child: Child;
  readonly port: number;
}

async function startConnector(
  { folder, certs, sim }: Ground,
  made: { name: string; front: VenueName; link: LinkMode; gateway: number; log: string[] },
): Promise<Connector> {
  const { name, front, link, gateway, log } = made;
  const venueUrl = sim.urls.venues[front];
  if (venueUrl === undefined) throw new Error(`the sim has no front ${front}`);
  const { venue, market, symbol } = FRONTS[front];
  const path = join(folder, `${name}.toml`);
  const address = `127.0.0.1:${gateway}`;
  const connector = {
    ...{ name, account: link, tag: 'cf', venue, market, symbols: [symbol], grace: GRACE },
    api_key_file: join(folder, `key-${link}`),
    api_secret_file: join(folder, 'secret'),
    ...(needsPassphrase(venue) ? { api_passphrase_file: join(folder, 'passphrase') } : {}),
    venue_url: venueUrl,
    link: link === 'listen' ? { mode: link, address } : { mode: link, address, engine: MAIN.name },
    tls: { ...certificatePaths(certs, { role: 'connector', name }) },
    grants: { trade: [MAIN.name], observe: ['observer'], tool: ['tool'] },
  };
  writeFileSync(path, formatToml({ connector }));
  const ready = Promise.withResolvers<number>();
  const child = spawnChild({
    command: process.execPath,
    args: [join(ROOT, 'apps/connector/src/main.ts'), 'run', '--config', path],
    env: process.env,
    clock,
    onLine: (line) => ready.resolve(Number(Object(JSON.parse(line)).port)),
    onErrorLine: (line) => log.push(line),
  });
  const ended = child.exited.then(() => {
    throw new Error(`${name} ended before it was ready: ${log.at(-1)}`);
  });
  // After the ready line its end is expected.
  ended.catch(() => {});
  return { child, port: await Promise.race([ready.promise, ended]) };
}

async function issue(folder: string, identity: Identity): Promise<void> {
  const issued = await issueCertificate({ folder, clock, ...identity });
  if (!issued.ok && issued.code !== 'exists') throw new Error(issued.message);
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
