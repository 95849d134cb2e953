/** MKT: what each channel says, and how topics come and go. */

import { compare, isNegative, isPositive, max, min } from '@trunkline/proto/decimal';
import {
  ListCandlesRequest,
  ExchangeServiceService as Service,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { type Candle, Channel, type MarketEvent } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Card, group } from '../card.ts';
import { channel, method } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { expect, expectEqual } from '../suite/mismatch.ts';
import { read } from '../suite/session.ts';
import { firstInterval, topicOf } from './topics.ts';

/** A venue pushes mark prices and open interest every few seconds. */
const SLOW_MS = 12_000;

type Case = NonNullable<MarketEvent['event']>['$case'];

/** The first event of a channel, its frame checked. */
async function firstOf(bench: Bench, which: Channel, kind: Case): Promise<NonNullable<MarketEvent['event']>> {
  const stream = await bench.market();
  const topic = topicOf(bench, which);
  await bench.subscribed(stream, topic);
  const found = await stream.until(
    () => stream.of(topic).find(({ event }) => event?.$case === kind),
    `a ${kind} event`,
    SLOW_MS,
  );
  expect(found.receivedAtUs > 0, 'received_at_us', String(found.receivedAtUs));
  expect(found.venueTimeUs >= 0, 'venue_time_us', String(found.venueTimeUs));
  if (found.event === undefined) throw new Error('an event was found without a case');
  return found.event;
}

const NEEDS = [method('MarketData')];

const bestQuote: Card = {
  id: 'MKT-01',
  title: 'Best quotes have a bid below the ask, and sizes above zero',
  manner: 'beside',
  needs: [...NEEDS, channel(Channel.BEST_QUOTE)],
  action: 'Subscribe the best quote.',
  expected: ['an active subscription', 'a quote: bid below ask, quantities above zero'],
  async run(bench) {
    const event = await firstOf(bench, Channel.BEST_QUOTE, 'bestQuote');
    if (event.$case !== 'bestQuote') return;
    const { bidPrice, bidQuantity, askPrice, askQuantity } = event.value;
    const isBelow = compare(read(bidPrice, 'bid_price'), read(askPrice, 'ask_price')) < 0;
    expect(isBelow, 'a bid below the ask', `${bidPrice} and ${askPrice}`);
    const areThere = isPositive(read(bidQuantity, 'bid_quantity')) && isPositive(read(askQuantity, 'ask_quantity'));
    expect(areThere, 'sizes above zero', `${bidQuantity} and ${askQuantity}`);
  },
};

const trades: Card = {
  id: 'MKT-02',
  title: 'Trades come once each, with the side of the taker',
  manner: 'beside',
  needs: [...NEEDS, channel(Channel.TRADES)],
  action: 'Subscribe the trades until five have come.',
  expected: ['different ids, prices and quantities above zero, BUY or SELL'],
  async run(bench) {
    const stream = await bench.market();
    const topic = topicOf(bench, Channel.TRADES);
    await bench.subscribed(stream, topic);
    const all = () => stream.of(topic).flatMap(({ event }) => (event?.$case === 'trade' ? [event.value] : []));
    const seen = await stream.until(() => (all().length >= 5 ? all() : undefined), 'five trades', SLOW_MS);
    expectEqual(new Set(seen.map(({ tradeId }) => tradeId)).size, seen.length, 'the number of different ids');
    for (const { price, quantity, takerSide } of seen) {
      const isWhole = isPositive(read(price, 'price')) && isPositive(read(quantity, 'quantity'));
      expect(isWhole, 'price and quantity above zero', `${price} and ${quantity}`);
      expect(takerSide === Side.BUY || takerSide === Side.SELL, 'a taker side', String(takerSide));
    }
  },
};

function expectWhole({ open, high, low, close, volume, openTimeUs }: Candle): void {
  const [o, h, l, c] = [open, high, low, close].map((text) => read(text, 'candle'));
  if (o === undefined || h === undefined || l === undefined || c === undefined) return;
  const fits = compare(h, max(o, c)) >= 0 && compare(l, min(o, c)) <= 0 && isPositive(l);
  expect(fits, 'low at most open and close, high at least them', [open, high, low, close].join(', '));
  expect(!isNegative(read(volume, 'volume')), 'a volume that is not negative', volume);
  expect(openTimeUs > 0 && openTimeUs % 60_000_000 === 0, 'an open time on a minute', String(openTimeUs));
}

