/**
 * What `bun run start` runs, as a newcomer sees it: real processes, and a summary that says whether every order and
 * fill agrees with the venue. Times are the demonstration's own.
 */
import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { adminSocketPath, fetchStatus } from '../apps/engine/src/http/admin-client.ts';
import { until } from '../proto/src/link/testing/rig.ts';

const MAIN = join(import.meta.dir, '../apps/engine/src/main.ts');
const RECORDING = join(import.meta.dir, '../../shared/data/binance-usdm-btcusdt-20240808.jsonl.gz');
const folder = mkdtempSync(join(tmpdir(), 'tl-'));
const running: Bun.Subprocess[] = [];

const count = z.int().min(0);
const text = z.string().min(1);
/** The summary as documented: nothing less, nothing more. */
const summarySchema = z.strictObject({
  ok: z.boolean(),
  seconds: z.number(),
  connectors: z.array(
    z.strictObject({
      ...{ name: text, venue: text, market: text, symbols: z.array(text), link: text },
      ...{ boots: count, sessions: count, conflated: count, gaps: count, fills: count },
      events: z.strictObject({ quotes: count, books: count, trades: count }),
      rttUs: z.strictObject({ p50: z.number(), p99: z.number() }).nullable(),
      rssBytes: count.nullable(),
    }),
  ),
  orders: z.strictObject({
    ...{ intents: count, denied: count, accepted: count, rejected: count, canceled: count, filled: count },
    ...{ expired: count, absent: count, unknown: count, lost: count, open: count },
  }),
  fills: count,
  positions: z.array(z.strictObject({ account: text, symbol: text, quantity: text, venueQuantity: text })),
  balances: z.array(z.strictObject({ account: text, asset: text, total: text, venueTotal: text })),
  pnl: z.strictObject({ realized: text, unrealized: text, fees: text, funding: text }),
  journal: z.strictObject({ path: text, events: count, head: text, verified: z.boolean() }),
  agreement: z.strictObject({
    compared: z.strictObject({ orders: count, fills: count }),
    ...{ ordersMissing: count, ordersForeign: count, ordersDiffer: count },
    ...{ fillsMissing: count, fillsForeign: count, fillsDiffer: count },
  }),
});

