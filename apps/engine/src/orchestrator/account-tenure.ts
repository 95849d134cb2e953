/**
 * One account under one holding of its lease: orders, session, market data, strategies. Ends with the lease, with the
 * session, or with a stop; a tenure that has ended is not used again.
 *
 * N1  Whatever ends it, the connector hears of it: after a stop that left nothing behind the session is done; after any
 *     other end the connector gives our orders its grace, and then cancels what nobody has claimed.
 * N2  A connector that drains gets our cancels and a Goodbye; the session is opened anew for its successor.
 */
import type { Logger } from '@trunkline/kit/log';
import type { Clock } from '@trunkline/proto/clock';
import type { Caller, Exchange } from '@trunkline/proto/exchange';
import { AmendSupport, type DescribeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { GoodbyeReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { Rng } from '@trunkline/proto/rng';
import type { AccountSettings, StrategySettings } from '../config.ts';
import type { LatencySamples } from '../exchange/latency-samples.ts';
import type { MarketFeed } from '../exchange/market-feed.ts';
import { openTradingSession } from '../exchange/session-driver.ts';
import type { SessionHandler, TradingSession } from '../exchange/trading-session.ts';
import type { Journal } from '../journal/journal.ts';
import type { AccountEnd } from '../orders/account-listener.ts';
import type { HeldLease } from '../orders/order-desk.ts';
import { type OrderManager, openOrderManager } from '../orders/order-manager.ts';
import type { HaltBoard } from '../risk/halt-board.ts';
import { createGrid } from '../strategies/grid.ts';
import type { StrategyInstrument } from '../strategies/strategy.ts';
import { hostStrategy, type StrategyHost } from '../strategies/strategy-host.ts';
import { accountLimits } from './account-limits.ts';
import { openAccountMarket } from './account-market.ts';
import { QuoteBoard } from './quote-board.ts';

/** How long a command may be under way before the connector drops it. */
const COMMAND_TTL_MS = 2_000;
/** Bound on the difference of clocks that leases and expiries allow for. */
export const SKEW_MS = 1_000;
const MAX_IN_FLIGHT = 256;
const EVENT_WINDOW = 4_096;
/** Of a connector's drain budget of 20 s, what our cancels may take. */
const DRAIN_WAIT_MS = 10_000;

/** What is counted over all tenures of an account. */
export interface AccountCounts {
  readonly roundTrips: LatencySamples;
  streams: number;
  fills: number;
  /** The number of the last stream; an epoch may see several tenures. */
  attempts: number;
}

export interface TenureOptions {
  readonly settings: AccountSettings;
  readonly strategies: readonly StrategySettings[];
  readonly exchange: Exchange;
  readonly caller: Caller;
  readonly description: DescribeResponse;
  readonly instruments: readonly StrategyInstrument[];
  readonly lease: HeldLease;
  readonly requestExpiryMs: number;
  readonly counts: AccountCounts;
  readonly journal: Journal;
  readonly halts: HaltBoard;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly failpoint: (name: string) => void;
  readonly crash: (error: unknown) => void;
}

export async function openTenure(options: TenureOptions): Promise<AccountTenure> {
  const { settings, caller, exchange, journal, lease, halts, clock, rng, log, failpoint, crash } = options;
  const quotes = new QuoteBoard(clock);
  const orders = await openOrderManager({
    account: settings.name,
    tag: settings.tag,
    exchange,
    context: { caller },
    journal,
    lease,
    halts,
    limits: accountLimits(settings.limits, options.instruments),
    quote: (symbol) => quotes.get(symbol),
    clock,
    rng,
    log,
    amend: amendName(options.description.capabilities?.amend),
    requestExpiryMs: options.requestExpiryMs,
    hasFunding: options.description.capabilities?.methods.includes('ListFundingPayments') ?? false,
    commandTtlMs: COMMAND_TTL_MS,
    skewMs: SKEW_MS,
    maxInFlight: MAX_IN_FLIGHT,
    failpoint,
    crash,
  });
  return new AccountTenure(options, orders, quotes);
}

export class AccountTenure {
  readonly orders: OrderManager;
  readonly market: MarketFeed;
  /** Resolves when the account is not ours any more. */
  readonly ended: Promise<AccountEnd>;
  readonly #options: TenureOptions;
  readonly #hosts = new Map<string, StrategyHost>();
  #session: TradingSession;
  #clockOffsetUs: number | undefined;
  #draining = false;
  #over = false;

  constructor(options: TenureOptions, orders: OrderManager, quotes: QuoteBoard) {
    const { settings, caller, exchange, description, clock, rng, log, lease, counts, crash } = options;
    this.#options = options;
    this.orders = orders;
    const ended = Promise.withResolvers<AccountEnd>();
    this.ended = ended.promise;
    orders.subscribe({
      filled: () => {
        counts.fills++;
      },
      draining: (_deadlineUs, reason) => {
        this.#handOver(reason).catch(crash);
      },
      ended: ended.resolve,
    });
    this.#session = this.#openSession();
    this.market = openAccountMarket({
      exchange,
      caller,
      clientId: lease.claim.engineId,
      symbols: settings.symbols,
      capabilities: description.capabilities,
      board: quotes,
      hostOf: (symbol) => this.#hosts.get(symbol),
      clock,
      rng,
      log,
      clockOffsetUs: () => this.#clockOffsetUs,
    });
    for (const strategy of options.strategies) this.#host(strategy);
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Stops strategies, cancels, waits up to `drainMs` for every order to end, and leaves. */
  async leave(drainMs: number): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#stopHosts();
    this.orders.cancelAll();
    const quiet = await this.orders.quiet(drainMs);
    if (!quiet) {
      const { log, settings } = this.#options;
      log.error({ account: settings.name }, 'stopped with unresolved orders: the connector cancels what is still open');
    }
    await this.#close(quiet ? GoodbyeReason.DONE : GoodbyeReason.RESTART);
  }

  /** The account is not ours any more: whoever comes next has the connector's grace for our orders. */
  async standDown(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#stopHosts();
    await this.#close(GoodbyeReason.RESTART);
  }

  #stopHosts(): void {
    for (const host of this.#hosts.values()) host.stop();
  }

  async #close(reason: GoodbyeReason): Promise<void> {
    this.market.close();
    await this.#session.close(reason);
    await this.orders.close();
  }

  #openSession(): TradingSession {
    const { exchange, caller, counts, lease, clock, rng, log } = this.#options;
    const { engineId, epoch } = lease.claim;
    const session = openTradingSession({
      exchange,
      caller,
      engineId,
      epoch,
      lastSeen: this.orders.lastSeen,
      nextAttempt: () => ++counts.attempts,
      eventWindow: EVENT_WINDOW,
      clock,
      rng,
      log,
      handler: this.#watched(this.orders.handler),
    });
    this.orders.attach(session);
    return session;
  }

  /** The order manager's handler, with our own measurements beside it. */
  #watched(handler: SessionHandler): SessionHandler {
    const { counts } = this.#options;
    return {
      ...handler,
      established: (established) => {
        counts.streams++;
        handler.established(established);
      },
      quality: (quality) => {
        counts.roundTrips.add(quality.roundTripUs);
        this.#clockOffsetUs = quality.clockOffsetUs;
        handler.quality(quality);
      },
    };
  }

  /** N2 */
  async #handOver(reason: string): Promise<void> {
    const { log, settings } = this.#options;
    if (this.#draining || this.#over) return;
    this.#draining = true;
    log.info({ account: settings.name, reason }, 'the connector drains');
    this.orders.cancelAll();
    await this.orders.quiet(DRAIN_WAIT_MS);
    if (!this.#over) await this.#session.close(GoodbyeReason.RESTART);
    this.#draining = false;
    if (!this.#over) this.#session = this.#openSession();
  }

  #host(strategy: StrategySettings): void {
    const { clock, log, settings, instruments } = this.#options;
    const instrument = instruments.find((each) => each.symbol === strategy.symbol);
    if (!instrument) return;
    const grid = {
      levels: strategy.levels,
      spacingBps: strategy.spacing_bps,
      halfSpreadBps: strategy.half_spread_bps,
      quantity: strategy.quantity,
      maxPosition: strategy.max_position,
    };
    const host = hostStrategy({
      instrument,
      orders: this.orders,
      clock,
      create: (context) => createGrid(grid, context),
      onFailed: (error) => log.error({ account: settings.name, symbol: strategy.symbol, error }, 'strategy stopped'),
    });
    this.#hosts.set(strategy.symbol, host);
  }
}

function amendName(support: AmendSupport | undefined): 'none' | 'in_place' | 'replace' {
  if (support === AmendSupport.IN_PLACE) return 'in_place';
  return support === AmendSupport.REPLACE ? 'replace' : 'none';
}
