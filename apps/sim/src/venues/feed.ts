/** A subscription's way from the core's events to its frames. */
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { CoreEvent } from '../core/events.ts';

export interface Feed {
  on(event: CoreEvent): void;
  close(): void;
}

/** Every event at once. */
export function direct(on: (event: CoreEvent) => void): Feed {
  return { on, close: () => undefined };
}

/** The first event of the kinds after a flush begins the interval that ends with the next. */
export function paced(clock: Clock, intervalMs: number, kinds: readonly CoreEvent['kind'][], flush: () => void): Feed {
  let timer: Timer | undefined;
  return {
    on(event) {
      if (!kinds.includes(event.kind)) return;
      timer ??= clock.schedule(intervalMs, () => {
        timer = undefined;
        flush();
      });
    },
    close: () => timer?.cancel(),
  };
}
