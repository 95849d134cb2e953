import { afterEach, describe, expect, test } from 'bun:test';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { price, quantity } from '@trunkline/proto/decimal';
import { seededRng } from '@trunkline/proto/rng';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { createSimCore } from './core.ts';
import type { Core } from './core-api.ts';
import { accepted, INSTRUMENT, newOrder, place, RULES, SYMBOL, testVenue } from './test-support.ts';
import { TRUTH_FILE } from './truth-file.ts';

const ALL = { limit: 1_000 };
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function stateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'venue-truth-'));
  folders.push(folder);
  return folder;
}

function seenBy(core: Core) {
  return {
    accounts: ['a', 'b'].map((accountId) => core.account(accountId)?.assets[0]?.walletBalance),
    positions: ['a', 'b'].map((accountId) =>
      core.account(accountId)?.positions.map(({ quantity: held, cost }) => [held, cost]),
    ),
    orders: ['a', 'b'].map((accountId) => core.orders(accountId, SYMBOL, ALL)),
    open: ['a', 'b'].map((accountId) => core.openOrders(accountId)),
    fills: ['a', 'b'].map((accountId) => core.fills(accountId, SYMBOL, ALL)),
    leverage: core.leverage('a', SYMBOL),
  };
}

/** Trades a little and forgets to close, as a killed process does. */
async function killedVenue(stateDir: string): Promise<Core> {
  const { core } = await testVenue({ stateDir });
  accepted(core.setLeverage('a', SYMBOL, 7));
  place(core, { clientOrderId: 'maker', accountId: 'b', side: 'sell', quantity: quantity('0.4') });
  place(core, { clientOrderId: 'partly' });
  place(core, {
    clientOrderId: 'reduce',
    side: 'sell',
    reduceOnly: true,
    price: price('60100'),
    quantity: quantity('2'),
  });
  place(core, { clientOrderId: 'gone', price: price('59000') });
  core.cancel({ accountId: 'a', symbol: SYMBOL, order: { by: 'client', clientOrderId: 'gone' } });
  core.place(newOrder({ clientOrderId: 'refused', symbol: 'NOPE' }));
  return core;
}

async function reopened(stateDir: string) {
  return createSimCore({
    clock: new VirtualClock(),
    rng: seededRng(2),
    market: {
      kind: 'order_flow',
      markets: [{ instrument: INSTRUMENT, startPrice: price('60000') }],
      actionsPerSecond: 0.000001,
    },
    rules: RULES,
    stateDir,
  });
}

async function restarted(stateDir: string): Promise<Core> {
  const made = await reopened(stateDir);
  if (!made.ok) throw new Error(made.failure.detail);
  return made.core;
}

describe('a venue that is killed and started again', () => {
  test('has the same accounts, orders, fills and truth', async () => {
    const stateDir = stateFolder();
    const before = await killedVenue(stateDir);
    const core = await restarted(stateDir);
    expect(seenBy(core)).toEqual(seenBy(before));
    const truthBefore = before.truth(0, 10_000);
    expect(core.truth(0, truthBefore.length)).toEqual(truthBefore);
    expect(core.truth(0, 10_000).map(({ seq }) => seq)).toEqual(core.truth(0, 10_000).map((_, index) => index));
  });

  test('matches the resting orders that survived, reduce-only ones within their position', async () => {
    const stateDir = stateFolder();
    await killedVenue(stateDir);
    const core = await restarted(stateDir);
    core.start();
    // The participants who came back may have met the bid at 60000; the reduce-only ask at 60100 is above them all.
    place(core, { clientOrderId: 'up', accountId: 'sweeper', price: price('60100'), quantity: quantity('1000') });
    expect(core.order('a', SYMBOL, { by: 'client', clientOrderId: 'reduce' })?.executedQuantity).not.toBe(
      quantity('0'),
    );
    expect<unknown>(core.account('a')?.positions[0]?.quantity).toBe('0');
    await core.close();
  });

  test('gives out no id twice', async () => {
    const stateDir = stateFolder();
    const before = await killedVenue(stateDir);
    const core = await restarted(stateDir);
    core.start();
    place(core, { clientOrderId: 'maker2', accountId: 'b', side: 'sell', price: price('59999') });
    const order = place(core, { clientOrderId: 'taker2', price: price('59999') });
    const orderIds = before.orders('a', SYMBOL, ALL).map(({ venueOrderId }) => Number(venueOrderId));
    expect(Number(order.venueOrderId)).toBeGreaterThan(Math.max(...orderIds));
    const tradeIds = ['a', 'b'].flatMap((accountId) =>
      before.fills(accountId, SYMBOL, ALL).map(({ tradeId }) => Number(tradeId)),
    );
    const newest = core.fills('a', SYMBOL, { limit: 1 })[0]?.tradeId;
    expect(Number(newest)).toBeGreaterThan(Math.max(...tradeIds));
    await core.close();
  });

  test('forgets a torn last line, at whichever byte it was cut, and nothing else', async () => {
    const stateDir = stateFolder();
    await killedVenue(stateDir);
    const path = join(stateDir, TRUTH_FILE);
    const whole = readFileSync(path);
    const text = whole.toString();
    const lastStart = text.lastIndexOf('\n', text.length - 2) + 1;
    const whatIsWhole = text.slice(0, lastStart);
    for (const cut of [lastStart + 1, lastStart + 40, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, cut));
      const core = await restarted(stateDir);
      await core.close();
      expect(readFileSync(path, 'utf8').startsWith(whatIsWhole)).toBe(true);
      expect(core.truth(0, 10_000).some((entry) => entry.kind === 'request' && entry.verdict.kind === 'refused')).toBe(
        false,
      );
      expect((await reopened(stateDir)).ok).toBe(true);
    }
  });

  test('refuses a truth with a changed, missing or foreign line, and names it', async () => {
    const stateDir = stateFolder();
    await killedVenue(stateDir);
    const path = join(stateDir, TRUTH_FILE);
    const lines = readFileSync(path, 'utf8').split('\n');
    const failureWith = async (changed: readonly string[]) => {
      writeFileSync(path, changed.join('\n'));
      const made = await reopened(stateDir);
      return made.ok ? 'opened' : made.failure;
    };
    const without = lines.filter((_, index) => index !== 3);
    expect(await failureWith(without)).toMatchObject({
      code: 'state_invalid',
      detail: expect.stringContaining('line 4'),
    });
    const edited = lines.map((line, index) => (index === 2 ? line.replace('{', '[') : line));
    expect(await failureWith(edited)).toMatchObject({
      code: 'state_invalid',
      detail: expect.stringContaining('line 3'),
    });
  });

  test('says in one line when the state folder cannot be used', async () => {
    const folder = stateFolder();
    const file = join(folder, 'file');
    appendFileSync(file, 'not a folder');
    const made = await reopened(file);
    expect(made.ok ? 'opened' : made.failure.code).toBe('state_unreadable');
    expect(made.ok ? '' : made.failure.detail).not.toContain('\n');
  });
});
