/**
 * The venue emulator as a library: for each front its own core and listener, and one control listener over them all.
 *
 * S1  `startSim` either serves everything or nothing: it throws an `OperatingError` that names what is wrong (a port
 *     in use, a recording that cannot be read) and leaves nothing behind.
 * S2  `close` stops the markets, writes the truths, drops every connection. Idempotent.
 * S3  Fronts share nothing but the accounts' names and keys: each has its own balances, order ids and prices, and what
 *     a front does for a seed does not depend on which others are served.
 */
import { join } from 'node:path';
import type { Logger } from '@trunkline/kit/log';
import { ConfigError, OperatingError } from '@trunkline/kit/operating-error';
import type { Clock } from '@trunkline/proto/clock';
import type { Decimal } from '@trunkline/proto/decimal';
import { type Rng, seededRng } from '@trunkline/proto/rng';
import { createSimCore } from './core/core.ts';
import type { Core, MarketSource } from './core/core-api.ts';
import { createCallLog } from './server/call-log.ts';
import { type ControlledVenue, createControl } from './server/control.ts';
import { createRequestFaults } from './server/faults.ts';
import { type App, type Listener, listen } from './server/listener.ts';
import type { SocketTiming } from './server/socket.ts';
import { frontOf, type VenueName } from './venues/registry.ts';
import {
  type CreateFront,
  depositsFor,
  type Listing,
  pairOf,
  type VenueAccount,
  type VenueFront,
} from './venues/venue-front.ts';

/** What is served when nothing else is said. */
export const DEFAULT_VENUE = 'binance-usdm' satisfies VenueName;
/** Where a venue has passphrases and the account brings none. */
export const DEFAULT_PASSPHRASE = 'sim-passphrase';

export interface SimAccount extends Omit<VenueAccount, 'passphrase' | 'uid'> {
  /** `DEFAULT_PASSPHRASE` when absent. */
  readonly passphrase?: string;
  /** Derived from the name when absent. */
  readonly uid?: string;
  /**
   * By asset: what each front deposits when it makes the account, of the assets that its instruments are held or
   * settled in. Ignored when the account is restored from the state folder.
   */
  readonly balances: Readonly<Record<string, Decimal>>;
}

export interface SimOptions {
  readonly clock: Clock;
  /** Decides the synthetic markets, listen keys and minted ids. */
  readonly seed: number | string;
  readonly accounts: readonly SimAccount[];
  /** The fronts to serve, `DEFAULT_VENUE` alone when absent. */
  readonly venues?: readonly VenueName[];
  /** As pairs (`BTCUSDT`), whatever a front calls them. Ignored by the front of a recording, which brings its own. */
  readonly symbols: readonly string[];
  /** For the front among `venues` whose feed such recordings are of. */
  readonly replay?: { readonly path: string /** 1 is the recording's own pace. */; readonly speed: number };
  /** Truth, orders and balances survive a restart in it: a folder for each front. */
  readonly stateDir?: string;
  /** Synthetic actions a second and symbol. */
  readonly actionsPerSecond?: number;
  /** What every account pays, as a fraction of notional (negative is a rebate); the listing's own rates when absent. */
  readonly fees?: { readonly maker?: Decimal; readonly taker?: Decimal };
  /** 127.0.0.1 when absent. */
  readonly host?: string;
  /** Of the first front; the others take the ports after it. 0, a free one for each, when absent. */
  readonly port?: number;
  readonly controlPort?: number;
  /** The venues' own when absent. */
  readonly timing?: SocketTiming;
  /** How tests make a front that differs from the usual in limits or validities. */
  readonly create?: Readonly<Partial<Record<VenueName, CreateFront>>>;
  /** Where bugs are told; nowhere when absent. */
  readonly log?: Logger;
}

export interface ServedVenue {
  readonly name: VenueName;
  readonly url: string;
  readonly core: Core;
}

export interface Sim {
  /** `venues` by name of the front. */
  readonly urls: { readonly control: string; readonly venues: Readonly<Record<string, string>> };
  readonly venues: readonly ServedVenue[];
  /** Throws when it is not served. */
  venue(name: VenueName): ServedVenue;
  /** Of the first front: the only one of most tests. */
  readonly core: Core;
  /** The pairs that are traded, without repeats. */
  readonly symbols: readonly string[];
  close(): Promise<void>;
}

