/** Public routes of contracts. */
import { answer, type PublicRoute, type VenueContext } from '../call.ts';
import { isRefused, refuse } from '../errors.ts';
import { FUTURES } from '../market.ts';
import { readBook, readCandles, readTrades } from '../market-data.ts';
import { optionalText, pageLimit, readInstrument, timeBounds } from '../params.ts';
import { seconds } from '../print.ts';
import { bookView, candleView, contractView, tickerView, tradeView } from './market-view.ts';
import { noteSettledRates } from './settled-rates.ts';

const FUNDING = { usual: 100, most: 1_000 } as const;

export function futuresMarketRoutes(context: VenueContext): PublicRoute[] {
  const { core, clock } = context;
  const rates = noteSettledRates(core);
  context.onClose(rates.close);
  const nowUs = () => clock.wallUs();
  const get = (path: string, handle: PublicRoute['handle']): PublicRoute => ({
    method: 'GET',
    path: `${FUTURES.root}${path}`,
    access: 'public',
    handle,
  });

  return [
    get('/contracts', () => answer(core.instruments().map((instrument) => contractView(core, instrument, nowUs())))),
    get('/contracts/{contract}', ({ path }) => {
      const instrument = core.instrument(path['contract'] ?? '');
      return instrument === undefined ? refuse('CONTRACT_NOT_FOUND') : answer(contractView(core, instrument, nowUs()));
    }),
    get('/order_book', ({ fields }) => {
      const asked = readBook(fields, context, FUTURES);
      return isRefused(asked) ? asked : answer(bookView(asked.book, asked.instrument, asked.withId, nowUs()));
    }),
    get('/trades', ({ fields }) => {
      const asked = readTrades(fields, context, FUTURES);
      return isRefused(asked) ? asked : answer(asked.trades.map((trade) => tradeView(trade, asked.instrument)));
    }),
    get('/candlesticks', ({ fields }) => {
      const asked = readCandles(fields, context, FUTURES);
      return isRefused(asked) ? asked : answer(asked.candles.map((candle) => candleView(candle, asked.instrument)));
    }),
    get('/tickers', ({ fields }) => {
      const symbol = optionalText(fields, 'contract');
      if (symbol === undefined)
        return answer(core.instruments().map((instrument) => tickerView(core, instrument, nowUs())));
      const instrument = readInstrument(fields, core, FUTURES);
      return isRefused(instrument) ? instrument : answer([tickerView(core, instrument, nowUs())]);
    }),
    get('/funding_rate', ({ fields }) => {
      const instrument = readInstrument(fields, core, FUTURES);
      if (isRefused(instrument)) return instrument;
      const limit = pageLimit(fields, FUNDING.usual, FUNDING.most);
      if (isRefused(limit)) return limit;
      const bounds = timeBounds(fields);
      if (isRefused(bounds)) return bounds;
      const { startUs = 0, endUs = Number.POSITIVE_INFINITY } = bounds;
      const wanted = rates.of(instrument.symbol).filter(({ timeUs }) => timeUs >= startUs && timeUs <= endUs);
      // Newest first.
      const page = wanted.slice(-limit).reverse();
      return answer(page.map(({ rate, timeUs }) => ({ t: seconds(timeUs), r: rate })));
    }),
  ];
}
