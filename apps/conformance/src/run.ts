/**
 * Runs cards against a target and reports on each.
 *
 * R1  Cards that only read run beside each other; those that take the trading session one after another; those that
 *     disturb others after all of them; the one that ends the process last.
 * R2  Every card has a limit. A card that overruns it fails, and what it holds is let go.
 * R3  A `Mismatch` or an error of the service fails a card, `NotNow` skips it; anything else is a bug of the suite and is thrown.
 */
import { sleep } from '@trunkline/proto/clock';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { type Card, DEFAULT_LIMIT_MS, type Manner, missingFor } from './card.ts';
import { Bench, type Shared } from './suite/bench.ts';
import { Mismatch, NotNow } from './suite/mismatch.ts';

export type CardResult =
  | { readonly id: string; readonly title: string; readonly outcome: 'passed'; readonly tookMs: number }
  | { readonly id: string; readonly title: string; readonly outcome: 'skipped'; readonly reason: string }
  | {
      readonly id: string;
      readonly title: string;
      readonly outcome: 'failed';
      readonly tookMs: number;
      readonly expected: string;
      readonly seen: string;
      readonly transcript: readonly string[];
    };

/** Readers side by side: enough to hide the venue's answer times, few enough for its rate limits. */
const BESIDE = 6;
const ORDER: readonly Manner[] = ['beside', 'session', 'alone', 'last'];

export async function runCards(
  cards: readonly Card[],
  shared: Shared,
  report: (result: CardResult) => void,
): Promise<readonly CardResult[]> {
  const results = new Map<string, CardResult>();
  const runOne = async (card: Card) => {
    const result = await runCard(card, shared);
    results.set(card.id, result);
    report(result);
  };
  for (const manner of ORDER) {
    const queue = cards.filter((card) => card.manner === manner);
    const worker = async () => {
      for (let card = queue.shift(); card !== undefined; card = queue.shift()) await runOne(card);
    };
    const workers = manner === 'beside' ? BESIDE : 1;
    await Promise.all(Array.from({ length: workers }, worker));
  }
  return cards.flatMap(({ id }) => results.get(id) ?? []);
}

async function runCard(card: Card, shared: Shared): Promise<CardResult> {
  const { id, title } = card;
  const reason = missingFor(card, shared.target);
  if (reason !== undefined) return { id, title, outcome: 'skipped', reason };
  const { clock } = shared;
  const startedUs = clock.monotonicUs();
  const opened = await shared.reach.open('main');
  const tookMs = () => Math.round((clock.monotonicUs() - startedUs) / 1_000);
  if (!opened.ok) {
    const transcript: string[] = [];
    return {
      id,
      title,
      outcome: 'failed',
      tookMs: tookMs(),
      expected: 'a connection',
      seen: opened.reason,
      transcript,
    };
  }
  const bench = new Bench(shared, opened.wire);
  try {
    await withinLimit(card, bench);
    return { id, title, outcome: 'passed', tookMs: tookMs() };
  } catch (error) {
    if (error instanceof NotNow) return { id, title, outcome: 'skipped', reason: error.message };
    const { expected, seen } = inWords(error);
    return { id, title, outcome: 'failed', tookMs: tookMs(), expected, seen, transcript: [...bench.transcript.lines] };
  } finally {
    await bench.leave();
  }
}

async function withinLimit(card: Card, bench: Bench): Promise<void> {
  const limitMs = card.limitMs ?? DEFAULT_LIMIT_MS;
  const done = new AbortController();
  const late = sleep(bench.clock, limitMs, done.signal).then(() => {
    if (!done.signal.aborted) throw new Mismatch(`the card to be done within ${limitMs} ms`, 'it was not');
  });
  const work = card.run(bench);
  try {
    await Promise.race([work, late]);
  } finally {
    done.abort();
    // After the limit nobody waits for the card any more: how it then ends says nothing new.
    work.catch(() => {});
  }
}

function inWords(error: unknown): { expected: string; seen: string } {
  if (error instanceof Mismatch) return error;
  if (error instanceof ExchangeError) return { expected: 'no error', seen: `${error.reasonName}: ${error.message}` };
  throw error;
}
