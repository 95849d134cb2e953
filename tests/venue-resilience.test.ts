/**
 * What networks and venues do to connections, on every market side by side: no order and no fill is lost by it, every
 * break is said before anything that comes after it, and what was streamed goes on by itself.
 */
import { expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VenueEvent } from '../apps/connector/src/venues/venue.ts';
import type { Core } from '../apps/sim/src/core/core-api.ts';
import { frontOf, VENUES } from '../apps/sim/src/venues/registry.ts';
import { GetOrderRequest, ListFillsRequest } from '../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { Channel, Topic } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { type Order, OrderReference, OrderStatus } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { decimal, price, quantity } from '../proto/src/decimal.ts';
import { ExchangeError } from '../proto/src/exchange-error.ts';
import { openRelay, type Relay } from './support/relay.ts';
import { skippingClock } from './support/skipping-clock.ts';
import { admit, casesOf, limit, marketOf, ordersOf } from './support/venue-orders.ts';
import {
  API_KEY,
  API_SECRET,
  FRONTS,
  type FrontName,
  type RigOptions,
  type VenueRig,
  venueRig,
} from './support/venue-rig.ts';

/** On a busy machine nothing here is fast; all of it is waited for. */
const GIVE_UP_MS = 40_000;
const TEST_MS = 90_000;
/** A dead peer is noticed within four of these. */
const PING_MS = 1_000;
const CONNECT_MS = 500;
const ASK_AGAIN_MS = 50;
const QUANTITY = '0.01';

/** What happens at the venue while the connector does not hear it. */
type Meanwhile = () => void;

interface Break {
  readonly does: string;
  /** Of a front's market streams, too. */
  readonly breaksMarket: boolean;
  readonly fronts: readonly FrontName[];
  open(front: FrontName): Promise<Broken>;
}

interface Broken {
  readonly options: RigOptions;
  /** Returns once the connection is about to come back, or is about to be noticed as dead. */
  happen(rig: VenueRig, meanwhile: Meanwhile): Promise<void>;
  end?(): void;
}

const ALL = Object.keys(FRONTS).filter((name): name is FrontName => VENUES.some((front) => front === name));

const isDown = (rig: VenueRig) => rig.until(() => rig.venue.status.state !== VenueState.READY, 'the loss');

/** Opens the relay between connector and venue together with the rig. */
function relayed(timings: RigOptions['timings'], happen: (relay: Relay) => Broken['happen']): Broken {
  let relay: Relay | undefined;
  return {
    options: {
      timings: timings ?? {},
      async behind(simUrl) {
        relay = await openRelay(simUrl);
        return relay;
      },
    },
    happen(rig, meanwhile) {
      if (relay === undefined) throw new Error('the rig opened no relay');
      return happen(relay)(rig, meanwhile);
    },
  };
}

const BREAKS: readonly Break[] = [
  {
    does: 'the venue ends every connection after 24 hours',
    breaksMarket: true,
    fronts: ALL,
    async open(front) {
      const { clock, skip } = skippingClock();
      return {
        options: { sim: { clock } },
        async happen(rig, meanwhile) {
          skip(frontOf(front).timing.lifetimeMs);
          await isDown(rig);
          meanwhile();
        },
      };
    },
  },
  {
    does: 'the venue restarts on what it had written down',
    breaksMarket: true,
    fronts: ALL,
    async open() {
      const stateDir = mkdtempSync(join(tmpdir(), 'venue-restart-'));
      return {
        options: { sim: { stateDir } },
        async happen(rig, meanwhile) {
          await rig.restartSim();
          meanwhile();
          await isDown(rig);
        },
        end: () => rmSync(stateDir, { recursive: true }),
      };
    },
  },
  {
    does: 'the peer dies and its connections stand',
    breaksMarket: true,
    fronts: ALL,
    open: async () =>
      relayed({ socketPingMs: PING_MS }, (relay) => async (rig, meanwhile) => {
        relay.freeze();
        meanwhile();
        await isDown(rig);
      }),
  },
  {
    does: 'new sockets are accepted and never answered for a while',
    breaksMarket: true,
    fronts: ALL,
    open: async () =>
      relayed({ connectTimeoutMs: CONNECT_MS }, (relay) => async (rig, meanwhile) => {
        relay.holdUpgrades();
        relay.cut();
        await isDown(rig);
        meanwhile();
        // Private, market and order sockets, and some of them again.
        await rig.until(() => relay.held >= 6, 'attempts that are not answered');
        expect(rig.venue.status.state).not.toBe(VenueState.READY);
        relay.passUpgrades();
      }),
  },
  {
    does: 'the listen key was not renewed for its 60 minutes, which the venue says',
    breaksMarket: false,
    fronts: ['binance-usdm'],
    async open() {
      const { clock, skip } = skippingClock();
      return {
        options: { sim: { clock } },
        async happen(rig, meanwhile) {
          skip(60 * 60_000);
          await isDown(rig);
          meanwhile();
        },
      };
    },
  },
  {
    does: 'the listen key is gone and the venue does not say it',
    breaksMarket: false,
    fronts: ['binance-usdm'],
    open: async () => ({
      options: { timings: { listenKeyMs: 1_000 } },
      async happen(rig, meanwhile) {
        await dropListenKey(rig);
        meanwhile();
        await isDown(rig);
      },
    }),
  },
];

