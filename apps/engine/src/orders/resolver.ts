/**
 * Finds out what became of orders whose fate is unknown, by the schedule of `resolver-schedule.ts`, and looks at single
 * orders that are in doubt otherwise (a cancel said "not open", an amend got no answer).
 *
 * Every order that is `unknown` or `lost` has one inquiry, and each inquiry one timer. All that is found out goes to the
 * ledger, with its evidence; what is concluded from silence is the schedule's.
 */

import type { Logger } from '@trunkline/kit/log';
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { GetOrderResponse, OrderAbsent } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { SearchedSource } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { AccountLedger } from './account-ledger.ts';
import type { AccountQueries, Answer } from './account-queries.ts';
import type { Order } from './order-state.ts';
import type { OrderTable } from './order-table.ts';
import {
  beginInquiry,
  conclude,
  type Inquiry,
  type InquiryStep,
  nextStep,
  notAnswered,
  notFound,
  probeFailed,
  watched,
} from './resolver-schedule.ts';
import type { VenueIntake } from './venue-intake.ts';
import type { CancelOutcome } from './venue-messages.ts';

/** How soon an order in doubt is looked at: the stream is usually faster. */
const GLANCE_MS = 500;

export interface ResolverOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly table: OrderTable;
  readonly ledger: AccountLedger;
  readonly intake: VenueIntake;
  readonly queries: AccountQueries;
  /** From a fate's becoming unknown until the order cannot appear any more: command bound, request expiry and skew. */
  readonly settleMs: number;
  /** The same in wall time, for the question itself. */
  readonly settledAtUs: (order: Order) => number;
  /** Cancels by client id and tells the end; undefined when nothing can be sent now. */
  readonly probe: (order: Order) => Promise<CancelOutcome | undefined>;
  readonly crash: (error: unknown) => void;
}

/** What is being done about an order, for status displays. */
export interface InquiryView {
  readonly clientOrderId: string;
  readonly asks: number;
  readonly nextStep: 'ask' | 'search' | 'probe';
  /** Milliseconds from now; 0 while it is being done. */
  readonly inMs: number;
}

interface Track {
  inquiry: Inquiry;
  step: InquiryStep;
  timer: Timer;
}

