/**
 * Carries out a scripted fault of a request: when its handler runs, and what the caller is told instead of its answer.
 *
 * A1  The handler runs once, or never (`refuse`); what it did is not undone: a fault after it changes the answer alone.
 * A2  When `signal` aborts, a held request is answered at once.
 */
import { assertNever } from '@trunkline/proto/assert';
import { type Clock, sleep } from '@trunkline/proto/clock';
import type { RequestFault } from './faults.ts';

interface Told {
  readonly status: number;
  /** JSON. */
  readonly body: unknown;
}

export interface FaultyAnswering<Reply extends Told> {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly refused: (fault: Extract<RequestFault, { kind: 'refuse' }>) => Reply;
  /** The body of a venue that failed while it carried a request out, where the fault names none. */
  readonly failedBody: () => unknown;
  /** What a venue says whose own back end did not answer in time. */
  readonly timedOut: () => Told;
}

export async function answerFaulty<Reply extends Told>(
  fault: RequestFault,
  run: () => Reply,
  { clock, signal, refused, failedBody, timedOut }: FaultyAnswering<Reply>,
): Promise<Reply> {
  switch (fault.kind) {
    case 'refuse':
      return refused(fault);
    case 'delay': {
      if (fault.when === 'before') await sleep(clock, fault.delayMs, signal);
      const answered = run();
      if (fault.when === 'after') await sleep(clock, fault.delayMs, signal);
      return answered;
    }
    case 'fail_after_accept':
      return { ...run(), status: fault.status, body: fault.body ?? failedBody() };
    case 'timeout_after_accept': {
      const answered = run();
      await sleep(clock, fault.holdMs, signal);
      return { ...answered, ...timedOut() };
    }
    default:
      return assertNever(fault);
  }
}
