/** SES: a session outlives its streams, and only Goodbye ends it. */
import { DenyRule, OrderStatus, PlaceOrder, Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import {
  GoodbyeReason as Goodbyes,
  NotResumedReason,
  SessionEvent,
} from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { HEARTBEAT_INTERVAL_MS, SILENCE_LIMIT_MS } from '@trunkline/proto/heartbeat';
import { isProtocolCompatible } from '@trunkline/proto/version';
import { type Card, group } from '../card.ts';
import { method } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { expectDenied } from '../suite/fates.ts';
import { expect, expectEqual, NotNow } from '../suite/mismatch.ts';
import type { CommandBody, Session } from '../suite/session.ts';

/** A command that never leaves the connector, and has a result all the same. */
export const IMPOSSIBLE: CommandBody = { $case: 'place', value: PlaceOrder.fromPartial({}) };
const SLACK_MS = 3_000;
const LONGEST_GRACE_MS = 15_000;

/** Sends impossible commands and waits for their results: events that cost the venue nothing. */
export async function makeEvents(session: Session, count: number): Promise<void> {
  const frames = Array.from({ length: count }, () => session.frame(IMPOSSIBLE));
  session.stream.send(...frames);
  for (const { value } of frames) await session.result(value.commandSeq);
}

const welcome: Card = {
  id: 'SES-01',
  title: 'Hello is answered by a welcome that says where both sides stand',
  manner: 'session',
  needs: [],
  action: 'Open a session of a new epoch without last_seen.',
  expected: [
    'welcome: our epoch and attempt, the boot id of Describe, resumed: false{FIRST}, last_command_seq 0',
    'credit for commands and for cancels above 0; an echo of our hello',
  ],
  async run(bench) {
    const { welcome: seen, stream } = await bench.session();
    expectEqual(seen.bootId, bench.target.description.bootId, 'the boot id');
    expect(isProtocolCompatible(seen.protocolVersion), 'a protocol version that we speak', seen.protocolVersion);
    const stand = [seen.resumed, NotResumedReason[seen.notResumedReason], seen.lastCommandSeq, seen.attempt];
    expectEqual(stand, [false, 'FIRST', 0, 1], 'resumed, reason, last_command_seq and attempt');
    expect(seen.commandCredit > 0 && seen.cancelCredit > 0, 'credit', `${seen.commandCredit} and ${seen.cancelCredit}`);
    expect(seen.nextEventSeq > 0, 'the number of the next event', String(seen.nextEventSeq));
    expect(seen.graceMs > 0 && seen.venueStatus !== undefined, 'grace and venue status', JSON.stringify(seen));
    expect((seen.echo?.peerSentAtUs ?? 0) > 0, 'an echo of hello', JSON.stringify(seen.echo));
    expectEqual(stream.frames[0]?.$case, 'welcome', 'the first frame');
  },
};

const consecutive: Card = {
  id: 'SES-02',
  title: 'Events are numbered one after another from the welcome on',
  manner: 'session',
  needs: [],
  action: 'Send 20 commands, an order that rests, and its cancel.',
  expected: ['events from next_event_seq on, without a hole and without a repeat', 'exactly one result a command'],
  async run(bench) {
    const session = await bench.session();
    await makeEvents(session, 20);
    const order = bench.orders.resting(Side.BUY, await bench.quote());
    await session.accept(order);
    await session.cancel(bench.reference(order.clientOrderId));
    await session.status(order.clientOrderId, OrderStatus.CANCELED);
    expectRun(session.events, session.welcome.nextEventSeq);
    for (let seq = 1; seq <= 22; seq++) expectEqual(session.results(seq).length, 1, `results of command ${seq}`);
  },
};

function expectRun(events: readonly SessionEvent[], from: number): void {
  const seqs = events.map(({ seq }) => seq);
  const wanted = events.map((_, index) => from + index);
  const at = seqs.findIndex((seq, index) => seq !== wanted[index]);
  expect(at < 0, `event ${wanted[at]}`, `event ${seqs[at]}`);
}

const resumes: Card = {
  id: 'SES-03',
  title: 'A new stream of the session replays every event after last_seen, the same bytes',
  manner: 'session',
  needs: [],
  action:
    'Send 12 commands without acknowledging; drop the stream; hello again with attempt 2 and last_seen at the fourth.',
  expected: ['resumed: true, next_event_seq last_seen + 1', 'the same events from the fifth on, byte for byte'],
  async run(bench) {
    const first = await bench.session({ acknowledges: false });
    await makeEvents(first, 12);
    first.stream.cancel();
    const seen = [...first.events];
    const { epoch, welcome: before } = first;
    const { bootId } = before;
    const seq = before.nextEventSeq + 3;
    const again = await bench.session({ epoch, attempt: 2, lastSeen: { bootId, seq } });
    const { resumed, nextEventSeq } = again.welcome;
    expectEqual([resumed, nextEventSeq], [true, seq + 1], 'resumed and next_event_seq');
    const missed = seen.filter((event) => event.seq > seq);
    const last = missed.at(-1)?.seq ?? 0;
    await again.stream.until(() => again.events.find((event) => event.seq === last), `event ${last} again`);
    expectRun(again.events, seq + 1);
    for (const [index, event] of missed.entries()) {
      const replayed = again.events[index];
      expectEqual(replayed && bytesOf(replayed), bytesOf(event), `event ${event.seq}, replayed`);
    }
  },
};

function bytesOf(event: SessionEvent): string {
  return Buffer.from(SessionEvent.encode(event).finish()).toString('hex');
}

const otherBoot: Card = {
  id: 'SES-04',
  title: 'A last_seen of another boot is not resumed, and says so',
  manner: 'session',
  needs: [],
  action: 'Hello with last_seen of a boot id that is not this one.',
  expected: ['welcome: resumed: false{NEW_BOOT}; events go on from the next one'],
  async run(bench) {
    const session = await bench.session({ lastSeen: { bootId: 'b-of-another-life', seq: 7 } });
    const { resumed, notResumedReason } = session.welcome;
    expectEqual([resumed, NotResumedReason[notResumedReason]], [false, 'NEW_BOOT'], 'resumed and its reason');
  },
};

const aheadOfLog: Card = {
  id: 'SES-05',
  title: 'A last_seen ahead of the log is not resumed, and says so',
  manner: 'session',
  needs: [],
  action: "Hello with a last_seen far ahead of this boot's events.",
  expected: ['welcome: resumed: false{UNKNOWN_SEQ}'],
  async run(bench) {
    const { bootId } = bench.target.description;
    const session = await bench.session({ lastSeen: { bootId, seq: 2 ** 40 } });
    const { resumed, notResumedReason } = session.welcome;
    expectEqual([resumed, NotResumedReason[notResumedReason]], [false, 'UNKNOWN_SEQ'], 'resumed and its reason');
  },
};

const undelivered: Card = {
  id: 'SES-06',
  title: 'The welcome names the last command that arrived: later ones never did and never will',
  manner: 'session',
  needs: [],
  action:
    'Send commands 1 to 3; drop the stream; resume; send command 4 on the dead stream and on the new one; then a new epoch.',
  expected: [
    'last_command_seq 3',
    'one result of command 4, from the new stream',
    'last_command_seq 0 in the new epoch',
  ],
  async run(bench) {
    const first = await bench.session();
    await makeEvents(first, 3);
    first.stream.cancel();
    const lastSeen = { bootId: first.welcome.bootId, seq: first.events.at(-1)?.seq ?? 0 };
    const again = await bench.session({ epoch: first.epoch, attempt: 2, lastSeen });
    expectEqual(again.welcome.lastCommandSeq, 3, 'last_command_seq');
    first.stream.send(first.frame(IMPOSSIBLE));
    const [outcome] = await again.run(IMPOSSIBLE);
    expectDenied(outcome, DenyRule.INVALID);
    expectEqual(again.results(4).length, 1, 'results of command 4');
    const next = await bench.session();
    expectEqual(next.welcome.lastCommandSeq, 0, 'last_command_seq of the new epoch');
  },
};

const heartbeats: Card = {
  id: 'SES-07',
  title: 'Heartbeats are answered at once, and come by themselves',
  manner: 'session',
  needs: [],
  action: `Send a heartbeat; wait ${(HEARTBEAT_INTERVAL_MS + SLACK_MS) / 1_000} s for one that answers nothing.`,
  expected: ['a heartbeat with an echo of our sent_at_us', 'a heartbeat without an echo each 2 s'],
  async run(bench) {
    const { stream } = await bench.session();
    const sentAtUs = bench.clock.wallUs() - 1;
    stream.send({ $case: 'heartbeat', value: { sentAtUs } });
    await stream.until(
      () => stream.frames.find((frame) => frame.$case === 'heartbeat' && frame.value.echo?.peerSentAtUs === sentAtUs),
      'a heartbeat that echoes ours',
      1_000,
    );
    await stream.until(
      () => stream.frames.find((frame) => frame.$case === 'heartbeat' && frame.value.echo === undefined),
      'a heartbeat of its own',
      HEARTBEAT_INTERVAL_MS + SLACK_MS,
    );
  },
};

const silence: Card = {
  id: 'SES-08',
  title: `Silence of ${SILENCE_LIMIT_MS / 1_000} s loses the stream, and the session lives on`,
  manner: 'session',
  needs: [],
  action: 'Say nothing until the stream fails; resume at once.',
  expected: ['the stream fails with SILENT', 'welcome: resumed: true'],
  async run(bench) {
    const session = await bench.session();
    await makeEvents(session, 1);
    session.stream.fallSilent();
    const limitMs = SILENCE_LIMIT_MS + HEARTBEAT_INTERVAL_MS + SLACK_MS;
    expectEqual(await session.stream.ending('the stream to fail', limitMs), 'SILENT', 'the end of the stream');
    await expectResumes(bench, session);
  },
};

async function expectResumes(bench: Bench, session: Session): Promise<Session> {
  const lastSeen = { bootId: session.welcome.bootId, seq: session.events.at(-1)?.seq ?? 0 };
  const again = await bench.session({ epoch: session.epoch, attempt: 2, lastSeen });
  expectEqual(again.welcome.resumed, true, 'resumed');
  return again;
}

const halfClose: Card = {
  id: 'SES-09',
  title: 'A half-close loses the stream alone: orders stay and the session resumes',
  manner: 'session',
  needs: [method('ListOpenOrders')],
  action: 'Place a resting order; half-close the stream; resume; list the open orders.',
  expected: ['the stream ends', 'welcome: resumed: true', 'the order is still open'],
  async run(bench) {
    const session = await bench.session();
    const order = await restingOrder(bench, session);
    session.stream.halfClose();
    await session.stream.ending('the stream to end');
    await expectResumes(bench, session);
    await expectOpen(bench, order, true);
  },
};

async function restingOrder(bench: Bench, session: Session): Promise<string> {
  const order = bench.orders.resting(Side.BUY, await bench.quote());
  await session.accept(order);
  await session.status(order.clientOrderId, OrderStatus.OPEN);
  return order.clientOrderId;
}

async function expectOpen(bench: Bench, clientOrderId: string, isOpen: boolean): Promise<void> {
  const open = (await bench.openOrders()).map((order) => order.clientOrderId);
  expectEqual(open.includes(clientOrderId), isOpen, `whether ${clientOrderId} is open`);
}

const restart: Card = {
  id: 'SES-10',
  manner: 'session',
  needs: [method('ListOpenOrders')],
  title: 'Goodbye for a restart ends the stream and keeps the orders through the grace',
  action: 'Place a resting order; say Goodbye{RESTART}; come back with the next attempt.',
  expected: ['the stream ends with OK', 'welcome: resumed: true', 'the order is still open'],
  async run(bench) {
    const session = await bench.session();
    const order = await restingOrder(bench, session);
    expectEqual(await session.goodbye(Goodbyes.RESTART), 'ended', 'the end of the stream');
    await expectResumes(bench, session);
    await expectOpen(bench, order, true);
  },
};

const done: Card = {
  id: 'SES-11',
  manner: 'session',
  needs: [method('ListOpenOrders')],
  title: 'Goodbye for good ends the session; what was placed stays as it is',
  action: 'Place a resting order; say Goodbye{DONE}; begin a new epoch.',
  expected: [
    'the stream ends with OK',
    'a welcome of the new epoch',
    'the order is still open: no grace ran, nothing was swept',
  ],
  async run(bench) {
    const session = await bench.session();
    const order = await restingOrder(bench, session);
    expectEqual(await session.goodbye(Goodbyes.DONE), 'ended', 'the end of the stream');
    await bench.session();
    await expectOpen(bench, order, true);
  },
};

const graceOver: Card = {
  id: 'SES-12',
  title: 'When the grace is over the orders of the lost session are cancelled, where the policy says so',
  manner: 'session',
  needs: [method('ListOpenOrders')],
  limitMs: LONGEST_GRACE_MS + 15_000,
  action: 'Place a resting order; drop the stream; stay away for the grace and two seconds more; begin a new epoch.',
  expected: ['the order is CANCELED (a connector that was told to hold is not held to this)'],
  async run(bench) {
    const session = await bench.session();
    const { graceMs } = session.welcome;
    if (graceMs > LONGEST_GRACE_MS) throw new NotNow(`a grace of ${graceMs} ms is too long to wait for`);
    const order = await restingOrder(bench, session);
    session.stream.cancel();
    await bench.sleep(graceMs + 2_000);
    await expectOpen(bench, order, false);
  },
};

export const SESSION = group('SES', 'Session', [
  welcome,
  consecutive,
  resumes,
  otherBoot,
  aheadOfLog,
  undelivered,
  heartbeats,
  silence,
  halfClose,
  restart,
  done,
  graceOver,
]);
