/**
 * Who holds the trading session: a pure machine. `step` decides, order-lane.ts acts.
 *
 * F1  The highest epoch seen is never forgotten. A lower one is refused STALE_EPOCH, an equal one of another engine
 *     too; a higher one fences whoever holds the session, at once.
 * F2  Within an epoch the higher attempt displaces the lower; an attempt that is not higher is refused.
 * F3  A new epoch is welcomed only once the POSTs of others are answered or expired (`settled`).
 * F4  Only Goodbye ends a session; a stream that is lost starts the grace. When the grace is over the session ends
 *     and its orders are swept, up to its own epoch. A boot sweeps likewise if no hello comes.
 * F5  Whatever arrives from a stream that is not the current one changes nothing.
 */
import { assertNever } from '@trunkline/proto/assert';
import { ErrorReason, GoodbyeReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

/** One stream's identity: new for each that is opened, never used again. */
export type StreamId = number;

export interface Claim {
  readonly stream: StreamId;
  readonly engineId: string;
  readonly epoch: number;
  readonly attempt: number;
}

export type Phase =
  /** Nobody holds the session. */
  | { readonly kind: 'vacant'; readonly graceRuns: boolean }
  /** The claimant waits for its welcome (F3). */
  | { readonly kind: 'settling'; readonly claim: Claim }
  | { readonly kind: 'serving'; readonly claim: Claim }
  /** Held, without a stream; the grace runs. `settled` is false if the stream was lost before its welcome. */
  | { readonly kind: 'lost'; readonly claim: Claim; readonly settled: boolean };

export interface SessionState {
  readonly highestEpoch: number;
  /** Who showed the highest epoch, and its highest attempt. */
  readonly ownerId: string;
  readonly highestAttempt: number;
  readonly phase: Phase;
}

export type SessionEvent =
  | { readonly kind: 'hello'; readonly claim: Claim }
  | { readonly kind: 'settled' }
  | { readonly kind: 'stream_lost'; readonly stream: StreamId }
  | { readonly kind: 'goodbye'; readonly stream: StreamId; readonly reason: GoodbyeReason }
  | { readonly kind: 'grace_over' };

export type SessionEffect =
  /** Ends a stream with a reason: a refused claim, or the one that was replaced. */
  | { readonly kind: 'refuse'; readonly stream: StreamId; readonly reason: ErrorReason; readonly message: string }
  /** Report `settled` once no POST of anybody is in flight. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'welcome'; readonly claim: Claim }
  | { readonly kind: 'start_grace' }
  | { readonly kind: 'stop_grace' }
  /** Cancel our orders whose epoch is not above; undefined: of any epoch. */
  | { readonly kind: 'sweep'; readonly maxEpoch: number | undefined }
  /** Ends a stream politely, after everything numbered so far. */
  | { readonly kind: 'part'; readonly stream: StreamId }
  /** The session is over: nothing of it will come back. */
  | { readonly kind: 'over' };

export interface Step {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

/** A boot: nobody has shown any epoch, and the grace runs until the first hello. */
export function bootSession(): Step {
  return {
    state: { highestEpoch: 0, ownerId: '', highestAttempt: 0, phase: { kind: 'vacant', graceRuns: true } },
    effects: [{ kind: 'start_grace' }],
  };
}

export function step(state: SessionState, event: SessionEvent): Step {
  switch (event.kind) {
    case 'hello':
      return takeHello(state, event.claim);
    case 'settled':
      return takeSettled(state);
    case 'stream_lost':
      return takeStreamLost(state, event.stream);
    case 'goodbye':
      return takeGoodbye(state, event.stream, event.reason);
    case 'grace_over':
      return takeGraceOver(state);
    default:
      return assertNever(event);
  }
}

export function isHeld(state: SessionState): boolean {
  return state.phase.kind !== 'vacant';
}

function takeHello(state: SessionState, claim: Claim): Step {
  const refusal = refuse(state, claim);
  if (refusal) return { state, effects: [{ kind: 'refuse', stream: claim.stream, ...refusal }] };
  const isNewEpoch = claim.epoch > state.highestEpoch;
  // A claim of the same epoch that was still waiting keeps waiting: what it waits for is not over.
  const mustSettle = isNewEpoch || isUnsettled(state.phase);
  const next = {
    highestEpoch: claim.epoch,
    ownerId: claim.engineId,
    highestAttempt: claim.attempt,
    phase: { kind: mustSettle ? ('settling' as const) : ('serving' as const), claim },
  };
  const effects = leave(state.phase, isNewEpoch);
  effects.push(mustSettle ? { kind: 'settle' } : { kind: 'welcome', claim });
  return { state: next, effects };
}

function isUnsettled(phase: Phase): boolean {
  return phase.kind === 'settling' || (phase.kind === 'lost' && !phase.settled);
}

function refuse(state: SessionState, claim: Claim): { reason: ErrorReason; message: string } | undefined {
  if (claim.epoch < state.highestEpoch) {
    return {
      reason: ErrorReason.STALE_EPOCH,
      message: `epoch ${claim.epoch} is below ${state.highestEpoch}, the highest seen`,
    };
  }
  if (claim.epoch > state.highestEpoch) return undefined;
  if (claim.engineId !== state.ownerId) {
    return { reason: ErrorReason.STALE_EPOCH, message: `epoch ${claim.epoch} belongs to another engine` };
  }
  if (claim.attempt <= state.highestAttempt) {
    return {
      reason: ErrorReason.DISPLACED,
      message: `attempt ${claim.attempt} is not above ${state.highestAttempt}, the highest seen`,
    };
  }
  return undefined;
}

/** What becomes of the phase that a new claim replaces. */
function leave(phase: Phase, isNewEpoch: boolean): SessionEffect[] {
  switch (phase.kind) {
    case 'vacant':
      return phase.graceRuns ? [{ kind: 'stop_grace' }] : [];
    case 'lost':
      return [{ kind: 'stop_grace' }];
    case 'settling':
    case 'serving': {
      const { stream } = phase.claim;
      return [
        isNewEpoch
          ? { kind: 'refuse', stream, reason: ErrorReason.FENCED, message: 'a higher epoch owns the account' }
          : {
              kind: 'refuse',
              stream,
              reason: ErrorReason.DISPLACED,
              message: 'a newer stream of this session took over',
            },
      ];
    }
    default:
      return assertNever(phase);
  }
}

function takeSettled(state: SessionState): Step {
  if (state.phase.kind !== 'settling') return { state, effects: [] };
  const { claim } = state.phase;
  return { state: { ...state, phase: { kind: 'serving', claim } }, effects: [{ kind: 'welcome', claim }] };
}

function takeStreamLost(state: SessionState, stream: StreamId): Step {
  const { phase } = state;
  if ((phase.kind !== 'serving' && phase.kind !== 'settling') || phase.claim.stream !== stream) {
    return { state, effects: [] };
  }
  return { state: { ...state, phase: lose(phase) }, effects: [{ kind: 'start_grace' }] };
}

function lose(phase: Extract<Phase, { kind: 'serving' | 'settling' }>): Phase {
  return { kind: 'lost', claim: phase.claim, settled: phase.kind === 'serving' };
}

function takeGoodbye(state: SessionState, stream: StreamId, reason: GoodbyeReason): Step {
  const { phase } = state;
  if ((phase.kind !== 'serving' && phase.kind !== 'settling') || phase.claim.stream !== stream) {
    return { state, effects: [] };
  }
  const part: SessionEffect = { kind: 'part', stream };
  if (reason === GoodbyeReason.DONE) {
    return { state: { ...state, phase: { kind: 'vacant', graceRuns: false } }, effects: [part, { kind: 'over' }] };
  }
  // Any other word of leaving is taken for a restart: the orders have the grace to be claimed again.
  return { state: { ...state, phase: lose(phase) }, effects: [part, { kind: 'start_grace' }] };
}

function takeGraceOver(state: SessionState): Step {
  const { phase } = state;
  const vacant = { ...state, phase: { kind: 'vacant' as const, graceRuns: false } };
  if (phase.kind === 'lost') {
    return { state: vacant, effects: [{ kind: 'sweep', maxEpoch: phase.claim.epoch }, { kind: 'over' }] };
  }
  if (phase.kind === 'vacant' && phase.graceRuns) {
    return { state: vacant, effects: [{ kind: 'sweep', maxEpoch: undefined }] };
  }
  return { state, effects: [] };
}
