/** Public REST data of the futures market. */
import { afterEach, expect, test } from 'bun:test';
import { startVenue, type TestVenue } from './test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const NAMED = { symbol: 'BTCUSDT', productType: 'USDT-FUTURES' };
const market = async (path: string, params: object = NAMED) =>
  (await venue.get(`/api/v2/mix/market/${path}`, { ...params })).body;

test('a contract is told with its scales, limits and fees', async () => {
  venue = await startVenue('bitget-usdt-futures', { symbols: ['BTCUSDT', 'ETHUSDT'] });
  const { data } = await market('contracts', { productType: 'usdt-futures' });
  expect(data).toMatchObject([
    {
      symbol: 'BTCUSDT',
      baseCoin: 'BTC',
      quoteCoin: 'USDT',
      makerFeeRate: '0.0002',
      takerFeeRate: '0.0006',
      supportMarginCoins: ['USDT'],
      minTradeNum: '0.0001',
      priceEndStep: '1',
      volumePlace: '4',
      pricePlace: '1',
      sizeMultiplier: '0.0001',
      symbolType: 'perpetual',
      minTradeUSDT: '5',
      symbolStatus: 'normal',
      fundInterval: '8',
      maxLever: '150',
    },
    { symbol: 'ETHUSDT' },
  ]);
  expect((await market('contracts', { productType: 'COIN-FUTURES' })).data).toEqual([]);
  expect((await market('contracts', { ...NAMED, symbol: 'NOPEUSDT' })).code).toBe('40034');
  // What another market of the venue lists is not here, and is no error.
  expect((await venue.get('/api/v2/spot/public/symbols')).body.data).toEqual([]);
});

test('the book is of numbers, best level first, to one of the documented depths', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const book = venue.core.book('BTCUSDT', 5);
  const { data } = await market('merge-depth', { ...NAMED, limit: '5' });
  const numbers = (levels: readonly (readonly [string, string])[] = []) => levels.map((level) => level.map(Number));
  expect(data).toMatchObject({
    asks: numbers(book?.asks),
    bids: numbers(book?.bids),
    scale: '0.1',
    precision: 'scale0',
  });
  const usual = Object((await market('merge-depth', { ...NAMED, limit: '10' })).data);
  expect(usual.bids.length).toBeGreaterThan(10);
});

test('ticker, prices, funding and interest speak of the same moment', async () => {
  venue = await startVenue('bitget-usdt-futures');
  for (let step = 0; step < 30; step++) venue.clock.advance(1_000);
  const mark = venue.core.markPrice('BTCUSDT');
  const [ticker] = Object((await market('ticker')).data);
  const [quote] = [venue.core.bestQuote('BTCUSDT')];
  expect(ticker).toMatchObject({ symbol: 'BTCUSDT', markPrice: mark?.markPrice, fundingRate: mark?.fundingRate });
  expect([ticker.bidPr, ticker.askPr].map(Number)).toEqual([quote?.bid[0], quote?.ask[0]].map(Number));
  const last = venue.core.trades('BTCUSDT', 1)[0];
  expect(Number(ticker.lastPr)).toBe(Number(last?.price));
  const nextMs = String(Math.floor((mark?.nextFundingUs ?? 0) / 1_000));
  expect((await market('symbol-price')).data).toMatchObject([{ markPrice: mark?.markPrice }]);
  expect((await market('current-fund-rate')).data).toMatchObject([
    { symbol: 'BTCUSDT', fundingRate: mark?.fundingRate, fundingRateInterval: '8', nextUpdate: nextMs },
  ]);
  expect((await market('funding-time')).data).toEqual([
    { symbol: 'BTCUSDT', nextFundingTime: nextMs, ratePeriod: '8' },
  ]);
  expect((await market('open-interest')).data).toMatchObject({ openInterestList: [{ symbol: 'BTCUSDT' }] });
  expect((await market('tickers', { productType: 'USDT-FUTURES' })).data).toHaveLength(1);
});

test('a settled rate is the last that was published before its time', async () => {
  venue = await startVenue('bitget-usdt-futures', { actionsPerSecond: 0.001 });
  const before = venue.core.markPrice('BTCUSDT');
  expect((await market('history-fund-rate')).data).toEqual([]);
  venue.clock.advance(((before?.nextFundingUs ?? 0) - venue.clock.wallUs()) / 1_000 + 2_000);
  expect((await market('history-fund-rate')).data).toEqual([
    {
      symbol: 'BTCUSDT',
      fundingRate: before?.fundingRate,
      fundingTime: String(Math.floor((before?.nextFundingUs ?? 0) / 1_000)),
    },
  ]);
  expect((await market('history-fund-rate', { ...NAMED, pageNo: '2' })).data).toEqual([]);
});

test('trades come newest first and continue before an id; candles oldest first', async () => {
  venue = await startVenue('bitget-usdt-futures');
  for (let step = 0; step < 120; step++) venue.clock.advance(1_000);
  const ids = Object((await market('fills')).data).map(({ tradeId }: { tradeId: string }) => tradeId);
  const known = venue.core.trades('BTCUSDT', 100).map(({ tradeId }) => tradeId);
  expect(ids).toEqual(known.toReversed());
  const older = Object((await market('fills-history', { ...NAMED, idLessThan: ids[2], limit: '2' })).data);
  expect(older.map(({ tradeId }: { tradeId: string }) => tradeId)).toEqual(ids.slice(3, 5));
  const rows = Object((await market('candles', { ...NAMED, granularity: '1m' })).data);
  const candles = venue.core.candles('BTCUSDT', 60_000, { limit: 100 });
  expect(rows.map((row: string[]) => row.map(Number))).toEqual(
    candles.map(({ openUs, open, high, low, close, volume, quoteVolume }) =>
      [openUs / 1_000, open, high, low, close, volume, quoteVolume].map(Number),
    ),
  );
  expect((await market('candles', { ...NAMED, granularity: '7m' })).code).toBe('400172');
});
