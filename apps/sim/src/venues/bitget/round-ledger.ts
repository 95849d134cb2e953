/**
 * The rounds of every position, kept as fills come so that telling of a position does not walk its account's fills.
 * Fills of before the first question are counted then.
 */
import type { Core } from '../../core/core-api.ts';
import type { Fill, Position } from '../../core/types.ts';
import { countRounds, type RoundCounter, type Rounds } from './position-rounds.ts';

const EVERY_FILL = 1_000_000;

type PositionKey = Pick<Position, 'symbol' | 'positionSide'>;

interface Counted {
  readonly rounds: RoundCounter;
  /** The last trade that was counted from the core's own list; its event may still come. */
  readonly listedTo: number;
}

export interface RoundLedger {
  of(accountId: string, position: PositionKey): Rounds;
  close(): void;
}

/** Must be subscribed before whoever tells of positions, so that a fill is counted when it is told. */
export function createRoundLedger(core: Core): RoundLedger {
  const known = new Map<string, Counted>();

  const counted = (accountId: string, { symbol, positionSide }: PositionKey): Counted => {
    const key = `${symbol} ${positionSide} ${accountId}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const fills = core
      .fills(accountId, symbol, { limit: EVERY_FILL })
      .filter((fill) => fill.positionSide === positionSide);
    const rounds = countRounds();
    for (const fill of fills) rounds.take(fill);
    const made = { rounds, listedTo: numberOf(fills.at(-1)) };
    known.set(key, made);
    return made;
  };

  const stop = core.subscribe((event) => {
    if (event.kind !== 'fill') return;
    const { rounds, listedTo } = counted(event.fill.accountId, event.fill);
    if (numberOf(event.fill) > listedTo) rounds.take(event.fill);
  });

  return {
    of: (accountId, position) => counted(accountId, position).rounds,
    close() {
      stop();
      known.clear();
    },
  };
}

/** The core numbers trades upwards. */
function numberOf(fill: Fill | undefined): number {
  return Number(fill?.tradeId ?? 0);
}
