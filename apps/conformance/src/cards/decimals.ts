/** DEC: numbers are text, exact, and on the venue's grid. */
import { isMultipleOf } from '@trunkline/proto/decimal';
import {
  ListCandlesRequest,
  ListFillsRequest,
  ListOpenOrdersRequest,
  ExchangeServiceService as Service,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Channel } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { DenyRule, OrderStatus, type PlaceOrder, Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Card, group } from '../card.ts';
import { channel, method } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { badDecimals } from '../suite/decimals.ts';
import { expectDenied } from '../suite/fates.ts';
import { expect, expectEqual } from '../suite/mismatch.ts';
import { read } from '../suite/session.ts';
import { allTopics, firstInterval, topicOf } from './topics.ts';

const LISTEN_MS = 800;

const inAnswers: Card = {
  id: 'DEC-01',
  title: 'Every decimal of every answer is canonical text',
  manner: 'beside',
  needs: [],
  action: 'Call every query that is served.',
  expected: ['digits with an optional minus and point: no exponent, no idle zeros, no empty text'],
  async run(bench) {
    const symbol = bench.symbol;
    const page = { symbol, pageSize: 0, pageToken: '' };
    const serves = (name: string) => bench.target.capabilities.methods.includes(name);
    const answers: readonly unknown[] = [
      await bench.call(Service.listInstruments, { symbols: [], pageSize: 0, pageToken: '' }),
      serves('GetBalances') && (await bench.call(Service.getBalances, {})),
      serves('ListPositions') && (await bench.call(Service.listPositions, { pageSize: 0, pageToken: '' })),
      serves('ListOpenOrders') && (await bench.call(Service.listOpenOrders, ListOpenOrdersRequest.fromPartial(page))),
      serves('ListFills') && (await bench.call(Service.listFills, ListFillsRequest.fromPartial(page))),
      serves('ListCandles') && (await bench.call(Service.listCandles, candles(bench))),
      serves('GetFundingRate') && (await bench.call(Service.getFundingRate, { symbol })),
    ];
    expectEqual(answers.flatMap((answer) => badDecimals(answer)).slice(0, 5), [], 'decimals that are not canonical');
  },
};

function candles(bench: Bench): ListCandlesRequest {
  return ListCandlesRequest.fromPartial({ symbol: bench.symbol, interval: firstInterval(bench), pageSize: 50 });
}

const inEvents: Card = {
  id: 'DEC-02',
  title: 'Every decimal of the order lane is canonical text',
  manner: 'session',
  needs: [],
  action: 'Place an order that takes, and look at all events until it has ended.',
  expected: ['orders, fills, balances and positions with canonical decimals'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.taking(Side.BUY, await bench.quote());
    await session.accept(order);
    const ended = await session.ended(order.clientOrderId);
    await session.filled(order.clientOrderId, read(ended.filledQuantity, 'filled_quantity'));
    expectEqual(badDecimals(session.events).slice(0, 5), [], 'decimals that are not canonical');
  },
};

const inMarketData: Card = {
  id: 'DEC-03',
  title: 'Every decimal of the market lane is canonical text',
  manner: 'beside',
  needs: [method('MarketData')],
  action: `Subscribe every channel that is offered, and listen for ${LISTEN_MS} ms.`,
  expected: ['events with canonical decimals'],
  async run(bench) {
    const stream = await bench.market();
    stream.subscribe(...allTopics(bench));
    await bench.sleep(LISTEN_MS);
    expect(stream.events.length > 0, 'market events', 'none');
    expectEqual(badDecimals(stream.events).slice(0, 5), [], 'decimals that are not canonical');
  },
};

const onTheGrid: Card = {
  id: 'DEC-04',
  title: 'Prices of the market stand on the tick and quantities on the step',
  manner: 'beside',
  needs: [channel(Channel.BOOK)],
  action: 'Subscribe the book; take its snapshot.',
  expected: ['every level on tick and step of the instrument'],
  async run(bench) {
    const stream = await bench.market();
    const topic = topicOf(bench, Channel.BOOK);
    await bench.subscribed(stream, topic);
    const { bids, asks } = await stream.until(() => {
      const found = stream.of(topic).find(({ event }) => event?.$case === 'bookSnapshot')?.event;
      return found?.$case === 'bookSnapshot' ? found.value : undefined;
    }, 'a snapshot of the book');
    const off = [...bids, ...asks].filter(({ price, quantity }) => {
      const isOnTick = isMultipleOf(read(price, 'price'), bench.orders.tick);
      return !isOnTick || !isMultipleOf(read(quantity, 'quantity'), bench.orders.step);
    });
    expectEqual(off.slice(0, 3), [], `levels off tick ${bench.orders.tick} or step ${bench.orders.step}`);
  },
};

type Break = readonly [field: 'price' | 'quantity', text: string];

const NO_NUMBERS = ['', 'NaN', '1e3', '1E-7', '0x10', '+1', ' 1', '1,5', '.5', '-1', '0', '1'.repeat(60)];

const refusesNoNumbers: Card = {
  id: 'DEC-05',
  title: 'What is no decimal above zero, or off the grid, is denied by its field',
  manner: 'session',
  needs: [],
  action: `Place orders with price and then quantity of ${NO_NUMBERS.slice(0, -1)
    .map((text) => JSON.stringify(text))
    .join(', ')}, 60 digits, and off tick and step.`,
  expected: ['denied{INVALID, price} and denied{INVALID, quantity} for each', 'a good order is still accepted'],
  async run(bench) {
    const session = await bench.session();
    const good = bench.orders.resting(Side.BUY, await bench.quote());
    const breaks: Break[] = NO_NUMBERS.flatMap((text): Break[] => [
      ['price', text],
      ['quantity', text],
    ]);
    breaks.push(
      ['price', `${good.price}${tail(good.price)}1`],
      ['quantity', `${good.quantity}${tail(good.quantity)}1`],
    );
    for (const [field, text] of breaks) {
      const order: PlaceOrder = { ...good, clientOrderId: bench.mint(), [field]: text };
      const [outcome] = await session.run({ $case: 'place', value: order });
      expectDenied(outcome, DenyRule.INVALID, field);
    }
    await session.accept(good);
    await session.status(good.clientOrderId, OrderStatus.OPEN);
  },
};

/** Digits far below any grid. */
function tail(text: string | undefined): string {
  return text?.includes('.') ? '00000001' : '.00000001';
}

export const DECIMALS = group('DEC', 'Decimals', [inAnswers, inEvents, inMarketData, onTheGrid, refusesNoNumbers]);