for (const { does, breaksMarket, fronts, open } of BREAKS) {
  for (const front of fronts) {
    test.concurrent(
      `${front} loses nothing when ${does}`,
      async () => {
        const broken = await open(front);
        const { sim, ...options } = broken.options;
        const usual = { actionsPerSecond: 40, ...sim };
        const rig = await venueRig({ front, giveUpMs: GIVE_UP_MS, sim: usual, ...options });
        try {
          await losesNothing(front, rig, broken, breaksMarket);
        } finally {
          await rig.close();
          broken.end?.();
        }
      },
      TEST_MS,
    );
  }
}

async function losesNothing(front: FrontName, rig: VenueRig, broken: Broken, breaksMarket: boolean): Promise<void> {
  const { symbol, venueSymbol } = FRONTS[front];
  const { venue, events, until } = rig;
  const startUs = Date.now() * 1_000;
  expect(await venue.start()).toBeUndefined();

  const rests = async (limitPrice: string): Promise<Order> => {
    const { order } = await eventually(async () => {
      const asked = limit({ symbol, price: limitPrice, quantity: QUANTITY });
      const { fate } = await venue.place(asked, admit);
      return fate?.$case === 'accepted' ? fate.value : new Error(JSON.stringify(fate));
    });
    if (order === undefined) throw new Error('accepted without an order');
    await until(() => ordersOf(events, order.clientOrderId).length > 0, `order ${order.clientOrderId} on the stream`);
    return order;
  };
  const fills = await rests('58500');
  const isCanceled = await rests('58000');
  const stays = await rests('57500');

  const said = (channel: Channel, from: number) => casesOf(marketOf(events.slice(from), channel));
  const streamed = [
    [Channel.BOOK, 'bookUpdate'],
    [Channel.BEST_QUOTE, 'bestQuote'],
    [Channel.TRADES, 'trade'],
  ] as const;
  for (const [channel] of streamed) venue.subscribe(Topic.fromPartial({ channel, symbol }));
  for (const [channel, data] of streamed) {
    await until(() => said(channel, 0).includes(data), `data of ${Channel[channel]}`);
  }

  const mark = events.length;
  await broken.happen(rig, () => {
    const { core } = rig.sim;
    core.cancel({
      accountId: 'main',
      symbol: venueSymbol,
      order: { by: 'venue', venueOrderId: coreId(core, isCanceled) },
    });
    sellDownTo(core, venueSymbol, '58500', '58490');
  });
  const since = () => kindsOf(events.slice(mark));
  await until(() => since().includes('private_gap') && since().at(-1) === 'READY', 'READY again');

  // V5: the gap before everything that was heard after it, and READY only then.
  const before = since().slice(0, since().indexOf('private_gap'));
  expect(new Set(before)).toEqual(new Set(['DISCONNECTED']));

  const wasFilled = await eventually(async () =>
    venue.listFills(ListFillsRequest.fromPartial({ symbol, sinceUs: startUs - 60_000_000 })),
  );
  const ofOrder = wasFilled.fills.filter(({ venueOrderId }) => venueOrderId === fills.venueOrderId);
  expect(ofOrder.map(({ quantity: filled }) => filled)).toEqual([QUANTITY]);
  const isOpen = await eventually(() => venue.listOpenOrders({ symbol: '', pageSize: 0, pageToken: '' }));
  expect(isOpen.orders.map(({ clientOrderId }) => clientOrderId)).toEqual([stays.clientOrderId]);
  for (const [order, status] of [
    [fills, OrderStatus.FILLED],
    [isCanceled, OrderStatus.CANCELED],
    [stays, OrderStatus.OPEN],
  ] as const) {
    const { clientOrderId, venueOrderId } = order;
    const reference = OrderReference.fromPartial({ symbol, clientOrderId, venueOrderId });
    const asked = GetOrderRequest.fromPartial({ order: reference, sentAtUs: startUs, fullSearch: true });
    const { answer } = await eventually(() => venue.getOrder(asked));
    expect(answer).toMatchObject({ $case: 'found', value: { order: { venueOrderId, status } } });
  }

  // What was streamed goes on: the account's events and every topic.
  const later = await rests('57000');
  const ends = await eventually(async () => {
    const { clientOrderId, venueOrderId } = later;
    const { fate } = await venue.cancel(OrderReference.fromPartial({ symbol, clientOrderId, venueOrderId }), admit);
    return fate?.$case === 'accepted' ? fate : new Error(JSON.stringify(fate));
  });
  expect(ends.$case).toBe('accepted');
  const heard = () => ordersOf(events, later.clientOrderId).at(-1)?.status;
  await until(() => heard() === OrderStatus.CANCELED, 'the end of an order on the stream');
  for (const [channel, data] of streamed) {
    const cases = () => said(channel, mark);
    // A gap in trades is said with the next trade, where one was missed.
    const saysGap = breaksMarket && channel !== Channel.TRADES;
    const brokenAt = () => (saysGap ? Math.max(cases().indexOf('gap'), cases().indexOf('staleness')) : 0);
    if (saysGap) {
      await until(() => cases().includes('gap') && cases().includes('staleness'), `the gap of ${Channel[channel]}`);
    }
    await until(() => cases().slice(brokenAt()).includes(data), `data of ${Channel[channel]} again`);
  }
}

