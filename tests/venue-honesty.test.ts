/**
 * Placing under faults, on every market side by side: whatever becomes of requests and connections, every order has one
 * fate, the fate is true, and what is not known is found out (H1 to H5 of support/honesty.ts).
 */
import { expect, test } from 'bun:test';
import { VENUES } from '../apps/sim/src/venues/registry.ts';
import {
  DenyRule,
  type OrderOutcome,
  OrderType,
  type PlaceOrder,
  Side,
  TimeInForce,
} from '../proto/gen/trunkline/exchange/v1/order.ts';
import { VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { sleep, systemClock } from '../proto/src/clock.ts';
import { fillLine, judge, listedFills, readTruth, searchFor, type Told } from './support/honesty.ts';
import { openRelay, type Relay } from './support/relay.ts';
import { admit, limit } from './support/venue-orders.ts';
import { FRONTS, type FrontName, type VenueRig, venueRig } from './support/venue-rig.ts';

/** On a busy machine nothing here is fast; all of it is waited for. */
const GIVE_UP_MS = 30_000;
const TEST_MS = 90_000;
/** Above what a busy machine takes to answer, below `HELD_MS`. */
const REQUEST_TIMEOUT_MS = 1_000;
const HELD_MS = 1_500;
const ASK_AGAIN_MS = 100;

interface Paths {
  readonly place: string;
  /** Before our ids at the venue. */
  readonly prefix: string;
}

const PATHS: Readonly<Record<FrontName, Paths>> = {
  'binance-usdm': { place: '/fapi/v1/order', prefix: '' },
  'binance-spot': { place: '/api/v3/order', prefix: '' },
  'bitget-usdt-futures': { place: '/api/v2/mix/order/place-order', prefix: '' },
  'bitget-spot': { place: '/api/v2/spot/trade/place-order', prefix: '' },
  'gate-usdt-futures': { place: '/api/v4/futures/usdt/orders', prefix: 't-' },
  'gate-spot': { place: '/api/v4/spot/orders', prefix: 't-' },
};

const ALL = Object.keys(FRONTS).filter((name): name is FrontName => VENUES.some((front) => front === name));
const ROUND = 5;

/** What may be done to the requests of one round; armed just before they are sent. */
type Strike = (rig: VenueRig, relay: Relay, path: string) => Promise<void>;
const requestFault =
  (fault: object): Strike =>
  ({ fault: arm }, _relay, path) =>
    arm({ method: 'POST', path, count: ROUND, ...fault });

/** In an order in which each leaves the next one its connections, or their loss. */
const STRIKES: readonly Strike[] = [
  async () => {},
  requestFault({ kind: 'fail_after_accept' }),
  requestFault({ kind: 'refuse', status: 503, body: {} }),
  // The connections are lost when the venue has taken the first order in and has not answered it yet.
  async ({ sim: { core } }, relay) => {
    const unsubscribe = core.subscribe((event) => {
      if (event.kind !== 'order' || event.order.accountId !== 'main') return;
      unsubscribe();
      relay.cut();
    });
  },
  requestFault({ kind: 'timeout_after_accept', holdMs: HELD_MS }),
  async () => {},
  // Given up by us before the venue even looks at it.
  requestFault({ kind: 'delay', delayMs: HELD_MS, when: 'before' }),
];

function roundOf(symbol: string, rests: string, takes: string): PlaceOrder[] {
  const ioc = { timeInForce: TimeInForce.IOC };
  const { price: _, ...market } = limit({ symbol, price: rests, type: OrderType.MARKET, side: Side.SELL, ...ioc });
  return [
    limit({ symbol, price: rests }),
    limit({ symbol, price: takes, ...ioc }),
    limit({ symbol, price: takes, postOnly: true }),
    market,
    // More than the account can pay for.
    limit({ symbol, price: rests, quantity: '5000' }),
  ];
}

/** The venue's own prices: one that rests and one that takes, whatever the market did. */
function pricesOf({ sim: { core } }: VenueRig, venueSymbol: string) {
  const quote = core.bestQuote(venueSymbol);
  if (quote?.bid === undefined || quote.ask === undefined) throw new Error('the market has no quote');
  return {
    rests: String(Math.floor(Number(quote.bid[0]) * 0.98)),
    takes: String(Math.ceil(Number(quote.ask[0]) * 1.01)),
  };
}

const isUnknown = ({ fate }: OrderOutcome) => fate?.$case === 'unknown';
const isUp = (rig: VenueRig) => rig.until(() => rig.venue.status.state === VenueState.READY, 'the private stream');

async function opened(front: FrontName) {
  let relay: Relay | undefined;
  const rig = await venueRig({
    front,
    giveUpMs: GIVE_UP_MS,
    sim: { actionsPerSecond: 40 },
    timings: { requestTimeoutMs: REQUEST_TIMEOUT_MS },
    async behind(simUrl) {
      relay = await openRelay(simUrl);
      return relay;
    },
  });
  if (relay === undefined) throw new Error('the rig opened no relay');
  expect(await rig.venue.start()).toBeUndefined();
  return { rig, relay };
}

for (const front of ALL) {
  const { symbol, venueSymbol } = FRONTS[front];
  const { place, prefix } = PATHS[front];
  const clock = systemClock();

  test.concurrent(
    `${front}: orders under faults have one fate each, and it is true`,
    async () => {
      const { rig, relay } = await opened(front);
      const { venue, sim, events, until } = rig;
      try {
        const startedUs = clock.wallUs();
        const placed: { wanted: PlaceOrder; outcome: OrderOutcome; sentAtUs: number }[] = [];
        const send = async (terms: PlaceOrder): Promise<void> => {
          const sentAtUs = clock.wallUs();
          const outcome = await venue.place(terms, admit);
          placed.push({ wanted: terms, outcome, sentAtUs });
          if (outcome.fate?.$case !== 'denied' || outcome.fate.value.rule !== DenyRule.RATE) return;
          // There is room again soon; an id is used once.
          await sleep(clock, ASK_AGAIN_MS);
          await send({ ...terms, clientOrderId: limit({ price: '1' }).clientOrderId });
        };
        for (const strike of STRIKES) {
          const { rests, takes } = pricesOf(rig, venueSymbol);
          await strike(rig, relay, place);
          await Promise.all(roundOf(symbol, rests, takes).map(send));
        }
        // The last ones to be taken in are those that the venue was late with.
        const late = placed.slice(-ROUND).filter(({ outcome }) => isUnknown(outcome));
        const cameIn = () => late.every(({ wanted }) => readTruth(sim.core, prefix).requests(wanted.clientOrderId) > 0);
        await until(cameIn, 'the late requests');
        await isUp(rig);
        const settledAtUs = clock.wallUs();

        const told: Told[] = [];
        for (const { sentAtUs, ...each } of placed) {
          const found = isUnknown(each.outcome)
            ? { found: await searchFor(venue, clock, each.wanted, { sentAtUs, settledAtUs }, GIVE_UP_MS) }
            : {};
          told.push({ ...each, ...found });
        }
        const truth = readTruth(sim.core, prefix);
        expect(told.flatMap((each) => judge(each, truth))).toEqual([]);

        const listed = (await listedFills(venue, symbol, startedUs - 1_000_000)).map(fillLine);
        expect(listed.sort()).toEqual([...truth.fills]);
        const streamed = events.flatMap((event) => (event.kind === 'fill' ? [fillLine(event.fill)] : []));
        expect(streamed.filter((line) => !truth.fills.includes(line))).toEqual([]);
        expect(new Set(streamed).size).toBe(streamed.length);

        // Vacuity: every kind of fate was told, and the search had both to find and to miss.
        const fates = new Set(told.map(({ outcome }) => outcome.fate?.$case));
        expect([...fates].filter((fate) => fate !== 'denied').sort()).toEqual(['accepted', 'rejected', 'unknown']);
        expect(told.filter(({ found }) => found === 'absent').length).toBeGreaterThan(0);
        expect(told.filter(({ found }) => found !== undefined && found !== 'absent').length).toBeGreaterThan(ROUND);
        expect(told.length).toBeGreaterThanOrEqual(STRIKES.length * ROUND);
      } finally {
        await rig.close();
      }
    },
    TEST_MS,
  );
}
