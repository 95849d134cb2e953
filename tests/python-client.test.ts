/**
 * The contract in another language: a Python client made from our .proto files by Debian's tools, over TLS, against the
 * connector as a process.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificatePaths, createAuthority, issueCertificate } from '../apps/engine/src/certs/authority.ts';
import { type Sim, startSim } from '../apps/sim/src/sim.ts';
import { type Child, spawnChild } from '../packages/kit/src/child.ts';
import { formatToml } from '../packages/kit/src/toml.ts';
import { decimal } from '../proto/src/decimal.ts';
import { clock, until } from '../proto/src/link/testing/rig.ts';

const ROOT = join(import.meta.dir, '..');
const PYTHON = '/usr/bin/python3';
/** protoc of python3-grpc-tools 1.14 does not know proto3's `optional`; Debian's own protoc does. */
const PACKAGES = ['python3-grpcio', 'python3-protobuf', 'protobuf-compiler', 'protobuf-compiler-grpc'];
const folder = mkdtempSync(join(tmpdir(), 'python-client-'));
const certs = join(folder, 'certs');
const stubs = join(folder, 'stubs');
const log: string[] = [];

let sim: Sim;
let connector: Child;
let port = 0;

const isReady = installed() || install();
if (!isReady) process.stderr.write(`SKIPPED: the Python client needs ${PACKAGES.join(', ')}\n`);

beforeAll(async () => {
  if (!isReady) return;
  makeStubs();
  for (const dir of [certs, join(folder, 'other')]) {
    const authority = await createAuthority({ folder: dir, clock });
    if (!authority.ok) throw new Error(authority.message);
  }
  await certificate(certs, 'connector', 'edge');
  await certificate(certs, 'tool', 'script');
  await certificate(join(folder, 'other'), 'tool', 'script');
  const account = {
    name: 'main',
    apiKey: 'key',
    apiSecret: 'secret',
    canWithdraw: false,
    balances: { USDT: decimal('100000') },
  };
  sim = await startSim({ clock, seed: 3, accounts: [account], symbols: ['BTCUSDT'] });
  await startConnector();
}, 120_000);

afterAll(async () => {
  if (!isReady) return;
  await connector.terminate(5_000);
  await sim.close();
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(!isReady)('a client with a certificate describes, streams quotes, places and cancels', async () => {
  const { exitCode, stdout, stderr } = await client([...identity(certs), '--tag', 'bin']);
  expect(stderr).toBe('');
  const result: unknown = JSON.parse(stdout);
  expect(result).toMatchObject({
    account: 'main',
    symbol: 'BTC/USDT:USDT',
    order: { placed: 'accepted', found: 'ORDER_STATUS_OPEN', cancelled: 'accepted' },
  });
  const { quotes } = Object(result);
  expect(quotes).toHaveLength(5);
  for (const [bid, ask] of quotes) expect(Number(bid)).toBeLessThan(Number(ask));
  expect(exitCode).toBe(0);
});

test.skipIf(!isReady)('a client without a certificate is refused, and the log of the connector says why', async () => {
  log.length = 0;
  expect(await client([])).toMatchObject({ exitCode: 1, stdout: '{"error": "UNAVAILABLE"}\n' });
  await until(() => log.some((line) => line.includes('"reason":"no_certificate"')), 'a refusal in the log');
});

test.skipIf(!isReady)('a client of another authority is refused, and the log of the connector says why', async () => {
  log.length = 0;
  const strange = identity(join(folder, 'other'));
  expect(await client(strange)).toMatchObject({ exitCode: 1, stdout: '{"error": "UNAVAILABLE"}\n' });
  await until(() => log.some((line) => line.includes('"reason":"foreign_ca"')), 'a refusal in the log');
});

function installed(): boolean {
  const probe = Bun.spawnSync([PYTHON, '-c', 'import grpc, google.protobuf'], { stderr: 'ignore', stdout: 'ignore' });
  return probe.exitCode === 0 && Bun.which('protoc') !== null && Bun.which('grpc_python_plugin') !== null;
}

function install(): boolean {
  if (Bun.which('apt-get') === null || process.getuid?.() !== 0) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = { env, stdout: 'ignore', stderr: 'ignore' } as const;
  Bun.spawnSync(['apt-get', 'update', '-qq'], quiet);
  Bun.spawnSync(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...PACKAGES], quiet);
  return installed();
}

function makeStubs(): void {
  const contract = 'trunkline/exchange/v1';
  const files = readdirSync(join(ROOT, 'proto', contract)).map((name) => `${contract}/${name}`);
  Bun.spawnSync(['mkdir', '-p', stubs]);
  const plugin = `--plugin=protoc-gen-grpc_python=${Bun.which('grpc_python_plugin')}`;
  const made = Bun.spawnSync(
    ['protoc', '-I', '.', plugin, `--python_out=${stubs}`, `--grpc_python_out=${stubs}`, ...files],
    {
      cwd: join(ROOT, 'proto'),
    },
  );
  if (made.exitCode !== 0) throw new Error(made.stderr.toString());
}

async function certificate(dir: string, role: 'connector' | 'tool', name: string): Promise<void> {
  const issued = await issueCertificate({ folder: dir, clock, role, name });
  if (!issued.ok) throw new Error(issued.message);
}

async function startConnector(): Promise<void> {
  for (const [name, text] of [
    ['key', 'key'],
    ['secret', 'secret'],
  ] as const) {
    writeFileSync(join(folder, name), text, { mode: 0o400 });
  }
  const config = join(folder, 'connector.toml');
  writeFileSync(
    config,
    formatToml({
      connector: {
        name: 'edge',
        account: 'main',
        tag: 'bin',
        venue: 'binance',
        market: 'perpetual',
        symbols: ['BTC/USDT:USDT'],
        api_key_file: join(folder, 'key'),
        api_secret_file: join(folder, 'secret'),
        venue_url: sim.venue('binance-usdm').url,
        link: { mode: 'listen', address: '127.0.0.1:0' },
        tls: { ...certificatePaths(certs, { role: 'connector', name: 'edge' }) },
        grants: { tool: ['script'] },
      },
    }),
  );
  const ready = Promise.withResolvers<number>();
  connector = spawnChild({
    command: process.execPath,
    args: [join(ROOT, 'apps/connector/src/main.ts'), 'run', '--config', config],
    env: process.env,
    clock,
    onLine: (line) => ready.resolve(Number(Object(JSON.parse(line)).port)),
    onErrorLine: (line) => log.push(line),
  });
  port = await ready.promise;
}

function identity(dir: string): string[] {
  const { cert, key } = certificatePaths(dir, { role: 'tool', name: 'script' });
  return ['--cert', cert, '--key', key];
}

/** Not synchronous: the sim answers from this very process. */
async function client(args: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const { ca } = certificatePaths(certs, { role: 'connector', name: 'edge' });
  const where = ['--stubs', stubs, '--target', `127.0.0.1:${port}`, '--connector', 'edge', '--ca', ca];
  const script = join(ROOT, 'tests/python/client.py');
  const run = Bun.spawn([PYTHON, script, ...where, ...args], { stdout: 'pipe', stderr: 'pipe' });
  const [stdout, stderr] = await Promise.all([run.stdout.text(), run.stderr.text()]);
  return { exitCode: await run.exited, stdout, stderr };
}