const candles: Card = {
  id: 'MKT-03',
  title: 'Candles stream, and continue their history',
  manner: 'beside',
  needs: [...NEEDS, channel(Channel.CANDLES), method('ListCandles')],
  action: 'Subscribe candles of the first interval; ListCandles of the same.',
  expected: [
    'a candle of that interval whose prices fit together',
    'history oldest first, without repeats; its newest opens when the streamed one does, or one before',
  ],
  async run(bench) {
    const event = await firstOf(bench, Channel.CANDLES, 'candle');
    if (event.$case !== 'candle') return;
    expectWhole(event.value);
    const interval = firstInterval(bench);
    expectEqual(event.value.interval, interval, 'the interval');
    const request = ListCandlesRequest.fromPartial({ symbol: bench.symbol, interval, pageSize: 100 });
    const { candles: history } = await bench.call(Service.listCandles, request);
    expect(history.length > 0, 'a history', 'none');
    for (const candle of history) expectWhole(candle);
    const times = history.map(({ openTimeUs }) => openTimeUs);
    expectEqual(
      times,
      [...new Set(times)].sort((a, b) => a - b),
      'open times, oldest first',
    );
    const newest = times.at(-1) ?? 0;
    const lag = Math.abs(event.value.openTimeUs - newest);
    expect(lag <= 2 * 60_000_000 * MINUTES, 'a history up to the streamed candle', `${lag / 1_000_000} s away`);
  },
};

/** The longest interval that the cards meet first; every venue begins with the minute. */
const MINUTES = 60;

const markPrice: Card = {
  id: 'MKT-04',
  title: 'Mark prices come with the funding rate',
  manner: 'beside',
  needs: [...NEEDS, channel(Channel.MARK_PRICE)],
  action: 'Subscribe the mark price.',
  expected: ['a mark price above zero; a funding rate that is a decimal'],
  async run(bench) {
    const event = await firstOf(bench, Channel.MARK_PRICE, 'markPrice');
    if (event.$case !== 'markPrice') return;
    expect(isPositive(read(event.value.markPrice, 'mark_price')), 'a price above zero', event.value.markPrice);
    if (event.value.fundingRate !== undefined) read(event.value.fundingRate, 'funding_rate');
  },
};

const ticker: Card = {
  id: 'MKT-05',
  title: "Tickers have a last price between the day's low and high",
  manner: 'beside',
  needs: [...NEEDS, channel(Channel.TICKER)],
  action: 'Subscribe the ticker.',
  expected: ['low at most last at most high; a volume that is not negative'],
  async run(bench) {
    const event = await firstOf(bench, Channel.TICKER, 'ticker');
    if (event.$case !== 'ticker') return;
    const { lastPrice, highPrice24h, lowPrice24h, baseVolume24h } = event.value;
    const last = read(lastPrice, 'last_price');
    const fits = compare(read(lowPrice24h, 'low'), last) <= 0 && compare(last, read(highPrice24h, 'high')) <= 0;
    expect(fits, 'low at most last at most high', `${lowPrice24h}, ${lastPrice}, ${highPrice24h}`);
    expect(!isNegative(read(baseVolume24h, 'volume')), 'a volume that is not negative', baseVolume24h);
  },
};

const openInterest: Card = {
  id: 'MKT-06',
  title: 'Open interest is in base asset',
  manner: 'beside',
  needs: [...NEEDS, channel(Channel.OPEN_INTEREST)],
  action: 'Subscribe the open interest.',
  expected: ['a quantity that is not negative'],
  async run(bench) {
    const event = await firstOf(bench, Channel.OPEN_INTEREST, 'openInterest');
    if (event.$case !== 'openInterest') return;
    const { quantity } = event.value;
    expect(!isNegative(read(quantity, 'quantity')), 'a quantity that is not negative', quantity);
  },
};

