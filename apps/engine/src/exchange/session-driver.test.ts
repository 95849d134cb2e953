/** What only a peer that is scripted frame by frame can bring about; the rest is in tests/session.test.ts. */
import { expect, test } from 'bun:test';
import { silentLogger } from '@trunkline/kit/log';
import type { Exchange, StreamReceiver } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { type TradeRequest, TradeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { seededRng } from '@trunkline/proto/rng';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { openTradingSession } from './session-driver.ts';
import type { TradingSession } from './trading-session.ts';

type Frames = NonNullable<Parameters<typeof TradeResponse.fromPartial>[0]['frames']>;

class Peer {
  readonly clock = new VirtualClock();
  readonly sent: TradeRequest[] = [];
  readonly batchEnds: number[] = [];
  readonly session: TradingSession;
  #receiver: StreamReceiver<TradeResponse> | undefined;

  constructor() {
    let attempts = 0;
    const exchange: Pick<Exchange, 'trade'> = {
      trade: (_context, receiver) => {
        this.#receiver = receiver;
        return { send: (request) => this.sent.push(request), end: () => {}, cancel: () => {} };
      },
    };
    this.session = openTradingSession({
      exchange,
      caller: { role: 'engine', name: 'main' },
      engineId: 'e1',
      epoch: 1,
      lastSeen: undefined,
      nextAttempt: () => ++attempts,
      eventWindow: 3,
      clock: this.clock,
      rng: seededRng('jitter'),
      log: silentLogger(),
      handler: {
        established: () => {},
        event: () => {},
        batchEnd: (seq) => this.batchEnds.push(seq),
        notDelivered: () => {},
        orphaned: () => {},
        lost: () => {},
        ended: () => {},
        quality: () => {},
      },
    });
  }

  async say(frames: Frames): Promise<void> {
    this.#receiver?.message(TradeResponse.fromPartial({ frames }));
    await this.clock.advanceAsync(0);
  }

  async cut(): Promise<void> {
    this.#receiver?.closed({ kind: 'failed', error: new ExchangeError(ErrorReason.UNREACHABLE, 'cut') });
    this.sent.length = 0;
    await this.clock.advanceAsync(2_000);
  }

  get acks(): number[] {
    return this.sent.flatMap(({ frames }) =>
      frames.flatMap(({ frame }) => (frame?.$case === 'ack' ? frame.value.seq : [])),
    );
  }
}

const welcome = (resumed: boolean) =>
  ({ frame: { $case: 'welcome', value: { bootId: 'b1', resumed, nextEventSeq: 1, commandCredit: 8 } } }) as const;
const event = (seq: number) => ({ frame: { $case: 'event', value: { seq } } }) as const;

test('what became durable between hello and welcome is acknowledged when it comes again', async () => {
  const peer = new Peer();
  await peer.say([welcome(false)]);
  await peer.say([event(1), event(2), event(3)]);
  await peer.cut();
  // hello named nothing; the commit comes through now, and the connector's window is full of what it replays.
  peer.session.ack(3, 'b1');
  await peer.say([welcome(true), event(1), event(2), event(3)]);
  expect(peer.acks).toEqual([3]);
  expect(peer.batchEnds).toEqual([3]);
});

test('what is still not durable is not acknowledged because it came twice', async () => {
  const peer = new Peer();
  await peer.say([welcome(false)]);
  await peer.say([event(1), event(2), event(3)]);
  await peer.cut();
  await peer.say([welcome(true), event(1), event(2), event(3)]);
  expect(peer.acks).toEqual([]);
  peer.session.ack(3, 'b1');
  await peer.clock.advanceAsync(0);
  expect(peer.acks).toEqual([3]);
});

test('events before a missing one end their batch all the same', async () => {
  const peer = new Peer();
  await peer.say([welcome(false)]);
  await peer.say([event(1), event(2), event(4), event(5)]);
  expect(peer.batchEnds).toEqual([2]);
});
