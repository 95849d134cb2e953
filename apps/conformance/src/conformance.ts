/**
 * One run of the suite: reach the service, learn what it is, run the cards.
 *
 * S1  Nothing is assumed of the venue: symbols, sizes and abilities come from Describe and ListInstruments.
 * S2  A target that cannot be tested at all (no connection, no Describe, no such symbol) is an `OperatingError`, not a
 *     failed card.
 */
import { OperatingError } from '@trunkline/kit/operating-error';
import type { Clock } from '@trunkline/proto/clock';
import type { Decimal } from '@trunkline/proto/decimal';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import {
  type DescribeResponse,
  ListInstrumentsRequest,
  ExchangeServiceService as Service,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { SessionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { clientOrderIdMint, literal, mintEngineId, parseOrderTag } from '@trunkline/proto/ids';
import type { Rng } from '@trunkline/proto/rng';
import type { Card } from './card.ts';
import { type CardResult, runCards } from './run.ts';
import { Bench, type Shared, WAIT_MS } from './suite/bench.ts';
import { MarketStream } from './suite/market-stream.ts';
import { Mismatch } from './suite/mismatch.ts';
import { Pacer } from './suite/pacer.ts';
import { QuoteBoard } from './suite/quote-board.ts';
import type { SimControl } from './suite/sim-control.ts';
import type { Target } from './suite/target.ts';
import { Transcript } from './suite/transcript.ts';
import type { Reach } from './wire/reach.ts';
import type { Wire } from './wire/wire.ts';

export interface ConformanceOptions {
  readonly reach: Reach;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly symbol: string | undefined;
  /** Undefined: one above the highest that the service says to an observer. */
  readonly firstEpoch: number | undefined;
  readonly sim: SimControl | undefined;
  readonly mayStopPid: number | undefined;
  readonly maxNotional: Decimal;
  /** How long a card waits for one thing, milliseconds. */
  readonly waitMs?: number;
}

export interface Prepared {
  readonly target: Target;
  run(cards: readonly Card[], report: (result: CardResult) => void): Promise<readonly CardResult[]>;
}

export async function prepare(options: ConformanceOptions): Promise<Prepared | OperatingError> {
  const { reach, clock, rng, sim, mayStopPid, maxNotional, waitMs = WAIT_MS } = options;
  const opened = await reach.open('main');
  if (!opened.ok) return new OperatingError(`the service is not reached: ${opened.reason}`);
  const { wire } = opened;
  try {
    const description = await wire.call(Service.describe, {});
    const { capabilities } = description;
    if (capabilities === undefined) return new OperatingError('Describe names no capabilities');
    const instrument = await findInstrument(wire, description, options.symbol);
    if (instrument instanceof OperatingError) return instrument;
    const { mode, callers } = reach;
    const target = { mode, callers, description, capabilities, instrument, sim, mayStopPid, maxNotional };
    const shared = await share(target, wire, options);
    return {
      target,
      async run(cards, report) {
        try {
          return await runCards(cards, shared, report);
        } finally {
          shared.quotes.close();
        }
      },
    };
  } catch (error) {
    if (!(error instanceof ExchangeError || error instanceof Mismatch)) throw error;
    return new OperatingError(`the service cannot be tested: ${error.message}`);
  }

  async function share(target: Target, via: Wire, { firstEpoch }: ConformanceOptions): Promise<Shared> {
    const engineId = mintEngineId(rng);
    const tag = literal(parseOrderTag, target.description.orderTag);
    let epoch = firstEpoch === undefined ? 0 : firstEpoch - 1;
    const quotes = new QuoteBoard(async () => {
      const again = await reach.open('main');
      const stream = (again.ok ? again.wire : via).marketData();
      return new MarketStream({ stream, clock, transcript: new Transcript(), keepsCredit: true, limitMs: waitMs });
    }, clock);
    const mints = new Map<number, () => string>();
    const shared: Shared = {
      ...{ target, reach, clock, quotes, engineId, pacer: new Pacer(clock), waitMs },
      nextEpoch: () => ++epoch,
      mintOrderId: (of) => {
        const mint = mints.get(of) ?? clientOrderIdMint({ tag, epoch: of, rng });
        mints.set(of, mint);
        return mint();
      },
    };
    if (firstEpoch === undefined) epoch = await highestEpoch(new Bench(shared, via));
    return shared;
  }
}

async function findInstrument(wire: Wire, description: DescribeResponse, wanted: string | undefined) {
  const symbol = wanted ?? description.symbols[0];
  if (symbol === undefined || !description.symbols.includes(symbol)) {
    return new OperatingError(
      `--symbol: ${symbol ?? 'none'} is not served; allowed: ${description.symbols.join(', ')}`,
    );
  }
  const { instruments } = await wire.call(
    Service.listInstruments,
    ListInstrumentsRequest.fromPartial({ symbols: [symbol] }),
  );
  const [instrument] = instruments;
  return instrument ?? new OperatingError(`ListInstruments does not name ${symbol}, which Describe does`);
}

/** What an observer's welcome says of the session. */
async function highestEpoch(bench: Bench): Promise<number> {
  const observer = await bench.session({ mode: SessionMode.OBSERVE, epoch: 0 });
  await bench.leave();
  return observer.welcome.epoch;
}
