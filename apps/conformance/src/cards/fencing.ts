/** FEN: at any time one session is served, that of the highest epoch and attempt. */
import { DenyRule } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason, GoodbyeReason, type Hello } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type Card, group } from '../card.ts';
import type { Bench } from '../suite/bench.ts';
import { expectDenied } from '../suite/fates.ts';
import { expectEqual } from '../suite/mismatch.ts';
import { IMPOSSIBLE, makeEvents } from './session.ts';

/** How a hello is refused. */
async function refusalOf(bench: Bench, changes: Partial<Hello>): Promise<string> {
  const stream = await bench.tradeStream();
  stream.send(bench.hello(changes));
  return await stream.ending('the stream to be refused');
}

function nameOf(reason: ErrorReason): string {
  return ErrorReason[reason] ?? '';
}

const higherEpoch: Card = {
  id: 'FEN-01',
  title: 'A higher epoch fences the session before it',
  manner: 'session',
  needs: [],
  action: 'Open a session; open another with the next epoch, under another engine id.',
  expected: ['the first stream fails with FENCED', 'the second is welcomed and commands'],
  async run(bench) {
    const first = await bench.session();
    const second = await bench.session({ engineId: 'another-engine' });
    expectEqual(
      await first.stream.ending('the fenced stream to fail'),
      nameOf(ErrorReason.FENCED),
      'the end of the first',
    );
    expectDenied((await second.run(IMPOSSIBLE))[0], DenyRule.INVALID);
  },
};

const lowerEpoch: Card = {
  id: 'FEN-02',
  title: 'A lower epoch than the highest seen is refused',
  manner: 'session',
  needs: [],
  action: 'Open a session; hello with the epoch below; and again after Goodbye.',
  expected: ['STALE_EPOCH', 'the session is not disturbed', 'STALE_EPOCH after its end as well'],
  async run(bench) {
    const session = await bench.session();
    const stale = { epoch: session.epoch - 1, attempt: 99 };
    // The very first epoch of a connector's life has none below it that is a number.
    if (stale.epoch < 1) stale.epoch = 1;
    const newest = stale.epoch === session.epoch ? await bench.session() : session;
    expectEqual(await refusalOf(bench, stale), nameOf(ErrorReason.STALE_EPOCH), 'the refusal');
    expectDenied((await newest.run(IMPOSSIBLE))[0], DenyRule.INVALID);
    await newest.goodbye(GoodbyeReason.DONE);
    expectEqual(await refusalOf(bench, stale), nameOf(ErrorReason.STALE_EPOCH), 'the refusal after Goodbye');
  },
};

const sameEpochOtherEngine: Card = {
  id: 'FEN-03',
  title: 'The same epoch under another engine id is refused',
  manner: 'session',
  needs: [],
  action: 'Open a session; hello with its epoch, a higher attempt and another engine id.',
  expected: ['STALE_EPOCH', 'the session is not disturbed'],
  async run(bench) {
    const session = await bench.session();
    const other = { epoch: session.epoch, attempt: 2, engineId: 'another-engine' };
    expectEqual(await refusalOf(bench, other), nameOf(ErrorReason.STALE_EPOCH), 'the refusal');
    expectDenied((await session.run(IMPOSSIBLE))[0], DenyRule.INVALID);
  },
};

const higherAttempt: Card = {
  id: 'FEN-04',
  title: 'A higher attempt of the session displaces its stream',
  manner: 'session',
  needs: [],
  action: 'Open a session; open a second stream of it with attempt 2, while the first is up.',
  expected: [
    'the first stream fails with DISPLACED',
    'the second is welcomed, resumed, and commands go on from the last number',
  ],
  async run(bench) {
    const first = await bench.session();
    await makeEvents(first, 2);
    const lastSeen = { bootId: first.welcome.bootId, seq: first.events.at(-1)?.seq ?? 0 };
    const second = await bench.session({ epoch: first.epoch, attempt: 2, lastSeen });
    const ending = await first.stream.ending('the displaced stream to fail');
    expectEqual(ending, nameOf(ErrorReason.DISPLACED), 'the end of the first');
    expectEqual([second.welcome.resumed, second.welcome.lastCommandSeq], [true, 2], 'resumed and last_command_seq');
    expectDenied((await second.run(IMPOSSIBLE))[0], DenyRule.INVALID);
  },
};

