/**
 * One call to the venue: budget, admission, the request, and what its answer proves.
 *
 * L1  `call` never throws for what a venue, a network or ccxt can do; `query` rejects with `ExchangeError` only.
 * L2  What was never handed to a socket is `denied`: no budget, not admitted, refused by ccxt's own checks, no
 *     connection. What was handed over and has no readable answer is `failed` with an unknown fate.
 * L3  Every text that leaves here is sanitized.
 */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { Denied, DenyRule, UnknownCause } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { classify, type ErrorTable, type Verdict } from './error-table.ts';
import { parseJson } from './fields.ts';
import { type CallRecord, type HttpAnswer, withRecord } from './http-call.ts';
import type { BudgetKind, Cost, Priority, RateBudget } from './rate-budget.ts';
import { RefusedContent } from './refused-content.ts';
import type { Sanitize } from './sanitizer.ts';
import { NotConnected, type SocketReply } from './socket-call.ts';
import type { Admit } from './venue.ts';

export interface CallSpec {
  readonly cost: Cost;
  readonly priority: Priority;
  readonly admit?: Admit;
}

export interface CallTimes {
  readonly postedAtUs?: number;
  readonly answeredAtUs?: number;
  /** By the venue's clock; absent for unsigned requests. */
  readonly requestExpiresAtUs?: number;
}

export type CallResult =
  | { readonly kind: 'denied'; readonly denied: Denied }
  | { readonly kind: 'answered'; readonly body: unknown; readonly times: CallTimes }
  | {
      readonly kind: 'failed';
      readonly verdict: Verdict;
      readonly code: string;
      readonly message: string;
      /** What the venue said, where that was JSON. */
      readonly body: unknown;
      readonly times: CallTimes;
    };

/** What a venue's REST protocol looks like from the outside. */
export interface RestProtocol {
  readonly errors: ErrorTable;
  readonly requestExpiryMs: number;
  /** The error that a body states; undefined for a success. */
  readonly errorOf: (body: unknown) => { readonly code: string; readonly message: string } | undefined;
  /** The counts that the venue's headers report, by budget name; `cost` tells which call they came with. */
  readonly usageOf: (headers: Headers, cost: Cost) => readonly (readonly [name: string, used: number])[];
  /** Where the venue counts calls apart: the one budget that a rate limit answer to such a call closes, and how long. */
  readonly limitedBy?: (cost: Cost) => { readonly kind: BudgetKind; readonly forMs: number } | undefined;
  /** How long to stay away after a rate limit answer without Retry-After. */
  readonly defaultBackoffMs: number;
}

export interface CallerOptions {
  readonly protocol: RestProtocol;
  readonly budgets: RateBudget;
  readonly sanitize: Sanitize;
  /** After each answer: round trip, verdict if it was a failure, and whether the venue now refuses calls. */
  readonly observed: (observation: Observation) => void;
}

export interface Observation {
  readonly roundTripUs: number | undefined;
  readonly verdict: Verdict | undefined;
}

export interface Caller {
  call(spec: CallSpec, run: () => Promise<unknown>): Promise<CallResult>;
  /** The body of a success, or an `ExchangeError`. */
  query(cost: Cost, run: () => Promise<unknown>): Promise<unknown>;
}

export function createCaller(options: CallerOptions): Caller {
  const { protocol, budgets, sanitize, observed } = options;

  const call = async (spec: CallSpec, run: () => Promise<unknown>): Promise<CallResult> => {
    const spent = budgets.take(spec.cost, spec.priority);
    if (spent !== undefined) return denied(DenyRule.RATE, spent);
    const record: CallRecord = { admit: spec.admit };
    let thrown: unknown;
    try {
      await withRecord(record, run);
    } catch (error) {
      thrown = error;
    }
    const refusal = neverLeft(record, thrown, sanitize);
    if (refusal !== undefined) {
      budgets.refund(spec.cost);
      return { kind: 'denied', denied: refusal };
    }
    const times = timesOf(record, protocol.requestExpiryMs);
    const result =
      record.answer === undefined ? unanswered(record, times, sanitize) : read(record.answer, times, spec.cost);
    observed({ roundTripUs: record.roundTripUs, verdict: result.kind === 'failed' ? result.verdict : undefined });
    return result;
  };

  const read = (answer: HttpAnswer | SocketReply, times: CallTimes, cost: Cost): CallResult => {
    const { usage, body, retryAfterMs } = 'text' in answer ? readHttp(answer, cost) : answer;
    for (const [name, used] of usage) budgets.observe(name, used);
    const stated = body === undefined ? undefined : protocol.errorOf(body);
    const success = answer.status >= 200 && answer.status < 300;
    if (success && body !== undefined && stated === undefined) return { kind: 'answered', body, times };
    if (success && stated === undefined) {
      const verdict = { kind: 'unknown', cause: UnknownCause.UNREADABLE } as const;
      return { kind: 'failed', verdict, code: '', message: 'the answer is not JSON', body, times };
    }
    const code = stated?.code ?? '';
    const verdict = classify(protocol.errors, answer.status, code, stated?.message ?? '');
    if (verdict.kind === 'rate_limited') {
      const limit = protocol.limitedBy?.(cost) ?? { kind: verdict.what, forMs: protocol.defaultBackoffMs };
      budgets.block(limit.kind, retryAfterMs ?? limit.forMs);
    }
    const message = sanitize(stated?.message ?? `HTTP ${answer.status}`);
    return { kind: 'failed', verdict, code: code === '' ? `HTTP ${answer.status}` : code, message, body, times };
  };

  const readHttp = ({ headers, text }: HttpAnswer, cost: Cost) => ({
    usage: protocol.usageOf(headers, cost),
    body: parseJson(text),
    retryAfterMs: retryAfterOf(headers),
  });

  return {
    call,
    async query(cost, run) {
      const result = await call({ cost, priority: 'query' }, run);
      if (result.kind === 'answered') return result.body;
      throw toExchangeError(result);
    },
  };
}

