/** The scripted fault of a market that falls silent: what happens in it goes on, and nobody is told. */
import type { Clock } from '@trunkline/proto/clock';
import { marketOf } from './event-scope.ts';
import type { CoreEvent } from './events.ts';

export interface Silence {
  /** From now on for `forMs`; a later call replaces an earlier one. */
  begin(symbol: string, forMs: number): void;
  /** Whether the event belongs to the market data of a symbol that is silent now. */
  covers(event: CoreEvent): boolean;
}

export function createSilence(clock: Clock): Silence {
  const untilUs = new Map<string, number>();
  return {
    begin: (symbol, forMs) => untilUs.set(symbol, clock.monotonicUs() + forMs * 1_000),
    covers(event) {
      if (untilUs.size === 0) return false;
      const symbol = marketOf(event);
      const endUs = symbol === undefined ? undefined : untilUs.get(symbol);
      return endUs !== undefined && clock.monotonicUs() < endUs;
    },
  };
}
