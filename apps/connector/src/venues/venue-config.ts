/** What a venue is made of, apart from the process around it. */
import type { Logger } from '@trunkline/kit/log';
import type { Secret } from '@trunkline/kit/secret';
import type { Clock } from '@trunkline/proto/clock';
import type { Rng } from '@trunkline/proto/rng';
import type { WireTap } from './wire-tap.ts';

export const VENUE_NAMES = ['binance', 'bitget', 'gate'] as const;
export type VenueName = (typeof VENUE_NAMES)[number];

/** `perpetual` are linear ones, settled in USDT. */
export const MARKET_NAMES = ['perpetual', 'spot'] as const;
export type MarketName = (typeof MARKET_NAMES)[number];

/** Whether a key of the venue has a third part. */
export function needsPassphrase(venue: VenueName): boolean {
  return venue === 'bitget';
}

/** How single orders reach the venue. Batches, and all while the socket is down, go by REST. */
export const ORDER_ENTRIES = ['websocket', 'rest'] as const;
export type OrderEntry = (typeof ORDER_ENTRIES)[number];

/** Where orders go by default: over a WebSocket where this connector knows the venue's. */
export function usualOrderEntry(venue: VenueName): OrderEntry {
  return venue === 'bitget' ? 'rest' : 'websocket';
}

/** Milliseconds. */
export interface VenueTimings {
  /** What every signed request carries as the venue's own expiry (recvWindow and its like). */
  readonly requestExpiryMs: number;
  /** Until a request without an answer is given up. Above the venue's own 10 s there are fewer unknown fates. */
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Between pings of a socket; a peer is given up after two without a pong. */
  readonly socketPingMs: number;
  /** Between renewals of a listen key. */
  readonly listenKeyMs: number;
  /** Silence of a quote, book or mark price after which its socket is replaced. */
  readonly feedSilenceMs: number;
  /** A confirmed order must be heard of on the private stream within this. */
  readonly deafAfterMs: number;
  readonly clockSampleMs: number;
}

export const USUAL_TIMINGS: VenueTimings = {
  requestExpiryMs: 3_000,
  requestTimeoutMs: 12_000,
  connectTimeoutMs: 10_000,
  socketPingMs: 10_000,
  listenKeyMs: 20 * 60_000,
  feedSilenceMs: 20_000,
  deafAfterMs: 10_000,
  clockSampleMs: 60_000,
};

export interface VenueConfig {
  readonly venue: VenueName;
  readonly market: MarketName;
  /** BASE/QUOTE:SETTLE for perpetuals, BASE/QUOTE for spot; at least one. */
  readonly symbols: readonly string[];
  readonly apiKey: Secret;
  readonly secret: Secret;
  /** Present exactly where `needsPassphrase`. */
  readonly passphrase?: Secret;
  /** Replaces the origin of every address of the venue: the sim's, never a real venue's. */
  readonly venueUrl?: string;
  /** `usualOrderEntry` when absent. */
  readonly orderEntry?: OrderEntry;
  readonly timings?: Partial<VenueTimings>;
}

/** What `main` hands in. */
export interface VenueSurroundings {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Hears all that the venue sends. */
  readonly tap?: WireTap;
}
