/** What one venue contributes to `CcxtVenue`, and what it is handed to do so. */
import type { Logger } from '@trunkline/kit/log';
import type { Secret } from '@trunkline/kit/secret';
import type { Clock } from '@trunkline/proto/clock';
import type { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import type { Rng } from '@trunkline/proto/rng';
import type { Caller, RestProtocol } from './caller.ts';
import type { CommandDialect } from './command-desk.ts';
import type { MarketDialect, MarketFeed } from './market-feed.ts';
import type { SearchDialect } from './order-search.ts';
import type { PrivateDialect, PrivateStream } from './private-stream.ts';
import type { Budget, RateBudget } from './rate-budget.ts';
import type { StartRefusal, Venue, VenueEvent, VenueProfile } from './venue.ts';
import type { VenueClock } from './venue-clock.ts';
import type { VenueConfig, VenueTimings } from './venue-config.ts';
import type { WireTap } from './wire-tap.ts';

/** Handed to the venue's side. `feed` and `stream` are there once frames flow. */
export interface VenueKit {
  readonly config: VenueConfig;
  readonly timings: VenueTimings;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly venueClock: VenueClock;
  readonly budgets: RateBudget;
  readonly caller: Caller;
  readonly logger: Logger;
  readonly tap?: WireTap;
  readonly emit: (event: VenueEvent) => void;
  readonly feed: () => MarketFeed;
  readonly stream: () => PrivateStream;
}

/** Answers of the venue; each rejects with `ExchangeError` only. */
export type VenueQueries = Pick<
  Venue,
  | 'listOpenOrders'
  | 'listFills'
  | 'getBalances'
  | 'listPositions'
  | 'listFundingPayments'
  | 'getAccountSettings'
  | 'listCandles'
  | 'getFundingRate'
  | 'setLeverage'
  | 'setMarginMode'
  | 'setPositionMode'
  | 'armDeadMan'
>;

export interface VenueSide {
  readonly commands: CommandDialect;
  readonly market: MarketDialect;
  readonly private: PrivateDialect;
  readonly search: SearchDialect;
  readonly queries: VenueQueries;
  /** Where the venue tells it: its id of the account; empty until then. */
  accountUid?(): string;
  /** The venue's time, microseconds. Rejects with `ExchangeError`. */
  askTime(): Promise<number>;
  /** The configured symbols' instruments. Rejects with `ExchangeError` when it is worth trying again. */
  prepare(): Promise<readonly Instrument[] | StartRefusal>;
  /** Drops every socket. */
  close(): Promise<void>;
}

/** What is known before anything is connected. */
export interface VenueDescription {
  readonly profile: VenueProfile;
  readonly rest: RestProtocol;
  readonly budgets: readonly Budget[];
  /** Cut out of every text by value. */
  readonly secrets: readonly Secret[];
  readonly connect: (kit: VenueKit) => VenueSide;
}
