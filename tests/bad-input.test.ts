/**
 * Bad input to the three programs: one line on stderr that names the thing and says what is allowed, exit code 2,
 * nothing on stdout, no stack, no hanging.
 */
import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificatePaths, createAuthority, issueCertificate } from '../apps/engine/src/certs/authority.ts';
import { clock } from '../proto/src/link/testing/rig.ts';

const APPS = join(import.meta.dir, '../apps');
const LIMIT_MS = 10_000;
const HUGE = 'x'.repeat(10 * 1024 * 1024);
const folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
const certs = join(folder, 'certs');
let files = 0;

for (const made of [
  await createAuthority({ folder: certs, clock }),
  await issueCertificate({ folder: certs, clock, role: 'engine', name: 'main' }),
]) {
  if (!made.ok) throw new Error(made.message);
}
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Program = 'engine' | 'connector' | 'sim';
interface Case {
  readonly what: string;
  readonly program: Program;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** All of it stands in the one line. */
  readonly says: readonly string[];
}

const engineRun = (changes: Changes) => ['run', '--config', engineConfig(changes)];
const connectorRun = (changes: Changes) => ['run', '--config', connectorConfig(changes)];

const CASES: readonly Case[] = [
  { what: 'an unknown command', program: 'engine', args: ['runn'], says: ['runn', 'run'] },
  { what: 'an unknown flag', program: 'engine', args: ['demo', '--fro', '5s'], says: ['--fro', '--for'] },
  { what: 'an empty duration', program: 'engine', args: ['demo', '--for', ''], says: ['--for', 'a duration such as'] },
  { what: 'NaN as speed', program: 'engine', args: ['demo', '--speed', 'NaN'], says: ['--speed', 'a number from'] },
  { what: 'an unknown link', program: 'engine', args: ['demo', '--link', 'udp'], says: ['--link', 'listen, dial'] },
  {
    what: 'an unknown connector',
    program: 'engine',
    args: ['demo', '--connectors', 'kraken'],
    says: ['kraken', 'binance'],
  },
  {
    what: 'a missing recording',
    program: 'engine',
    args: ['demo', '--replay', '/none'],
    says: ['/none', 'no such file'],
  },
  {
    what: 'a folder for a recording',
    program: 'engine',
    args: ['demo', '--replay', folder],
    says: ['--replay', 'gzip'],
  },
  {
    what: 'a file for a state folder',
    program: 'engine',
    args: ['demo', '--state', keyFile(0o600)],
    says: ['--state', 'a folder'],
  },
  { what: 'no time at all', program: 'engine', args: ['demo', '--for', '0s'], says: ['--for', 'at least 1s'] },
  {
    what: 'a missing journal',
    program: 'engine',
    args: ['orders', '--journal', '/none'],
    says: ['/none', 'no such file'],
  },
  {
    what: 'a missing config',
    program: 'engine',
    args: ['run', '--config', '/none.toml'],
    says: ['/none.toml', 'no such file'],
  },
  {
    what: 'an unknown key',
    program: 'engine',
    args: engineRun([['state =', 'colour = "red"\nstate =']]),
    says: ['engine: unknown key "colour"', 'allowed: name, state'],
  },
  { what: 'a wrong type', program: 'engine', args: engineRun([['state = "S"', 'state = 5']]), says: ['engine.state'] },
  {
    what: 'NaN as a limit',
    program: 'engine',
    args: engineRun([['max_position = "2"', 'max_position = "NaN"']]),
    says: ['max_position', 'a decimal number'],
  },
  {
    what: 'an empty limit',
    program: 'engine',
    args: engineRun([['max_position = "2"', 'max_position = ""']]),
    says: ['max_position', 'a decimal number'],
  },
  {
    what: 'an unknown symbol of a strategy',
    program: 'engine',
    args: engineRun([['symbol = "BTC/USDT:USDT"', 'symbol = "XYZ/USDT:USDT"']]),
    says: ['XYZ/USDT:USDT', 'BTC/USDT:USDT'],
  },
  {
    what: 'a missing certificate',
    program: 'engine',
    args: engineRun([['engine-main.pem', 'none.pem']]),
    says: ['none.pem'],
  },
  {
    what: 'a folder for a key file',
    program: 'engine',
    args: engineRun([[join(certs, 'engine-main.key'), certs]]),
    says: [certs],
  },
  {
    what: 'a name of 100,000 characters from the environment',
    program: 'engine',
    args: engineRun([]),
    env: { TRUNKLINE_ENGINE__NAME: 'x'.repeat(100_000) },
    says: ['a name of 1 to 40 characters'],
  },
  {
    what: 'a 10 MB value',
    program: 'engine',
    args: engineRun([['name = "main"', `name = "${HUGE}"`]]),
    says: ['bytes', 'allowed'],
  },
  { what: 'broken TOML', program: 'connector', args: connectorRun([['[connector]', '[connector']]), says: ['line 1'] },
  {
    what: 'an unknown key',
    program: 'connector',
    args: connectorRun([['tag =', 'colour = "red"\ntag =']]),
    says: ['connector: unknown key "colour"', 'allowed: name, account'],
  },
  {
    what: 'an unknown venue',
    program: 'connector',
    args: connectorRun([['venue = "binance"', 'venue = "kraken"']]),
    says: ['connector.venue', 'binance'],
  },
  {
    what: 'a key that others can read',
    program: 'connector',
    args: connectorRun([['"KEY"', `"${keyFile(0o644)}"`]]),
    says: ['connector.api_key_file'],
  },
  {
    what: 'an empty key file',
    program: 'connector',
    args: connectorRun([['"KEY"', `"${keyFile(0o400, '')}"`]]),
    says: ['connector.api_key_file', 'empty'],
  },
  {
    what: 'a missing key file',
    program: 'connector',
    args: connectorRun([['"KEY"', '"/none.key"']]),
    says: ['connector.api_key_file', '/none.key'],
  },
  {
    what: 'a bad failpoint',
    program: 'connector',
    args: connectorRun([]),
    env: { TRUNKLINE_FAILPOINTS: 'x=explode@1' },
    says: ['explode', 'kill'],
  },
  { what: 'an unknown symbol', program: 'sim', args: ['run', '--symbols', 'NOPE'], says: ['NOPE', 'BTCUSDT'] },
  { what: 'a port out of range', program: 'sim', args: ['run', '--port', '70000'], says: ['--port', '65535'] },
  {
    what: 'a recording that is none',
    program: 'sim',
    args: ['run', '--replay', keyFile(0o644, 'hello')],
    says: ['is not a gzip file'],
  },
];

