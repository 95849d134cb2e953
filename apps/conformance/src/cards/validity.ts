/** VAL: no command is carried out after its time, and none on a market that nobody sees. */
import { Channel } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { DenyRule, OrderStatus, Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { GoodbyeReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type Card, group } from '../card.ts';
import { channel, method, sim } from '../needs.ts';
import { expectAccepted, expectDenied } from '../suite/fates.ts';
import { expectEqual } from '../suite/mismatch.ts';
import { Session } from '../suite/session.ts';
import { topicOf } from './topics.ts';

const expired: Card = {
  id: 'VAL-01',
  title: 'A command whose valid_until_us has passed is denied and never leaves',
  manner: 'session',
  needs: [method('ListOpenOrders')],
  action: 'Place an order and cancel another, both valid until a second ago.',
  expected: ['denied{EXPIRED}', 'denied{EXPIRED}: cancels too', 'no order event, no open order'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote());
    expectDenied(await session.place(order, { validMs: -1_000 }), DenyRule.EXPIRED);
    expectDenied(await session.cancel(bench.reference(bench.mint()), { validMs: -1_000 }), DenyRule.EXPIRED);
    expectEqual(session.orders(order.clientOrderId).length, 0, 'order events');
    const open = (await bench.openOrders()).filter((each) => each.clientOrderId === order.clientOrderId);
    expectEqual(open.length, 0, 'open orders of it');
  },
};

const AN_HOUR_US = 3_600_000_000;

const ourClock: Card = {
  id: 'VAL-02',
  title: "valid_until_us is by the engine's clock, translated by the measured offset",
  manner: 'session',
  needs: [],
  action:
    'As an engine whose clock is an hour slow: hello, heartbeat, an order valid for 10 s; then one valid until a second ago.',
  expected: ['accepted', 'denied{EXPIRED}'],
  async run(bench) {
    const slow = { ...bench.clock, wallUs: () => bench.clock.wallUs() - AN_HOUR_US };
    const stream = await bench.tradeStream({ acknowledges: true });
    const epoch = bench.nextEpoch();
    stream.send(bench.hello({ epoch, sentAtUs: slow.wallUs() }));
    const welcome = await stream.until(() => stream.welcome, 'a welcome');
    stream.fallSilent();
    const session = new Session(stream, welcome, bench.tools(slow));
    const echo = { peerSentAtUs: welcome.sentAtUs, receivedAtUs: slow.wallUs() };
    stream.send({ $case: 'heartbeat', value: { sentAtUs: slow.wallUs(), echo } });
    const quote = await bench.quote();
    const order = bench.orders.resting(Side.BUY, quote);
    const outcome = await session.place(order);
    expectAccepted(outcome);
    expectAccepted(await session.cancel(bench.reference(order.clientOrderId)));
    await session.status(order.clientOrderId, OrderStatus.CANCELED);
    const late = bench.orders.resting(Side.BUY, quote);
    expectDenied(await session.place(late, { validMs: -1_000 }), DenyRule.EXPIRED);
    stream.send({ $case: 'goodbye', value: { reason: GoodbyeReason.DONE } });
    await stream.ending('the stream to end');
  },
};

const SILENT_MS = 9_000;

const staleQuote: Card = {
  id: 'VAL-03',
  title: 'While the quote of a watched symbol is stale, new orders are denied and cancels pass',
  manner: 'alone',
  needs: [sim, channel(Channel.BEST_QUOTE), channel(Channel.BOOK)],
  limitMs: 45_000,
  action:
    "Place a resting order; let the venue's market data fall silent; place another; cancel the first; let it speak again.",
  expected: [
    'staleness: stale on the quote',
    'denied{STALE_QUOTE} for the new order',
    'accepted for the cancel',
    'staleness: live, before or with the next quote; then orders are accepted again',
  ],
  async run(bench) {
    const session = await bench.session();
    const quote = await bench.quote();
    const first = bench.orders.resting(Side.BUY, quote);
    await session.accept(first);
    const stream = await bench.market();
    const topic = topicOf(bench, Channel.BEST_QUOTE);
    await bench.subscribed(stream, topic);
    const { venueSymbol } = bench.target.instrument;
    await bench.sim.fault({ kind: 'silence_market', symbol: venueSymbol, forMs: SILENT_MS });
    const marks = () =>
      stream.of(topic).flatMap(({ event }) => (event?.$case === 'staleness' ? [event.value.stale] : []));
    await stream.until(() => marks().includes(true) || undefined, 'a stale mark', SILENT_MS);
    expectDenied(await session.place(bench.orders.resting(Side.BUY, quote)), DenyRule.STALE_QUOTE);
    expectAccepted(await session.cancel(bench.reference(first.clientOrderId)));
    await stream.until(() => marks().at(-1) === false || undefined, 'a live mark', 2 * SILENT_MS);
    await session.accept(bench.orders.resting(Side.BUY, await bench.quote()));
  },
};

export const VALIDITY = group('VAL', 'Validity', [expired, ourClock, staleQuote]);
