/**
 * A venue that does what the price says, at once and always the same: two runs of one scenario differ in nothing but
 * times. Limit orders rest; a few prices have a meaning of their own.
 */
import type { Admit, Venue, VenueEvent, VenueListener } from '../../apps/connector/src/venues/venue.ts';
import { AccountSettings, FundingPayment, MarginMode } from '../../proto/gen/trunkline/exchange/v1/account.ts';
import { AmendSupport, Capabilities, ClosedLookup } from '../../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import {
  Instrument,
  InstrumentStatus,
  MarketType,
  Venue as VenueId,
} from '../../proto/gen/trunkline/exchange/v1/instrument.ts';
import { CandleInterval, Channel, MarketEvent, type Topic } from '../../proto/gen/trunkline/exchange/v1/market_data.ts';
import {
  Fill,
  Order,
  OrderOutcome,
  type OrderReference,
  OrderStatus,
  OrderType,
  type PlaceOrder,
  RejectReason,
  TimeInForce,
  UnknownCause,
} from '../../proto/gen/trunkline/exchange/v1/order.ts';
import { ErrorReason, VenueState, type VenueStatus } from '../../proto/gen/trunkline/exchange/v1/session.ts';
import { ExchangeError } from '../../proto/src/exchange-error.ts';
import { ALL_METHODS } from './scripted-exchange.ts';

export const SYMBOL = 'BTC/USDT:USDT';
export const PRICE = { rests: '100', fills: '200', rejected: '300', unknown: '400' } as const;

export interface ScriptedVenue extends Venue {
  emit(event: VenueEvent): void;
  /** Data of a topic, if somebody asked for it. */
  market(topic: Topic, sequence: number, event: NonNullable<MarketEvent['event']>): void;
}

