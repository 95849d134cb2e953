/**
 * Brings one account up and keeps it up: link, description, lease, orders, session, market data, strategies; and takes
 * it down so that nothing is left behind.
 *
 * A1  Nothing is decided before the lease is held, and no new risk before the account is reconciled.
 * A2  A connector that does not fit its account (other account, other tag, a symbol it has not) is not used: the
 *     account is lost until somebody changes a config, and says why.
 * A3  A connector that drains gets our cancels and a Goodbye; the session is opened anew for its successor.
 */
import type { Logger } from '@trunkline/kit/log';
import { type Clock, sleep } from '@trunkline/proto/clock';
import type { Caller } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { AmendSupport, type DescribeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { GoodbyeReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { backoffDelayMs } from '@trunkline/proto/link/backoff';
import type { Link } from '@trunkline/proto/link/link';
import type { Rng } from '@trunkline/proto/rng';
import type { AccountSettings, StrategySettings } from '../config.ts';
import { LatencySamples } from '../exchange/latency-samples.ts';
import type { MarketFeed } from '../exchange/market-feed.ts';
import { RemoteExchange } from '../exchange/remote-exchange.ts';
import { openTradingSession } from '../exchange/session-driver.ts';
import type { SessionHandler, TradingSession } from '../exchange/trading-session.ts';
import type { Journal } from '../journal/journal.ts';
import { type OrderManager, openOrderManager } from '../orders/order-manager.ts';
import type { HaltBoard } from '../risk/halt-board.ts';
import { createGrid } from '../strategies/grid.ts';
import type { StrategyInstrument } from '../strategies/strategy.ts';
import { hostStrategy, type StrategyHost } from '../strategies/strategy-host.ts';
import { accountLimits, readInstrument } from './account-limits.ts';
import { openAccountMarket } from './account-market.ts';
import { accountStatus } from './account-status.ts';
import type { AccountStatus } from './engine-status.ts';
import { keepLease, type LeaseKeeper } from './lease-keeper.ts';
import { QuoteBoard } from './quote-board.ts';

/** How long a command may be under way before the connector drops it. */
const COMMAND_TTL_MS = 2_000;
/** Bound on the difference of clocks that leases and expiries allow for. */
const SKEW_MS = 1_000;
const MAX_IN_FLIGHT = 256;
const EVENT_WINDOW = 4_096;
const DEFAULT_REQUEST_EXPIRY_MS = 5_000;

export interface AccountRuntimeOptions {
  readonly settings: AccountSettings;
  readonly strategies: readonly StrategySettings[];
  readonly link: Link;
  readonly caller: Caller;
  readonly engineId: string;
  readonly leaseTtlMs: number;
  readonly journal: Journal;
  readonly halts: HaltBoard;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly failpoint: (name: string) => void;
  readonly crash: (error: unknown) => void;
}

export class AccountRuntime {
  readonly #options: AccountRuntimeOptions;
  readonly #exchange: RemoteExchange;
  readonly #quotes: QuoteBoard;
  readonly #roundTrips = new LatencySamples();
  readonly #hosts = new Map<string, StrategyHost>();
  readonly #stopping = new AbortController();
  #pending: { reason: string; final: boolean } | undefined = { reason: 'the connector is not connected', final: false };
  #description: DescribeResponse | undefined;
  #lease: LeaseKeeper | undefined;
  #leaseLost = false;
  #orders: OrderManager | undefined;
  #session: TradingSession | undefined;
  #market: MarketFeed | undefined;
  #clockOffsetUs: number | undefined;
  #streams = 0;
  #attempts = 0;
  #fills = 0;
  #draining = false;
  #opening: Promise<void> = Promise.resolve();

  constructor(options: AccountRuntimeOptions) {
    this.#options = options;
    this.#exchange = new RemoteExchange({ link: options.link, clock: options.clock });
    this.#quotes = new QuoteBoard(options.clock);
  }

  start(): void {
    this.#opening = this.#open(this.#stopping.signal).catch(this.#options.crash);
  }

  status(): AccountStatus {
    return accountStatus({
      settings: this.#options.settings,
      pending: this.#pending,
      draining: this.#draining || this.#stopping.signal.aborted,
      description: this.#description,
      summary: this.#orders?.snapshot(),
      market: this.#market?.counters,
      roundTrips: this.#roundTrips,
      streams: this.#streams,
      fills: this.#fills,
      nowUs: this.#options.clock.wallUs(),
    });
  }

  /** Stops strategies, cancels, waits up to `drainMs` for every order to end, says Goodbye, frees the lease. */
  async stop(drainMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#opening;
    for (const host of this.#hosts.values()) host.stop();
    if (this.#orders) {
      this.#orders.cancelAll();
      const quiet = await this.#orders.quiet(drainMs);
      if (!quiet) this.#options.log.error({ account: this.#options.settings.name }, 'stopped with unresolved orders');
    }
    this.#market?.close();
    await this.#session?.close(GoodbyeReason.DONE);
    await this.#orders?.close();
    await this.#lease?.release();
    await this.#options.link.close();
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { settings, journal, log } = this.#options;
    const described = await this.#describe(signal);
    if (!described) return;
    const misfit = misfitOf(described.description, settings);
    if (misfit !== undefined) {
      this.#pending = { reason: misfit, final: true };
      log.error({ account: settings.name, reason: misfit }, 'the connector does not fit the account');
      return;
    }
    this.#pending = { reason: 'waiting for the lease', final: false };
    const expiryMs = described.description.capabilities?.requestExpiryMs || DEFAULT_REQUEST_EXPIRY_MS;
    const lease = await this.#holdLease(expiryMs, signal);
    if (!lease) return;
    this.#fills = (await journal.listFills({ account: settings.name })).length;
    await this.#trade(lease, described);
    this.#pending = undefined;
  }

  /** Asks until the connector answers; undefined when told to stop. */
  async #describe(signal: AbortSignal): Promise<Described | undefined> {
    const { clock, rng, caller, settings } = this.#options;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const description = await this.#exchange.describe({}, { caller, signal });
        const listed = await this.#exchange.listInstruments(
          { symbols: [...settings.symbols], pageSize: 0, pageToken: '' },
          { caller, signal },
        );
        const instruments = listed.instruments.flatMap((message) => readInstrument(message) ?? []);
        this.#description = description;
        if (instruments.length > 0) return { description, instruments };
        this.#pending = { reason: 'the connector does not know its instruments yet', final: false };
      } catch (error) {
        if (!(error instanceof ExchangeError)) throw error;
        this.#pending = { reason: error.message, final: false };
      }
      await sleep(clock, Math.min(backoffDelayMs(failures, rng), 2_000), signal);
    }
    return undefined;
  }

  async #holdLease(requestExpiryMs: number, signal: AbortSignal): Promise<LeaseKeeper | undefined> {
    const { journal, settings, engineId, leaseTtlMs, clock, log } = this.#options;
    this.#lease = await keepLease(
      {
        journal,
        account: settings.name,
        engineId,
        ttlMs: leaseTtlMs,
        settleMs: requestExpiryMs + SKEW_MS,
        clock,
        onWaiting: (holder) => {
          this.#pending = { reason: `the lease is held by ${holder.engineId}`, final: false };
          log.warn({ account: settings.name, holder: holder.engineId }, 'waiting for the lease of another engine');
        },
        onLost: (message) => {
          this.#leaseLost = true;
          log.error({ account: settings.name, message }, 'lease lost');
        },
      },
      signal,
    );
    return this.#lease;
  }

  async #trade(lease: LeaseKeeper, { description, instruments }: Described): Promise<void> {
    const { settings, caller, journal, halts, clock, rng, log, failpoint, crash } = this.#options;
    const capabilities = description.capabilities;
    const { account, engineId, epoch } = lease.current;
    const orders = await openOrderManager({
      account: settings.name,
      tag: settings.tag,
      exchange: this.#exchange,
      context: { caller },
      journal,
      lease: {
        claim: { account, engineId, epoch },
        expiresAtUs: () => (this.#leaseLost ? 0 : lease.current.expiresAtUs),
      },
      halts,
      limits: accountLimits(settings.limits, instruments),
      quote: (symbol) => this.#quotes.get(symbol),
      clock,
      rng,
      log,
      amend: amendName(capabilities?.amend),
      requestExpiryMs: capabilities?.requestExpiryMs || DEFAULT_REQUEST_EXPIRY_MS,
      commandTtlMs: COMMAND_TTL_MS,
      skewMs: SKEW_MS,
      maxInFlight: MAX_IN_FLIGHT,
      failpoint,
      crash,
    });
    this.#orders = orders;
    orders.subscribe({
      filled: () => {
        this.#fills++;
      },
      draining: (_deadlineUs, reason) => {
        void this.#handOver(orders, epoch, reason).catch(crash);
      },
    });
    this.#openSession(orders, epoch);
    this.#market = openAccountMarket({
      exchange: this.#exchange,
      caller,
      clientId: this.#options.engineId,
      symbols: settings.symbols,
      capabilities,
      board: this.#quotes,
      hostOf: (symbol) => this.#hosts.get(symbol),
      clock,
      rng,
      log,
      clockOffsetUs: () => this.#clockOffsetUs,
    });
    for (const strategy of this.#options.strategies) this.#host(strategy, instruments, orders);
  }

  #openSession(orders: OrderManager, epoch: number): void {
    const { caller, engineId, clock, rng, log } = this.#options;
    const session: TradingSession = openTradingSession({
      exchange: this.#exchange,
      caller,
      engineId,
      epoch,
      lastSeen: orders.lastSeen,
      nextAttempt: () => ++this.#attempts,
      eventWindow: EVENT_WINDOW,
      clock,
      rng,
      log,
      handler: this.#watched(orders.handler),
    });
    this.#session = session;
    orders.attach(session);
  }

  /** The order manager's handler, with our own measurements beside it. */
  #watched(handler: SessionHandler): SessionHandler {
    return {
      ...handler,
      established: (established) => {
        this.#streams++;
        handler.established(established);
      },
      quality: (quality) => {
        this.#roundTrips.add(quality.roundTripUs);
        this.#clockOffsetUs = quality.clockOffsetUs;
        handler.quality(quality);
      },
    };
  }

  /** A3 */
  async #handOver(orders: OrderManager, epoch: number, reason: string): Promise<void> {
    const { log, settings } = this.#options;
    if (this.#draining || this.#stopping.signal.aborted) return;
    this.#draining = true;
    log.info({ account: settings.name, reason }, 'the connector drains');
    orders.cancelAll();
    await orders.quiet(DRAIN_WAIT_MS);
    if (this.#stopping.signal.aborted) return;
    await this.#session?.close(GoodbyeReason.RESTART);
    this.#draining = false;
    this.#openSession(orders, epoch);
  }

  #host(strategy: StrategySettings, instruments: readonly StrategyInstrument[], orders: OrderManager): void {
    const { clock, log, settings } = this.#options;
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
      orders,
      clock,
      create: (context) => createGrid(grid, context),
      onFailed: (error) => log.error({ account: settings.name, symbol: strategy.symbol, error }, 'strategy stopped'),
    });
    this.#hosts.set(strategy.symbol, host);
  }
}

/** Of a connector's drain budget of 20 s, what our cancels may take. */
const DRAIN_WAIT_MS = 10_000;

interface Described {
  readonly description: DescribeResponse;
  readonly instruments: readonly StrategyInstrument[];
}

function misfitOf(description: DescribeResponse, settings: AccountSettings): string | undefined {
  const { account, orderTag, symbols } = description;
  if (account !== settings.name) return `the connector serves account "${account}", not "${settings.name}"`;
  if (orderTag !== settings.tag) return `the connector's tag is "${orderTag}", the account's "${settings.tag}"`;
  const missing = settings.symbols.find((symbol) => !symbols.includes(symbol));
  return missing === undefined ? undefined : `the connector does not serve ${missing}, only ${symbols.join(', ')}`;
}

function amendName(support: AmendSupport | undefined): 'none' | 'in_place' | 'replace' {
  if (support === AmendSupport.IN_PLACE) return 'in_place';
  return support === AmendSupport.REPLACE ? 'replace' : 'none';
}
