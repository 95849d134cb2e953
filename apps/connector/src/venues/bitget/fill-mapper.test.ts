/** Whole fills from messages as the venue documents or sends them (bitget.com/api-doc, classic account). */
import { expect, test } from 'bun:test';
import { Fill, Liquidity, PositionSide, Side, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { reading, Unreadable } from '../fields.ts';
import { readFill, readStreamFill } from './fill-mapper.ts';
import { SPOT, USDT_FUTURES } from './product.ts';

const heard = { symbol: 'LTC/USDT:USDT', receivedAtUs: 42 };

/** A recorded push of the futures `fill` channel. */
const FUTURES_PUSH = {
  orderId: '1169142761031114781',
  clientOid: 'grid_1_abc',
  tradeId: '1169142761312637004',
  symbol: 'LTCUSDT',
  orderType: 'market',
  side: 'buy',
  price: '80.870',
  baseVolume: '0.10',
  quoteVolume: '8.087',
  profit: '-1.20',
  tradeSide: 'buy_single',
  posMode: 'one_way_mode',
  tradeScope: 'taker',
  feeDetail: [{ feeCoin: 'USDT', deduction: 'no', totalDeductionFee: '0', totalFee: '-0.0048522' }],
  cTime: '1714471276596',
  uTime: '1714471276597',
};

test('a futures push keeps every digit, and what was paid is positive', () => {
  expect(readStreamFill(FUTURES_PUSH, heard, USDT_FUTURES)).toEqual(
    Fill.fromPartial({
      tradeId: '1169142761312637004',
      venueOrderId: '1169142761031114781',
      clientOrderId: 'grid_1_abc',
      symbol: 'LTC/USDT:USDT',
      side: Side.BUY,
      positionSide: PositionSide.BOTH,
      price: '80.87',
      quantity: '0.1',
      fee: '0.0048522',
      feeAsset: 'USDT',
      liquidity: Liquidity.TAKER,
      realizedPnl: '-1.2',
      venueTimeUs: 1714471276596000,
      receivedAtUs: 42,
      source: Source.STREAM,
    }),
  );
});

test.each([
  ['buy', 'open', PositionSide.LONG],
  ['sell', 'close', PositionSide.LONG],
  ['sell', 'open', PositionSide.SHORT],
  ['buy', 'close', PositionSide.SHORT],
])('in hedge mode a fill names the side of its transaction: %s/%s', (side, tradeSide, positionSide) => {
  const fill = readStreamFill({ ...FUTURES_PUSH, posMode: 'hedge_mode', side, tradeSide }, heard, USDT_FUTURES);
  expect(fill).toMatchObject({ side: side === 'buy' ? Side.BUY : Side.SELL, positionSide });
});

test('spot\u2019s fill channel writes what was paid as positive, its trade list as negative', () => {
  const shared = {
    orderId: '1169142457356959747',
    tradeId: '1169142457636958209',
    symbol: 'LTCUSDT',
    orderType: 'market',
    side: 'buy',
    priceAvg: '81.069',
    size: '0.074',
    amount: '5.999106',
    tradeScope: 'taker',
    cTime: '1714471204194',
    uTime: '1714471204194',
  };
  const fee = { feeCoin: 'LTC', deduction: 'no', totalDeductionFee: '0' };
  const pushed = readStreamFill({ ...shared, feeDetail: [{ ...fee, totalFee: '0.000074' }] }, heard, SPOT);
  const listed = readFill({ ...shared, userId: '1', feeDetail: { ...fee, totalFee: '-0.000074' } }, heard);
  expect(pushed).toEqual({ ...listed, source: Source.STREAM });
  expect(pushed).toMatchObject({ price: '81.069', quantity: '0.074', fee: '0.000074', feeAsset: 'LTC' });
  expect(pushed.realizedPnl).toBeUndefined();
});

test('a rebate is negative on either channel', () => {
  const feeDetail = (totalFee: string) => [{ feeCoin: 'USDT', totalFee }];
  const futures = readStreamFill({ ...FUTURES_PUSH, feeDetail: feeDetail('0.5') }, heard, USDT_FUTURES);
  const spot = readStreamFill({ ...FUTURES_PUSH, feeDetail: feeDetail('-0.5') }, heard, SPOT);
  expect([futures.fee, spot.fee]).toEqual(['-0.5', '-0.5']);
});

test('an entry of the futures trade list', () => {
  const body = {
    tradeId: '1111468664328269825',
    symbol: 'BTCUSDT',
    orderId: '1111468664264753162',
    price: '37271.4',
    baseVolume: '0.001',
    feeDetail: [{ deduction: 'no', feeCoin: 'USDT', totalDeductionFee: null, totalFee: '-0.02236284' }],
    side: 'buy',
    quoteVolume: '37.2714',
    profit: '-0.0007',
    enterPointSource: 'web',
    tradeSide: 'close',
    posMode: 'hedge_mode',
    tradeScope: 'maker',
    cTime: '1700720700342',
  };
  expect(readFill(body, heard)).toMatchObject({
    clientOrderId: '',
    side: Side.BUY,
    positionSide: PositionSide.SHORT,
    fee: '0.02236284',
    liquidity: Liquidity.MAKER,
    realizedPnl: '-0.0007',
    source: Source.QUERY,
  });
});

test.each(['tradeId', 'orderId', 'price', 'baseVolume', 'side', 'tradeScope', 'cTime'])(
  'a fill without %s is unreadable, not guessed',
  (key) => {
    const push = { ...FUTURES_PUSH, [key]: undefined };
    expect(reading(() => readStreamFill(push, heard, USDT_FUTURES))).toBeInstanceOf(Unreadable);
  },
);
