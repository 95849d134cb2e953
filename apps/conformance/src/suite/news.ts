/** Waiting for something that arrives, with a limit and words for what was waited for. */
import type { Clock } from '@trunkline/proto/clock';
import { Mismatch } from './mismatch.ts';

export interface Waiting {
  readonly clock: Clock;
  /** Whatever may change the answer calls its listeners. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** The first value that `look` gives; looked at now and after each piece of news. */
export function until<T>(
  { clock, subscribe }: Waiting,
  look: () => T | undefined,
  what: string,
  limitMs: number,
  seen: () => string,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (run: () => void) => {
      timer.cancel();
      stop();
      run();
    };
    const again = () => {
      let value: T | undefined;
      try {
        value = look();
      } catch (error) {
        // A look may find out that what is waited for can never come.
        settle(() => reject(error));
        return;
      }
      if (value !== undefined) settle(() => resolve(value));
    };
    const timer = clock.schedule(limitMs, () =>
      settle(() => reject(new Mismatch(what, `${seen()} within ${limitMs} ms`))),
    );
    const stop = subscribe(again);
    again();
  });
}
