/** CRD: nothing grows, in either direction of either lane. */
import { Channel } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { DenyRule, type OrderOutcome } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type Card, group } from '../card.ts';
import { channel, method } from '../needs.ts';
import { followBook } from '../suite/book.ts';
import { expectDenied } from '../suite/fates.ts';
import { expect, expectEqual } from '../suite/mismatch.ts';
import { IMPOSSIBLE } from './session.ts';
import { topicOf } from './topics.ts';

const QUIET_MS = 700;

const commandCredit: Card = {
  id: 'CRD-01',
  title: 'Commands beyond the credit are denied, and cancels have a credit of their own',
  manner: 'alone',
  needs: [],
  limitMs: 60_000,
  action:
    'Send in one message: as many cancels of unknown orders as command_credit, one order, as many cancels more as cancel_credit, and one cancel too many.',
  expected: [
    'exactly one result a command',
    'the order and the last cancel denied{BACKPRESSURE}',
    'no cancel within the credit denied{BACKPRESSURE}',
  ],
  async run(bench) {
    const session = await bench.session();
    const { commandCredit: commands, cancelCredit: cancels } = session.welcome;
    const cancel = () => session.frame({ $case: 'cancel', value: { order: bench.reference(bench.mint()) } });
    const within = Array.from({ length: commands }, cancel);
    const order = session.frame(IMPOSSIBLE);
    const more = Array.from({ length: cancels }, cancel);
    const last = cancel();
    session.stream.send(...within, order, ...more, last);
    const limitMs = 50_000;
    const outcomeOf = async (frame: typeof last): Promise<OrderOutcome | undefined> =>
      (await session.result(frame.value.commandSeq, limitMs)).outcomes[0];
    expectDenied(await outcomeOf(order), DenyRule.BACKPRESSURE);
    expectDenied(await outcomeOf(last), DenyRule.BACKPRESSURE);
    for (const frame of [...within, ...more]) {
      const fate = (await outcomeOf(frame))?.fate;
      const isDenied = fate?.$case === 'denied' && fate.value.rule === DenyRule.BACKPRESSURE;
      expect(!isDenied, `command ${frame.value.commandSeq} within the credit`, 'denied{BACKPRESSURE}');
      expectEqual(session.results(frame.value.commandSeq).length, 1, `results of command ${frame.value.commandSeq}`);
    }
  },
};

const eventWindow: Card = {
  id: 'CRD-02',
  title: 'No more events are sent than the window allows beyond the last ack',
  manner: 'session',
  needs: [],
  action: 'Hello with an event window of 4; send 10 commands; acknowledge step by step.',
  expected: ['4 events and then silence', 'after an ack of the first 3, three more; after all acks, all results'],
  async run(bench) {
    const session = await bench.session({ eventWindow: 4, acknowledges: false });
    const first = session.welcome.nextEventSeq;
    const frames = Array.from({ length: 10 }, () => session.frame(IMPOSSIBLE));
    session.stream.send(...frames);
    const expectCount = async (count: number) => {
      await session.stream.until(() => session.events[count - 1], `event ${count} of the stream`);
      await bench.sleep(QUIET_MS);
      expectEqual(session.events.length, count, 'events within the window');
    };
    const ack = (seq: number) => session.stream.send({ $case: 'ack', value: { seq } });
    await expectCount(4);
    ack(first + 2);
    await expectCount(7);
    while (!frames.every(({ value }) => session.results(value.commandSeq).length === 1)) {
      const seq = session.events.at(-1)?.seq ?? 0;
      ack(seq);
      await session.stream.until(() => session.events.find((event) => event.seq > seq), `events after ack ${seq}`);
    }
  },
};

const falseAck: Card = {
  id: 'CRD-03',
  title: 'An ack of an event that was not sent breaks the stream',
  manner: 'session',
  needs: [],
  action: 'Acknowledge a number far ahead.',
  expected: ['the stream fails with PROTOCOL'],
  async run(bench) {
    const session = await bench.session({ acknowledges: false });
    session.stream.send({ $case: 'ack', value: { seq: session.welcome.nextEventSeq + 1_000_000 } });
    expectEqual(
      await session.stream.ending('the stream to fail'),
      ErrorReason[ErrorReason.PROTOCOL],
      'the end of the stream',
    );
  },
};

const lowerAck: Card = {
  id: 'CRD-04',
  title: 'Acks are cumulative: a lower one and a repeated one change nothing',
  manner: 'session',
  needs: [],
  action: 'With a window of 3, acknowledge the third event, then the first, then the third again; send commands.',
  expected: ['three more events and no more'],
  async run(bench) {
    const session = await bench.session({ eventWindow: 3, acknowledges: false });
    const first = session.welcome.nextEventSeq;
    session.stream.send(...Array.from({ length: 9 }, () => session.frame(IMPOSSIBLE)));
    await session.stream.until(() => session.events[2], 'the third event');
    for (const seq of [first + 2, first, first + 2]) session.stream.send({ $case: 'ack', value: { seq } });
    await session.stream.until(() => session.events[5], 'the sixth event');
    await bench.sleep(QUIET_MS);
    expectEqual(session.events.length, 6, 'events');
  },
};

