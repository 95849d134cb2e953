/** What the market lane's tests share: a scripted venue, a client that remembers, and short forms of events. */
import type { StreamEnd, StreamSender } from '@trunkline/proto/exchange';
import {
  Capabilities,
  type MarketDataRequest,
  type MarketDataResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { MarketType, Venue as VenueId } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import {
  CandleInterval,
  Channel,
  type MarketDataRequestFrame,
  MarketEvent,
  Topic,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { VenueState } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { costsMarketCredit } from '@trunkline/proto/market-credit';
import { PROTOCOL_VERSION } from '@trunkline/proto/version';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { MarketLane, type MarketLaneOptions } from '../market-lane.ts';

export const SYMBOL = 'BTC/USDT:USDT';

export const QUOTES = Topic.fromPartial({ channel: Channel.BEST_QUOTE, symbol: SYMBOL });
export const TRADES = Topic.fromPartial({ channel: Channel.TRADES, symbol: SYMBOL });
export const CANDLES = Topic.fromPartial({
  channel: Channel.CANDLES,
  symbol: SYMBOL,
  interval: CandleInterval.CANDLE_INTERVAL_1M,
});
export const book = (depth: number) => Topic.fromPartial({ channel: Channel.BOOK, symbol: SYMBOL, depth });

export const PROFILE: MarketLaneOptions['venue']['profile'] = {
  venue: VenueId.BINANCE,
  venueName: 'binance',
  marketType: MarketType.PERPETUAL,
  capabilities: Capabilities.fromPartial({
    channels: [Channel.BEST_QUOTE, Channel.BOOK, Channel.TRADES, Channel.CANDLES, Channel.MARK_PRICE],
    bookDepths: [3, 20, 1000],
    candleIntervals: [CandleInterval.CANDLE_INTERVAL_1M],
  }),
};

/** Answers nothing by itself; remembers what it was asked. */
export function scriptedVenue() {
  const asked: string[] = [];
  const ask = (verb: string) => (topic: Topic) => void asked.push(`${verb} ${Channel[topic.channel]} ${topic.depth}`);
  return {
    asked,
    profile: PROFILE,
    status: { state: VenueState.READY, message: '' },
    subscribe: ask('subscribe'),
    unsubscribe: ask('unsubscribe'),
    resnapshot: ask('resnapshot'),
  };
}

export function rig() {
  const clock = new VirtualClock();
  const venue = scriptedVenue();
  const lane = new MarketLane({ venue, symbols: [SYMBOL], bootId: 'b1', clock });
  return { clock, venue, lane, market: (event: MarketEvent) => lane.onVenueEvent({ kind: 'market', event }) };
}

export interface TestClient {
  readonly sender: StreamSender<MarketDataRequest>;
  readonly messages: MarketDataResponse[];
  readonly ends: StreamEnd[];
  send(...frames: NonNullable<MarketDataRequestFrame['frame']>[]): void;
  /** Every data event so far, as `case:value`. */
  events(): MarketEvent[];
  /** Messages that cost credit. */
  paid(): number;
}

/** Opens a stream and says hello. */
export function connect(lane: MarketLane, topics: readonly Topic[], initialCredit = 1_000_000): TestClient {
  const messages: MarketDataResponse[] = [];
  const ends: StreamEnd[] = [];
  const sender = lane.open(
    { caller: { role: 'engine', name: 'main' } },
    { message: (value) => void messages.push(value), closed: (end) => void ends.push(end) },
  );
  const send: TestClient['send'] = (...frames) => sender.send({ frames: frames.map((frame) => ({ frame })) });
  send({ $case: 'hello', value: { protocolVersion: PROTOCOL_VERSION, clientId: 'c', sentAtUs: 7, initialCredit } });
  if (topics.length > 0) send({ $case: 'subscribe', value: { topics: [...topics] } });
  return {
    sender,
    messages,
    ends,
    send,
    events: () => messages.flatMap((message) => message.events),
    paid: () => messages.filter(costsMarketCredit).length,
  };
}

/** Lets the microtasks of this turn run. */
export async function turn(): Promise<void> {
  for (let round = 0; round < 5; round++) await Promise.resolve();
}

export function quote(bid: string, sequence = 1): MarketEvent {
  const value = { bidPrice: bid, bidQuantity: '1', askPrice: '200', askQuantity: '1' };
  return MarketEvent.fromPartial({ topic: QUOTES, sequence, receivedAtUs: 5, event: { $case: 'bestQuote', value } });
}

export function trade(id: number): MarketEvent {
  const value = { tradeId: String(id), price: '100', quantity: '1', takerSide: 1 };
  return MarketEvent.fromPartial({ topic: TRADES, sequence: id, receivedAtUs: id, event: { $case: 'trade', value } });
}

type Levels = readonly (readonly [price: string, quantity: string])[];
const levels = (list: Levels) => list.map(([price, quantity]) => ({ price, quantity }));

export function bookSnapshot(sequence: number, bids: Levels, asks: Levels): MarketEvent {
  const value = { bids: levels(bids), asks: levels(asks) };
  return MarketEvent.fromPartial({ topic: book(1000), sequence, event: { $case: 'bookSnapshot', value } });
}

export function bookUpdate(previousSequence: number, sequence: number, bids: Levels, asks: Levels): MarketEvent {
  const value = { bids: levels(bids), asks: levels(asks), previousSequence };
  return MarketEvent.fromPartial({ topic: book(1000), sequence, event: { $case: 'bookUpdate', value } });
}

export function answered(topic: Topic, active: boolean, reason = 0): MarketEvent {
  return MarketEvent.fromPartial({ topic, event: { $case: 'subscription', value: { active, reason, message: '' } } });
}
