/**
 * Runs one command against the venue and says what became of each of its orders. It knows nothing of sessions: who may
 * command, and until when, is asked of the caller's `Authority`, last of all in the instant before the POST.
 *
 * R1  Every order of a command gets exactly one outcome, in the command's order. `run` never rejects.
 * R2  Commands reach the venue in the order in which `run` was called: all judging is synchronous.
 * R3  A client order id goes to the venue at most once in this boot (used-ids.ts says within which memory).
 * R4  Cancels pass while the account is not ready, a quote is stale, or the connector drains; reduce-only orders pass
 *     the first two.
 * R5  `denied` means that no request left. A venue layer that breaks its promise not to throw leaves `unknown`.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Clock } from '@trunkline/proto/clock';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import {
  type AmendOrder,
  type Denied,
  DenyRule,
  type OrderOutcome,
  type OrderReference,
  type PlaceOrder,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Command, VenueState } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { Guard, GuardedOrder } from '../../guard.ts';
import type { Admit, Venue } from '../../venues/venue.ts';
import { listOurOrders } from './our-orders.ts';
import { brokenOutcome, denied, deniedOutcome, denyCommand, type Named } from './outcome.ts';
import { type Post, PostsInFlight } from './posts-in-flight.ts';
import { UsedIds } from './used-ids.ts';
import { checkAmend, checkPlace, checkReference, checkSymbol, type Rules } from './validate-command.ts';

/** The right to command, of one session or one call. */
export interface Authority {
  /** When the command came, by our wall clock. */
  readonly receivedAtUs: number;
  /** The instant of our monotonic clock from which on nothing may be sent. */
  readonly deadlineUs: number;
  /** Why the sender may not command any more; undefined while it may. */
  readonly refuse: () => Denied | undefined;
}

export interface RunnerOptions {
  readonly venue: Venue;
  readonly clock: Clock;
  readonly rules: () => Rules;
  readonly symbols: readonly string[];
  readonly guard: Guard;
  readonly isStale: (symbol: string) => boolean;
  readonly isDraining: () => boolean;
  readonly failpoint: (name: string) => void;
}

type Body = NonNullable<Command['command']>;

/** One request to the venue: whether it may leave, and whether it did. */
interface Departure {
  readonly admit: Admit;
  readonly post: () => Post | undefined;
}

/** Cancels sent side by side where the venue takes no batches. */
const CANCELS_AT_ONCE = 16;

