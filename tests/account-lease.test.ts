/**
 * An account of the engine and a connector's core, in one process on one clock, through the loss of its lease: nothing
 * is traded without it, our orders do not stay behind, and the account comes back by itself when it can.
 */
import { afterEach, expect, test } from 'bun:test';
import { ConnectorCore, LANE_DEFAULTS } from '../apps/connector/src/core.ts';
import { openMemoryJournal } from '../apps/engine/src/journal/memory-journal.ts';
import { AccountRuntime } from '../apps/engine/src/orchestrator/account-runtime.ts';
import { HaltBoard } from '../apps/engine/src/risk/halt-board.ts';
import { silentLogger } from '../packages/kit/src/log.ts';
import { BestQuote, CandleInterval, Channel } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { OrderOutcome, UnknownCause } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { asQuantity, decimal } from '../proto/src/decimal.ts';
import { literal, parseAccountName, parseOrderTag, parseSymbol } from '../proto/src/ids.ts';
import { seededRng } from '../proto/src/rng.ts';
import { VirtualClock } from '../proto/src/virtual-clock.ts';
import { type ScriptedVenue, SYMBOL, scriptedVenue } from './support/scripted-venue.ts';

const TAG = literal(parseOrderTag, 'bin');
const LEASE_TTL_MS = 10_000;
const BEST_QUOTE = {
  channel: Channel.BEST_QUOTE,
  symbol: SYMBOL,
  depth: 0,
  interval: CandleInterval.CANDLE_INTERVAL_UNSPECIFIED,
};

function noAnswer(clientOrderId: string): OrderOutcome {
  const value = { cause: UnknownCause.TIMEOUT, venueCode: '', message: 'no answer' };
  return OrderOutcome.fromPartial({ clientOrderId, fate: { $case: 'unknown', value }, receivedAtUs: 1 });
}

class Rig {
  readonly clock = new VirtualClock();
  readonly journal = openMemoryJournal();
  readonly crashes: unknown[] = [];
  readonly accounts: AccountRuntime[] = [];
  /** Every place that reached the venue: its id, and the wall time. */
  readonly placed: { id: string; atUs: number }[] = [];
  readonly open = new Set<string>();
  readonly core: ConnectorCore;
  readonly venue: ScriptedVenue;
  /** The venue answers cancels with a fault of its own. */
  deafToCancels = false;
  #sequence = 0;

  constructor() {
    const venue = scriptedVenue(() => this.clock.wallUs());
    this.venue = venue;
    const watched: ScriptedVenue = {
      ...venue,
      place: async (order, admit) => {
        const outcome = await venue.place(order, admit);
        if (outcome.fate?.$case === 'accepted') {
          this.placed.push({ id: order.clientOrderId, atUs: this.clock.wallUs() });
          this.open.add(order.clientOrderId);
        }
        return outcome;
      },
      cancelBatch: async (orders, admit) => {
        if (this.deafToCancels) return orders.map(({ clientOrderId }) => noAnswer(clientOrderId));
        const outcomes = await venue.cancelBatch(orders, admit);
        for (const { fate } of outcomes) {
          if (fate?.$case === 'accepted') this.open.delete(fate.value.order?.clientOrderId ?? '');
        }
        return outcomes;
      },
      cancel: async (order, admit) => {
        if (this.deafToCancels) return noAnswer(order.clientOrderId);
        const outcome = await venue.cancel(order, admit);
        if (outcome.fate?.$case === 'accepted') this.open.delete(order.clientOrderId);
        return outcome;
      },
      listFills: async () => ({ fills: [], nextPageToken: '', askedAtUs: this.clock.wallUs() }),
    };
    this.core = new ConnectorCore({
      venue: Object.defineProperties(watched, { status: { get: () => venue.status } }),
      clock: this.clock,
      rng: seededRng('boot'),
      log: silentLogger(),
      config: {
        ...LANE_DEFAULTS,
        account: 'main',
        tag: TAG,
        symbols: [SYMBOL],
        region: 'local',
        commit: '',
        grants: { 'engine/main': 'trade' },
        guard: {},
      },
    });
  }