const unsubscribes: Card = {
  id: 'MKT-07',
  title: 'After an unsubscribe nothing of the topic comes, and it can be subscribed anew',
  manner: 'beside',
  needs: [...NEEDS, channel(Channel.BEST_QUOTE)],
  action: 'Subscribe the quote; unsubscribe; wait a second; subscribe again.',
  expected: ['quotes', 'none', 'an active subscription and quotes'],
  async run(bench) {
    const stream = await bench.market();
    const topic = topicOf(bench, Channel.BEST_QUOTE);
    const quotes = () => stream.of(topic).filter(({ event }) => event?.$case === 'bestQuote').length;
    await bench.subscribed(stream, topic);
    await stream.until(() => quotes() > 0 || undefined, 'a quote');
    stream.unsubscribe(topic);
    await bench.sleep(300);
    const before = quotes();
    await bench.sleep(700);
    expectEqual(quotes(), before, 'quotes after the unsubscribe');
    stream.subscribe(topic);
    await stream.until(() => quotes() > before || undefined, 'a quote of the new subscription');
  },
};

const onceEach: Card = {
  id: 'MKT-08',
  title: 'Two equal topics are one subscription',
  manner: 'beside',
  needs: [...NEEDS, channel(Channel.TRADES)],
  action: 'Subscribe the trades twice on one stream, until five have come.',
  expected: ['two answers', 'every trade once'],
  async run(bench) {
    const stream = await bench.market();
    const topic = topicOf(bench, Channel.TRADES);
    stream.subscribe(topic, topic);
    stream.subscribe(topic);
    const ids = () => stream.of(topic).flatMap(({ event }) => (event?.$case === 'trade' ? [event.value.tradeId] : []));
    const seen = await stream.until(() => (ids().length >= 5 ? ids() : undefined), 'five trades', SLOW_MS);
    expectEqual(new Set(seen).size, seen.length, 'the number of different trades');
  },
};

const refusesTopics: Card = {
  id: 'MKT-09',
  title: 'A topic that is not offered is refused with its reason, and the stream goes on',
  manner: 'beside',
  needs: [...NEEDS, channel(Channel.BEST_QUOTE)],
  action: 'Subscribe an unknown symbol, channel 0, channel 99 and a depth that is not offered; then the quote.',
  expected: ['a subscription that is not active and has a reason, for each', 'an active one'],
  async run(bench) {
    const stream = await bench.market();
    const strange = [
      topicOf(bench, Channel.BEST_QUOTE, { symbol: 'NOPE/NOPE' }),
      { ...topicOf(bench, Channel.BEST_QUOTE), channel: 0 },
      { ...topicOf(bench, Channel.BEST_QUOTE), channel: 99 },
      topicOf(bench, Channel.BOOK, { depth: 123_456 }),
    ];
    stream.subscribe(...strange);
    const refusals = () =>
      stream.events.flatMap(({ event }) =>
        event?.$case === 'subscription' && !event.value.active ? [event.value] : [],
      );
    const seen = await stream.until(
      () => (refusals().length >= strange.length ? refusals() : undefined),
      'four refusals',
    );
    for (const { reason, message } of seen)
      expect(reason > 0 && message !== '', 'a reason in words', JSON.stringify(seen));
    await bench.subscribed(stream, topicOf(bench, Channel.BEST_QUOTE));
  },
};

const funding: Card = {
  id: 'MKT-10',
  title: 'GetFundingRate tells the present rate',
  manner: 'beside',
  needs: [method('GetFundingRate')],
  action: 'GetFundingRate.',
  expected: ['our symbol and a rate that is a decimal'],
  async run(bench) {
    const answer = await bench.call(Service.getFundingRate, { symbol: bench.symbol });
    expectEqual(answer.symbol, bench.symbol, 'the symbol');
    read(answer.fundingRate, 'funding_rate');
  },
};

export const MARKET_DATA = group('MKT', 'Market data', [
  bestQuote,
  trades,
  candles,
  markPrice,
  ticker,
  openInterest,
  unsubscribes,
  onceEach,
  refusesTopics,
  funding,
]);
