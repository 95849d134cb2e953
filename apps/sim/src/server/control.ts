/**
 * The control API: ground truth, the venue's own books, scripted faults, health. It is the oracle's window and the
 * test's lever, on a listener of its own.
 *
 * C1  Decimals are text. Lists answer `{"items":[...],"next":cursor|null}`; the cursor goes back in as `after`.
 * C2  Truth is read from the core, never from what a protocol printed.
 * C3  Every query and fault is about one front: `venue=gate-spot` in the query, `"venue":"gate-spot"` in a fault. It may
 *     be left out while one front is served; with several, leaving it out is an error that names them.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Core } from '../core/core-api.ts';
import type { CallLog } from './call-log.ts';
import { type Fault, faultSchema, isRequestFault, type RequestFaults, type SocketKind } from './faults.ts';
import type { App } from './listener.ts';
import {
  listBalances,
  listCalls,
  listFills,
  listFunding,
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
  /** Absent where the venue has no listen keys. */
  expireListenKey?(account: string): boolean;
  dropSockets(which: SocketKind | 'all'): number;
}

/** One front as the control API reaches it. */
export interface ControlledVenue {
  readonly core: Core;
  readonly requestFaults: RequestFaults;
  readonly calls: CallLog;
  readonly targets: FaultTargets;
}

export interface ControlOptions {
  /** By name of the front. */
  readonly venues: ReadonlyMap<string, ControlledVenue>;
  /** The account ids, the same in every core. */
  readonly accounts: readonly string[];
}

/** What the request itself is wrong about, in words. */
type Wrong = string;

const LISTS: ReadonlyMap<string, (core: Core, query: TruthQuery) => Page> = new Map([
  ['/truth/orders', listOrders],
  ['/truth/fills', listFills],
  ['/truth/balances', listBalances],
  ['/truth/positions', listPositions],
  ['/truth/funding', listFunding],
  ['/truth/requests', listRequests],
]);
/** What is read of one front. */
const READS: ReadonlySet<string> = new Set([...LISTS.keys(), '/truth/calls', '/book']);

export function createControl(options: ControlOptions): App {
  return {
    upgrade: () => undefined,
    async fetch(request) {
      const url = new URL(request.url);
      const { pathname, searchParams } = url;
      const route = `${request.method} ${pathname}`;
      if (route === 'POST /faults') return arm(await request.text(), options);
      if (route === 'GET /health') return health(options);
      if (request.method === 'GET' && READS.has(pathname)) {
        const venue = pickVenue(given(searchParams, 'venue'), options);
        if (typeof venue === 'string') return failure(400, venue);
        if (pathname === '/book') return book(searchParams, venue.core);
        const query = readQuery(searchParams, venue.core, options.accounts);
        if (typeof query === 'string') return failure(400, query);
        return Response.json(LISTS.get(pathname)?.(venue.core, query) ?? listCalls(venue.calls, query));
      }
      const paths = [...READS, '/health'].map((path) => `GET ${path}`);
      return failure(404, `no ${route} here; there are ${[...paths, 'POST /faults'].join(', ')}`);
    },
  };
}

function health({ venues }: ControlOptions): Response {
  const all = [...venues.values()];
  const symbols = all.flatMap(({ core }) => core.instruments().map((instrument) => instrument.symbol));
  return Response.json({
    ok: true,
    venues: [...venues.keys()],
    symbols: [...new Set(symbols)],
    faultsWaiting: all.reduce((total, { requestFaults }) => total + requestFaults.waiting(), 0),
  });
}

function pickVenue(name: string | undefined, { venues }: ControlOptions): ControlledVenue | Wrong {
  const [first, ...others] = venues.values();
  if (name === undefined && first !== undefined && others.length === 0) return first;
  const choices = [...venues.keys()].join(', ');
  if (name === undefined) return `venue is needed, as several are served; it must be one of: ${choices}`;
  return venues.get(name) ?? `venue is ${JSON.stringify(name)}; it must be one of: ${choices}`;
}

function readQuery(search: URLSearchParams, core: Core, accounts: readonly string[]): TruthQuery | Wrong {
  const account = given(search, 'account');
  if (account !== undefined && !accounts.includes(account)) {
    return `account is ${JSON.stringify(account)}; it must be one of: ${accounts.join(', ')}`;
  }
  const symbol = given(search, 'symbol');
  const symbols = core.instruments().map((instrument) => instrument.symbol);
  if (symbol !== undefined && !symbols.includes(symbol)) {
    return `symbol is ${JSON.stringify(symbol)}; it must be one of: ${symbols.join(', ')}`;
  }
  const after = given(search, 'after');
  if (after !== undefined && !/^\d{1,15}$/.test(after)) return 'after must be the next of an earlier page';
  const limit = readLimit(search, PAGE);
  if (limit === undefined) return `limit must be a whole number from 1 to ${PAGE.most}`;
  return {
    accounts: account === undefined ? accounts : [account],
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
  const venue = pickVenue(parsed.data.venue, options);
  return typeof venue === 'string' ? failure(400, venue) : armFault(parsed.data, venue);
}

function armFault(fault: Fault, { core, requestFaults, targets }: ControlledVenue): Response {
  if (isRequestFault(fault)) {
    return requestFaults.add(fault) ? Response.json({ ok: true }) : failure(429, 'too many faults wait already');
  }
  switch (fault.kind) {
    case 'drop_book_delta':
      if (core.instrument(fault.symbol) === undefined) return failure(400, `symbol ${fault.symbol} is not listed`);
      core.dropDelta(fault.symbol, fault.nth);
      return Response.json({ ok: true });
    case 'lift':
      return Response.json({ ok: true, lifted: requestFaults.lift() });
    case 'silence_market':
      if (core.instrument(fault.symbol) === undefined) return failure(400, `symbol ${fault.symbol} is not listed`);
      core.silence(fault.symbol, fault.forMs);
      return Response.json({ ok: true });
    case 'expire_listen_key':
      return targets.expireListenKey?.(fault.account)
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
