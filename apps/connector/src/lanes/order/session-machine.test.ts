import { expect, test } from 'bun:test';
import { ErrorReason, GoodbyeReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { seededRng } from '@trunkline/proto/rng';
import {
  bootSession,
  isHeld,
  type SessionEffect,
  type SessionEvent,
  type SessionState,
  step,
} from './session-machine.ts';

/** The machine with its effects written down. */
function machine() {
  const boot = bootSession();
  let state: SessionState = boot.state;
  let last: readonly SessionEffect[] = boot.effects;
  return {
    take(event: SessionEvent) {
      const next = step(state, event);
      state = next.state;
      last = next.effects;
      return last;
    },
    hello(stream: number, epoch: number, attempt = 1, engineId = 'e1') {
      return this.take({ kind: 'hello', claim: { stream, engineId, epoch, attempt } });
    },
    get state() {
      return state;
    },
    get kinds() {
      return last.map(({ kind }) => kind);
    },
  };
}

const claim = (stream: number, epoch: number, attempt = 1, engineId = 'e1') => ({ stream, engineId, epoch, attempt });

test('a boot that no hello reaches within its grace sweeps orders of every epoch', () => {
  const session = machine();
  expect(session.kinds).toEqual(['start_grace']);
  expect(session.take({ kind: 'grace_over' })).toEqual([{ kind: 'sweep', maxEpoch: undefined }]);
  expect(isHeld(session.state)).toBe(false);
});

test('a new epoch is welcomed only after the POSTs of others are settled', () => {
  const session = machine();
  expect(session.hello(1, 1)).toEqual([{ kind: 'stop_grace' }, { kind: 'settle' }]);
  expect(isHeld(session.state)).toBe(true);
  expect(session.take({ kind: 'settled' })).toEqual([{ kind: 'welcome', claim: claim(1, 1) }]);
});

test('a higher epoch fences the served stream at once, before the newcomer is welcomed', () => {
  const session = machine();
  session.hello(1, 1);
  session.take({ kind: 'settled' });
  const effects = session.hello(2, 2, 1, 'e2');
  expect(effects[0]).toMatchObject({ kind: 'refuse', stream: 1, reason: ErrorReason.FENCED });
  expect(effects[1]).toEqual({ kind: 'settle' });
  expect(session.state.highestEpoch).toBe(2);
});

test('a lower epoch, and an equal one of another engine, are refused and change nothing', () => {
  const session = machine();
  session.hello(1, 5);
  session.take({ kind: 'settled' });
  const before = session.state;
  expect(session.hello(2, 4, 9)[0]).toMatchObject({ kind: 'refuse', stream: 2, reason: ErrorReason.STALE_EPOCH });
  expect(session.hello(3, 5, 9, 'e2')[0]).toMatchObject({ kind: 'refuse', stream: 3, reason: ErrorReason.STALE_EPOCH });
  expect(session.state).toBe(before);
});

test('the highest epoch is remembered after its session is over', () => {
  const session = machine();
  session.hello(1, 5);
  session.take({ kind: 'settled' });
  session.take({ kind: 'goodbye', stream: 1, reason: GoodbyeReason.DONE });
  expect(session.hello(2, 4)[0]).toMatchObject({ kind: 'refuse', reason: ErrorReason.STALE_EPOCH });
});

test('a higher attempt displaces the stream without waiting, an equal or lower one is refused', () => {
  const session = machine();
  session.hello(1, 1, 3);
  session.take({ kind: 'settled' });
  expect(session.hello(2, 1, 3)[0]).toMatchObject({ kind: 'refuse', stream: 2, reason: ErrorReason.DISPLACED });
  const effects = session.hello(3, 1, 4);
  expect(effects[0]).toMatchObject({ kind: 'refuse', stream: 1, reason: ErrorReason.DISPLACED });
  expect(effects[1]).toEqual({ kind: 'welcome', claim: claim(3, 1, 4) });
});

test('what a displaced stream still says changes nothing', () => {
  const session = machine();
  session.hello(1, 1, 1);
  session.take({ kind: 'settled' });
  session.hello(2, 1, 2);
  const before = session.state;
  expect(session.take({ kind: 'stream_lost', stream: 1 })).toEqual([]);
  expect(session.take({ kind: 'goodbye', stream: 1, reason: GoodbyeReason.DONE })).toEqual([]);
  expect(session.state).toBe(before);
});

test('a lost stream keeps the session through its grace; then it is swept up to its own epoch', () => {
  const session = machine();
  session.hello(1, 7);
  session.take({ kind: 'settled' });
  expect(session.take({ kind: 'stream_lost', stream: 1 })).toEqual([{ kind: 'start_grace' }]);
  expect(isHeld(session.state)).toBe(true);
  expect(session.take({ kind: 'grace_over' })).toEqual([{ kind: 'sweep', maxEpoch: 7 }, { kind: 'over' }]);
});

test('a session that comes back within its grace is welcomed at once and never swept', () => {
  const session = machine();
  session.hello(1, 7, 1);
  session.take({ kind: 'settled' });
  session.take({ kind: 'stream_lost', stream: 1 });
  expect(session.hello(2, 7, 2)).toEqual([{ kind: 'stop_grace' }, { kind: 'welcome', claim: claim(2, 7, 2) }]);
  expect(session.take({ kind: 'grace_over' })).toEqual([]);
});

test('a claimant that was lost before its welcome still has to wait when it comes back', () => {
  const session = machine();
  session.hello(1, 7, 1);
  session.take({ kind: 'stream_lost', stream: 1 });
  expect(session.take({ kind: 'settled' })).toEqual([]);
  expect(session.hello(2, 7, 2)).toEqual([{ kind: 'stop_grace' }, { kind: 'settle' }]);
});

test('Goodbye DONE ends the session without a grace, any other keeps it', () => {
  const done = machine();
  done.hello(1, 1);
  done.take({ kind: 'settled' });
  expect(done.take({ kind: 'goodbye', stream: 1, reason: GoodbyeReason.DONE })).toEqual([
    { kind: 'part', stream: 1 },
    { kind: 'over' },
  ]);
  const restart = machine();
  restart.hello(1, 1);
  restart.take({ kind: 'settled' });
  restart.take({ kind: 'goodbye', stream: 1, reason: GoodbyeReason.RESTART });
  expect(restart.kinds).toEqual(['part', 'start_grace']);
  expect(isHeld(restart.state)).toBe(true);
});

test('over random histories one stream at most is served, epochs never go back, and a sweep never outlives a claim', () => {
  const seed = process.env['SEED'] ?? '1';
  const rng = seededRng(seed);
  for (let run = 0; run < 300; run++) {
    const session = machine();
    let served: number | undefined;
    let highest = 0;
    let graceRuns = true;
    for (let stream = 1; stream < 40; stream++) {
      const effects = randomEvent(session, stream);
      for (const effect of effects) {
        if (effect.kind === 'welcome') {
          // The one before must have been told before the new one is welcomed.
          expect({ seed, run, served }).toEqual({ seed, run, served: undefined });
          served = effect.claim.stream;
          expect(effect.claim.epoch).toBeGreaterThanOrEqual(highest);
        }
        if ((effect.kind === 'refuse' || effect.kind === 'part') && effect.stream === served) served = undefined;
        if (effect.kind === 'start_grace') graceRuns = true;
        if (effect.kind === 'stop_grace') graceRuns = false;
        if (effect.kind === 'sweep') expect(isHeld(session.state)).toBe(false);
      }
      const { phase, highestEpoch } = session.state;
      if (phase.kind !== 'serving') served = undefined;
      expect(highestEpoch).toBeGreaterThanOrEqual(highest);
      highest = highestEpoch;
      // A grace runs exactly while somebody is waited for.
      const waits = phase.kind === 'lost' || (phase.kind === 'vacant' && phase.graceRuns);
      if (waits) expect({ seed, run, graceRuns }).toEqual({ seed, run, graceRuns: true });
    }
  }

  function randomEvent(session: ReturnType<typeof machine>, stream: number): readonly SessionEffect[] {
    const earlier = 1 + rng.integer(stream);
    switch (rng.integer(6)) {
      case 0:
      case 1:
        return session.hello(stream, 1 + rng.integer(4), 1 + rng.integer(5), rng.integer(4) === 0 ? 'e2' : 'e1');
      case 2:
        return session.take({ kind: 'settled' });
      case 3:
        return session.take({ kind: 'stream_lost', stream: earlier });
      case 4:
        return session.take({ kind: 'goodbye', stream: earlier, reason: GoodbyeReason.DONE });
      default:
        return session.take({ kind: 'grace_over' });
    }
  }
});
