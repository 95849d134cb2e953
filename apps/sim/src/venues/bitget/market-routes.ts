/**
 * Public endpoints of both markets. What lists the other market's symbols answers an empty list, as each front emulates
 * one market of the venue; its other endpoints are not here.
 */
import type { Instrument } from '../../core/types.ts';
import { type Answer, answer, publicRoute, type Route, type VenueContext } from './call.ts';
import { SPOT_GRANULARITIES } from './channel.ts';
import { isRefused, refuse } from './errors.ts';
import { futuresMarketRoutes } from './futures-market-routes.ts';
import { CANDLES, candlesOf, HISTORY_CANDLES, HISTORY_TRADES, SPOT_TRADES, tradesOf } from './market-history.ts';
import { coinInfo, contractConfig, orderBook, spotSymbol, spotTicker } from './market-view.ts';
import { optional, type Params, pageLimit, type Sent } from './params.ts';
import { wireTime } from './print.ts';
import { readInstrument, readOptionalInstrument, readProduct } from './subject.ts';

const SPOT_DEPTH = { usual: 150, most: 150 } as const;
const USUAL_LEVELS = 150;

export function marketRoutes(context: VenueContext): readonly Route[] {
  const { core, clock, product } = context;
  const instruments = (market: Instrument['market']) => core.instruments().filter((one) => one.market === market);

  const time = () => answer({ serverTime: wireTime(clock.wallUs()) });

  const coins = ({ params }: Sent): Answer => {
    const wanted = optional(params, 'coin')?.toUpperCase();
    const all = [...new Set(core.instruments().flatMap(({ base, quote }) => [base, quote]))];
    return answer(all.filter((coin) => wanted === undefined || coin === wanted).map(coinInfo));
  };

  const contracts = ({ params }: Sent): Answer => {
    const type = readProduct(params, product.market === 'spot' ? { ...product, instType: 'USDT-FUTURES' } : product);
    if (isRefused(type)) return type;
    return listed(params, type.ours ? instruments('perpetual') : [], contractConfig);
  };

  const common = [
    publicRoute('/api/v2/public/time', time),
    publicRoute('/api/v2/spot/public/coins', coins, 3),
    publicRoute('/api/v2/spot/public/symbols', ({ params }) => listed(params, instruments('spot'), spotSymbol)),
    publicRoute('/api/v2/margin/currencies', () => answer([]), 10),
    publicRoute('/api/v2/mix/market/contracts', contracts),
  ];
  return [...common, ...(product.market === 'spot' ? spotMarketRoutes(context) : futuresMarketRoutes(context))];
}

function spotMarketRoutes(context: VenueContext): readonly Route[] {
  const { core } = context;

  const tickers = ({ params }: Sent): Answer => {
    const instrument = readOptionalInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const wanted = instrument === undefined ? core.instruments() : [instrument];
    return answer(wanted.map((one) => spotTicker(one, context)).filter((row) => row !== undefined));
  };

  const book = ({ params }: Sent): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const limit = pageLimit(params, SPOT_DEPTH.usual, SPOT_DEPTH.most);
    if (isRefused(limit)) return limit;
    const snapshot = core.book(instrument.symbol, Math.min(limit, USUAL_LEVELS));
    return snapshot === undefined ? refuse('SPOT_UNDER_MAINTENANCE') : answer(orderBook(snapshot, instrument));
  };

  const market = '/api/v2/spot/market';
  return [
    publicRoute(`${market}/tickers`, tickers),
    publicRoute(`${market}/orderbook`, book),
    publicRoute(
      `${market}/fills`,
      ({ params }) => tradesOf(readInstrument(params, core), params, context, SPOT_TRADES),
      10,
    ),
    publicRoute(
      `${market}/fills-history`,
      ({ params }) => tradesOf(readInstrument(params, core), params, context, HISTORY_TRADES),
      10,
    ),
    publicRoute(`${market}/candles`, ({ params }) =>
      candlesOf(readInstrument(params, core), params, context, SPOT_GRANULARITIES, CANDLES),
    ),
    publicRoute(`${market}/history-candles`, ({ params }) =>
      candlesOf(readInstrument(params, core), params, context, SPOT_GRANULARITIES, HISTORY_CANDLES),
    ),
  ];
}

/** All, or the one that is asked for; one that is not listed is refused. */
function listed(params: Params, all: readonly Instrument[], view: (instrument: Instrument) => unknown): Answer {
  const symbol = optional(params, 'symbol');
  if (symbol === undefined) return answer(all.map(view));
  const found = all.find((instrument) => instrument.symbol === symbol.toUpperCase());
  return found === undefined ? refuse('NO_SUCH_PARAMETER', symbol) : answer([view(found)]);
}
