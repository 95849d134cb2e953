/** What comes all at once comes whole and in order, on every market side by side, over the sim's own frames. */
import { expect, test } from 'bun:test';
import type { Core } from '../apps/sim/src/core/core-api.ts';
import { VENUES } from '../apps/sim/src/venues/registry.ts';
import { Channel, Topic } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { OrderStatus } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { add, compare, type Decimal, decimal, price, quantity } from '../proto/src/decimal.ts';
import { type FrameRelay, type Handover, openFrameRelay } from './support/frame-relay.ts';
import { acceptedOrder, admit, casesOf, fillsOf, limit, marketOf, ordersOf } from './support/venue-orders.ts';
import { FRONTS, type FrontName, type RigOptions, type VenueRig, venueRig } from './support/venue-rig.ts';

const GIVE_UP_MS = 40_000;
const TEST_MS = 90_000;
const TRADES = 10_000;
/** Of the frames that a venue's private channels can say it in, the least. */
const FRAMES_OF_BURST = 4;

const ALL = Object.keys(FRONTS).filter((name): name is FrontName => VENUES.some((front) => front === name));
/** Binance says each execution in a frame of its own. */
const HANDOVERS: readonly (readonly [Handover, readonly FrontName[]])[] = [
  ['one_write', ALL],
  ['one_frame', ALL.filter((front) => FRONTS[front].venue !== 'binance')],
];

async function withRig(options: RigOptions, run: (rig: VenueRig) => Promise<void>): Promise<void> {
  const rig = await venueRig({ giveUpMs: GIVE_UP_MS, ...options });
  try {
    expect(await rig.venue.start()).toBeUndefined();
    await run(rig);
  } finally {
    await rig.close();
  }
}

for (const [handover, fronts] of HANDOVERS) {
  for (const front of fronts) {
    test.concurrent(
      `new, partial, partial and filled arrive whole from ${front} in ${handover.replace('_', ' ')}`,
      async () => {
        let relay: FrameRelay | undefined;
        const behind = (simUrl: string) => {
          relay = openFrameRelay(simUrl);
          return relay;
        };
        await withRig({ front, behind, orderEntry: 'rest', sim: { actionsPerSecond: 0.001 } }, async (rig) => {
          if (relay !== undefined) await burst(front, rig, relay, handover);
        });
      },
      TEST_MS,
    );
  }
}

async function burst(front: FrontName, { sim, venue, events, until }: VenueRig, relay: FrameRelay, how: Handover) {
  const { symbol, venueSymbol } = FRONTS[front];
  // What is bid above it is taken first, so that it is the best bid.
  trade(sim.core, { account: 'seller', side: 'sell', symbol: venueSymbol, at: '59000', size: '50' });
  relay.hold();
  const order = limit({ symbol, price: '59500', quantity: '0.04' });
  acceptedOrder(await venue.place(order, admit));
  for (const size of ['0.01', '0.01', '0.02']) {
    trade(sim.core, { account: 'seller', side: 'sell', symbol: venueSymbol, at: '59500', size });
  }
  await until(() => relay.held >= FRAMES_OF_BURST, 'the frames');
  expect(ordersOf(events, order.clientOrderId)).toEqual([]);
  relay.release(how);
  await until(() => fillsOf(events, order.clientOrderId).length >= 3, 'three fills');

  const { OPEN, PARTIALLY_FILLED, FILLED } = OrderStatus;
  const orders = ordersOf(events, order.clientOrderId);
  expect(orders.map(({ status, filledQuantity }) => [status, filledQuantity])).toEqual([
    [OPEN, '0'],
    [PARTIALLY_FILLED, '0.01'],
    [PARTIALLY_FILLED, '0.02'],
    [FILLED, '0.04'],
  ]);
  const fills = fillsOf(events, order.clientOrderId);
  expect(fills.map(({ quantity: filled }) => filled)).toEqual(['0.01', '0.01', '0.02']);
  const truth = sim.core.fills('main', venueSymbol, { limit: 10 });
  expect(fills.map(({ tradeId }) => tradeId)).toEqual(truth.map(({ tradeId }) => tradeId));

  // Each fill after a state of its order that has it in.
  let told: Decimal = decimal('0');
  let given: Decimal = decimal('0');
  for (const event of events) {
    if (event.kind === 'order' && event.order.clientOrderId === order.clientOrderId)
      told = decimal(event.order.filledQuantity);
    if (event.kind !== 'fill' || event.fill.clientOrderId !== order.clientOrderId) continue;
    given = add(given, decimal(event.fill.quantity));
    expect(compare(given, told)).toBeLessThanOrEqual(0);
  }
}