const sameAttempt: Card = {
  id: 'FEN-05',
  title: 'An attempt that is not higher is refused',
  manner: 'session',
  needs: [],
  action: 'Open a session with attempt 2; hello with attempt 2 and with attempt 1.',
  expected: ['DISPLACED, twice', 'the session is not disturbed'],
  async run(bench) {
    const session = await bench.session({ attempt: 2 });
    for (const attempt of [2, 1]) {
      const ending = await refusalOf(bench, { epoch: session.epoch, attempt });
      expectEqual(ending, nameOf(ErrorReason.DISPLACED), `the refusal of attempt ${attempt}`);
    }
    expectDenied((await session.run(IMPOSSIBLE))[0], DenyRule.INVALID);
  },
};

const foreignResults: Card = {
  id: 'FEN-06',
  title: "Results of an epoch before keep their epoch, so that no number is taken for the new owner's",
  manner: 'session',
  needs: [],
  action:
    'Send a command; take over with the next epoch and a last_seen before its result; send command 1 of the new epoch.',
  expected: ['the old result replayed with the old epoch', 'one result of command 1 with the new epoch'],
  async run(bench) {
    const first = await bench.session();
    await makeEvents(first, 1);
    const lastSeen = { bootId: first.welcome.bootId, seq: first.welcome.nextEventSeq - 1 };
    const second = await bench.session({ lastSeen });
    await second.run(IMPOSSIBLE);
    expectEqual(second.results(1).length, 1, 'results of command 1 of the new epoch');
    const epochs = second.events.flatMap(({ event }) => (event?.$case === 'result' ? [event.value.epoch] : []));
    expectEqual(epochs, [first.epoch, second.epoch], 'the epochs of the results');
  },
};

const badHello: Card = {
  id: 'FEN-07',
  title: 'A hello that cannot be a claim is refused by its field',
  manner: 'session',
  needs: [],
  action: 'Hello with epoch 0, with attempt 0, without an engine id, without a mode, of another major version.',
  expected: ['INVALID_FIELD four times', 'PROTOCOL_VERSION'],
  async run(bench) {
    const epoch = bench.nextEpoch();
    const cases: readonly (readonly [Partial<Hello>, ErrorReason])[] = [
      [{ epoch: 0 }, ErrorReason.INVALID_FIELD],
      [{ epoch, attempt: 0 }, ErrorReason.INVALID_FIELD],
      [{ epoch, engineId: '' }, ErrorReason.INVALID_FIELD],
      [{ epoch, mode: 0 }, ErrorReason.INVALID_FIELD],
      [{ epoch, protocolVersion: '99.0' }, ErrorReason.PROTOCOL_VERSION],
    ];
    for (const [changes, reason] of cases) {
      expectEqual(await refusalOf(bench, changes), nameOf(reason), `the refusal of ${JSON.stringify(changes)}`);
    }
  },
};

const helloTwice: Card = {
  id: 'FEN-08',
  title: 'A second hello on a stream breaks it',
  manner: 'session',
  needs: [],
  action: 'Open a session; say hello again on its stream.',
  expected: ['the stream fails with PROTOCOL'],
  async run(bench) {
    const session = await bench.session();
    session.stream.send(bench.hello({ epoch: session.epoch, attempt: 2 }));
    expectEqual(
      await session.stream.ending('the stream to fail'),
      nameOf(ErrorReason.PROTOCOL),
      'the end of the stream',
    );
  },
};

export const FENCING = group('FEN', 'Fencing', [
  higherEpoch,
  lowerEpoch,
  sameEpochOtherEngine,
  higherAttempt,
  sameAttempt,
  foreignResults,
  badHello,
  helloTwice,
]);