/** Orders, fills, gaps and states in the order in which they were said. */
function kindsOf(events: readonly VenueEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.kind === 'status') return [VenueState[event.status.state]];
    return event.kind === 'private_gap' || event.kind === 'order' || event.kind === 'fill' ? [event.kind] : [];
  });
}

/** As the engine asks after a break: again, until the venue can answer. */
async function eventually<T>(ask: () => Promise<T | Error>): Promise<T> {
  for (const untilMs = performance.now() + GIVE_UP_MS; ; await Bun.sleep(ASK_AGAIN_MS)) {
    const answer = await ask().catch((error: unknown) => {
      if (error instanceof ExchangeError) return error;
      throw error;
    });
    if (!(answer instanceof Error)) return answer;
    if (performance.now() > untilMs) throw answer;
  }
}

/** Somebody else sells everything that is bid for at or above the price, and bids below it, so that the rest stays. */
function sellDownTo(core: Core, symbol: string, to: string, below: string): void {
  const rich = decimal('100000000');
  const deposits = core
    .instruments()
    .flatMap(({ base, quote, market }) =>
      (market === 'spot' ? [base, quote] : [quote]).map((asset) => ({ asset, amount: rich })),
    );
  for (const [accountId, side, limitPrice] of [
    ['bidder', 'buy', below],
    ['seller', 'sell', to],
  ] as const) {
    core.createAccount({ accountId, deposits });
    const verdict = core.place({
      ...{ accountId, clientOrderId: accountId, symbol, side, type: 'limit', price: price(limitPrice) },
      ...{ timeInForce: side === 'sell' ? 'ioc' : 'gtc', reduceOnly: false, positionSide: 'both' },
      quantity: quantity('50'),
    });
    if (!verdict.ok) throw new Error(JSON.stringify(verdict));
  }
}

function coreId(core: Core, { clientOrderId }: Order): string {
  const held = core.openOrders('main').find((order) => order.clientOrderId.endsWith(clientOrderId));
  if (held === undefined) throw new Error(`the venue has no order ${clientOrderId}`);
  return held.venueOrderId;
}

/** Another client of the account ends its listen key, of which the venue says nothing on the stream. */
async function dropListenKey({ sim }: VenueRig): Promise<void> {
  const query = `timestamp=${Date.now()}`;
  const signature = createHmac('sha256', API_SECRET).update(query).digest('hex');
  const [url] = Object.values(sim.urls.venues);
  const answer = await fetch(`${url}/fapi/v1/listenKey?${query}&signature=${signature}`, {
    method: 'DELETE',
    headers: { 'X-MBX-APIKEY': API_KEY },
  });
  if (!answer.ok) throw new Error(await answer.text());
}