for (const { what, program, args, env, says } of CASES) {
  test(`${program}: ${what} is one clear line and exit code 2`, async () => {
    const { exitCode, stdout, stderr } = await run(program, args, env);
    for (const part of says) expect(stderr).toContain(part);
    expect(stderr).toStartWith('error: ');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr.length).toBeLessThan(1_000);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });
}

test('a port in use is named by every program that listens', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const gateway = engineRun([['127.0.0.1:0', `127.0.0.1:${port}`]]);
  for (const [program, args] of [
    ['engine', gateway],
    ['sim', ['run', '--port', String(port)]],
  ] as const) {
    const { exitCode, stderr } = await run(program, args);
    expect(stderr).toContain(String(port));
    expect(stderr.trim().split('\n').at(-1)).toContain('in use');
    expect(exitCode).toBe(2);
  }
  await new Promise((resolve) => server.close(resolve));
});

async function run(program: Program, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = Bun.spawn([process.execPath, join(APPS, program, 'src/main.ts'), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: LIMIT_MS,
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exitCode: await child.exited, stdout, stderr };
}

type Changes = readonly (readonly [from: string, to: string])[];

function engineConfig(changes: Changes): string {
  const { ca, cert, key } = certificatePaths(certs, { role: 'engine', name: 'main' });
  const state = join(folder, `state-${files}`);
  mkdirSync(state);
  const text = `[engine]
name = "main"
state = "S"
gateway = "127.0.0.1:0"
tls = { ca = "${ca}", cert = "${cert}", key = "${key}" }

[[accounts]]
name = "main"
connector = "edge"
tag = "bin"
link = "dial"
symbols = ["BTC/USDT:USDT"]
limits = { max_order_quantity = "1", max_order_notional = "1000", max_position = "2", max_daily_loss = "10" }

[[strategies]]
kind = "grid"
account = "main"
symbol = "BTC/USDT:USDT"
spacing_bps = "1"
half_spread_bps = "1"
quantity = "0.01"
max_position = "1"
`;
  return write(text, [...changes, ['"S"', `"${state}"`]]);
}

function connectorConfig(changes: Changes): string {
  const { ca, cert, key } = certificatePaths(certs, { role: 'engine', name: 'main' });
  const text = `[connector]
name = "edge"
account = "main"
tag = "bin"
venue = "binance"
market = "perpetual"
symbols = ["BTC/USDT:USDT"]
api_key_file = "KEY"
api_secret_file = "SECRET"
link = { mode = "listen", address = "127.0.0.1:0" }
tls = { ca = "${ca}", cert = "${cert}", key = "${key}" }
grants = { trade = ["main"] }
`;
  return write(text, [...changes, ['"KEY"', `"${keyFile(0o400)}"`], ['"SECRET"', `"${keyFile(0o400)}"`]]);
}

function keyFile(mode: number, text = 'secret'): string {
  const path = join(folder, `file-${files++}`);
  writeFileSync(path, text, { mode });
  return path;
}

function write(text: string, changes: Changes): string {
  const changed = changes.reduce((sofar, [from, to]) => sofar.replace(from, () => to), text);
  const path = join(folder, `config-${files++}.toml`);
  writeFileSync(path, changed);
  return path;
}
