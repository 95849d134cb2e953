/**
 * The control API: ground truth, the venue's own books, scripted faults, health. It is the oracle's window and the
 * test's lever, on a listener of its own.
 *
 * C1  Decimals are text. Lists answer `{"items":[...],"next":cursor|null}`; the cursor goes back in as `after`.
 * C2  Truth is read from the core, never from what a protocol printed.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Core } from '../core/core-api.ts';
import type { CallLog } from './call-log.ts';
import { type Fault, faultSchema, isRequestFault, type RequestFaults } from './faults.ts';
import type { App } from './listener.ts';
import {
  listBalances,
  listCalls,
  listFills,
  listOrders,
  listPositions,
  listRequests,
  type Page,
  type TruthQuery,
} from './truth-pages.ts';

const PAGE = { usual: 1_000, most: 10_000 } as const;
const BOOK_DEPTH = { usual: 1_000, most: 10_000 } as const;

/** What scripted faults reach into beyond requests. */
export interface FaultTargets {
  expireListenKey(account: string): boolean;
  dropSockets(which: 'market' | 'user' | 'ws_api' | 'all'): number;
}

export interface ControlOptions {
  readonly core: Core;
  /** The core's account ids. */
  readonly accounts: readonly string[];
  readonly requestFaults: RequestFaults;
  readonly calls: CallLog;
  readonly targets: FaultTargets;
  /** Names of the venues served. */
  readonly venues: readonly string[];
}

const LISTS: ReadonlyMap<string, (core: Core, query: TruthQuery) => Page> = new Map([
  ['/truth/orders', listOrders],
  ['/truth/fills', listFills],
  ['/truth/balances', listBalances],
  ['/truth/positions', listPositions],
  ['/truth/requests', listRequests],
]);

export function createControl(options: ControlOptions): App {
  const { core } = options;
  return {
    upgrade: () => undefined,
    async fetch(request) {
      const url = new URL(request.url);
      const list = LISTS.get(url.pathname);
      const route = `${request.method} ${url.pathname}`;
      if (list !== undefined && request.method === 'GET') {
        const query = readQuery(url.searchParams, options);
        return typeof query === 'string' ? failure(400, query) : Response.json(list(core, query));
      }
      if (route === 'GET /truth/calls') {
        const query = readQuery(url.searchParams, options);
        return typeof query === 'string' ? failure(400, query) : Response.json(listCalls(options.calls, query));
      }
      if (route === 'GET /book') return book(url.searchParams, core);
      if (route === 'POST /faults') return arm(await request.text(), options);
      if (route === 'GET /health') {
        const symbols = core.instruments().map((instrument) => instrument.symbol);
        return Response.json({
          ok: true,
          venues: options.venues,
          symbols,
          faultsWaiting: options.requestFaults.waiting(),
        });
      }
      const paths = [...LISTS.keys(), '/truth/calls', '/book', '/health'].map((path) => `GET ${path}`);
      return failure(404, `no ${route} here; there are ${[...paths, 'POST /faults'].join(', ')}`);
    },
  };
}

function readQuery(search: URLSearchParams, options: ControlOptions): TruthQuery | string {
  const account = given(search, 'account');
  if (account !== undefined && !options.accounts.includes(account)) {
    return `account is ${JSON.stringify(account)}; it must be one of: ${options.accounts.join(', ')}`;
  }
  const symbol = given(search, 'symbol');
  const symbols = options.core.instruments().map((instrument) => instrument.symbol);
  if (symbol !== undefined && !symbols.includes(symbol)) {
    return `symbol is ${JSON.stringify(symbol)}; it must be one of: ${symbols.join(', ')}`;
  }
  const after = given(search, 'after');
  if (after !== undefined && !/^\d{1,15}$/.test(after)) return 'after must be the next of an earlier page';
  const limit = readLimit(search, PAGE);
  if (limit === undefined) return `limit must be a whole number from 1 to ${PAGE.most}`;
  return {
    accounts: account === undefined ? options.accounts : [account],
    symbols: symbol === undefined ? symbols : [symbol],
    after,
    limit,
  };
}

function book(search: URLSearchParams, core: Core): Response {
  const symbol = given(search, 'symbol') ?? '';
  const depth = readLimit(search, BOOK_DEPTH);
  if (depth === undefined) return failure(400, `limit must be a whole number from 1 to ${BOOK_DEPTH.most}`);
  const snapshot = core.book(symbol, depth);
  if (snapshot !== undefined) return Response.json(snapshot);
  const symbols = core.instruments().map((instrument) => instrument.symbol);
  return failure(400, `symbol is ${JSON.stringify(symbol)}; it must be one of: ${symbols.join(', ')}`);
}

function arm(text: string, options: ControlOptions): Response {
  const parsed = faultSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const details = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'fault'}: ${issue.message}`);
    return failure(400, details.join('; '));
  }
  return armFault(parsed.data, options);
}

function armFault(fault: Fault, { core, requestFaults, targets }: ControlOptions): Response {
  if (isRequestFault(fault)) {
    return requestFaults.add(fault) ? Response.json({ ok: true }) : failure(429, 'too many faults wait already');
  }
  switch (fault.kind) {
    case 'drop_book_delta':
      if (core.instrument(fault.symbol) === undefined) return failure(400, `symbol ${fault.symbol} is not listed`);
      core.dropDelta(fault.symbol, fault.nth);
      return Response.json({ ok: true });
    case 'expire_listen_key':
      return targets.expireListenKey(fault.account)
        ? Response.json({ ok: true })
        : failure(409, `account ${fault.account} has no listen key`);
    case 'close_sockets':
      return Response.json({ ok: true, closed: targets.dropSockets(fault.sockets) });
    default:
      return assertNever(fault);
  }
}

/** A parameter that is present but empty counts as absent. */
function given(search: URLSearchParams, name: string): string | undefined {
  return search.get(name) || undefined;
}

function readLimit(
  search: URLSearchParams,
  bounds: { readonly usual: number; readonly most: number },
): number | undefined {
  const text = given(search, 'limit');
  if (text === undefined) return bounds.usual;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= bounds.most ? value : undefined;
}

function failure(status: number, error: string): Response {
  return Response.json({ error }, { status });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses it with its own words.
    return undefined;
  }
}
