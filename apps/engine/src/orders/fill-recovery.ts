/**
 * Fills from the venue's trade list: the only place, beside the stream, that fills come from.
 *
 * F1  Each symbol is read from its last known fill minus an overlap, so that a fill which the venue published late is
 *     not missed; what is known already teaches nothing. A trade that was missed before newer ones came lies behind
 *     the overlap: while positions differ, each run looks further back, as far as the baseline, and then from anew.
 * F2  A trade whose list does not say the client id is told by its venue id: from memory, from the journal's fills, and
 *     then by asking for the order.
 */
import type { Fill } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Journal } from '../journal/journal.ts';
import type { PositionBook } from '../positions/position-book.ts';
import type { AccountQueries } from './account-queries.ts';
import type { Order } from './order-state.ts';
import type { VenueIntake } from './venue-intake.ts';

/** Trades this much older than the last known one are read again. */
const OVERLAP_US = 60_000_000;
const DEEPER = 4;

export interface FillRecoveryOptions {
  readonly account: string;
  readonly journal: Journal;
  readonly queries: AccountQueries;
  readonly intake: VenueIntake;
  readonly positions: PositionBook;
}

export type Recovered = { readonly kind: 'ok' } | { readonly kind: 'failed'; readonly message: string };

export class FillRecovery {
  readonly #options: FillRecoveryOptions;
  #overlapUs = OVERLAP_US;
  #reachedBaseline = false;

  constructor(options: FillRecoveryOptions) {
    this.#options = options;
  }

  /** All fills of these symbols. `baselineUs`: older ones are in the baseline and are not asked for. */
  async symbols(symbols: readonly string[], baselineUs: number): Promise<Recovered> {
    const since = symbols.map((symbol) => ({ symbol, sinceUs: Math.max(baselineUs, this.#lookBack(symbol)) }));
    this.#reachedBaseline = since.every(({ sinceUs }) => sinceUs === baselineUs);
    for (const { symbol, sinceUs } of since) {
      const outcome = await this.#read(symbol, sinceUs, '');
      if (outcome.kind === 'failed') return outcome;
    }
    return { kind: 'ok' };
  }

  /** Whether the last read began at the baseline for every symbol: then no trade of ours is older. */
  get reachedBaseline(): boolean {
    return this.#reachedBaseline;
  }

  /** What the next run reads, by whether positions agreed after this one. */
  judged(agreed: boolean): void {
    this.#overlapUs = agreed || this.#reachedBaseline ? OVERLAP_US : this.#overlapUs * DEEPER;
  }

  /** The fills of one order. */
  async order(order: Order): Promise<Recovered> {
    if (order.venueOrderId === null) return { kind: 'ok' };
    return this.#read(order.terms.symbol, order.decidedAtUs - OVERLAP_US, order.venueOrderId);
  }

  #lookBack(symbol: string): number {
    const known = this.#options.positions.list().filter((position) => position.symbol === symbol);
    return Math.max(0, ...known.map(({ lastFillUs }) => lastFillUs)) - this.#overlapUs;
  }

  async #read(symbol: string, sinceUs: number, venueOrderId: string): Promise<Recovered> {
    const { queries, intake } = this.#options;
    const answer = await queries.fills(symbol, sinceUs, venueOrderId);
    if (answer.kind === 'failed') return { kind: 'failed', message: `fills of ${symbol}: ${answer.message}` };
    await intake.prepare(answer.value);
    const evidence = `trade list of ${symbol} since ${sinceUs}${venueOrderId && ` of order ${venueOrderId}`}`;
    let owners: Map<string, string> | undefined;
    for (const fill of answer.value) {
      if (intake.fill(fill, evidence) || intake.find(fill)) continue;
      owners ??= await this.#ownersSince(sinceUs);
      const result = await this.#identify(fill, owners, evidence);
      if (result.kind === 'failed') return result;
    }
    return { kind: 'ok' };
  }

  async #ownersSince(sinceUs: number): Promise<Map<string, string>> {
    const { account, journal } = this.#options;
    const rows = await journal.listFills({ account, sinceUs });
    return new Map(rows.map((row) => [`${row.symbol} ${row.venueOrderId}`, row.clientOrderId]));
  }

  async #identify(fill: Fill, owners: Map<string, string>, evidence: string): Promise<Recovered> {
    const { intake, queries } = this.#options;
    const { symbol, venueOrderId, venueTimeUs } = fill;
    const owner = owners.get(`${symbol} ${venueOrderId}`);
    if (owner !== undefined) {
      await intake.load(owner);
    } else {
      const times = { sentAtUs: venueTimeUs, settledAtUs: venueTimeUs };
      const answer = await queries.order({ symbol, clientOrderId: '', venueOrderId, ...times, fullSearch: false });
      if (answer.kind === 'failed') return { kind: 'failed', message: `order ${venueOrderId}: ${answer.message}` };
      const found = answer.value.answer?.$case === 'found' ? answer.value.answer.value.order : undefined;
      if (found) {
        await intake.prepare([found]);
        intake.order(found, evidence);
      }
    }
    if (!intake.find(fill))
      return { kind: 'failed', message: `nothing is known of the order of trade ${fill.tradeId}` };
    intake.fill(fill, evidence);
    return { kind: 'ok' };
  }
}
