/** PSN: wrong content costs its own command, wrong bytes their own stream, and nothing costs the process. */
import {
  ListOpenOrdersRequest,
  ExchangeServiceService as Service,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Channel, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import {
  DenyRule,
  OrderType,
  type PlaceOrder,
  Side,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { MAX_MESSAGE_BYTES } from '@trunkline/proto/link/options';
import { type Card, group } from '../card.ts';
import { method } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { expectDenied } from '../suite/fates.ts';
import { expect, expectEqual } from '../suite/mismatch.ts';
import type { Session } from '../suite/session.ts';
import { IMPOSSIBLE, makeEvents } from './session.ts';

type Poison = readonly [changes: Partial<PlaceOrder>, field: string];

/** A value of an enumeration that this version does not have. */
const LATER: number = 9;

const POISONS: readonly Poison[] = [
  [{ side: 0 }, 'side'],
  [{ side: LATER }, 'side'],
  [{ type: 0 }, 'type'],
  [{ type: LATER }, 'type'],
  [{ timeInForce: LATER }, 'time_in_force'],
  [{ positionSide: LATER }, 'position_side'],
  [{ symbol: '' }, 'symbol'],
  [{ symbol: 'NOPE/NOPE' }, 'symbol'],
  [{ clientOrderId: '' }, 'client_order_id'],
  [{ clientOrderId: 'zz_1_abcdef0' }, 'client_order_id'],
  [{ clientOrderId: 'a'.repeat(400) }, 'client_order_id'],
  [{ price: undefined }, 'price'],
  [{ type: OrderType.MARKET, timeInForce: 0 }, 'price'],
  [{ postOnly: true, timeInForce: TimeInForce.IOC }, 'post_only'],
  [{ quantity: '0.000000000001' }, 'quantity'],
];

const impossible: Card = {
  id: 'PSN-01',
  title: 'Impossible content is denied by its field, and the session goes on',
  manner: 'session',
  needs: [],
  action: `Place ${POISONS.length} orders, each with one impossible field; then a good one.`,
  expected: [
    'denied{INVALID, <field>} for each, or denied{UNSUPPORTED} of what the venue lacks',
    'accepted for the good one, on the same stream',
  ],
  async run(bench) {
    const session = await bench.session();
    const good = bench.orders.resting(Side.BUY, await bench.quote());
    for (const [changes, field] of POISONS) {
      const { price, ...order } = { ...good, clientOrderId: bench.mint(), ...changes };
      const [outcome] = await session.run({ $case: 'place', value: price === undefined ? order : { ...order, price } });
      bench.note(`poison ${JSON.stringify(changes)}`);
      const isUnsupported = outcome?.fate?.$case === 'denied' && outcome.fate.value.rule === DenyRule.UNSUPPORTED;
      // What the venue lacks altogether may be told first.
      if (isUnsupported) continue;
      expectDenied(outcome, DenyRule.INVALID, field);
    }
    await session.accept(good);
  },
};

const emptyCommand: Card = {
  id: 'PSN-02',
  title: 'A command of a kind that the service does not know is denied, and the session goes on',
  manner: 'session',
  needs: [],
  action: 'Send a command with nothing in its oneof.',
  expected: ['exactly one result; if it has an outcome: denied{UNSUPPORTED}'],
  async run(bench) {
    const session = await bench.session();
    const [outcome] = await session.run(undefined);
    if (outcome !== undefined) expectDenied(outcome, DenyRule.UNSUPPORTED);
    await makeEvents(session, 1);
  },
};

const firstFrame: Card = {
  id: 'PSN-03',
  title: 'A trading stream that does not begin with hello fails',
  manner: 'session',
  needs: [],
  action: 'Send a command as the first frame of a stream; an ack as the first frame of another.',
  expected: ['PROTOCOL, twice'],
  async run(bench) {
    const frames = [
      {
        $case: 'command',
        value: { commandSeq: 1, validUntilUs: 0, sentAtUs: 0, traceparent: '', command: IMPOSSIBLE },
      },
      { $case: 'ack', value: { seq: 1 } },
    ] as const;
    for (const frame of frames) {
      const stream = await bench.tradeStream();
      stream.send(frame);
      const ending = await stream.ending('the stream to fail');
      expectEqual(ending, ErrorReason[ErrorReason.PROTOCOL], `the end of a stream that began with ${frame.$case}`);
    }
  },
};

/** TradeRequest{frames: [{field 100: ""}]}: a frame of a later minor version. */
const UNKNOWN_FRAME = Buffer.from([0x0a, 0x03, 0xa2, 0x06, 0x00]);

const unknownFrame: Card = {
  id: 'PSN-04',
  title: 'A frame of a kind from a later version is passed over',
  manner: 'session',
  needs: [],
  action: 'Send a frame whose oneof has a field of number 100.',
  expected: ['nothing', 'the session goes on'],
  async run(bench) {
    const session = await bench.session();
    session.stream.sendBytes(UNKNOWN_FRAME, 'a frame with field 100');
    await makeEvents(session, 1);
  },
};

async function expectLifeAfter(bench: Bench, session: Session): Promise<void> {
  const lastSeen = { bootId: session.welcome.bootId, seq: session.events.at(-1)?.seq ?? 0 };
  const again = await bench.session({ epoch: session.epoch, attempt: 2, lastSeen });
  expectEqual(again.welcome.resumed, true, 'resumed');
  await makeEvents(again, 1);
}

const garbage: Card = {
  id: 'PSN-05',
  title: 'Bytes that are no message end their stream, and the session resumes on a new one',
  manner: 'session',
  needs: [],
  action: 'Send 64 bytes that are no protobuf; resume.',
  expected: ['the stream fails', 'welcome: resumed: true, the same boot'],
  async run(bench) {
    const session = await bench.session();
    await makeEvents(session, 1);
    session.stream.sendBytes(Buffer.alloc(64, 0xff), 'garbage');
    const ending = await session.stream.ending('the stream to fail');
    expect(ending !== 'ended', 'a failure', ending);
    await expectLifeAfter(bench, session);
  },
};

const oversize: Card = {
  id: 'PSN-06',
  title: `A message above ${MAX_MESSAGE_BYTES / 1_024} KiB ends its stream with RESOURCE_EXHAUSTED, and the session resumes`,
  manner: 'session',
  needs: [],
  action: 'Send 2 MiB in one message; resume.',
  expected: ['the stream fails with RESOURCE_EXHAUSTED', 'welcome: resumed: true, the same boot'],
  async run(bench) {
    const session = await bench.session();
    await makeEvents(session, 1);
    // A field that nobody knows (number 100, length-delimited), so that only the size is wrong.
    const body = Buffer.alloc(2 * MAX_MESSAGE_BYTES, 0x61);
    session.stream.sendBytes(Buffer.concat([Buffer.from([0xa2, 0x06, ...varint(body.length)]), body]), 'too large');
    // Our client reads the status RESOURCE_EXHAUSTED of any server as this reason.
    const ending = await session.stream.ending('the stream to fail');
    expectEqual(ending, ErrorReason[ErrorReason.MESSAGE_TOO_LARGE], 'the end of the stream');
    await expectLifeAfter(bench, session);
  },
};

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

const oversizeCall: Card = {
  id: 'PSN-07',
  title: 'A call above the message limit is refused with RESOURCE_EXHAUSTED',
  manner: 'beside',
  needs: [method('ListOpenOrders')],
  action: 'ListOpenOrders with a page token of 2 MiB; again with a good one.',
  expected: ['RESOURCE_EXHAUSTED', 'an answer'],
  async run(bench) {
    const wire = await bench.wire();
    const request = ListOpenOrdersRequest.fromPartial({ pageToken: 'a'.repeat(2 * MAX_MESSAGE_BYTES) });
    expectEqual(await wire.statusCode(Service.listOpenOrders, request), 8, 'the gRPC status');
    await bench.openOrders();
  },
};

const marketFirstFrame: Card = {
  id: 'PSN-08',
  title: 'A market stream that does not begin with hello, or says it twice, fails',
  manner: 'beside',
  needs: [method('MarketData')],
  action: 'Subscribe as the first frame of a market stream; on another say hello twice; on a third send garbage.',
  expected: ['PROTOCOL', 'PROTOCOL', 'the stream fails'],
  async run(bench) {
    const protocol = ErrorReason[ErrorReason.PROTOCOL];
    const hasty = await bench.market({ greets: false });
    hasty.subscribe(Topic.fromPartial({ channel: Channel.BEST_QUOTE, symbol: bench.symbol }));
    expectEqual(await hasty.ending('the stream to fail'), protocol, 'the end of a stream without hello');
    const twice = await bench.market();
    twice.hello();
    expectEqual(await twice.ending('the stream to fail'), protocol, 'the end of a stream with two hellos');
    const mad = await bench.market();
    mad.sendBytes(Buffer.alloc(64, 0xff), 'garbage');
    expect((await mad.ending('the stream to fail')) !== 'ended', 'a failure', 'a polite end');
  },
};

export const POISON = group('PSN', 'Poison', [
  impossible,
  emptyCommand,
  firstFrame,
  unknownFrame,
  garbage,
  oversize,
  oversizeCall,
  marketFirstFrame,
]);