  async account(engineId: string): Promise<AccountRuntime> {
    const { clock, journal, core } = this;
    const account = new AccountRuntime({
      settings: {
        name: literal(parseAccountName, 'main'),
        connector: 'bin',
        tag: TAG,
        link: 'dial',
        symbols: [literal(parseSymbol, SYMBOL)],
        limits: {
          max_order_quantity: asQuantity(decimal('10')),
          max_order_notional: decimal('100000'),
          max_position: asQuantity(decimal('100')),
          max_open_orders: 50,
          max_orders_per_second: 1_000,
          price_band_bps: decimal('1000'),
          max_daily_loss: decimal('10000'),
        },
      },
      strategies: [
        {
          kind: 'grid',
          account: literal(parseAccountName, 'main'),
          symbol: literal(parseSymbol, SYMBOL),
          levels: 2,
          spacing_bps: decimal('50'),
          half_spread_bps: decimal('50'),
          quantity: asQuantity(decimal('1')),
          max_position: asQuantity(decimal('50')),
        },
      ],
      exchange: core,
      closeLink: async () => {},
      caller: { role: 'engine', name: 'main' },
      engineId,
      leaseTtlMs: LEASE_TTL_MS,
      journal,
      halts: await HaltBoard.open({ journal, clock, accounts: ['main'] }),
      clock,
      rng: seededRng(engineId),
      log: silentLogger(),
      failpoint: () => {},
      crash: (error) => this.crashes.push(error),
    });
    account.start();
    this.accounts.push(account);
    return account;
  }

  /** Lets time pass, with a quote twice a second. */
  async run(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 500) {
      const quote = BestQuote.fromPartial({ bidPrice: '1000', bidQuantity: '1', askPrice: '1000.1', askQuantity: '1' });
      this.venue.market(BEST_QUOTE, ++this.#sequence, { $case: 'bestQuote', value: quote });
      await this.clock.advanceAsync(500);
    }
  }

  async close(): Promise<void> {
    const stopping = this.accounts.map((account) => account.stop(1_000));
    await this.clock.advanceAsync(30_000);
    await Promise.all(stopping);
    await this.core.close();
  }
}

let rig = new Rig();
afterEach(async () => {
  await rig.close();
  expect(rig.crashes).toEqual([]);
  rig = new Rig();
});

async function trading(): Promise<AccountRuntime> {
  await rig.core.start();
  const account = await rig.account('e1');
  await rig.run(5_000);
  expect(account.status()).toMatchObject({ state: 'running' });
  expect(rig.open.size).toBe(4);
  return account;
}

test('an account that lost its lease to nobody takes it again and trades on', async () => {
  const account = await trading();
  rig.journal.failAppends('disk_full');
  await rig.run(LEASE_TTL_MS + 4_000);
  expect(account.status().state).not.toBe('running');
  rig.journal.failAppends(undefined);
  await rig.run(15_000);
  expect(account.status()).toMatchObject({ state: 'running' });
  expect(rig.open.size).toBe(4);
});

test('while the lease is lost the connector is let go, and cancels what is ours', async () => {
  await trading();
  rig.journal.failAppends('disk_full');
  await rig.run(LEASE_TTL_MS + LANE_DEFAULTS.graceMs + 5_000);
  expect(rig.open.size).toBe(0);
  const before = rig.placed.length;
  await rig.run(30_000);
  expect(rig.placed.length).toBe(before);
  rig.journal.failAppends(undefined);
});

test('an account whose lease another engine took stands by, and takes over when that one leaves', async () => {
  const account = await trading();
  await rig.journal.releaseLease({ account: 'main', engineId: 'e1', epoch: 1 });
  const lease = await rig.journal.acquireLease({
    account: 'main',
    engineId: 'e2',
    ttlMs: 20_000,
    nowUs: rig.clock.wallUs(),
  });
  expect(lease.kind).toBe('held');
  const before = rig.placed.length;
  await rig.run(15_000);
  expect(account.status().reason).toContain('e2');
  expect(rig.placed.length).toBe(before);
  await rig.run(30_000);
  expect(account.status()).toMatchObject({ state: 'running' });
});

test('a stop that leaves orders behind hands them to the grace of the connector', async () => {
  const account = await trading();
  rig.deafToCancels = true;
  const stopping = account.stop(2_000);
  await rig.run(4_000);
  await stopping;
  expect(rig.open.size).toBe(4);
  rig.deafToCancels = false;
  await rig.run(LANE_DEFAULTS.graceMs);
  expect(rig.open.size).toBe(0);
});

test('a stop ends in time also while the journal cannot be written', async () => {
  const account = await trading();
  rig.journal.failAppends('disk_full');
  let hasStopped = false;
  const stopping = account.stop(2_000).then(() => {
    hasStopped = true;
  });
  await rig.run(8_000);
  expect(hasStopped).toBe(true);
  await stopping;
});
