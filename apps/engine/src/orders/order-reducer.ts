/**
 * The life of an order as a pure function: `step(order, event) -> order, effects`. Total over its events; it never
 * throws, and never looks at a clock.
 *
 * R1  A fill counts once, by (trade id, venue order id), whenever it comes: before the accept, after the end.
 * R2  A venue state of lower rank changes nothing. Rank: an end over no end; then filled, canceled, expired, rejected;
 *     then the later venue time; then the larger filled quantity.
 * R3  What cannot be is an anomaly on the order and an effect, and the order goes on.
 * R4  `changed` false means that the event taught us nothing, and is not journaled.
 */
import { assertNever } from '@trunkline/proto/assert';
import { add, compare, max, type Quantity, quantity } from '@trunkline/proto/decimal';
import type { OpeningEvent, OrderEvent, OrderFill, VenueState } from './order-event.ts';
import { isEnded, isOverfilled, missingFills, type Order, type OrderStatus } from './order-state.ts';

export type OrderEffect =
  /** Counted now, for the first time. */
  | { readonly kind: 'fill'; readonly fill: OrderFill }
  /** The venue counts more fills than we hold: ask for them. */
  | { readonly kind: 'ask_fills' }
  /** Its fate or its state is in doubt: ask. */
  | { readonly kind: 'ask_order' }
  | { readonly kind: 'ended'; readonly status: OrderStatus }
  | { readonly kind: 'anomaly'; readonly code: string; readonly detail: string };

export interface OrderStep {
  readonly order: Order;
  readonly changed: boolean;
  readonly effects: readonly OrderEffect[];
}

const NONE = quantity('0');

/** The order as its opening event leaves it. */
export function beginOrder(account: string, clientOrderId: string, event: OpeningEvent, atUs: number): Order {
  const intent = event.kind === 'intent' ? event : undefined;
  return {
    account,
    clientOrderId,
    origin: intent ? 'ours' : 'external',
    status: intent ? 'intent' : 'open',
    terms: event.terms,
    replaces: intent?.replaces ?? null,
    decidedAtUs: atUs,
    validUntilUs: intent?.validUntilUs ?? atUs,
    venueOrderId: null,
    accepted: intent === undefined,
    venue: null,
    venueFilled: NONE,
    filled: NONE,
    fills: [],
    refusal: null,
    unknown: null,
    resolution: null,
    cancelRequestedAtUs: null,
    cancelFate: null,
    amends: [],
    anomalies: [],
    updatedAtUs: atUs,
  };
}

export function step(before: Order, event: OrderEvent, atUs: number): OrderStep {
  const noted: { code: string; detail: string }[] = [];
  const facts = learn(before, event, atUs, (code, detail) => noted.push({ code, detail }));
  if (facts === before && noted.length === 0) return { order: before, changed: false, effects: [] };

  noted.push(...contradictions(facts));
  const news = noted.filter(({ code }) => !before.anomalies.includes(code));
  if (facts === before && news.length === 0) return { order: before, changed: false, effects: [] };

  const anomalies = [...new Set([...before.anomalies, ...news.map(({ code }) => code)])].sort();
  const status = statusOf(facts);
  const order = { ...facts, anomalies, status, updatedAtUs: Math.max(before.updatedAtUs, atUs) };
  return { order, changed: true, effects: effectsOf(before, order, event, news) };
}

/** The state that follows from the facts (O1, O2). */
export function statusOf(order: Order): OrderStatus {
  if (order.venue && isEnded(order.venue.status)) return order.venue.status;
  if (order.resolution?.kind === 'lost') return 'lost';
  if (isAlive(order)) {
    const all = order.origin === 'ours' && compare(order.filled, order.venue?.quantity ?? order.terms.quantity) >= 0;
    if (all) return 'filled';
    return compare(max(order.filled, order.venueFilled), NONE) > 0 ? 'partially_filled' : 'open';
  }
  if (order.refusal) return order.refusal.kind;
  if (order.resolution) return 'absent';
  return order.unknown ? 'unknown' : 'intent';
}

type Note = (code: string, detail: string) => void;

