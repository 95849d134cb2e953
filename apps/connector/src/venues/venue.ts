/**
 * What the connector's lanes need of a venue: commands with a fate, queries, and one ordered stream of events in the
 * contract's own types. Everything venue-shaped (ccxt, URLs, error codes, sequence rules) stays behind this interface.
 *
 * V1  Commands and queries of one venue never throw for what a venue or a network can do. A command resolves to an
 *     outcome, a query rejects with `ExchangeError` only.
 * V2  `place` and `amend` make at most one POST each. `admit` is called synchronously just before the request is
 *     handed to the socket; what it returns is the outcome, and nothing is sent.
 * V3  Events are delivered in the order in which the venue's frames arrived, synchronously within the turn of the
 *     event loop that received them. The listener must not throw and must not block.
 * V4  A book topic yields a snapshot first, then updates that chain by `previousSequence`. A break is a `gap` market
 *     event followed by a new snapshot; the venue layer repairs it by itself.
 * V5  After the private stream was lost, `private_gap` is emitted before any later order or fill event, and status
 *     READY comes only once the stream is up again.
 */
import type {
  AccountSettings,
  BalanceUpdate,
  FundingPayment,
  MarginMode,
  PositionMode,
  PositionUpdate,
} from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import type {
  Capabilities,
  GetBalancesResponse,
  GetFundingRateResponse,
  GetOrderRequest,
  GetOrderResponse,
  GetServerTimeResponse,
  ListCandlesRequest,
  ListCandlesResponse,
  ListFillsRequest,
  ListFillsResponse,
  ListFundingPaymentsRequest,
  ListFundingPaymentsResponse,
  ListOpenOrdersRequest,
  ListOpenOrdersResponse,
  ListPositionsResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Instrument, MarketType, Venue as VenueId } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import type { MarketEvent, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import type {
  AmendOrder,
  Denied,
  Fill,
  Order,
  OrderOutcome,
  OrderReference,
  PlaceOrder,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { RateBudget, VenueStatus } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

/** Static facts, known before `start`. `capabilities.methods` and `channels` say what is served. */
export interface VenueProfile {
  readonly venue: VenueId;
  readonly venueName: string;
  readonly marketType: MarketType;
  readonly capabilities: Capabilities;
}

/** The last word before a request leaves (V2): undefined lets it go. */
export type Admit = () => Denied | undefined;

export type VenueEvent =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'balances'; readonly update: BalanceUpdate }
  | { readonly kind: 'positions'; readonly update: PositionUpdate }
  | { readonly kind: 'funding'; readonly payment: FundingPayment }
  | { readonly kind: 'settings'; readonly settings: AccountSettings }
  | { readonly kind: 'private_gap'; readonly sinceUs: number; readonly reason: string }
  | { readonly kind: 'status'; readonly status: VenueStatus }
  | { readonly kind: 'rate_budgets'; readonly budgets: readonly RateBudget[] }
  | { readonly kind: 'market'; readonly event: MarketEvent };

export type VenueListener = (event: VenueEvent) => void;

/** Why a venue cannot be brought up at all; `retryable` faults are retried by the venue itself after `start`. */
export interface StartRefusal {
  readonly code: 'bad_credentials' | 'can_withdraw' | 'unknown_symbol' | 'unsupported_account';
  readonly message: string;
}

export interface Venue {
  readonly profile: VenueProfile;
  /** Empty until the venue told it, or where it never does. */
  readonly accountUid: string;
  /** The configured symbols' instruments; empty until started. */
  readonly instruments: readonly Instrument[];
  readonly status: VenueStatus;
  /** Venue clock minus ours, microseconds. */
  readonly clockOffsetUs: number;

  /** Exactly one listener, set before `start`. */
  listen(listener: VenueListener): void;
  /** Loads markets, checks the key, brings up the private stream. Network faults are retried without end; refusals are final. */
  start(): Promise<StartRefusal | undefined>;
  close(): Promise<void>;

  place(order: PlaceOrder, admit: Admit): Promise<OrderOutcome>;
  /** One request to the venue, at most `capabilities.maxBatchPlace` orders; one outcome for each, in order. */
  placeBatch(orders: readonly PlaceOrder[], admit: Admit): Promise<OrderOutcome[]>;
  amend(amend: AmendOrder, admit: Admit): Promise<OrderOutcome>;
  cancel(order: OrderReference, admit: Admit): Promise<OrderOutcome>;
  cancelBatch(orders: readonly OrderReference[], admit: Admit): Promise<OrderOutcome[]>;

  getOrder(request: GetOrderRequest): Promise<GetOrderResponse>;
  listOpenOrders(request: ListOpenOrdersRequest): Promise<ListOpenOrdersResponse>;
  listFills(request: ListFillsRequest): Promise<ListFillsResponse>;
  getBalances(): Promise<GetBalancesResponse>;
  listPositions(): Promise<ListPositionsResponse>;
  listFundingPayments(request: ListFundingPaymentsRequest): Promise<ListFundingPaymentsResponse>;
  getAccountSettings(symbol: string): Promise<AccountSettings>;
  listCandles(request: ListCandlesRequest): Promise<ListCandlesResponse>;
  getFundingRate(symbol: string): Promise<GetFundingRateResponse>;
  getServerTime(): Promise<GetServerTimeResponse>;
  setLeverage(symbol: string, leverage: number): Promise<number>;
  setMarginMode(symbol: string, mode: MarginMode): Promise<void>;
  setPositionMode(mode: PositionMode): Promise<void>;

  /** Idempotent. The answer comes as a `subscription` market event, then data. */
  subscribe(topic: Topic): void;
  unsubscribe(topic: Topic): void;
  /** Asks for a fresh snapshot of a book topic, without a gap: for a consumer that lost its own copy. */
  resnapshot(topic: Topic): void;

  /** Arms or refreshes (0 disarms) the venue's countdown for a symbol; only where capabilities.deadMan is set. */
  armDeadMan(symbol: string, countdownMs: number): Promise<void>;
}
