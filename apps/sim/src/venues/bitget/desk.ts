/**
 * Where every REST request of the venue is served: identity, budget, scripted faults, the route's handler, and the
 * envelope `{code, msg, requestTime, data}` around whatever it answers.
 *
 * S1  Whose budget a call counts against is known before it is looked at: the account of a signed call that is in
 *     order, else the IP. What is refused for its signature counts against the IP.
 * S2  A handler runs once and is never undone: a fault after it changes the answer alone.
 * S3  `close` answers every held request at once.
 */
import { isRecord } from '@trunkline/kit/record';
import type { Clock } from '@trunkline/proto/clock';
import type { CallLog } from '../../server/call-log.ts';
import type { RequestFaults } from '../../server/faults.ts';
import { answerFaulty, type FaultyAnswering } from '../../server/faulty-answer.ts';
import { milliseconds } from '../decimal-text.ts';
import type { VenueAccount } from '../venue-front.ts';
import { authenticate, type Credentials } from './access.ts';
import type { Answer, Route } from './call.ts';
import { isRefused, type Refused, refuse } from './errors.ts';
import type { Limits } from './limits.ts';
import { readBody, readQuery, type Sent } from './params.ts';
import { checkWindow } from './receive-window.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  /** As sent, with its question mark, or empty. */
  readonly query: string;
  readonly body: string;
  readonly credentials: Credentials;
  readonly ip: string;
}

export interface Reply {
  readonly status: number;
  /** JSON. */
  readonly body: unknown;
  /** Calls left of the path's second. */
  readonly left?: number;
}

export interface Desk {
  serve(call: Call): Promise<Reply>;
  close(): void;
}

export function createDesk(options: {
  readonly clock: Clock;
  readonly routes: readonly Route[];
  readonly accounts: readonly VenueAccount[];
  readonly limits: Limits;
  readonly faults: RequestFaults;
  readonly calls: CallLog;
}): Desk {
  const { clock, accounts, limits, faults, calls } = options;
  const routes = new Map(options.routes.map((route) => [`${route.method} ${route.path}`, route]));
  const closing = new AbortController();
  const nowMs = () => milliseconds(clock.wallUs());

  const reply = (result: Answer, left?: number): Reply => ({
    status: result.refused ? result.status : 200,
    body: result.refused
      ? envelope(result, nowMs())
      : envelope({ code: '00000', msg: 'success', data: result.data }, nowMs()),
    ...(left === undefined ? {} : { left }),
  });

  const handle = (route: Route, sent: Sent | Refused, account: VenueAccount | Refused | undefined): Answer => {
    if (route.security === 'none') return isRefused(sent) ? sent : route.handle(sent);
    if (account === undefined || isRefused(account)) return account ?? refuse('NO_KEY');
    if (isRefused(sent)) return sent;
    return checkWindow(sent.params, nowMs()) ?? route.handle(sent, account);
  };

  const faulty: FaultyAnswering<Reply> = {
    ...{ clock, signal: closing.signal },
    refused: ({ status, body }) => ({ status, body }),
    failedBody: () => envelope(refuse('SERVICE_ERROR'), nowMs()),
    timedOut() {
      const timeout = refuse('TIMED_OUT');
      return { status: timeout.status, body: envelope(timeout, nowMs()) };
    },
  };

  const answerCall = async (call: Call, sent: Sent | Refused, known: VenueAccount | undefined): Promise<Reply> => {
    const route = routes.get(`${call.method} ${call.path}`);
    if (route === undefined) return reply(refuse('NO_SUCH_PATH'));
    const run = () => {
      const account = route.security === 'none' ? undefined : authenticate(accounts, call.credentials, call, nowMs());
      const who = account === undefined || isRefused(account) ? call.ip : account.name;
      const { path, perSecond } = route;
      const left = limits.spend({ who, ip: call.ip, path: `${route.method} ${path}`, perSecond }, nowMs());
      return left === undefined ? reply(refuse('TOO_MANY_REQUESTS'), 0) : reply(handle(route, sent, account), left);
    };
    const fault = faults.take({ account: known?.name, method: call.method, path: call.path });
    return fault === undefined ? run() : answerFaulty(fault, run, faulty);
  };

  return {
    async serve(call) {
      const timeUs = clock.wallUs();
      const known = accounts.find((candidate) => candidate.apiKey === call.credentials.key);
      const sent = call.method === 'GET' ? readQuery(call.query) : readBody(call.body);
      const answered = await answerCall(call, sent, known);
      calls.add({ timeUs, ...(known === undefined ? {} : { account: known.name }), ...logged(call, sent, answered) });
      return answered;
    },
    close: () => closing.abort(),
  };
}

function envelope(result: { readonly code: string; readonly msg: string; readonly data?: unknown }, nowMs: number) {
  return { code: result.code, msg: result.msg, requestTime: nowMs, data: result.data ?? null };
}

/** What the log of calls keeps of a request and its answer. */
function logged({ method, path }: Call, sent: Sent | Refused, { status, body }: Reply) {
  const params = isRefused(sent) ? undefined : sent.params;
  const symbol = params?.get('symbol');
  const clientOrderId = params?.get('clientOid');
  const code = isRecord(body) && status !== 200 ? body.code : undefined;
  return {
    method,
    path,
    status,
    ...(symbol === undefined ? {} : { symbol }),
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
    ...(typeof code === 'string' ? { code } : {}),
  };
}
