/**
 * Funding payments as events, read from the venue's ledger: pushes tell that something was paid, seldom what.
 *
 * W1  Each entry of the ledger is emitted once, by its id. What was booked before the watch began is not news.
 * W2  It asks when told to (`paid`: the venue pushed something) and after each funding time that it knows of, then again
 *     after growing delays: a venue books the entry some seconds after it pushed.
 * W3  A ledger that cannot be read is asked again; nothing is skipped, since the next asking begins at the last entry seen.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { FundingPayment } from '@trunkline/proto/gen/trunkline/exchange/v1/account';

export interface FundingWatchOptions {
  readonly clock: Clock;
  readonly symbols: () => readonly string[];
  /** The ledger's entries of a symbol from that venue time on. Rejects when it cannot be asked now. */
  readonly ask: (symbol: string, sinceUs: number) => Promise<readonly FundingPayment[]>;
  /** The venue's clock. */
  readonly nowUs: () => number;
  readonly emit: (payment: FundingPayment) => void;
}

export interface FundingWatch {
  /** From now on payments are news. */
  start(): void;
  /** The venue says that funding was paid or received; without a symbol of any. */
  paid(symbol?: string): void;
  /** When the symbol's next funding falls due, by the venue's clock. */
  due(symbol: string, atUs: number): void;
  close(): void;
}

/** After a trigger: at once, then while nothing new was found. */
const ASK_AFTER_MS = [0, 2_000, 5_000, 15_000, 60_000] as const;
/** Entries that are remembered as emitted, for each symbol: far more than one instant can bring. */
const REMEMBERED = 64;

interface Watched {
  sinceUs: number;
  seen: string[];
  dueUs: number;
  dueTimer: Timer | undefined;
  askTimer: Timer | undefined;
}

export function fundingWatch(options: FundingWatchOptions): FundingWatch {
  const { clock, nowUs, emit } = options;
  const watched = new Map<string, Watched>();
  let running = false;

  const stateOf = (symbol: string): Watched => {
    const known = watched.get(symbol);
    if (known !== undefined) return known;
    const made = { sinceUs: nowUs(), seen: [], dueUs: 0, dueTimer: undefined, askTimer: undefined };
    watched.set(symbol, made);
    return made;
  };

  const ask = async (symbol: string, state: Watched): Promise<boolean> => {
    const payments = await options.ask(symbol, state.sinceUs);
    if (!running) return true;
    const fresh = payments.filter(
      ({ paymentId, venueTimeUs }) => venueTimeUs >= state.sinceUs && !state.seen.includes(paymentId),
    );
    for (const payment of fresh.sort((a, b) => a.venueTimeUs - b.venueTimeUs)) {
      state.sinceUs = payment.venueTimeUs;
      state.seen = [...state.seen, payment.paymentId].slice(-REMEMBERED);
      emit(payment);
    }
    return fresh.length > 0;
  };

  const askLater = (symbol: string, state: Watched, attempt: number): void => {
    const delayMs = ASK_AFTER_MS[attempt];
    state.askTimer?.cancel();
    if (delayMs === undefined) return;
    state.askTimer = clock.schedule(delayMs, () => {
      const next = (found: boolean) => {
        if (!found && running) askLater(symbol, state, attempt + 1);
      };
      ask(symbol, state).then(next, () => next(false));
    });
  };

  return {
    start() {
      running = true;
      for (const symbol of options.symbols()) stateOf(symbol);
    },
    paid(symbol) {
      if (!running) return;
      for (const each of symbol === undefined ? options.symbols() : [symbol]) askLater(each, stateOf(each), 0);
    },
    due(symbol, atUs) {
      if (!running) return;
      const state = stateOf(symbol);
      if (atUs <= state.dueUs) return;
      // The stream names the next funding as soon as this one passed: its timer must still fire.
      const passed = state.dueUs > 0 && state.dueUs <= nowUs();
      state.dueUs = atUs;
      state.dueTimer?.cancel();
      if (passed) askLater(symbol, state, 0);
      state.dueTimer = clock.schedule(Math.max(0, (atUs - nowUs()) / 1_000), () => askLater(symbol, state, 0));
    },
    close() {
      running = false;
      for (const { dueTimer, askTimer } of watched.values()) {
        dueTimer?.cancel();
        askTimer?.cancel();
      }
    },
  };
}