export async function startSim(options: SimOptions): Promise<Sim> {
  const { clock } = options;
  const names = [...new Set<VenueName>(options.venues ?? [DEFAULT_VENUE])];
  const served: ServedVenue[] = [];
  const fronts: VenueFront[] = [];
  const listeners: Listener[] = [];
  const cores: Core[] = [];
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      for (const front of fronts) front.close();
      await Promise.all(listeners.map((listener) => listener.close()));
      await Promise.all(cores.map((core) => core.close()));
    })();
    return closing;
  };
  const open = (app: App, port: number, timing: SocketTiming): Listener => {
    const { host = '127.0.0.1', log } = options;
    const onBug = (error: unknown) => log?.error({ error }, 'a request met a bug');
    const listener = listen({ host, port, clock, timing, app, onBug });
    if (listener instanceof OperatingError) throw new ConfigError(listener.message);
    listeners.push(listener);
    return listener;
  };

  const accounts = options.accounts.map(venueAccount);
  const controlled = new Map<string, ControlledVenue>();
  try {
    for (const [index, name] of names.entries()) {
      const rng = seededRng(options.seed).fork(name);
      const core = await makeCore(name, rng.fork('market'), options);
      cores.push(core);
      for (const { name: accountId, balances } of options.accounts)
        core.createAccount({ accountId, deposits: depositsFor(balances, core.instruments()) });
      const entry = frontOf(name);
      const create = options.create?.[name] ?? entry.create;
      const requestFaults = createRequestFaults();
      const calls = createCallLog();
      const front = create({ core, clock, rng: rng.fork('front'), accounts, faults: requestFaults, calls });
      fronts.push(front);
      const port = options.port === undefined || options.port === 0 ? 0 : options.port + index;
      const { url } = open(front, port, options.timing ?? entry.timing);
      served.push({ name, url, core });
      controlled.set(name, { core, requestFaults, calls, targets: front });
    }
    const control = createControl({ venues: controlled, accounts: accounts.map((account) => account.name) });
    const { url } = open(control, options.controlPort ?? 0, options.timing ?? frontOf(DEFAULT_VENUE).timing);
    for (const { core } of served) core.start();
    return simOf(served, url, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function simOf(served: readonly ServedVenue[], control: string, close: () => Promise<void>): Sim {
  const [first] = served;
  if (first === undefined) throw new Error('a sim without a venue');
  return {
    urls: { control, venues: Object.fromEntries(served.map(({ name, url }) => [name, url])) },
    venues: served,
    venue(wanted) {
      const found = served.find(({ name }) => name === wanted);
      if (found === undefined) throw new Error(`${wanted} is not served`);
      return found;
    },
    core: first.core,
    symbols: [...new Set(served.flatMap(({ core }) => core.instruments().map(pairOf)))],
    close,
  };
}

async function makeCore(name: VenueName, rng: Rng, options: SimOptions): Promise<Core> {
  const made = await createSimCore({
    clock: options.clock,
    rng,
    market: marketSource(name, options),
    rules: frontOf(name).rules,
    ...(options.stateDir === undefined ? {} : { stateDir: join(options.stateDir, name) }),
  });
  if (!made.ok) throw new ConfigError(made.failure.detail);
  return made.core;
}

function marketSource(name: VenueName, options: SimOptions): MarketSource {
  const entry = frontOf(name);
  const listings = entry.listings.map((listing) => withFees(listing, options));
  if (options.replay !== undefined) {
    const bySymbol = new Map(listings.map(({ instrument }) => [instrument.symbol, instrument]));
    return {
      kind: 'replay',
      ...options.replay,
      open: entry.openRecorded,
      instrumentFor: (symbol) => bySymbol.get(symbol),
    };
  }
  const byPair = new Map(listings.map((listing) => [pairOf(listing.instrument), listing]));
  const markets = options.symbols.map((pair) => {
    const listing = byPair.get(pair);
    if (listing !== undefined) return listing;
    throw new ConfigError(`symbol ${pair} is not listed by ${name}, which has ${[...byPair.keys()].join(', ')}`);
  });
  return {
    kind: 'order_flow',
    markets,
    ...(options.actionsPerSecond === undefined ? {} : { actionsPerSecond: options.actionsPerSecond }),
  };
}

function withFees(listing: Listing, { fees }: SimOptions): Listing {
  const { makerFeeRate, takerFeeRate } = listing.instrument;
  const rates = { makerFeeRate: fees?.maker ?? makerFeeRate, takerFeeRate: fees?.taker ?? takerFeeRate };
  return { ...listing, instrument: { ...listing.instrument, ...rates } };
}

function venueAccount({ name, apiKey, apiSecret, canWithdraw, passphrase, uid }: SimAccount): VenueAccount {
  const derived = String(10_000_000 + seededRng(`uid of ${name}`).integer(89_999_999));
  return { name, apiKey, apiSecret, canWithdraw, passphrase: passphrase ?? DEFAULT_PASSPHRASE, uid: uid ?? derived };
}