/** The order with the facts of `event`; the same object if there was nothing to learn. */
function learn(order: Order, event: OrderEvent, atUs: number, note: Note): Order {
  switch (event.kind) {
    case 'intent':
    case 'external':
      note('opened_twice', `a second ${event.kind} for ${order.clientOrderId}`);
      return order;
    case 'accepted':
      if (event.state) return learnState({ ...order, accepted: true }, event.state, note);
      return order.accepted ? order : { ...order, accepted: true };
    case 'venue':
      return learnState(order, event.state, note);
    case 'fill':
      return learnFill(order, event.fill, note);
    case 'rejected':
      // A rejection is the venue's word and outranks a denial, which is the connector's.
      if (order.refusal?.kind === 'rejected') return order;
      if (order.refusal) note('two_refusals', `rejected after ${order.refusal.kind}`);
      return {
        ...order,
        refusal: {
          kind: 'rejected',
          code: event.venueCode || event.reason,
          field: event.reason,
          message: event.message,
        },
      };
    case 'denied':
      if (order.refusal?.kind === 'denied') return order;
      if (order.refusal) {
        note('two_refusals', `denied after ${order.refusal.kind}`);
        return order;
      }
      return { ...order, refusal: { kind: 'denied', code: event.rule, field: event.field, message: event.message } };
    case 'unknown':
      return order.unknown ? order : { ...order, unknown: { cause: event.cause, message: event.message } };
    case 'cancel_requested':
      return { ...order, cancelRequestedAtUs: Math.max(order.cancelRequestedAtUs ?? 0, atUs) };
    case 'cancel_outcome':
      return order.cancelFate === event.fate ? order : { ...order, cancelFate: event.fate };
    case 'amend_requested': {
      if (order.amends.some(({ amendId }) => amendId === event.amendId)) return order;
      const { amendId, price, quantity: total } = event;
      return { ...order, amends: [...order.amends, { amendId, price, quantity: total, fate: 'pending' }] };
    }
    case 'amend_outcome': {
      const found = order.amends.find(({ amendId }) => amendId === event.amendId);
      if (!found) note('amend_without_request', event.amendId);
      if (!found || found.fate === event.fate) return order;
      const amends = order.amends.map((amend) => (amend === found ? { ...amend, fate: event.fate } : amend));
      return { ...order, amends };
    }
    case 'absent':
      if (order.resolution && order.resolution.kind !== 'lost') return order;
      return { ...order, resolution: { kind: 'absent', evidence: event.evidence } };
    case 'lost':
      return order.resolution ? order : { ...order, resolution: { kind: 'lost', evidence: event.evidence } };
    case 'settled':
      if (order.resolution?.kind === 'settled') return order;
      return { ...order, resolution: { kind: 'settled', evidence: `${event.by}: ${event.note}` } };
    case 'anomaly':
      note(event.code, event.detail);
      return order;
    default:
      return assertNever(event);
  }
}

function learnState(before: Order, state: VenueState, note: Note): Order {
  if (before.venueOrderId !== null && state.venueOrderId !== before.venueOrderId) {
    note('second_venue_order', `${before.venueOrderId} and ${state.venueOrderId} under one client order id`);
  }
  if (!isAsked(before, state)) note('terms_differ', `the venue works ${state.price ?? 'market'} x ${state.quantity}`);
  if (before.venue && isEnded(before.venue.status) && isEnded(state.status) && before.venue.status !== state.status) {
    note('two_ends', `${before.venue.status} and ${state.status}`);
  }
  const venue = before.venue && !outranks(state, before.venue) ? before.venue : state;
  const venueFilled = max(before.venueFilled, state.filled);
  if (venue === before.venue && venueFilled === before.venueFilled) return before;
  return found({ ...before, venue, venueFilled, venueOrderId: before.venueOrderId ?? state.venueOrderId });
}

