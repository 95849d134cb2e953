/** `connector record` as a process: what it writes of a venue, and what it never writes. */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { startSim } from '../apps/sim/src/sim.ts';
import { formatToml } from '../packages/kit/src/toml.ts';
import { decimal } from '../proto/src/decimal.ts';
import { clock } from '../proto/src/link/testing/rig.ts';

const MAIN = join(import.meta.dir, '../apps/connector/src/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'record-'));
const KEY = 'recorders-api-key-0123456789';
const SECRET = 'recorders-api-secret-0123456789';
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lineSchema = z.union([
  z.object({
    recording: z.literal(1),
    venue: z.string(),
    market: z.string(),
    symbols: z.record(z.string(), z.string()),
  }),
  z.object({ socket: z.string(), frame: z.looseObject({ e: z.string() }) }),
  z.object({ socket: z.string(), frame: z.unknown() }),
  z.object({ call: z.string(), query: z.string(), status: z.number(), body: z.unknown() }),
]);

function configFile(venueUrl: string, symbol: string): string {
  const path = join(folder, 'connector.toml');
  for (const [name, value] of [
    ['key', KEY],
    ['secret', SECRET],
  ] as const) {
    writeFileSync(join(folder, name), value, { mode: 0o400 });
  }
  const connector = {
    ...{ name: 'rec', account: 'rec', tag: 'rec', venue: 'binance', market: 'perpetual', symbols: [symbol] },
    ...{ api_key_file: join(folder, 'key'), api_secret_file: join(folder, 'secret'), venue_url: venueUrl },
    link: { mode: 'listen', address: '127.0.0.1:0' },
    tls: { ca: 'none', cert: 'none', key: 'none' },
    grants: { trade: [], observe: [], tool: [] },
  };
  writeFileSync(path, formatToml({ connector }));
  return path;
}

function recorder(args: readonly string[]) {
  return Bun.spawn([process.execPath, MAIN, 'record', ...args], { stdout: 'pipe', stderr: 'pipe', stdin: 'ignore' });
}

test('every stream and answer is kept in order, without a secret', async () => {
  const account = {
    name: 'main',
    apiKey: KEY,
    apiSecret: SECRET,
    canWithdraw: false,
    balances: { USDT: decimal('1000') },
  };
  const sim = await startSim({ clock, seed: 3, venues: ['binance-usdm'], accounts: [account], symbols: ['BTCUSDT'] });
  const out = join(folder, 'feed.jsonl.gz');
  const config = configFile(sim.urls.venues['binance-usdm'] ?? '', 'BTC/USDT:USDT');
  const process = recorder(['--config', config, '--out', out, '--for', '3s']);
  const errors = await new Response(process.stderr).text();
  expect([await process.exited, errors.includes('"level":"error"')]).toEqual([0, false]);
  await sim.close();

  const text = gunzipSync(readFileSync(out)).toString();
  expect(text.endsWith('\n')).toBe(true);
  for (const secret of [KEY, SECRET, 'signature']) expect(text).not.toContain(secret);
  const lines = text.trimEnd().split('\n');
  const times = lines.slice(1).map((line) => BigInt(line.slice(0, line.indexOf(' '))));
  expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));
  const [head, ...messages] = lines.map((line) => lineSchema.parse(JSON.parse(line.slice(line.indexOf(' ') + 1))));
  expect(head).toMatchObject({ venue: 'binance', market: 'perpetual', symbols: { 'BTC/USDT:USDT': 'BTCUSDT' } });
  const kinds = new Set(
    messages.map((each) => ('call' in each ? each.call : 'socket' in each ? kindOf(each.frame) : '')),
  );
  for (const kind of ['GET /fapi/v1/exchangeInfo', 'GET /fapi/v1/depth', 'POST /fapi/v1/listenKey'])
    expect(kinds).toContain(kind);
  for (const kind of ['bookTicker', 'depthUpdate', 'trade', 'kline', 'markPriceUpdate', '24hrTicker'])
    expect(kinds).toContain(kind);
}, 30_000);

test('what cannot be recorded is said in one line', async () => {
  const config = configFile('http://127.0.0.1:9', 'BTC/USDT:USDT');
  for (const [args, words] of [
    [['--config', config], '--out: is missing'],
    [['--config', config, '--out', join(folder, 'no', 'such', 'folder.gz')], 'no such file or folder'],
  ] as const) {
    const process = recorder(args);
    const errors = await new Response(process.stderr).text();
    expect([(await process.exited) === 0, errors.trimEnd().split('\n').at(-1)]).toEqual([
      false,
      expect.stringContaining(words),
    ]);
  }
}, 30_000);

function kindOf(frame: unknown): string {
  return z.object({ e: z.string() }).safeParse(frame).data?.e ?? '';
}
