/**
 * Brings one account up and keeps it up: description, lease, and a tenure (orders, session, market data, strategies) for
 * as long as the lease is held; and takes it down so that nothing is left behind.
 *
 * A1  Nothing is decided before the lease is held, and no new risk before the account is reconciled.
 * A2  A connector that does not fit its account (other account, other tag, a symbol it has not) is not used: the
 *     account is lost until somebody changes a config, and says why.
 * A3  A lease that was lost is asked for again, from the start: an engine that was stopped for a while, or could not
 *     write its journal, goes on by itself unless another has taken over; then it stands by.
 */
import type { Logger } from '@trunkline/kit/log';
import { aborted } from '@trunkline/proto/aborted';
import { type Clock, sleep } from '@trunkline/proto/clock';
import type { Caller, Exchange } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { DescribeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { backoffDelayMs } from '@trunkline/proto/link/backoff';
import type { Rng } from '@trunkline/proto/rng';
import type { AccountSettings, StrategySettings } from '../config.ts';
import { LatencySamples } from '../exchange/latency-samples.ts';
import type { Journal } from '../journal/journal.ts';
import type { AccountEnd } from '../orders/account-listener.ts';
import type { HaltBoard } from '../risk/halt-board.ts';
import type { StrategyInstrument } from '../strategies/strategy.ts';
import { readInstrument } from './account-limits.ts';
import { accountStatus } from './account-status.ts';
import { type AccountCounts, type AccountTenure, openTenure, SKEW_MS } from './account-tenure.ts';
import type { AccountStatus } from './engine-status.ts';
import { keepLease, type LeaseKeeper } from './lease-keeper.ts';

const DEFAULT_REQUEST_EXPIRY_MS = 5_000;
/** Between the end of a tenure and the next try. */
const RETRY_MS = 500;

export interface AccountRuntimeOptions {
  readonly settings: AccountSettings;
  readonly strategies: readonly StrategySettings[];
  readonly exchange: Exchange;
  /** Closes what `exchange` runs over. */
  readonly closeLink: () => Promise<void>;
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
  readonly #counts: AccountCounts = { roundTrips: new LatencySamples(), streams: 0, fills: 0, attempts: 0 };
  readonly #stopping = new AbortController();
  #pending: { reason: string; final: boolean } | undefined = { reason: 'the connector is not connected', final: false };
  #description: DescribeResponse | undefined;
  #lease: LeaseKeeper | undefined;
  #tenure: AccountTenure | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: AccountRuntimeOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run(this.#stopping.signal).catch(this.#options.crash);
  }

  status(): AccountStatus {
    const { roundTrips, streams, fills } = this.#counts;
    return accountStatus({
      settings: this.#options.settings,
      pending: this.#pending,
      draining: this.#tenure?.draining === true || this.#stopping.signal.aborted,
      description: this.#description,
      summary: this.#tenure?.orders.snapshot(),
      market: this.#tenure?.market.counters,
      roundTrips,
      streams,
      fills,
      nowUs: this.#options.clock.wallUs(),
    });
  }

  /** Leaves the account within `drainMs` and a little, and frees the lease. */
  async stop(drainMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#tenure?.leave(drainMs);
    await this.#lease?.release();
    await this.#options.closeLink();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { settings, log, clock } = this.#options;
    let fencedEpoch = 0;
    while (!signal.aborted) {
      const described = await this.#describe(signal);
      if (!described) return;
      const misfit = misfitOf(described.description, settings);
      if (misfit !== undefined) {
        this.#pending = { reason: misfit, final: true };
        log.error({ account: settings.name, reason: misfit }, 'the connector does not fit the account');
        return;
      }
      const end = await this.#serve(described, fencedEpoch, signal);
      if (!end) return;
      const isFinal = end.kind === 'refused' || (end.kind === 'fenced' && end.epoch === fencedEpoch);
      this.#pending = { reason: `${end.kind.replace('_', ' ')}: ${end.message}`, final: isFinal };
      if (isFinal) return;
      if (end.kind === 'fenced') fencedEpoch = end.epoch;
      await sleep(clock, RETRY_MS, signal);
    }
  }

  /** One tenure, from the lease to its end; undefined when told to stop. */
  async #serve(
    described: Described,
    fencedEpoch: number,
    signal: AbortSignal,
  ): Promise<(AccountEnd & { readonly epoch: number }) | undefined> {
    const { settings, journal, log } = this.#options;
    const requestExpiryMs = described.description.capabilities?.requestExpiryMs || DEFAULT_REQUEST_EXPIRY_MS;
    const held = await this.#holdLease(requestExpiryMs, signal);
    if (!held) return undefined;
    const { keeper, lost } = held;
    const { account, engineId, epoch } = keeper.current;
    if (epoch === fencedEpoch) {
      await keeper.release();
      return { kind: 'fenced', message: 'a newer owner holds the connector, and is not known to our journal', epoch };
    }
    let isLost = false;
    const leaseLost = lost.then((message): AccountEnd => {
      isLost = true;
      return { kind: 'lease_lost', message };
    });
    this.#counts.fills = (await journal.listFills({ account: settings.name })).length;
    this.#tenure = await openTenure({
      ...this.#options,
      ...described,
      lease: { claim: { account, engineId, epoch }, expiresAtUs: () => (isLost ? 0 : keeper.current.expiresAtUs) },
      requestExpiryMs,
      counts: this.#counts,
    });
    this.#pending = undefined;
    const end = await Promise.race([this.#tenure.ended, leaseLost, aborted(signal)]);
    if (!end) return undefined;
    log.warn({ account, kind: end.kind, message: end.message }, 'standing down');
    await this.#tenure.standDown();
    await keeper.release();
    return { ...end, epoch };
  }

  /** Asks until the connector answers; undefined when told to stop. */
  async #describe(signal: AbortSignal): Promise<Described | undefined> {
    const { clock, rng, caller, settings } = this.#options;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const description = await this.#options.exchange.describe({}, { caller, signal });
        const listed = await this.#options.exchange.listInstruments(
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

  async #holdLease(
    requestExpiryMs: number,
    signal: AbortSignal,
  ): Promise<{ keeper: LeaseKeeper; lost: Promise<string> } | undefined> {
    const { journal, settings, engineId, leaseTtlMs, clock, log } = this.#options;
    const lost = Promise.withResolvers<string>();
    this.#pending ??= { reason: 'waiting for the lease', final: false };
    const keeper = await keepLease(
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
          log.error({ account: settings.name, message }, 'lease lost');
          lost.resolve(message);
        },
      },
      signal,
    );
    this.#lease = keeper;
    return keeper && { keeper, lost: lost.promise };
  }
}

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