const marketCredit: Card = {
  id: 'CRD-05',
  title: 'Without credit no market data is sent; then comes the latest, with a count of what it stands for',
  manner: 'beside',
  needs: [method('MarketData'), channel(Channel.BEST_QUOTE)],
  action: `Open a market stream with a credit of 1; subscribe the quote; wait ${QUIET_MS} ms; grant 1; again until the market moved meanwhile.`,
  expected: ['exactly one message that costs credit before each grant', 'a quote with conflated above 0'],
  async run(bench) {
    const stream = await bench.market({ keepsCredit: false, initialCredit: 1 });
    stream.subscribe(topicOf(bench, Channel.BEST_QUOTE));
    await stream.until(() => stream.paid > 0 || undefined, 'the first quote');
    for (let granted = 1; ; granted++) {
      await bench.sleep(QUIET_MS);
      expectEqual(stream.paid, granted, 'messages that cost credit');
      stream.credit(1);
      await stream.until(() => stream.paid > granted || undefined, 'a message after the grant');
      if ((stream.events.at(-1)?.conflated ?? 0) > 0) return;
    }
  },
};

const bookCredit: Card = {
  id: 'CRD-06',
  title: 'A book that was starved of credit goes on with a snapshot or with the next link of its chain',
  manner: 'beside',
  needs: [method('MarketData'), channel(Channel.BOOK)],
  action: `Subscribe the book with a credit of 1; wait ${QUIET_MS} ms; grant 5, three times over.`,
  expected: [
    'a snapshot first',
    'after each grant a snapshot, or an update of the sequence before; never a broken chain',
  ],
  async run(bench) {
    const stream = await bench.market({ keepsCredit: false, initialCredit: 1 });
    const topic = topicOf(bench, Channel.BOOK);
    const book = followBook(stream, topic);
    await bench.subscribed(stream, topic);
    for (let round = 0; round < 3; round++) {
      await bench.sleep(QUIET_MS);
      const { paid } = stream;
      stream.credit(5);
      await stream.until(() => stream.paid > paid || undefined, 'book events after the grant');
    }
    book.check();
  },
};

const tradesCredit: Card = {
  id: 'CRD-07',
  title: 'Trades that waited for credit all come, in order and once, or a gap says what is missing',
  manner: 'beside',
  needs: [method('MarketData'), channel(Channel.TRADES)],
  action: 'Subscribe the trades twice: on a stream with credit and on one whose credit comes after 1.5 s.',
  expected: ['the same trades on both, or a gap on the second that counts them'],
  async run(bench) {
    const topic = topicOf(bench, Channel.TRADES);
    const fast = await bench.market();
    const slow = await bench.market({ keepsCredit: false, initialCredit: 0 });
    await Promise.all([bench.subscribed(fast, topic), bench.subscribed(slow, topic)]);
    await bench.sleep(1_500);
    slow.credit(1_000);
    const ids = (stream: typeof fast) =>
      stream.of(topic).flatMap(({ event }) => (event?.$case === 'trade' ? [event.value.tradeId] : []));
    await slow.until(() => ids(slow)[0], 'a trade on the stream that had waited');
    await bench.sleep(300);
    const slowIds = ids(slow);
    const from = ids(fast).indexOf(slowIds[0] ?? '');
    const gaps = slow.of(topic).filter(({ event }) => event?.$case === 'gap').length;
    if (gaps > 0) return;
    expect(from >= 0, 'trades that the other stream had as well', slowIds.slice(0, 3).join(', '));
    const both = Math.min(slowIds.length, ids(fast).length - from);
    expectEqual(slowIds.slice(0, both), ids(fast).slice(from, from + both), 'the trades of the slow stream');
    expect(from <= 1, 'trades from the subscription on', `${from} were left out without a gap`);
  },
};

const control: Card = {
  id: 'CRD-08',
  title: 'Control needs no credit: answers to subscriptions and heartbeats come without any',
  manner: 'beside',
  needs: [method('MarketData'), channel(Channel.BEST_QUOTE)],
  action: 'Open a market stream with a credit of 0; subscribe; send a heartbeat.',
  expected: ['an active subscription', 'an answer to the heartbeat', 'no data'],
  async run(bench) {
    const stream = await bench.market({ keepsCredit: false, initialCredit: 0 });
    await bench.subscribed(stream, topicOf(bench, Channel.BEST_QUOTE));
    const sentAtUs = bench.clock.wallUs();
    stream.send({ $case: 'heartbeat', value: { sentAtUs } });
    await stream.until(
      () => stream.messages.find(({ heartbeat }) => heartbeat?.echo?.peerSentAtUs === sentAtUs),
      'an answer to the heartbeat',
    );
    expectEqual(stream.paid, 0, 'messages that cost credit');
  },
};

export const CREDIT = group('CRD', 'Credit', [
  commandCredit,
  eventWindow,
  falseAck,
  lowerAck,
  marketCredit,
  bookCredit,
  tradesCredit,
  control,
]);