afterAll(async () => {
  for (const process of running) {
    process.kill('SIGKILL');
    await process.exited;
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('the demonstration', () => {
  test('ends with a summary in which everything agrees, and leaves no process', async () => {
    const state = join(folder, 'plain');
    const demo = start(state, ['--for', '8s']);
    await until(() => processesOf(state).length >= 6, 'engine, sim and three connectors beside the parent', 20_000);
    const { exitCode, summary } = await finished(demo);
    expect(exitCode).toBe(0);
    expect(summary.ok).toBe(true);
    expect(summary.fills).toBeGreaterThan(10);
    const expected = { market: 'perpetual', boots: 1, link: 'dial', gaps: 0 };
    expect(summary.connectors).toMatchObject(['binance', 'bitget', 'gate'].map((name) => ({ name, ...expected })));
    for (const { name, fills } of summary.connectors) expect(fills, name).toBeGreaterThan(0);
    expect(summary.agreement.compared.orders).toBeGreaterThan(10);
    expect(processesOf(state)).toEqual([]);
  }, 60_000);

  test('trades the spot markets of all three venues, and every balance agrees', async () => {
    const { exitCode, summary } = await finished(start(join(folder, 'spot'), ['--for', '8s', '--market', 'spot']));
    expect(exitCode).toBe(0);
    const expected = { market: 'spot', symbols: ['BTC/USDT'], boots: 1, gaps: 0 };
    expect(summary.connectors).toMatchObject(['binance', 'bitget', 'gate'].map((name) => ({ name, ...expected })));
    expect(summary.positions).toEqual([]);
    expect(summary.balances).toHaveLength(6);
  }, 60_000);

  test('stops on SIGTERM as on Ctrl-C, over a listen link, with a summary and exit code 0', async () => {
    const state = join(folder, 'listen');
    const demo = start(state, ['--link', 'listen']);
    await until(() => log(state, 'engine').includes('account reconciled'), 'a reconciled account', 20_000);
    const socket = adminSocketPath(join(state, 'journal'));
    while (((await fetchStatus(socket)).accounts[0]?.fills ?? 0) < 5) await Bun.sleep(50);
    demo.kill('SIGTERM');
    const { exitCode, summary } = await finished(demo);
    expect(summary).toMatchObject({
      ok: true,
      connectors: [{ link: 'listen' }, { link: 'listen' }, { link: 'listen' }],
    });
    expect(exitCode).toBe(0);
  }, 60_000);

  test('goes on when a connector is killed right after a POST: it is started again, and nothing is lost', async () => {
    const state = join(folder, 'killed-connector');
    const env = { TRUNKLINE_FAILPOINTS: 'connector.afterPost=kill@25' };
    const { exitCode, summary } = await finished(start(state, ['--for', '12s', '--connectors', 'binance'], env));
    expect(summary).toMatchObject({ ok: true, connectors: [{ boots: 2 }], orders: { open: 0, unknown: 0, lost: 0 } });
    expect(summary.connectors[0]?.sessions).toBeGreaterThanOrEqual(2);
    expect(exitCode).toBe(0);
  }, 90_000);

  test('ends with 1 when the engine is killed, and a later run on its state recovers every order', async () => {
    const state = join(folder, 'killed-engine');
    const env = { TRUNKLINE_FAILPOINTS: 'engine.afterSend=kill@25' };
    // Without Bitget: a request of its may count for 30 s after its signature, and a takeover waits as long.
    const connectors = ['--connectors', 'binance,gate'];
    const first = start(state, ['--for', '60s', ...connectors], env);
    expect(await first.exited).toBe(1);
    expect(await new Response(first.stderr).text()).toContain(`the state is kept in ${state}`);
    await until(() => processesOf(state).length === 0, 'no process of the first run', 20_000);
    const { exitCode, summary } = await finished(start(state, ['--for', '14s', ...connectors]));
    expect(summary.ok).toBe(true);
    expect(summary.orders.intents).toBeGreaterThan(25);
    expect(exitCode).toBe(0);
  }, 120_000);

  test('leaves no process behind when it is killed itself', async () => {
    const state = join(folder, 'killed-parent');
    const demo = start(state, []);
    await until(() => log(state, 'engine').includes('account reconciled'), 'a reconciled account', 20_000);
    demo.kill('SIGKILL');
    await demo.exited;
    await until(() => processesOf(state).length === 0, 'children to notice', 20_000);
  }, 60_000);

  test.skipIf(!existsSync(RECORDING))(
    'trades a recording: real prices, no gap, everything agrees (skipped without the recording)',
    async () => {
      const args = ['--for', '10s', '--replay', RECORDING, '--speed', '5'];
      const { summary } = await finished(start(join(folder, 'replay'), args));
      expect(summary).toMatchObject({ ok: true, connectors: [{ gaps: 0, symbols: ['BTC/USDT:USDT'] }] });
      expect(summary.fills).toBeGreaterThan(0);
    },
    60_000,
  );
});

function start(state: string, args: readonly string[], env: Record<string, string> = {}) {
  const command = [process.execPath, MAIN, 'demo', '--json', '--state', state, ...args];
  const demo = Bun.spawn(command, { env: { ...process.env, ...env }, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  running.push(demo);
  return demo;
}

async function finished(demo: ReturnType<typeof start>) {
  const [stdout, stderr] = await Promise.all([demo.stdout.text(), demo.stderr.text()]);
  const exitCode = await demo.exited;
  const problems = stderr.split('\n').filter((line) => /^(error|not ok)/.test(line));
  expect(problems).toEqual([]);
  // One line, the summary, and nothing else.
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return { exitCode, summary: summarySchema.parse(JSON.parse(stdout)) };
}

/** Command lines of living processes that name the state folder. */
function processesOf(state: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(state) ? [command] : [];
      } catch {
        // Gone between the two reads.
        return [];
      }
    });
}

function log(state: string, name: string): string {
  const path = join(state, 'logs', `${name}.log`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