export class Resolver {
  readonly #options: ResolverOptions;
  readonly #tracks = new Map<string, Track>();
  readonly #glances = new Map<string, Timer>();
  #closed = false;

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** Takes up an order if it needs it; calling again does nothing. */
  consider(order: Order): void {
    if (this.#closed) return;
    const { clientOrderId, status } = order;
    if (status === 'unknown' || status === 'lost') {
      if (this.#tracks.has(clientOrderId)) return;
      const { clock, settleMs } = this.#options;
      this.#plan(clientOrderId, beginInquiry(clock.monotonicUs(), { settleMs, lost: status === 'lost' }));
      return;
    }
    if (this.#glances.has(clientOrderId)) return;
    const look = () => {
      this.#glances.delete(clientOrderId);
      this.glance(clientOrderId).catch(this.#options.crash);
    };
    this.#glances.set(clientOrderId, this.#options.clock.schedule(GLANCE_MS, look));
  }

  /** Asks once for the venue's state of an order; true if there was an answer that taught us its state. */
  async glance(clientOrderId: string): Promise<boolean> {
    const order = this.#options.table.get(clientOrderId);
    if (!order) return false;
    const answer = await this.#ask(order, true);
    if (answer.kind === 'ok' && answer.value.answer?.$case === 'absent' && answer.value.answer.value.proved) {
      const detail = evidenceOf(answer.value.answer.value);
      this.#options.ledger.apply(clientOrderId, { kind: 'anomaly', code: 'vanished', detail });
      // The venue once held it and holds no trace now: nothing can prove what it did meanwhile.
      this.#options.ledger.apply(clientOrderId, { kind: 'lost', evidence: detail });
      const lost = this.#options.table.get(clientOrderId);
      if (lost?.status === 'lost') this.consider(lost);
    }
    return answer.kind === 'ok' && answer.value.answer?.$case === 'found';
  }

  view(): readonly InquiryView[] {
    const nowUs = this.#options.clock.monotonicUs();
    return [...this.#tracks].map(([clientOrderId, { inquiry, step }]) => ({
      clientOrderId,
      asks: inquiry.asks,
      nextStep: step.kind === 'probe' ? 'probe' : step.fullSearch ? 'search' : 'ask',
      inMs: Math.max(0, Math.round((step.atUs - nowUs) / 1_000)),
    }));
  }

  close(): void {
    this.#closed = true;
    for (const { timer } of this.#tracks.values()) timer.cancel();
    for (const timer of this.#glances.values()) timer.cancel();
    this.#tracks.clear();
    this.#glances.clear();
  }

  #plan(clientOrderId: string, inquiry: Inquiry): void {
    if (this.#closed) return;
    const { clock, crash } = this.#options;
    const nowUs = clock.monotonicUs();
    const step = nextStep(inquiry, nowUs);
    const run = () => {
      this.#run(clientOrderId, inquiry, step).catch(crash);
    };
    this.#tracks.set(clientOrderId, { inquiry, step, timer: clock.schedule((step.atUs - nowUs) / 1_000, run) });
  }

  async #run(clientOrderId: string, inquiry: Inquiry, step: InquiryStep): Promise<void> {
    const order = this.#pending(clientOrderId);
    if (!order) return;
    const next =
      step.kind === 'ask' ? await this.#search(order, inquiry, step.fullSearch) : await this.#probe(order, inquiry);
    if (this.#pending(clientOrderId)) this.#plan(clientOrderId, next);
  }

  /** The order if it still needs an answer; otherwise its inquiry ends. */
  #pending(clientOrderId: string): Order | undefined {
    const order = this.#options.table.get(clientOrderId);
    if (order && (order.status === 'unknown' || order.status === 'lost') && !this.#closed) return order;
    this.#tracks.delete(clientOrderId);
    return undefined;
  }

  async #search(order: Order, inquiry: Inquiry, fullSearch: boolean): Promise<Inquiry> {
    const startedUs = this.#options.clock.monotonicUs();
    const learntAtUs = order.updatedAtUs;
    const answer = await this.#ask(order, fullSearch);
    if (answer.kind === 'failed' || answer.value.answer?.$case !== 'absent') return notAnswered(inquiry);
    // Something was learnt meanwhile: what the search did not see is older than that.
    if (this.#options.table.get(order.clientOrderId)?.updatedAtUs !== learntAtUs) return notAnswered(inquiry);
    const absent = answer.value.answer.value;
    // An order that the venue once held cannot be proved never to have reached it.
    const proved = absent.proved && order.venueOrderId === null;
    return notFound(inquiry, { startedUs, fullSearch, proved, evidence: evidenceOf(absent) });
  }

  async #probe(order: Order, inquiry: Inquiry): Promise<Inquiry> {
    const { ledger, log, probe } = this.#options;
    const outcome = await probe(order);
    if (outcome?.fate !== 'not_open') return probeFailed(inquiry);
    const current = this.#pending(order.clientOrderId);
    if (!current) return inquiry;
    const { kind, evidence } = conclude(inquiry, `${outcome.fate} ${outcome.venueCode}`.trim());
    log.error({ order: order.clientOrderId, symbol: order.terms.symbol, evidence }, `order is ${kind}`);
    ledger.apply(order.clientOrderId, { kind, evidence });
    return watched(inquiry);
  }

  async #ask(order: Order, fullSearch: boolean): Promise<Answer<GetOrderResponse>> {
    const { queries, intake, settledAtUs } = this.#options;
    const answer = await queries.order({
      symbol: order.terms.symbol,
      clientOrderId: order.origin === 'ours' ? order.clientOrderId : '',
      venueOrderId: order.venueOrderId ?? '',
      sentAtUs: order.decidedAtUs,
      settledAtUs: settledAtUs(order),
      fullSearch,
    });
    if (answer.kind === 'ok' && answer.value.answer?.$case === 'found') {
      const { order: message, fills } = answer.value.answer.value;
      if (message) intake.order(message, fullSearch ? 'full search' : 'by id');
      await intake.prepare(fills);
      for (const fill of fills) intake.fill(fill, 'search for the order');
    }
    return answer;
  }
}

function evidenceOf(absent: OrderAbsent): string {
  const searched = absent.searched.map((source) => SearchedSource[source]).join(', ');
  const worth = absent.proved ? 'absence proved' : `absence not proved: ${absent.reason}`;
  return `searched ${searched} at ${absent.searchedAtUs}, ${worth}`;
}