for (const front of ALL) {
  test.concurrent(
    `${TRADES} trades at once arrive whole and in order from ${front}`,
    async () => {
      let relay: FrameRelay | undefined;
      const behind = (simUrl: string) => {
        relay = openFrameRelay(simUrl);
        return relay;
      };
      await withRig({ front, behind, sim: { actionsPerSecond: 50 } }, async (rig) => {
        if (relay !== undefined) await flood(front, rig, relay);
      });
    },
    TEST_MS,
  );
}

/** The venue's last trade once more, again and again, under the ids that follow. */
async function flood(front: FrontName, { venue, events, until }: VenueRig, relay: FrameRelay) {
  venue.subscribe(Topic.fromPartial({ channel: Channel.TRADES, symbol: FRONTS[front].symbol }));
  const trades = () =>
    marketOf(events, Channel.TRADES).flatMap(({ event }) => (event?.$case === 'trade' ? [event.value.tradeId] : []));
  await until(() => trades().length > 0, 'a first trade');
  relay.hold();
  const [frame, last] = lastTrade(relay.said);
  await until(() => trades().includes(String(last)), 'what was under way');
  const first = trades().length;
  const ids = Array.from({ length: TRADES }, (_, index) => String(last + BigInt(index + 1)));
  relay.inject(ids.map((id) => frame.replace(TRADE_ID, (_, name) => `${name}${id}`)));

  const arrived = () => {
    const event = events.at(-1);
    const word = event?.kind === 'market' ? event.event.event : undefined;
    return word?.$case === 'trade' && word.value.tradeId === ids.at(-1);
  };
  await until(arrived, 'the last trade');
  expect(trades().slice(first)).toEqual(ids);
  expect(casesOf(marketOf(events, Channel.TRADES))).not.toContain('gap');
}

/** Binance's `t`, Bitget's `tradeId`, Gate's `id` within a result, for pairs `id_market`. */
const TRADE_ID = /("t":|"tradeId":"|"result":\[?\{(?:[^}]*?"id_market":|[^}]*?"id":))(\d+)/;

/** A frame of one trade, and its id. */
function lastTrade(said: readonly string[]): readonly [frame: string, id: bigint] {
  for (const text of said.toReversed()) {
    const [, , id] = /"e":"trade"|"channel":"(?:spot\.|futures\.)?trades?"/.test(text)
      ? (TRADE_ID.exec(text) ?? [])
      : [];
    if (id !== undefined) return [text, BigInt(id)];
  }
  throw new Error('no frame has a trade');
}

interface Other {
  readonly account: string;
  readonly side: 'buy' | 'sell';
  readonly symbol: string;
  readonly at: string;
  readonly size: string;
}

/** Somebody else's order: a bid rests, an ask takes what it can. */
function trade(core: Core, { account, side, symbol, at, size }: Other): void {
  const amount = decimal('100000000');
  const deposits = core
    .instruments()
    .flatMap(({ base, quote, market }) =>
      (market === 'spot' ? [base, quote] : [quote]).map((asset) => ({ asset, amount })),
    );
  if (core.account(account) === undefined) core.createAccount({ accountId: account, deposits });
  const verdict = core.place({
    ...{ accountId: account, clientOrderId: `${account}-${core.openOrders(account).length}`, symbol, side },
    ...{ type: 'limit', timeInForce: side === 'sell' ? 'ioc' : 'gtc', reduceOnly: false, positionSide: 'both' },
    ...{ price: price(at), quantity: quantity(size) },
  });
  if (!verdict.ok) throw new Error(JSON.stringify(verdict));
}
