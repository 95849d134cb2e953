/**
 * The one interface on both sides of the wire: `ExchangeService` as TypeScript.
 *
 * `ConnectorCore` implements it on top of a venue, `RemoteExchange` on top of gRPC, fakes on top of a script. Whoever
 * holds an `Exchange` cannot tell which; so a core handed straight to the engine is the in-process way, the same core
 * behind gRPC the remote way, and one suite of tests runs against both.
 *
 * E1  Unary calls reject with `ExchangeError` and nothing else. An order's fate is never an error, always a value.
 * E2  A stream calls `message` zero or more times, then `closed` exactly once, then never again. It never calls
 *     either from within the call that opened it.
 * E3  `send` after `closed` is dropped silently: the peer's view of what arrived is what the next welcome says.
 * E4  Streams carry whole messages of the contract; the session rules of session.proto live above this interface.
 */
import type {
  AmendOrderRequest,
  AmendOrderResponse,
  CancelAllOrdersRequest,
  CancelAllOrdersResponse,
  CancelOrderRequest,
  CancelOrderResponse,
  DescribeRequest,
  DescribeResponse,
  GetAccountSettingsRequest,
  GetAccountSettingsResponse,
  GetBalancesRequest,
  GetBalancesResponse,
  GetFundingRateRequest,
  GetFundingRateResponse,
  GetOrderRequest,
  GetOrderResponse,
  GetServerTimeRequest,
  GetServerTimeResponse,
  ListCandlesRequest,
  ListCandlesResponse,
  ListFillsRequest,
  ListFillsResponse,
  ListFundingPaymentsRequest,
  ListFundingPaymentsResponse,
  ListInstrumentsRequest,
  ListInstrumentsResponse,
  ListOpenOrdersRequest,
  ListOpenOrdersResponse,
  ListPositionsRequest,
  ListPositionsResponse,
  MarketDataRequest,
  MarketDataResponse,
  PlaceOrderRequest,
  PlaceOrderResponse,
  SetLeverageRequest,
  SetLeverageResponse,
  SetMarginModeRequest,
  SetMarginModeResponse,
  SetPositionModeRequest,
  SetPositionModeResponse,
  TradeRequest,
  TradeResponse,
} from '../gen/trunkline/exchange/v1/exchange_service.ts';
import type { ExchangeError } from './exchange-error.ts';

/** Who calls: the role and name in the verified certificate, or the same stated by the one process that holds both sides. */
export interface Caller {
  readonly role: 'engine' | 'connector' | 'tool';
  readonly name: string;
}

export interface CallContext {
  readonly caller: Caller;
  /** Aborts the call or the stream; the stream then closes with ERROR_REASON_CANCELLED. */
  readonly signal?: AbortSignal;
}

/** How a stream came to its end. Neither kind ends a session: only Goodbye does. */
export type StreamEnd = { readonly kind: 'ended' } | { readonly kind: 'failed'; readonly error: ExchangeError };

/** The receiving half, implemented by whoever opened the stream (E2). */
export interface StreamReceiver<Incoming> {
  message(value: Incoming): void;
  closed(end: StreamEnd): void;
}

/** The sending half, held by whoever opened the stream. */
export interface StreamSender<Outgoing> {
  /** Hands one message to the transport, in order. Never blocks and never throws (E3): credit bounds what is in flight. */
  send(value: Outgoing): void;
  /** Half-closes politely; the other side closes in turn. */
  end(): void;
  /** Drops the stream at once. */
  cancel(): void;
}

type Unary<Request, Response> = (request: Request, context: CallContext) => Promise<Response>;
type Bidirectional<Request, Response> = (
  context: CallContext,
  receiver: StreamReceiver<Response>,
) => StreamSender<Request>;

export interface Exchange {
  readonly describe: Unary<DescribeRequest, DescribeResponse>;
  readonly listInstruments: Unary<ListInstrumentsRequest, ListInstrumentsResponse>;

  readonly trade: Bidirectional<TradeRequest, TradeResponse>;
  readonly marketData: Bidirectional<MarketDataRequest, MarketDataResponse>;

  readonly placeOrder: Unary<PlaceOrderRequest, PlaceOrderResponse>;
  readonly amendOrder: Unary<AmendOrderRequest, AmendOrderResponse>;
  readonly cancelOrder: Unary<CancelOrderRequest, CancelOrderResponse>;
  readonly cancelAllOrders: Unary<CancelAllOrdersRequest, CancelAllOrdersResponse>;

  readonly getOrder: Unary<GetOrderRequest, GetOrderResponse>;
  readonly listOpenOrders: Unary<ListOpenOrdersRequest, ListOpenOrdersResponse>;
  readonly listFills: Unary<ListFillsRequest, ListFillsResponse>;
  readonly getBalances: Unary<GetBalancesRequest, GetBalancesResponse>;
  readonly listPositions: Unary<ListPositionsRequest, ListPositionsResponse>;
  readonly listFundingPayments: Unary<ListFundingPaymentsRequest, ListFundingPaymentsResponse>;
  readonly getAccountSettings: Unary<GetAccountSettingsRequest, GetAccountSettingsResponse>;
  readonly listCandles: Unary<ListCandlesRequest, ListCandlesResponse>;
  readonly getFundingRate: Unary<GetFundingRateRequest, GetFundingRateResponse>;
  readonly getServerTime: Unary<GetServerTimeRequest, GetServerTimeResponse>;

  readonly setLeverage: Unary<SetLeverageRequest, SetLeverageResponse>;
  readonly setMarginMode: Unary<SetMarginModeRequest, SetMarginModeResponse>;
  readonly setPositionMode: Unary<SetPositionModeRequest, SetPositionModeResponse>;
}
