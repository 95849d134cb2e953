/** What the core's tests share: an instrument with round numbers, orders, a core on a virtual clock. */
import { asNotional, decimal, type Notional, notional, price, quantity } from '@trunkline/proto/decimal';
import { seededRng } from '@trunkline/proto/rng';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { createSimCore } from './core.ts';
import type { Core, CoreOptions, CoreRules } from './core-api.ts';
import type { CoreEvent } from './events.ts';
import type { Instrument, NewOrder, Order, Verdict } from './types.ts';

export const SYMBOL = 'BTCUSDT';

const FIVE: Notional = notional(price('5'), quantity('1'));

export const INSTRUMENT: Instrument = {
  symbol: SYMBOL,
  market: 'perpetual',
  contractSize: quantity('1'),
  fundingIntervalMs: 8 * 3_600_000,
  base: 'BTC',
  quote: 'USDT',
  tickSize: price('0.1'),
  stepSize: quantity('0.001'),
  minQuantity: quantity('0.001'),
  maxQuantity: quantity('1000'),
  minNotional: FIVE,
  makerFeeRate: decimal('0.0002'),
  takerFeeRate: decimal('0.0005'),
  maxLeverage: 125,
  maintenanceMarginRate: decimal('0.004'),
  priceBand: decimal('0.05'),
  maxOpenOrders: 200,
};

const { fundingIntervalMs: _, ...COMMON } = INSTRUMENT;

export const SPOT_INSTRUMENT: Instrument = {
  ...COMMON,
  market: 'spot',
  maxLeverage: 1,
  makerFeeRate: decimal('0.001'),
  takerFeeRate: decimal('0.002'),
};

/** Those of Binance's perpetuals. */
export const RULES: CoreRules = {
  postOnlyCross: 'refuse',
  fokUnfilled: 'expire',
  duplicateClientId: 'refuse_open',
  selfTradePrevention: 'none',
  feePlaces: 8,
};

/** A limit gtc buy of 1 at 60000 by account `a`, except for what is given. */
export function newOrder(fields: Partial<NewOrder> & { clientOrderId: string }): NewOrder {
  const order = {
    accountId: 'a',
    symbol: SYMBOL,
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    reduceOnly: false,
    positionSide: 'both',
    quantity: quantity('1'),
    ...fields,
  } as const;
  if (order.type === 'market') return order;
  return { ...order, price: order.price ?? price('60000') };
}

/** A market buy that names what it spends. */
export function spending(quote: string, fields: Partial<NewOrder> & { clientOrderId: string }): NewOrder {
  const quoteQuantity = asNotional(decimal(quote));
  return { ...newOrder({ ...fields, type: 'market', side: 'buy', quantity: quantity('0') }), quoteQuantity };
}

export interface TestVenue {
  readonly core: Core;
  readonly clock: VirtualClock;
  readonly events: CoreEvent[];
}

/**
 * A started core with accounts `a` and `b` of 1,000,000 USDT. Its participants are all but absent (one action in
 * 11 days), and the book they begin with is taken away unless `populated`.
 */
export async function testVenue(options: Partial<CoreOptions> & { populated?: boolean } = {}): Promise<TestVenue> {
  const clock = new VirtualClock();
  const startPrice = price('60000');
  const quiet = { instrument: INSTRUMENT, startPrice };
  const made = await createSimCore({
    clock,
    rng: seededRng(1),
    market: { kind: 'order_flow', markets: [quiet], actionsPerSecond: 0.000001 },
    rules: RULES,
    ...options,
  });
  if (!made.ok) throw new Error(made.failure.detail);
  const { core } = made;
  core.start();
  for (const accountId of ['a', 'b', 'sweeper'])
    core.createAccount({
      accountId,
      deposits: [{ asset: 'USDT', amount: decimal(accountId === 'sweeper' ? '1000000000' : '1000000') }],
    });
  if (options.populated !== true && options.market === undefined) sweep(core);
  const events: CoreEvent[] = [];
  core.subscribe((event) => events.push(event));
  return { core, clock, events };
}

export function accepted<T>(verdict: Verdict<T>): T {
  if (!verdict.ok) throw new Error(`refused: ${verdict.refusal.code}: ${verdict.refusal.detail}`);
  return verdict.value;
}

export function codeOf<T>(verdict: Verdict<T>): string {
  return verdict.ok ? 'accepted' : verdict.refusal.code;
}

export function place(core: Core, fields: Partial<NewOrder> & { clientOrderId: string }): Order {
  return accepted(core.place(newOrder(fields)));
}

function sweep(core: Core): void {
  const all = { accountId: 'sweeper', type: 'market', quantity: quantity('1000') } as const;
  place(core, { ...all, clientOrderId: 'asks', side: 'buy' });
  place(core, { ...all, clientOrderId: 'bids', side: 'sell' });
}
