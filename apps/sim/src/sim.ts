/**
 * The venue emulator as a library: one core, one listener per venue, one control listener.
 *
 * S1  `startSim` either serves everything or nothing: it throws an `OperatingError` that names what is wrong (a port
 *     in use, a recording that cannot be read) and leaves nothing behind.
 * S2  `close` stops the market, writes the truth, drops every connection. Idempotent.
 */
import type { Logger } from '@trunkline/kit/log';
import { ConfigError, OperatingError } from '@trunkline/kit/operating-error';
import type { Clock } from '@trunkline/proto/clock';
import type { Decimal } from '@trunkline/proto/decimal';
import { seededRng } from '@trunkline/proto/rng';
import { createSimCore } from './core/core.ts';
import type { Core, MarketSource } from './core/core-api.ts';
import { createCallLog } from './server/call-log.ts';
import { createControl } from './server/control.ts';
import { createRequestFaults } from './server/faults.ts';
import { type App, type Listener, listen } from './server/listener.ts';
import type { SocketTiming } from './server/socket.ts';
import type { VenueAccount } from './venues/binance/call.ts';
import type { LimitOptions } from './venues/binance/limits.ts';
import { LISTINGS, type Listing } from './venues/binance/usdm/listing.ts';
import { createBinanceUsdm } from './venues/binance/usdm/venue.ts';

export const VENUES = ['binance-usdm'] as const;
export type VenueName = (typeof VENUES)[number];

/** Binance: a ping each 3 minutes, 10 minutes to pong, 24 hours a connection. */
const USUAL_TIMING: SocketTiming = { pingMs: 180_000, pongTimeoutMs: 600_000, lifetimeMs: 86_400_000 };
/** The asset that every contract settles in. */
export const SETTLEMENT_ASSET = 'USDT';

export interface SimAccount extends VenueAccount {
  /** Deposited in USDT when the account is made; ignored when it is restored from the state folder. */
  readonly deposit: Decimal;
}

export interface SimOptions {
  readonly clock: Clock;
  /** Decides the synthetic market, listen keys and minted ids. */
  readonly seed: number | string;
  readonly accounts: readonly SimAccount[];
  /** Ignored with a recording, which brings its own. */
  readonly symbols: readonly string[];
  readonly replay?: { readonly path: string /** 1 is the recording's own pace. */; readonly speed: number };
  /** Truth, orders and balances survive a restart in it. */
  readonly stateDir?: string;
  /** Synthetic actions a second and symbol. */
  readonly actionsPerSecond?: number;
  /** What every account pays, as a fraction of notional (negative is a rebate); the listing's own rates when absent. */
  readonly fees?: { readonly maker?: Decimal; readonly taker?: Decimal };
  /** 127.0.0.1 when absent. */
  readonly host?: string;
  /** 0, a free one, when absent. */
  readonly port?: number;
  readonly controlPort?: number;
  /** Binance's when absent. */
  readonly limits?: LimitOptions;
  readonly listenKeyValidityMs?: number;
  readonly timing?: SocketTiming;
  /** Where bugs are told; nowhere when absent. */
  readonly log?: Logger;
}

export interface Sim {
  readonly urls: { readonly control: string; readonly venues: Readonly<Record<VenueName, string>> };
  readonly symbols: readonly string[];
  readonly core: Core;
  close(): Promise<void>;
}

export async function startSim(options: SimOptions): Promise<Sim> {
  const { clock, accounts } = options;
  const rng = seededRng(options.seed);
  const made = await createSimCore({
    clock,
    rng: rng.fork('market'),
    market: marketSource(options),
    postOnlyCross: 'refuse',
    ...(options.stateDir === undefined ? {} : { stateDir: options.stateDir }),
  });
  if (!made.ok) throw new ConfigError(made.failure.detail);
  const { core } = made;
  for (const { name, deposit } of accounts) core.createAccount({ accountId: name, asset: SETTLEMENT_ASSET, deposit });

  const requestFaults = createRequestFaults();
  const calls = createCallLog();
  const venue = createBinanceUsdm({
    core,
    clock,
    rng: rng.fork('binance-usdm'),
    accounts,
    faults: requestFaults,
    calls,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.listenKeyValidityMs === undefined ? {} : { listenKeyValidityMs: options.listenKeyValidityMs }),
  });
  const names = accounts.map((account) => account.name);
  const control = createControl({ core, accounts: names, requestFaults, calls, targets: venue, venues: VENUES });
  const listeners: Listener[] = [];
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      venue.close();
      await Promise.all(listeners.map((listener) => listener.close()));
      await core.close();
    })();
    return closing;
  };
  const onBug = (error: unknown) => options.log?.error({ error }, 'a request met a bug');
  const open = async (app: App, port: number): Promise<string> => {
    const { host = '127.0.0.1', timing = USUAL_TIMING } = options;
    const listener = listen({ host, port, clock, timing, app, onBug });
    if (listener instanceof OperatingError) {
      await close();
      throw new ConfigError(listener.message);
    }
    listeners.push(listener);
    return listener.url;
  };

  const venueUrl = await open(venue, options.port ?? 0);
  const controlUrl = await open(control, options.controlPort ?? 0);
  core.start();
  return {
    urls: { control: controlUrl, venues: { 'binance-usdm': venueUrl } },
    symbols: core.instruments().map((instrument) => instrument.symbol),
    core,
    close,
  };
}

function marketSource(options: SimOptions): MarketSource {
  if (options.replay !== undefined) {
    return { kind: 'replay', ...options.replay, instrumentFor: (symbol) => listed(symbol, options)?.instrument };
  }
  const markets = options.symbols.map((symbol) => {
    const listing = listed(symbol, options);
    if (listing !== undefined) return listing;
    throw new ConfigError(`symbol ${symbol} is not known; it must be one of: ${[...LISTINGS.keys()].join(', ')}`);
  });
  return {
    kind: 'order_flow',
    markets,
    ...(options.actionsPerSecond === undefined ? {} : { actionsPerSecond: options.actionsPerSecond }),
  };
}

function listed(symbol: string, { fees }: SimOptions): Listing | undefined {
  const listing = LISTINGS.get(symbol);
  if (listing === undefined) return undefined;
  const { makerFeeRate, takerFeeRate } = listing.instrument;
  const rates = { makerFeeRate: fees?.maker ?? makerFeeRate, takerFeeRate: fees?.taker ?? takerFeeRate };
  return { ...listing, instrument: { ...listing.instrument, ...rates } };
}