/** For calls that are not orders: the closest word of the contract. */
export function toExchangeError(result: Exclude<CallResult, { kind: 'answered' }>): ExchangeError {
  if (result.kind === 'denied') {
    const { rule, message, field } = result.denied;
    if (rule === DenyRule.RATE) return new ExchangeError(ErrorReason.RATE_LIMITED, message);
    if (rule === DenyRule.INVALID) return new ExchangeError(ErrorReason.INVALID_FIELD, message, field);
    return new ExchangeError(ErrorReason.NOT_READY, message);
  }
  const text = result.code === '' ? result.message : `${result.code}: ${result.message}`;
  switch (result.verdict.kind) {
    case 'rejected':
      return new ExchangeError(ErrorReason.VENUE_REFUSED, text);
    case 'rate_limited':
      return new ExchangeError(ErrorReason.RATE_LIMITED, text);
    case 'unknown':
      return new ExchangeError(ErrorReason.VENUE_UNAVAILABLE, text);
  }
}

/** Bun's codes for a connection that never came up: nothing can have been sent. */
const NEVER_CONNECTED: ReadonlySet<unknown> = new Set([
  'ConnectionRefused',
  'ECONNREFUSED',
  'FailedToOpenSocket',
  'ENOTFOUND',
]);

function neverLeft(record: CallRecord, thrown: unknown, sanitize: Sanitize): Denied | undefined {
  if (record.denied !== undefined) return record.denied;
  if (thrown instanceof NotConnected) return denied(DenyRule.NOT_READY, thrown.message).denied;
  const text = sanitize(thrown instanceof Error ? thrown.message : String(thrown));
  // Something had to be known first, and could not be had.
  if (record.postedAtUs === undefined && thrown instanceof ExchangeError)
    return denied(DenyRule.NOT_READY, text).denied;
  if (record.postedAtUs === undefined) {
    return denied(DenyRule.INVALID, text, thrown instanceof RefusedContent ? thrown.field : '').denied;
  }
  const { fault } = record;
  if (fault instanceof Error && 'code' in fault && NEVER_CONNECTED.has(fault.code)) {
    return denied(DenyRule.NOT_READY, 'the venue cannot be reached').denied;
  }
  return undefined;
}

function unanswered(record: CallRecord, times: CallTimes, sanitize: Sanitize): CallResult {
  const { fault } = record;
  const timeout = fault instanceof Error && (fault.name === 'AbortError' || fault.name === 'TimeoutError');
  const cause = timeout ? UnknownCause.TIMEOUT : UnknownCause.CONNECTION;
  const message = timeout ? 'no answer in time' : sanitize(fault instanceof Error ? fault.message : 'connection lost');
  return { kind: 'failed', verdict: { kind: 'unknown', cause }, code: '', message, body: undefined, times };
}

function timesOf(record: CallRecord, requestExpiryMs: number): CallTimes {
  return {
    ...(record.postedAtUs === undefined ? {} : { postedAtUs: record.postedAtUs }),
    ...(record.answeredAtUs === undefined ? {} : { answeredAtUs: record.answeredAtUs }),
    ...(record.signedAtMs === undefined ? {} : { requestExpiresAtUs: (record.signedAtMs + requestExpiryMs) * 1_000 }),
  };
}

/** Seconds; the HTTP-date form is not used by these venues. */
function retryAfterOf(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  return value !== null && /^\d{1,7}$/.test(value) ? Number(value) * 1_000 : undefined;
}

function denied(rule: DenyRule, message: string, field = ''): { readonly kind: 'denied'; readonly denied: Denied } {
  return { kind: 'denied', denied: Denied.fromPartial({ rule, message, field }) };
}
