/**
 * Where every request of this venue is served, from REST and from the WebSocket API alike: budget, identity, freshness,
 * scripted faults, the route's handler, and the counters that the answer reports.
 *
 * S1  Weight is counted first and for every request, known path or not; in a ban nothing else is looked at.
 * S2  A handler runs once and is never undone: a fault after it changes the answer alone.
 * S3  `close` answers every held request at once.
 */
import { isRecord } from '@trunkline/kit/record';
import type { CallLog } from '../../server/call-log.ts';
import type { RequestFaults } from '../../server/faults.ts';
import { answerFaulty, type FaultyAnswering } from '../../server/faulty-answer.ts';
import { milliseconds } from '../decimal-text.ts';
import type { VenueAccount } from '../venue-front.ts';
import { type Caller, checkSigned, identify } from './access.ts';
import type { Answer, Route, VenueContext } from './call.ts';
import { isRefused, type Refused, refusalBody, refuse, type Wording } from './errors.ts';
import type { Limits, OrderCounts } from './limits.ts';
import type { SentParams } from './params.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly sent: SentParams | Refused;
  readonly caller: Caller;
}

export interface Reply {
  readonly status: number;
  /** JSON. */
  readonly body: unknown;
  readonly usedWeight: number;
  /** On order routes only. */
  readonly orderCounts?: OrderCounts;
  readonly retryAfterSeconds?: number;
}

export interface Desk {
  serve(call: Call): Promise<Reply>;
  close(): void;
}

export function createDesk(options: {
  readonly context: VenueContext;
  readonly routes: readonly Route[];
  readonly accounts: readonly VenueAccount[];
  readonly limits: Limits;
  readonly faults: RequestFaults;
  readonly calls: CallLog;
  readonly wording: Wording;
}): Desk {
  const { context, accounts, limits, faults, calls } = options;
  const { clock } = context;
  const routes = new Map(options.routes.map((route) => [`${route.method} ${route.path}`, route]));
  const closing = new AbortController();
  const nowMs = () => milliseconds(clock.wallUs());

  const admit = (
    route: Route,
    call: Call,
  ): { readonly run: () => Answer; readonly account?: VenueAccount } | Refused => {
    const { sent, caller } = call;
    if (isRefused(sent)) return sent;
    if (route.security === 'none') return { run: () => route.handle(sent.params) };
    const account = identify(accounts, caller, options.wording);
    if (isRefused(account)) return account;
    if (route.security === 'signed') {
      const unsigned = checkSigned(account, sent, nowMs());
      if (unsigned !== undefined) return unsigned;
    }
    const unread = refuseUnread(route.accepts, sent);
    if (unread !== undefined) return unread;
    if (route.orders !== undefined) {
      const tooMany = limits.countOrders(account.name, route.orders, nowMs());
      if (tooMany !== undefined) return tooMany;
    }
    return { account, run: () => route.handle(sent.params, account) };
  };

  const reply = (route: Route | undefined, call: Call, result: Answer, account?: VenueAccount): Reply => ({
    status: result.refused ? result.status : 200,
    body: result.refused ? refusalBody(result) : result.body,
    usedWeight: limits.usedWeight(call.caller.ip, nowMs()),
    ...(account !== undefined && route !== undefined && countsOrders(route)
      ? { orderCounts: limits.orderCounts(account.name, nowMs()) }
      : {}),
    ...(result.refused && result.retryAfterSeconds !== undefined
      ? { retryAfterSeconds: result.retryAfterSeconds }
      : {}),
  });

  const faulty: FaultyAnswering<Reply> = {
    ...{ clock, signal: closing.signal },
    refused: ({ status, body, retryAfterSeconds }) => ({
      ...{ status, body, usedWeight: 0 },
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    }),
    failedBody: () => refusalBody(refuse('UNKNOWN')),
    timedOut() {
      const timeout = refuse('BACKEND_TIMEOUT');
      return { status: timeout.status, body: refusalBody(timeout) };
    },
  };

  const answerCall = async (call: Call, account: string | undefined): Promise<Reply> => {
    const route = routes.get(`${call.method} ${call.path}`);
    const weight = route === undefined || isRefused(call.sent) ? 1 : weightOf(route, call.sent);
    const over = limits.spend(call.caller.ip, weight, nowMs());
    if (over !== undefined) return reply(route, call, over);
    if (route === undefined) return reply(route, call, refuse('NO_SUCH_PATH', call.path, call.method));
    const run = () => {
      const admitted = admit(route, call);
      return isRefused(admitted) ? reply(route, call, admitted) : reply(route, call, admitted.run(), admitted.account);
    };
    const fault = faults.take({ account, method: call.method, path: call.path });
    return fault === undefined ? run() : answerFaulty(fault, run, faulty);
  };

  return {
    async serve(call) {
      const timeUs = clock.wallUs();
      const account = accounts.find((candidate) => candidate.apiKey === call.caller.apiKey)?.name;
      const answered = await answerCall(call, account);
      calls.add({ timeUs, ...(account === undefined ? {} : { account }), ...logged(call, answered) });
      return answered;
    },
    close: () => closing.abort(),
  };
}

/** What the log of calls keeps of a request and its answer. */
function logged({ method, path, sent }: Call, { status, body }: Reply) {
  const params = isRefused(sent) ? undefined : sent.params;
  const symbol = params?.get('symbol');
  const clientOrderId = params?.get('newClientOrderId') ?? params?.get('origClientOrderId');
  const code = isRecord(body) && status !== 200 ? body.code : undefined;
  return {
    method,
    path,
    status,
    ...(symbol === undefined ? {} : { symbol }),
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
    ...(typeof code === 'number' ? { code } : {}),
  };
}

function countsOrders(route: Route): boolean {
  return route.security !== 'none' && route.orders !== undefined;
}

function weightOf(route: Route, sent: SentParams): number {
  return typeof route.weight === 'number' ? route.weight : route.weight(sent.params);
}

function refuseUnread(accepts: ReadonlySet<string> | undefined, sent: SentParams): Refused | undefined {
  if (accepts === undefined) return undefined;
  const names = [...sent.params.keys()];
  const read = names.filter((name) => accepts.has(name)).length;
  return read === names.length ? undefined : refuse('UNREAD_PARAMETERS', String(read), String(names.length));
}