function learnFill(before: Order, fill: OrderFill, note: Note): Order {
  const { tradeId, venueOrderId } = fill;
  if (before.fills.some((known) => known.tradeId === tradeId && known.venueOrderId === venueOrderId)) return before;
  if (before.origin === 'ours' && fill.side !== before.terms.side)
    note('fill_side', `trade ${tradeId} is a ${fill.side}`);
  if (before.venueOrderId !== null && venueOrderId !== before.venueOrderId) {
    note('second_venue_order', `${before.venueOrderId} and ${venueOrderId} under one client order id`);
  }
  // Sorted, so that the state does not tell in which order fills arrived (O1).
  const fills = [...before.fills, fill].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return found({
    ...before,
    fills,
    filled: add(before.filled, fill.quantity),
    venueOrderId: before.venueOrderId ?? venueOrderId,
  });
}

/** News from the venue ends `lost`; an absence or a settlement stays on record as a contradiction. */
function found(order: Order): Order {
  return order.resolution?.kind === 'lost' ? { ...order, resolution: null } : order;
}

function contradictions(order: Order): { code: string; detail: string }[] {
  const all: { code: string; detail: string }[] = [];
  if (isOverfilled(order)) all.push({ code: 'overfilled', detail: `${order.filled} of ${order.terms.quantity}` });
  if (!isAlive(order)) return all;
  if (order.refusal) all.push({ code: `alive_after_${order.refusal.kind}`, detail: order.refusal.message });
  if (order.resolution && order.resolution.kind !== 'lost') {
    all.push({ code: `alive_after_${order.resolution.kind}`, detail: order.resolution.evidence });
  }
  if (order.venue && isEnded(order.venue.status) && compare(order.venueFilled, order.venue.filled) > 0) {
    all.push({ code: 'revived', detail: `${order.venue.status} at ${order.venue.filled}, then ${order.venueFilled}` });
  }
  return all;
}

function effectsOf(before: Order, order: Order, event: OrderEvent, news: readonly { code: string; detail: string }[]) {
  const effects: OrderEffect[] = news.map(({ code, detail }) => ({ kind: 'anomaly', code, detail }));
  if (event.kind === 'fill' && order.fills !== before.fills) effects.push({ kind: 'fill', fill: event.fill });
  if (compare(missingFills(order), NONE) > 0 && order.venueFilled !== before.venueFilled)
    effects.push({ kind: 'ask_fills' });
  if (order.status === 'unknown' && before.status !== 'unknown') effects.push({ kind: 'ask_order' });
  if (inDoubt(event) && !isEnded(order.status)) effects.push({ kind: 'ask_order' });
  if (isEnded(order.status) && !isEnded(before.status)) effects.push({ kind: 'ended', status: order.status });
  return effects;
}

/** The venue knows something that we do not: the order is gone, or what a cancel or an amend did to it. */
function inDoubt(event: OrderEvent): boolean {
  if (event.kind === 'cancel_outcome') return event.fate === 'not_open' || event.fate === 'unknown';
  return event.kind === 'amend_outcome' && event.fate === 'unknown';
}

function isAlive(order: Order): boolean {
  return order.accepted || order.fills.length > 0 || (order.venue !== null && order.venue.status !== 'rejected');
}

const END_RANK = { open: 0, partially_filled: 0, rejected: 1, expired: 2, canceled: 3, filled: 4 } as const;

function outranks(state: VenueState, current: VenueState): boolean {
  const rank = END_RANK[state.status] - END_RANK[current.status];
  if (rank !== 0) return rank > 0;
  if (state.venueTimeUs !== current.venueTimeUs) return state.venueTimeUs > current.venueTimeUs;
  return compare(state.filled, current.filled) > 0;
}

/** Whether the venue's price and quantity are ones that we asked for. */
function isAsked(order: Order, state: VenueState): boolean {
  if (order.origin === 'external' || order.terms.type === 'market') return true;
  const asked = [order.terms, ...order.amends];
  // A successor's quantity at the venue is what its predecessor had not filled of the total.
  const isSize = (quantity: Quantity) =>
    order.replaces === null ? state.quantity === quantity : compare(state.quantity, quantity) <= 0;
  return asked.some((terms) => terms.price === state.price && isSize(terms.quantity));
}

function keyOf(fill: OrderFill): string {
  return `${fill.venueTimeUs.toString().padStart(17, '0')} ${fill.venueOrderId} ${fill.tradeId}`;
}
