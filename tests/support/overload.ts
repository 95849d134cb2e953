/**
 * A venue layer driven beyond what its venue allows: new orders and questions at a multiple of the limits, and a cancel
 * for every order that was taken. Used by a test, which counts, and by bench/rate-limits.ts, which measures.
 */
import { z } from 'zod';
import type { Venue } from '../../apps/connector/src/venues/venue.ts';
import type { Sim } from '../../apps/sim/src/sim.ts';
import {
  DenyRule,
  type OrderOutcome,
  OrderType,
  PlaceOrder,
  Side,
  TimeInForce,
} from '../../proto/gen/trunkline/exchange/v1/order.ts';
import { asPrice, decimal, multiply, roundToStep } from '../../proto/src/decimal.ts';
import { ExchangeError } from '../../proto/src/exchange-error.ts';
import { FRONTS, type FrontName } from './venue-rig.ts';

/** What each venue allows in a second, sustained: new orders of one symbol, and lists of open orders. */
export const ALLOWED: Readonly<Record<FrontName, { readonly orders: number; readonly questions: number }>> = {
  // 300 orders in 10 s (and 1,200 a minute), 2,400 of weight a minute; the list weighs 1.
  'binance-usdm': { orders: 30, questions: 40 },
  // 100 orders in 10 s, 6,000 of weight a minute; the list weighs 6.
  'binance-spot': { orders: 10, questions: 17 },
  'bitget-usdt-futures': { orders: 10, questions: 10 },
  'bitget-spot': { orders: 10, questions: 20 },
  // Questions: 200 in 10 s.
  'gate-usdt-futures': { orders: 100, questions: 20 },
  'gate-spot': { orders: 10, questions: 20 },
};

export interface OverloadOptions {
  readonly front: FrontName;
  readonly venue: Venue;
  readonly sim: Sim;
  readonly seconds: number;
  readonly ordersPerSecond: number;
  readonly questionsPerSecond: number;
  /** First characters of the client ids; none may come twice at one venue. */
  readonly tag: string;
}

export interface Overload {
  readonly orders: {
    readonly asked: number;
    readonly accepted: number;
    readonly denied: number;
    readonly other: number;
  };
  readonly questions: { readonly asked: number; readonly answered: number; readonly refusedByUs: number };
  readonly cancels: {
    readonly asked: number;
    readonly accepted: number;
    /** Held back here, since the venue limits cancels, too (Bitget: 10 a second), and asked again. */
    readonly repeated: number;
    readonly latenciesMs: readonly number[];
  };
  /** What became of the cancels that were not accepted. */
  readonly refusedCancels: readonly string[];
  /** Answers 429 and 418 that the sim gave. */
  readonly tooMany: number;
}

const TICK_MS = 50;
/** Orders rest for this long before they are cancelled. */
const REST_MS = 200;
/** As the engine, which asks again for a cancel that was denied. */
const REPEAT_MS = 100;
const admit = () => undefined;

export async function overload(options: OverloadOptions): Promise<Overload> {
  const { front, venue, sim, seconds, tag } = options;
  const { symbol, venueSymbol } = FRONTS[front];
  const orders = { asked: 0, accepted: 0, denied: 0, other: 0 };
  const questions = { asked: 0, answered: 0, refusedByUs: 0 };
  const cancels = { asked: 0, accepted: 0, repeated: 0 };
  const latenciesMs: number[] = [];
  const refusedCancels: string[] = [];
  const work: Promise<void>[] = [];

  const place = async (index: number) => {
    const outcome = await venue.place(restingOrder(venue, sim, venueSymbol, symbol, `${tag}${index}`), admit);
    const kind = outcome.fate?.$case;
    if (kind === 'denied') orders.denied += 1;
    else if (kind !== 'accepted') orders.other += 1;
    else {
      orders.accepted += 1;
      await Bun.sleep(REST_MS);
      await cancel(outcome);
    }
  };
  const cancel = async ({ clientOrderId, fate }: OrderOutcome) => {
    const venueOrderId = fate?.$case === 'accepted' ? (fate.value.order?.venueOrderId ?? '') : '';
    const startMs = performance.now();
    cancels.asked += 1;
    for (let isHeldBack = true; isHeldBack; ) {
      const outcome = await venue.cancel({ symbol, clientOrderId, venueOrderId }, admit);
      isHeldBack = outcome.fate?.$case === 'denied' && outcome.fate.value.rule === DenyRule.RATE;
      if (isHeldBack) {
        cancels.repeated += 1;
        await Bun.sleep(REPEAT_MS);
      } else if (outcome.fate?.$case === 'accepted') cancels.accepted += 1;
      else refusedCancels.push(JSON.stringify(outcome.fate));
    }
    latenciesMs.push(performance.now() - startMs);
  };
  const ask = async () => {
    questions.asked += 1;
    try {
      await venue.listOpenOrders({ symbol, pageSize: 0, pageToken: '' });
      questions.answered += 1;
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      questions.refusedByUs += 1;
    }
  };

  const startMs = performance.now();
  let asked = 0;
  for (let nowMs = 0; nowMs < seconds * 1_000; nowMs = performance.now() - startMs) {
    for (; orders.asked < (nowMs / 1_000) * options.ordersPerSecond; orders.asked++) work.push(place(orders.asked));
    for (; asked < (nowMs / 1_000) * options.questionsPerSecond; asked++) work.push(ask());
    await Bun.sleep(TICK_MS);
  }
  await Promise.all(work);
  return { orders, questions, cancels: { ...cancels, latenciesMs }, refusedCancels, tooMany: await countTooMany(sim) };
}

/** Two percent below the market: it rests. */
function restingOrder(venue: Venue, sim: Sim, venueSymbol: string, symbol: string, clientOrderId: string): PlaceOrder {
  const instrument = venue.instruments.find((each) => each.symbol === symbol);
  const quote = sim.core.bestQuote(venueSymbol);
  if (instrument === undefined || quote === undefined) throw new Error('no instrument or no quote');
  const price = roundToStep(asPrice(multiply(quote.bid[0], decimal('0.98'))), decimal(instrument.tickSize), 'down');
  return PlaceOrder.fromPartial({
    ...{ clientOrderId, symbol, side: Side.BUY, type: OrderType.LIMIT, timeInForce: TimeInForce.GTC },
    ...{ price, quantity: '0.002' },
  });
}

const callsPage = z.object({ items: z.array(z.object({ status: z.number() })), next: z.string().nullable() });

async function countTooMany(sim: Sim): Promise<number> {
  let count = 0;
  let after: string | null = null;
  do {
    const query: string = after === null ? '' : `&after=${after}`;
    const response = await fetch(`${sim.urls.control}/truth/calls?limit=10000${query}`);
    const page = callsPage.parse(await response.json());
    count += page.items.filter(({ status }) => status === 429 || status === 418).length;
    after = page.next;
  } while (after !== null);
  return count;
}