export class CommandRunner {
  readonly posts: PostsInFlight;
  readonly #options: RunnerOptions;
  readonly #usedIds = new UsedIds();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.posts = new PostsInFlight(options.clock, options.venue.profile.capabilities.requestExpiryMs);
  }

  async run(command: Body | undefined, authority: Authority): Promise<OrderOutcome[]> {
    switch (command?.$case) {
      case undefined:
        return denyCommand(
          command,
          denied(DenyRule.UNSUPPORTED, 'the command is not known here'),
          authority.receivedAtUs,
        );
      case 'place':
        return this.#place([command.value], '', authority, ([order], admit) =>
          order === undefined ? Promise.resolve([]) : asList(this.#options.venue.place(order, admit)),
        );
      case 'placeBatch':
        return this.#placeBatch(command, authority);
      case 'amend':
        return this.#amend(command.value, authority);
      case 'cancel':
        return this.#cancel(command.value.order, authority);
      case 'cancelBatch':
        return this.#cancelBatch(command, authority);
      case 'cancelAll':
        return this.#cancelAll(command.value.symbol, authority);
      default:
        return assertNever(command);
    }
  }

  /** Cancels what was found open, in as few requests as the venue allows. */
  async cancelEach(orders: readonly OrderReference[], authority: Authority): Promise<OrderOutcome[]> {
    const { venue } = this.#options;
    const perBatch = venue.profile.capabilities.maxBatchCancel;
    const outcomes: OrderOutcome[] = [];
    const size = perBatch > 0 ? perBatch : CANCELS_AT_ONCE;
    for (let at = 0; at < orders.length; at += size) {
      const chunk = orders.slice(at, at + size);
      const done =
        perBatch > 0
          ? await this.#send(chunk.map(named), authority, true, (admit) => venue.cancelBatch(chunk, admit))
          : (await Promise.all(chunk.map((order) => this.#cancel(order, authority)))).flat();
      outcomes.push(...done);
    }
    return outcomes;
  }

  #placeBatch(command: Extract<Body, { $case: 'placeBatch' }>, authority: Authority): Promise<OrderOutcome[]> {
    const { venue } = this.#options;
    const { orders } = command.value;
    const refusal = refuseBatch(orders.length, venue.profile.capabilities.maxBatchPlace);
    if (refusal) return Promise.resolve(denyCommand(command, refusal, authority.receivedAtUs));
    return this.#place(orders, 'orders', authority, (vetted, admit) => venue.placeBatch(vetted, admit));
  }

  /** The orders that pass go out as one request; the others are denied, each for its own reason. */
  async #place(
    orders: readonly PlaceOrder[],
    path: string,
    authority: Authority,
    send: (vetted: readonly PlaceOrder[], admit: Admit) => Promise<OrderOutcome[]>,
  ): Promise<OrderOutcome[]> {
    const vetted: PlaceOrder[] = [];
    const verdicts = orders.map((order, index) => {
      const checked = checkPlace(order, this.#options.rules(), path === '' ? '' : `${path}[${index}].`);
      const refusal = checked.kind === 'denied' ? checked.denied : this.#refuseNewRisk(checked.value);
      if (checked.kind === 'valid' && refusal === undefined) vetted.push(checked.value);
      return refusal;
    });
    const sent = vetted.length === 0 ? [] : await this.#send(vetted, authority, false, (admit) => send(vetted, admit));
    for (const outcome of sent) this.#options.guard.settled(outcome);
    let next = 0;
    return orders.map((order, index) => {
      const refusal = verdicts[index];
      if (refusal !== undefined) return deny(order, refusal, authority);
      return sent[next++] ?? brokenOutcome(order, 'the venue layer gave no outcome', authority.receivedAtUs);
    });
  }

  async #amend(amend: AmendOrder, authority: Authority): Promise<OrderOutcome[]> {
    const { venue } = this.#options;
    const name = { clientOrderId: amend.newClientOrderId };
    const checked = checkAmend(amend, this.#options.rules());
    if (checked.kind === 'denied') return [deny(name, checked.denied, authority)];
    const { newClientOrderId, order, side, price, quantity } = checked.value;
    const symbol = order?.symbol ?? '';
    const refusal = this.#refuseNewRisk({
      clientOrderId: newClientOrderId,
      symbol,
      side,
      price,
      quantity,
      reduceOnly: false,
    });
    if (refusal) return [deny(name, refusal, authority)];
    const outcomes = await this.#send([name], authority, false, (admit) => asList(venue.amend(checked.value, admit)));
    for (const outcome of outcomes) this.#options.guard.settled(outcome);
    return outcomes;
  }

  async #cancel(order: OrderReference | undefined, authority: Authority): Promise<OrderOutcome[]> {
    const refusal = checkReference(order, this.#options.rules(), 'order.');
    if (refusal || order === undefined) {
      return [deny(order ?? NOBODY, refusal ?? denied(DenyRule.INVALID, 'is missing', 'order'), authority)];
    }
    return this.#send([order], authority, true, (admit) => asList(this.#options.venue.cancel(order, admit)));
  }

  async #cancelBatch(command: Extract<Body, { $case: 'cancelBatch' }>, authority: Authority): Promise<OrderOutcome[]> {
    const { venue, rules } = this.#options;
    const { orders } = command.value;
    const tooMany = refuseBatch(orders.length, venue.profile.capabilities.maxBatchCancel);
    if (tooMany) return denyCommand(command, tooMany, authority.receivedAtUs);
    const refusals = orders.map((order, index) => checkReference(order, rules(), `orders[${index}].`));
    const passed = orders.filter((_, index) => refusals[index] === undefined);
    const send = (admit: Admit) => venue.cancelBatch(passed, admit);
    const sent = passed.length === 0 ? [] : await this.#send(passed.map(named), authority, true, send);
    let next = 0;
    return orders.map((order, index) => {
      const refusal = refusals[index];
      if (refusal !== undefined) return deny(order, refusal, authority);
      return sent[next++] ?? brokenOutcome(order, 'the venue layer gave no outcome', authority.receivedAtUs);
    });
  }

  async #cancelAll(symbol: string, authority: Authority): Promise<OrderOutcome[]> {
    const { venue, rules, symbols } = this.#options;
    const refusal = symbol === '' ? undefined : checkSymbol(symbol, rules(), '');
    if (refusal) return [deny(NOBODY, refusal, authority)];
    try {
      const orders = await listOurOrders(venue, { tag: rules().tag, symbols, symbol, maxEpoch: undefined });
      return await this.cancelEach(orders, authority);
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      return [deny(NOBODY, denied(DenyRule.NOT_READY, `the open orders are not known: ${error.message}`), authority)];
    }
  }

  #refuseNewRisk(order: GuardedOrder): Denied | undefined {
    const { venue, isStale, guard } = this.#options;
    if (!order.reduceOnly && venue.status.state !== VenueState.READY) {
      return denied(DenyRule.NOT_READY, `the venue is ${VenueState[venue.status.state]}`);
    }
    if (!order.reduceOnly && isStale(order.symbol)) {
      return denied(DenyRule.STALE_QUOTE, `the quote of ${order.symbol} is stale`);
    }
    if (this.#usedIds.has(order.clientOrderId)) {
      return denied(DenyRule.DUPLICATE, 'the id was used before with this boot', 'client_order_id');
    }
    // Last: the guard counts what it lets pass, and an id that was refused is not used.
    const refusal = guard.admit(order);
    if (refusal === undefined) this.#usedIds.add(order.clientOrderId);
    return refusal;
  }

  async #send(
    names: readonly Named[],
    authority: Authority,
    takesRiskAway: boolean,
    request: (admit: Admit) => Promise<OrderOutcome[]>,
  ): Promise<OrderOutcome[]> {
    const departure = this.#departure(authority, takesRiskAway);
    try {
      const outcomes = await request(departure.admit);
      const post = departure.post();
      if (post !== undefined && outcomes.every(isTold)) this.posts.end(post);
      return outcomes.map((outcome) => ({ ...outcome, receivedAtUs: authority.receivedAtUs }));
    } catch (error) {
      const message = `the venue layer threw: ${error instanceof Error ? error.name : typeof error}`;
      if (departure.post() === undefined) {
        return names.map((name) => deny(name, denied(DenyRule.NOT_READY, message), authority));
      }
      return names.map((name) => brokenOutcome(name, message, authority.receivedAtUs));
    }
  }

  #departure(authority: Authority, takesRiskAway: boolean): Departure {
    const { clock, isDraining, failpoint } = this.#options;
    let post: Post | undefined;
    const admit = () => {
      const refusal = authority.refuse() ?? (isDraining() && !takesRiskAway ? DRAINING : undefined);
      if (refusal) return refusal;
      if (clock.monotonicUs() >= authority.deadlineUs) return EXPIRED;
      failpoint('connector.beforePost');
      post ??= this.posts.begin();
      // The request is handed to its socket in this turn, right after this returns.
      clock.schedule(0, () => failpoint('connector.afterPost'));
      return undefined;
    };
    return { admit, post: () => post };
  }
}

const NOBODY: Named = { clientOrderId: '' };
const DRAINING = denied(DenyRule.DRAINING, 'the connector is leaving');
const EXPIRED = denied(DenyRule.EXPIRED, 'valid_until_us had passed before the request could leave');

function refuseBatch(count: number, limit: number): Denied | undefined {
  if (limit === 0) return denied(DenyRule.UNSUPPORTED, 'the venue takes no batches', 'orders');
  if (count > limit) return denied(DenyRule.INVALID, `${count} orders; at most ${limit} are allowed`, 'orders');
  return undefined;
}

/** Whether the request can change nothing any more. */
function isTold({ fate }: OrderOutcome): boolean {
  return fate !== undefined && fate.$case !== 'unknown';
}

function deny(name: Named, refusal: Denied, { receivedAtUs }: Authority): OrderOutcome {
  return deniedOutcome(name, refusal, receivedAtUs);
}

function named({ clientOrderId, venueOrderId }: OrderReference): Named {
  return { clientOrderId, venueOrderId };
}

async function asList(outcome: Promise<OrderOutcome>): Promise<OrderOutcome[]> {
  return [await outcome];
}
