/**
 * Where every request of this venue is served, from REST and from the WebSocket API alike: identity, freshness, budget,
 * expiry, scripted faults, and the route's handler.
 *
 * S1  A public request spends the budget of its address, a private one that of its user.
 * S2  A handler runs once and is never undone: a fault after it changes the answer alone.
 * S3  `x-gate-exptime` is looked at when the request is carried out, so a request that a fault held up can expire.
 * S4  `close` answers every held request at once.
 */
import { isRecord } from '@trunkline/kit/record';
import type { CallLog } from '../../server/call-log.ts';
import type { RequestFaults } from '../../server/faults.ts';
import { answerFaulty, type FaultyAnswering } from '../../server/faulty-answer.ts';
import { milliseconds } from '../decimal-text.ts';
import type { VenueAccount } from '../venue-front.ts';
import { type Credentials, checkExpiry, identifyRest } from './access.ts';
import type { Answer, Fields, Request, Route, VenueContext } from './call.ts';
import { isRefused, type Refused, refusalBody, refuse } from './errors.ts';
import type { Limits, Spent } from './limits.ts';
import { seconds } from './print.ts';
import type { Router } from './routing.ts';

export interface Call {
  readonly method: string;
  /** With `/api/v4`, as sent. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  readonly body: string;
  /** Undefined when the body is not JSON. */
  readonly json: unknown;
  readonly caller: Caller;
  /** `x-gate-exptime`. */
  readonly expiresMs: string | undefined;
}

export type Caller =
  | { readonly kind: 'signed'; readonly ip: string; readonly credentials: Credentials }
  /** A logged-in connection of the WebSocket API. */
  | { readonly kind: 'session'; readonly ip: string; readonly account: VenueAccount };

export interface Reply {
  readonly status: number;
  /** JSON. */
  readonly body: unknown;
  /** Absent where the request was turned away before it was counted. */
  readonly spent?: Spent;
  readonly retryAfterSeconds?: number;
}

export interface Desk {
  serve(call: Call): Promise<Reply>;
  close(): void;
}

export function createDesk(options: {
  readonly context: VenueContext;
  readonly router: Router;
  readonly symbolField: string;
  readonly accounts: readonly VenueAccount[];
  readonly limits: Limits;
  readonly faults: RequestFaults;
  readonly calls: CallLog;
}): Desk {
  const { context, router, symbolField, accounts, limits, faults, calls } = options;
  const { clock } = context;
  const closing = new AbortController();
  const nowMs = () => milliseconds(clock.wallUs());

  const spend = (route: Route, who: string, fields: Fields): Spent => {
    const symbol = String(fields[symbolField] ?? '');
    const budget = route.access === 'public' ? 'public' : route.budget;
    return limits.spend(budget, who, { route: `${route.method} ${route.path}`, symbol }, nowMs());
  };

  const carryOut = (route: Route, request: Request, call: Call): Reply => {
    const { caller } = call;
    if (route.access === 'public') {
      const spent = spend(route, caller.ip, request.fields);
      return reply(spent.over ? refuse('TOO_MANY_REQUESTS') : route.handle(request), spent);
    }
    const account =
      caller.kind === 'session' ? caller.account : identifyRest(accounts, caller.credentials, call, nowS());
    if (isRefused(account)) return reply(account);
    const spent = spend(route, account.uid, firstRow(request));
    if (spent.over) return reply(refuse('TOO_MANY_REQUESTS'), spent);
    const expired = route.expires === true ? checkExpiry(call.expiresMs, nowMs()) : undefined;
    return reply(expired ?? route.handle(request, account), spent);
  };

  const nowS = () => seconds(clock.wallUs());

  const faulty: FaultyAnswering<Reply> = {
    ...{ clock, signal: closing.signal },
    refused: ({ status, body, retryAfterSeconds }) => ({
      ...{ status, body },
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    }),
    failedBody: () => refusalBody(refuse('INTERNAL')),
    timedOut() {
      const timeout = refuse('SERVER_ERROR');
      return { status: timeout.status, body: refusalBody(timeout) };
    },
  };

  const answerCall = async (call: Call, account: string | undefined): Promise<Reply> => {
    const run = () => {
      const routed = router(call.method, call.path);
      if (routed.kind === 'unknown') return reply(refuse('NOT_FOUND', call.path));
      if (routed.kind === 'wrong_method') return reply(refuse('METHOD_NOT_ALLOWED'));
      const read = readFields(call);
      return isRefused(read) ? reply(read) : carryOut(routed.route, { ...read, path: routed.path }, call);
    };
    const fault = faults.take({ account, method: call.method, path: call.path });
    return fault === undefined ? run() : answerFaulty(fault, run, faulty);
  };

  return {
    async serve(call) {
      const timeUs = clock.wallUs();
      const account = callerName(call.caller, accounts);
      const answered = await answerCall(call, account);
      calls.add({ timeUs, ...(account === undefined ? {} : { account }), ...logged(call, answered, symbolField) });
      return answered;
    },
    close: () => closing.abort(),
  };
}

function reply(result: Answer, spent?: Spent): Reply {
  const counted = spent === undefined ? {} : { spent };
  return result.refused
    ? { status: result.status, body: refusalBody(result), ...counted }
    : { status: result.status, body: result.body, ...counted };
}

function callerName(caller: Caller, accounts: readonly VenueAccount[]): string | undefined {
  if (caller.kind === 'session') return caller.account.name;
  return accounts.find((candidate) => candidate.apiKey === caller.credentials.key)?.name;
}

/** Query parameters, and over them the fields of a JSON body. */
function readFields({ query, body, json }: Call): Pick<Request, 'fields' | 'rows'> | Refused {
  const asked = Object.fromEntries(new URLSearchParams(query));
  if (body === '') return { fields: asked, rows: undefined };
  if (Array.isArray(json)) return { fields: asked, rows: json };
  return isRecord(json) ? { fields: { ...asked, ...json }, rows: undefined } : refuse('INVALID_REQUEST_BODY');
}

/** A list spends the budget of its first element's market. */
function firstRow({ fields, rows }: Request): Fields {
  const [first] = rows ?? [];
  return isRecord(first) ? first : fields;
}

/** What the log of calls keeps of a request and its answer. */
function logged(call: Call, { status, body }: Reply, symbolField: string) {
  const read = readFields(call);
  const fields: Fields = isRefused(read) ? {} : firstRow({ ...read, path: {} });
  const symbol = fields[symbolField];
  const text = fields['text'];
  const label = isRecord(body) && status >= 400 ? body['label'] : undefined;
  return {
    method: call.method,
    path: call.path,
    status,
    ...(typeof symbol === 'string' ? { symbol } : {}),
    ...(typeof text === 'string' ? { clientOrderId: text } : {}),
    ...(typeof label === 'string' ? { code: label } : {}),
  };
}
