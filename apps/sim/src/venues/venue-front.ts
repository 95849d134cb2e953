/**
 * What one emulated market of a venue (a front: `binance-usdm`, `gate-spot`, ...) is to the frame around it, whatever
 * protocol it speaks. `FRONTS` of registry.ts lists them; sim.ts gives each a core and a listener of its own.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Decimal, Price } from '@trunkline/proto/decimal';
import type { Rng } from '@trunkline/proto/rng';
import type { Core, CoreRules } from '../core/core-api.ts';
import type { OpenRecorded } from '../core/recorded-message.ts';
import type { Instrument } from '../core/types.ts';
import type { CallLog } from '../server/call-log.ts';
import type { RequestFaults, SocketKind } from '../server/faults.ts';
import type { App } from '../server/listener.ts';
import type { SocketTiming } from '../server/socket.ts';

/** A customer of the venue. */
export interface VenueAccount {
  /** The core's account id. */
  readonly name: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** The third part of a key where the venue has one (Bitget). */
  readonly passphrase: string;
  /** The venue's own number of the account, as text. */
  readonly uid: string;
  /** Whether the key may withdraw, which each venue tells in its own way. */
  readonly canWithdraw: boolean;
}

export interface VenueFrontOptions {
  readonly core: Core;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly accounts: readonly VenueAccount[];
  readonly faults: RequestFaults;
  readonly calls: CallLog;
}

export interface VenueFront extends App {
  /** Scripted: true when the account had a listen key. Absent where the venue has none. */
  expireListenKey?(account: string): boolean;
  /** Scripted: how many sockets were dropped, as if the connection were lost. */
  dropSockets(which: SocketKind | 'all'): number;
  /** Ends every subscription, timer and held answer; sockets are the listener's to drop. */
  close(): void;
}

export type CreateFront = (options: VenueFrontOptions) => VenueFront;

/** An instrument under the venue's own symbol, and the price at which a synthetic market of it begins. */
export interface Listing {
  readonly instrument: Instrument;
  readonly startPrice: Price;
}

/** One front as data: all that the frame has to know of it. */
export interface FrontEntry {
  readonly listings: readonly Listing[];
  readonly rules: CoreRules;
  /** The server's own pings and the life of a connection. */
  readonly timing: SocketTiming;
  /** How a recording of its market reads. */
  readonly openRecorded: OpenRecorded;
  readonly create: CreateFront;
}

/** How users name a listing on every venue: `BTCUSDT` for Gate's `BTC_USDT`. */
export function pairOf({ base, quote }: Pick<Instrument, 'base' | 'quote'>): string {
  return `${base}${quote}`;
}

/** What of an account's balances a front takes: the assets in which its instruments are held or settled. */
export function depositsFor(
  balances: Readonly<Record<string, Decimal>>,
  instruments: readonly Instrument[],
): { readonly asset: string; readonly amount: Decimal }[] {
  const assets = new Set(instruments.flatMap(({ base, quote, market }) => (market === 'spot' ? [base, quote] : quote)));
  return Object.entries(balances).flatMap(([asset, amount]) => (assets.has(asset) ? { asset, amount } : []));
}
