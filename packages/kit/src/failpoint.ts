/**
 * Named places where a test can make a process fail. `failpoint(name)` does nothing until `armFailpoints` is given a
 * plan, which only `main.ts` does, from the environment.
 *
 *   connector.afterPost=kill@5,engine.afterCommit=sleep:200@3,x=throw@1
 *
 * F1  An action happens on exactly the n-th pass of its place (`@n`; without it the first), once.
 * F2  `kill` is SIGKILL to this process: nothing is flushed, as when power fails. `sleep:MS` stops the whole process
 *     for that long, as a stalled machine does. `throw` throws a `FailpointError`.
 *
 * The plan is the one piece of module state in the kit: a place that may die anywhere cannot be handed a parameter.
 */
import { assertNever } from '@trunkline/proto/assert';
import { ConfigError } from './operating-error.ts';
import { shown } from './text.ts';

export class FailpointError extends Error {
  override readonly name = 'FailpointError';
}

type Action = { readonly kind: 'kill' } | { readonly kind: 'sleep'; readonly ms: number } | { readonly kind: 'throw' };

interface Step {
  readonly place: string;
  readonly pass: number;
  readonly action: Action;
}

interface Place {
  passes: number;
  readonly steps: readonly Step[];
}

const MAX_SLEEP_MS = 600_000;
const ENTRY = /^([A-Za-z][\w.-]*)=(kill|throw|sleep:(\d{1,6}))(?:@([1-9]\d{0,8}))?$/;
const IN_WORDS = 'place=kill|throw|sleep:MS, with @N for the N-th pass, separated by commas';

let places: ReadonlyMap<string, Place> = new Map();

/** Marks a place. Costs one map look-up in an empty map when nothing is armed. */
export function failpoint(name: string): void {
  const place = places.get(name);
  if (place === undefined) return;
  place.passes += 1;
  for (const step of place.steps) if (step.pass === place.passes) act(step);
}

/** Replaces the plan; an empty or absent text disarms everything. On a bad text nothing changes. */
export function armFailpoints(text: string | undefined): ConfigError | undefined {
  const armed = new Map<string, Place>();
  for (const entry of (text ?? '').split(',').map((each) => each.trim())) {
    if (entry === '') continue;
    const step = parseStep(entry);
    if (step === undefined) return new ConfigError(`failpoint ${shown(entry)} is not understood; allowed: ${IN_WORDS}`);
    armed.set(step.place, { passes: 0, steps: [...(armed.get(step.place)?.steps ?? []), step] });
  }
  places = armed;
  return undefined;
}

function parseStep(entry: string): Step | undefined {
  const [, place, action, ms, pass] = ENTRY.exec(entry) ?? [];
  if (place === undefined || action === undefined || Number(ms ?? 0) > MAX_SLEEP_MS) return undefined;
  const step = { place, pass: Number(pass ?? 1) };
  if (action === 'kill' || action === 'throw') return { ...step, action: { kind: action } };
  return { ...step, action: { kind: 'sleep', ms: Number(ms) } };
}

function act(step: Step): void {
  switch (step.action.kind) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      // The signal is on its way; nothing after the place may run before it lands.
      for (;;) Bun.sleepSync(1_000);
    case 'sleep':
      Bun.sleepSync(step.action.ms);
      return;
    case 'throw':
      throw new FailpointError(`failpoint ${step.place} at pass ${step.pass}`);
    default:
      assertNever(step.action);
  }
}
