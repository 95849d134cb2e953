/** Public routes of pairs. */
import { answer, type PublicRoute, type VenueContext } from '../call.ts';
import { isRefused, refuse } from '../errors.ts';
import { SPOT } from '../market.ts';
import { readBook, readCandles, readTrades } from '../market-data.ts';
import { optionalText, readInstrument } from '../params.ts';
import { bookView, candleView, pairView, tickerView, tradeView } from './market-view.ts';

export function spotMarketRoutes(context: VenueContext): PublicRoute[] {
  const { core, clock } = context;
  const nowUs = () => clock.wallUs();
  const get = (path: string, handle: PublicRoute['handle']): PublicRoute => ({
    method: 'GET',
    path: `${SPOT.root}${path}`,
    access: 'public',
    handle,
  });

  return [
    get('/currency_pairs', () => answer(core.instruments().map(pairView))),
    get('/currency_pairs/{currency_pair}', ({ path }) => {
      const symbol = path['currency_pair'] ?? '';
      const instrument = core.instrument(symbol);
      return instrument === undefined ? refuse('INVALID_CURRENCY_PAIR', symbol) : answer(pairView(instrument));
    }),
    get('/order_book', ({ fields }) => {
      const asked = readBook(fields, context, SPOT);
      return isRefused(asked) ? asked : answer(bookView(asked.book, asked.withId, nowUs()));
    }),
    get('/trades', ({ fields }) => {
      const asked = readTrades(fields, context, SPOT);
      return isRefused(asked) ? asked : answer(asked.trades.map(tradeView));
    }),
    get('/candlesticks', ({ fields }) => {
      const asked = readCandles(fields, context, SPOT);
      return isRefused(asked) ? asked : answer(asked.candles.map((candle) => candleView(candle, nowUs())));
    }),
    get('/tickers', ({ fields }) => {
      const symbol = optionalText(fields, 'currency_pair');
      if (symbol === undefined)
        return answer(core.instruments().map((instrument) => tickerView(core, instrument, nowUs())));
      const instrument = readInstrument(fields, core, SPOT);
      return isRefused(instrument) ? instrument : answer([tickerView(core, instrument, nowUs())]);
    }),
  ];
}