export function scriptedVenue(nowUs: () => number): ScriptedVenue {
  const orders = new Map<string, Order>();
  const topics = new Set<string>();
  const key = ({ channel, symbol }: Topic) => `${channel} ${symbol}`;
  let listener: VenueListener = () => {};
  let status: VenueStatus = { state: VenueState.CONNECTING, message: '' };
  let sent = 0;

  const post = (admit: Admit, clientOrderId: string, run: () => OrderOutcome['fate']): OrderOutcome => {
    const denied = admit();
    const fate: OrderOutcome['fate'] = denied ? { $case: 'denied', value: denied } : run();
    return OrderOutcome.fromPartial({ clientOrderId, fate, receivedAtUs: nowUs() });
  };
  const take = (place: PlaceOrder): OrderOutcome['fate'] => {
    if (place.price === PRICE.rejected) {
      const message = 'Margin is insufficient.';
      return { $case: 'rejected', value: { reason: RejectReason.INSUFFICIENT_FUNDS, venueCode: '-2019', message } };
    }
    if (place.price === PRICE.unknown) {
      return { $case: 'unknown', value: { cause: UnknownCause.TIMEOUT, venueCode: '', message: 'no answer' } };
    }
    const isFilled = place.price === PRICE.fills;
    const order = Order.fromPartial({
      ...place,
      venueOrderId: `v${++sent}`,
      filledQuantity: isFilled ? place.quantity : '0',
      status: isFilled ? OrderStatus.FILLED : OrderStatus.OPEN,
    });
    orders.set(place.clientOrderId, order);
    listener({ kind: 'order', order });
    if (isFilled) {
      const { clientOrderId, venueOrderId, symbol, side, quantity } = order;
      const fill = {
        tradeId: `t${sent}`,
        clientOrderId,
        venueOrderId,
        symbol,
        side,
        price: PRICE.fills,
        quantity,
        fee: '0.01',
        feeAsset: 'USDT',
      };
      listener({ kind: 'fill', fill: Fill.fromPartial(fill) });
    }
    return { $case: 'accepted', value: { order } };
  };
  const remove = ({ clientOrderId }: OrderReference): OrderOutcome['fate'] => {
    const held = orders.get(clientOrderId);
    if (held?.status !== OrderStatus.OPEN) {
      return {
        $case: 'rejected',
        value: { reason: RejectReason.ORDER_NOT_OPEN, venueCode: '-2011', message: 'Unknown order sent.' },
      };
    }
    const order = { ...held, status: OrderStatus.CANCELED };
    orders.set(clientOrderId, order);
    listener({ kind: 'order', order });
    return { $case: 'accepted', value: { order } };
  };
  const refused = () => new ExchangeError(ErrorReason.VENUE_REFUSED, 'the venue says no', 'symbol');

  const venue: ScriptedVenue = {
    profile: {
      venue: VenueId.BINANCE,
      venueName: 'binance',
      marketType: MarketType.PERPETUAL,
      capabilities: Capabilities.fromPartial({
        orderTypes: [OrderType.LIMIT, OrderType.MARKET],
        timesInForce: [TimeInForce.GTC, TimeInForce.IOC],
        postOnly: true,
        reduceOnly: true,
        amend: AmendSupport.IN_PLACE,
        maxBatchPlace: 5,
        maxBatchCancel: 5,
        clientOrderIdPattern: '^[A-Za-z0-9_]{1,26}$',
        closedLookup: ClosedLookup.ALWAYS,
        requestExpiryMs: 3_000,
        channels: [Channel.BEST_QUOTE, Channel.BOOK, Channel.TRADES, Channel.CANDLES, Channel.MARK_PRICE],
        bookDepths: [5, 1000],
        candleIntervals: [CandleInterval.CANDLE_INTERVAL_1M],
        methods: [...ALL_METHODS],
      }),
    },
    accountUid: 'uid-1',
    instruments: [
      Instrument.fromPartial({
        symbol: SYMBOL,
        venueSymbol: 'BTCUSDT',
        base: 'BTC',
        quote: 'USDT',
        settle: 'USDT',
        marketType: MarketType.PERPETUAL,
        status: InstrumentStatus.TRADING,
        tickSize: '0.1',
        quantityStep: '0.001',
        minQuantity: '0.001',
        contractSize: '1',
      }),
    ],
    get status() {
      return status;
    },
    clockOffsetUs: 0,
    listen: (given) => {
      listener = given;
    },
    start: async () => {
      venue.emit({ kind: 'status', status: { state: VenueState.READY, message: '' } });
      return undefined;
    },
    close: () => Promise.resolve(),
    place: async (order, admit) => post(admit, order.clientOrderId, () => take(order)),
    placeBatch: async (batch, admit) => batch.map((order) => post(admit, order.clientOrderId, () => take(order))),
    amend: async ({ order, newClientOrderId, price, quantity }, admit) =>
      post(admit, newClientOrderId, () => {
        const held = orders.get(order?.clientOrderId ?? '');
        if (!held) return remove({ symbol: SYMBOL, clientOrderId: '', venueOrderId: '' });
        const amended = { ...held, price, quantity };
        orders.set(held.clientOrderId, amended);
        return { $case: 'accepted', value: { order: amended } };
      }),
    cancel: async (order, admit) => post(admit, order.clientOrderId, () => remove(order)),
    cancelBatch: async (batch, admit) => batch.map((order) => post(admit, order.clientOrderId, () => remove(order))),
    getOrder: async ({ order }) => {
      const held = orders.get(order?.clientOrderId ?? '');
      if (held) return { answer: { $case: 'found', value: { order: held, fills: [] } } };
      return {
        answer: {
          $case: 'absent',
          value: { proved: false, searched: [1], searchedAtUs: 0, reason: 'asked by id alone' },
        },
      };
    },
    listOpenOrders: async () => ({
      orders: [...orders.values()].filter((order) => order.status === OrderStatus.OPEN),
      nextPageToken: '',
      askedAtUs: nowUs(),
    }),
    listFills: () => Promise.reject(refused()),
    getBalances: async () => ({
      balances: [{ asset: 'USDT', total: '100000', available: '99999.5' }],
      askedAtUs: nowUs(),
    }),
    listPositions: async () => ({ positions: [], nextPageToken: '', askedAtUs: nowUs() }),
    listFundingPayments: async () => ({
      payments: [FundingPayment.fromPartial({ paymentId: 'f1', symbol: SYMBOL, asset: 'USDT', amount: '-0.25' })],
      nextPageToken: '',
      askedAtUs: nowUs(),
    }),
    getAccountSettings: async (symbol) =>
      AccountSettings.fromPartial({ symbol, leverage: 20, marginMode: MarginMode.CROSS }),
    listCandles: async () => ({ candles: [], nextPageToken: '' }),
    getFundingRate: () => Promise.reject(new ExchangeError(ErrorReason.VENUE_UNAVAILABLE, 'the venue is down')),
    getServerTime: async () => ({ venueTimeUs: nowUs(), askedAtUs: nowUs(), answeredAtUs: nowUs() }),
    setLeverage: async (_symbol, leverage) => leverage,
    setMarginMode: () => Promise.reject(refused()),
    setPositionMode: () => Promise.resolve(),
    subscribe: (topic) => {
      topics.add(key(topic));
      const answer = { $case: 'subscription', value: { active: true, reason: 0, message: '' } } as const;
      venue.emit({ kind: 'market', event: MarketEvent.fromPartial({ topic, event: answer }) });
    },
    unsubscribe: (topic) => void topics.delete(key(topic)),
    resnapshot: () => {},
    armDeadMan: () => Promise.resolve(),
    emit: (event) => {
      if (event.kind === 'status') status = event.status;
      listener(event);
    },
    market: (topic, sequence, event) => {
      if (!topics.has(key(topic))) return;
      const times = { venueTimeUs: nowUs(), receivedAtUs: nowUs() };
      venue.emit({ kind: 'market', event: { topic, sequence, ...times, conflated: 0, event } });
    },
  };
  return venue;
}
