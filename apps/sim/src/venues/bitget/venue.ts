/**
 * One market of Bitget as a front: REST and the public and private streams over one core. `close` ends every
 * subscription, timer and held answer; sockets are the listener's to drop.
 */
import type { Rng } from '@trunkline/proto/rng';
import { accountOf, marketOf } from '../../core/event-scope.ts';
import type { CoreEvent } from '../../core/events.ts';
import type { SocketKind } from '../../server/faults.ts';
import { readBody } from '../../server/request-body.ts';
import type { AcceptSocket, Socket } from '../../server/socket.ts';
import { createFundingHistory } from '../funding-history.ts';
import type { VenueAccount, VenueFront, VenueFrontOptions } from '../venue-front.ts';
import { createBalanceTimes } from './balance-times.ts';
import type { VenueContext } from './call.ts';
import { type Arg, resolvePrivate, resolvePublic } from './channel.ts';
import { commonRoutes } from './common-routes.ts';
import { createDesk, type Reply } from './desk.ts';
import { futuresAccountRoutes } from './futures-account-routes.ts';
import { futuresTradeRoutes } from './futures-trade-routes.ts';
import { createLimits, type LimitOptions, USUAL_LIMITS } from './limits.ts';
import { marketRoutes } from './market-routes.ts';
import { createOrderTotals } from './order-totals.ts';
import { openPrivateFeed } from './private-feeds.ts';
import type { Product } from './product.ts';
import { openFeed } from './public-feeds.ts';
import { createRoundLedger } from './round-ledger.ts';
import { spotAccountRoutes } from './spot-account.ts';
import { spotTradeRoutes } from './spot-trade-routes.ts';
import { type Emit, type Opening, serveStream } from './stream-socket.ts';

export interface BitgetOptions extends VenueFrontOptions {
  readonly product: Product;
  /** The venue's own when absent. */
  readonly limits?: LimitOptions;
  /** Whether `books` updates carry a checksum; the venue stopped sending it in 2026. */
  readonly checksums?: boolean;
}

type StreamPath = 'public' | 'private';
const PATHS: ReadonlyMap<string, StreamPath> = new Map([
  ['/v2/ws/public', 'public'],
  ['/v2/ws/private', 'private'],
]);
/** What scripted faults call the two paths. */
const KINDS = { public: 'market', private: 'user' } as const satisfies Record<StreamPath, SocketKind>;

export function createBitget(options: BitgetOptions): VenueFront {
  const { core, clock, rng, accounts, faults, calls, product, checksums = false } = options;
  const totals = createOrderTotals(core);
  const funding = createFundingHistory(core);
  const balanceTimes = createBalanceTimes(core, clock);
  const rounds = createRoundLedger(core);
  const context: VenueContext = { core, clock, product, totals, funding, balanceTimes, rounds };
  const limits = createLimits(options.limits ?? USUAL_LIMITS);
  const desk = createDesk({ clock, routes: routesOf(context, rng), accounts, limits, faults, calls });
  const sockets = new Map<Socket, SocketKind>();
  const publicFeeds = new Map<string, Set<(event: CoreEvent) => void>>();
  const privateFeeds = new Map<string, Set<(event: CoreEvent) => void>>();
  const connectionIds = rng.fork('connections');
  let isClosed = false;

  const stop = core.subscribe((event) => {
    const account = accountOf(event);
    const symbol = marketOf(event);
    const feeds = account === undefined ? publicFeeds.get(symbol ?? '') : privateFeeds.get(account);
    for (const feed of feeds ?? []) feed(event);
  });

  const isListed = (symbol: string) => core.instrument(symbol) !== undefined;

  const openPublic = (arg: Arg, emit: Emit): Opening => {
    const resolved = resolvePublic(arg, product, isListed);
    const instrument = core.instrument(arg.instId ?? '');
    if (typeof resolved === 'string') return resolved;
    if (instrument === undefined || isClosed) return 'unknown';
    const feed = openFeed(resolved.channel, { core, clock, product, instrument, checksums, emit });
    const leave = join(publicFeeds, instrument.symbol, feed.on);
    return {
      kind: 'running',
      close() {
        leave();
        feed.close();
      },
    };
  };

  const openPrivate = (arg: Arg, emit: Emit, account: VenueAccount | undefined): Opening => {
    const resolved = resolvePrivate(arg, product, isListed);
    if (typeof resolved === 'string') return resolved;
    if (account === undefined || isClosed) return 'unknown';
    const { channel } = resolved;
    const symbol = arg.instId === undefined || arg.instId === 'default' ? undefined : arg.instId;
    const feed = openPrivateFeed({ accountId: account.name, channel, symbol, emit }, context);
    return { kind: 'running', close: join(privateFeeds, account.name, feed) };
  };

  return {
    async fetch(request, { ip }) {
      const url = new URL(request.url);
      const header = (name: string) => request.headers.get(name) ?? undefined;
      const credentials = {
        key: header('access-key'),
        sign: header('access-sign'),
        timestamp: header('access-timestamp'),
        passphrase: header('access-passphrase'),
      };
      const body = (await readBody(request)) ?? '';
      const { pathname: path, search: query } = url;
      return respond(await desk.serve({ method: request.method, path, query, body, credentials, ip }));
    },
    upgrade(url): AcceptSocket | undefined {
      const path = PATHS.get(url.pathname);
      if (path === undefined) return undefined;
      return (socket) => {
        sockets.set(socket, KINDS[path]);
        const handler = serveStream(socket, {
          clock,
          accounts,
          path,
          connectionId: hexId(connectionIds),
          open: path === 'public' ? openPublic : openPrivate,
        });
        return {
          message: handler.message,
          closed() {
            sockets.delete(socket);
            handler.closed();
          },
        };
      };
    },
    dropSockets(which) {
      const chosen = [...sockets].filter(([, kind]) => which === 'all' || which === kind);
      for (const [socket] of chosen) socket.drop();
      return chosen.length;
    },
    close() {
      isClosed = true;
      stop();
      totals.close();
      funding.close();
      balanceTimes.close();
      rounds.close();
      desk.close();
      publicFeeds.clear();
      privateFeeds.clear();
    },
  };
}

function routesOf(context: VenueContext, rng: Rng) {
  const shared = [...marketRoutes(context), ...commonRoutes(context)];
  const ids = rng.fork('client-oids');
  return context.product.market === 'spot'
    ? [...shared, ...spotTradeRoutes(context, ids), ...spotAccountRoutes(context)]
    : [...shared, ...futuresTradeRoutes(context, ids), ...futuresAccountRoutes(context)];
}

/** Ends with the returned call. */
function join<T>(groups: Map<string, Set<T>>, key: string, member: T): () => void {
  const group = groups.get(key) ?? new Set();
  groups.set(key, group.add(member));
  return () => {
    group.delete(member);
    if (group.size === 0 && groups.get(key) === group) groups.delete(key);
  };
}

function hexId(rng: Rng): string {
  return Array.from({ length: 32 }, () => rng.integer(16).toString(16)).join('');
}

function respond({ status, body, left }: Reply): Response {
  const headers = new Headers({ 'content-type': 'application/json;charset=UTF-8' });
  // "Remaining rate limit quota for the current endpoint."
  if (left !== undefined) headers.set('x-mbx-used-remain-limit', String(left));
  return new Response(JSON.stringify(body), { status, headers });
}
