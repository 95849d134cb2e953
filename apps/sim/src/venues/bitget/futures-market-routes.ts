/** Public endpoints of the futures market: `/api/v2/mix/market/*`. */
import type { Instrument } from '../../core/types.ts';
import { type Answer, answer, publicRoute, type Route, type VenueContext } from './call.ts';
import { GRANULARITIES } from './channel.ts';
import { isRefused, refuse } from './errors.ts';
import { CANDLES, candlesOf, HISTORY_CANDLES, HISTORY_TRADES, TRADES, tradesOf } from './market-history.ts';
import { fundingHours, futuresTicker, mergeDepth } from './market-view.ts';
import { optional, optionalInteger, type Sent } from './params.ts';
import { wireTime } from './print.ts';
import { tickerRow } from './public-frames.ts';
import { readContract, readOptionalInstrument, readProduct } from './subject.ts';

const DEPTHS: ReadonlyMap<string, number> = new Map([
  ['1', 1],
  ['5', 5],
  ['15', 15],
  ['50', 50],
  ['max', 500],
]);
const USUAL_DEPTH = 100;
const RATES = { usual: 20, most: 100 } as const;

export function futuresMarketRoutes(context: VenueContext): readonly Route[] {
  const { core, clock, product, funding } = context;

  /** The contract that is named, or all of the product. */
  const selected = ({ params }: Sent) => {
    const type = readProduct(params, product);
    if (isRefused(type)) return type;
    const instrument = readOptionalInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    if (!type.ours) return [];
    return instrument === undefined ? core.instruments() : [instrument];
  };

  const perContract =
    (view: (instrument: Instrument) => unknown, wrap: (rows: readonly unknown[]) => unknown = (rows) => rows) =>
    (sent: Sent): Answer => {
      const instruments = selected(sent);
      if (isRefused(instruments)) return instruments;
      return answer(wrap(instruments.map(view).filter((row) => row !== undefined)));
    };

  const depth = ({ params }: Sent): Answer => {
    const instrument = readContract(params, core, product);
    if (isRefused(instrument)) return instrument;
    // A depth that is none of the documented ones is taken for the usual one.
    const levels = DEPTHS.get(optional(params, 'limit') ?? '') ?? USUAL_DEPTH;
    const book = core.book(instrument.symbol, levels);
    return book === undefined ? refuse('UNDER_MAINTENANCE') : answer(mergeDepth(book, instrument));
  };

  const symbolPrice = (instrument: Instrument) => {
    const row = tickerRow(core, instrument, clock.wallUs());
    const mark = core.markPrice(instrument.symbol);
    if (row === undefined || mark === undefined) return undefined;
    const { indexPrice, markPrice, timeUs } = mark;
    return { symbol: instrument.symbol, price: row.lastPr, indexPrice, markPrice, ts: wireTime(timeUs) };
  };

  const fundRate = (instrument: Instrument) => {
    const mark = core.markPrice(instrument.symbol);
    if (mark === undefined) return undefined;
    return {
      symbol: instrument.symbol,
      fundingRate: mark.fundingRate,
      fundingRateInterval: String(fundingHours(instrument)),
      nextUpdate: wireTime(mark.nextFundingUs),
      minFundingRate: '-0.003',
      maxFundingRate: '0.003',
    };
  };

  const fundingTime = (instrument: Instrument) => {
    const mark = core.markPrice(instrument.symbol);
    if (mark === undefined) return undefined;
    const nextFundingTime = wireTime(mark.nextFundingUs);
    return { symbol: instrument.symbol, nextFundingTime, ratePeriod: String(fundingHours(instrument)) };
  };

  /** Newest first, by pages of `pageSize`. */
  const historyRates = ({ params }: Sent): Answer => {
    const instrument = readContract(params, core, product);
    if (isRefused(instrument)) return instrument;
    const size = optionalInteger(params, 'pageSize');
    if (isRefused(size)) return size;
    const page = optionalInteger(params, 'pageNo');
    if (isRefused(page)) return page;
    const count = Math.min(size ?? RATES.usual, RATES.most);
    const first = (Math.max(page ?? 1, 1) - 1) * count;
    const rates = funding
      .of(instrument.symbol)
      .toReversed()
      .slice(first, first + count);
    return answer(
      rates.map(({ symbol, fundingRate, timeUs }) => ({ symbol, fundingRate, fundingTime: wireTime(timeUs) })),
    );
  };

  const interest = ({ symbol }: Instrument) => ({ symbol, size: core.openInterest(symbol)?.quantity ?? '0' });

  const contract = ({ params }: Sent) => readContract(params, core, product);
  const market = '/api/v2/mix/market';
  return [
    publicRoute(
      `${market}/tickers`,
      perContract((instrument) => futuresTicker(instrument, context)),
    ),
    publicRoute(
      `${market}/ticker`,
      perContract((instrument) => futuresTicker(instrument, context)),
    ),
    publicRoute(`${market}/merge-depth`, depth),
    publicRoute(`${market}/fills`, (sent) => tradesOf(contract(sent), sent.params, context, TRADES)),
    publicRoute(
      `${market}/fills-history`,
      (sent) => tradesOf(contract(sent), sent.params, context, HISTORY_TRADES),
      10,
    ),
    publicRoute(`${market}/candles`, (sent) => candlesOf(contract(sent), sent.params, context, GRANULARITIES, CANDLES)),
    publicRoute(`${market}/history-candles`, (sent) =>
      candlesOf(contract(sent), sent.params, context, GRANULARITIES, HISTORY_CANDLES),
    ),
    publicRoute(`${market}/symbol-price`, perContract(symbolPrice)),
    publicRoute(`${market}/current-fund-rate`, perContract(fundRate)),
    publicRoute(`${market}/funding-time`, perContract(fundingTime)),
    publicRoute(`${market}/history-fund-rate`, historyRates),
    publicRoute(
      `${market}/open-interest`,
      perContract(interest, (rows) => ({ openInterestList: rows, ts: wireTime(clock.wallUs()) })),
    ),
  ];
}
