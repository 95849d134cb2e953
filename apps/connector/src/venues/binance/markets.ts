/**
 * The venue's markets at start: the configured symbols' instruments, the account's fees in them, the rate limits.
 *
 * ccxt keeps a failed `loadMarkets` for ever; every attempt here asks anew.
 */
import type { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { type Caller, toExchangeError } from '../caller.ts';
import { checkSymbols } from '../check-symbols.ts';
import { amount, reading, record, Unreadable } from '../fields.ts';
import type { Budget } from '../rate-budget.ts';
import type { StartRefusal } from '../venue.ts';
import type { BinanceClient } from './client.ts';
import { readBudgets, readInstrument } from './instrument-mapper.ts';
import { COSTS } from './rest.ts';

export interface Markets {
  readonly instruments: readonly Instrument[];
  readonly budgets: readonly Budget[];
  /** The instruments with what this account pays; needs a signed call for each, so it comes after the key was checked. */
  readonly withFees: () => Promise<readonly Instrument[]>;
}

export async function loadInstruments(
  client: BinanceClient,
  caller: Caller,
  symbols: readonly string[],
): Promise<Markets | StartRefusal> {
  const spec = { cost: COSTS.exchangeInfo, priority: 'query' } as const;
  const result = await caller.call(spec, () => client.loadMarkets(true));
  if (result.kind !== 'answered') throw toExchangeError(result);

  const { markets } = client;
  if (markets === undefined) throw new Unreadable('the list of markets');
  const served = new Map<string, Instrument>();
  for (const [symbol, market] of Object.entries(markets)) {
    if (market?.swap !== true || market.linear !== true) continue;
    const instrument = reading(() => readInstrument(record(market.info, symbol), symbol));
    // One odd listing among hundreds is no reason to stop, unless it is one of ours: then it is unknown below.
    if (!(instrument instanceof Unreadable)) served.set(symbol, instrument);
  }
  const refusal = checkSymbols(symbols, served, 'perpetual');
  if (refusal !== undefined) return refusal;
  const instruments = symbols.flatMap((symbol) => served.get(symbol) ?? []);

  return {
    instruments,
    budgets: readBudgets(record(result.body, 'exchangeInfo')['rateLimits']),
    withFees: () =>
      Promise.all(
        instruments.map(async (instrument) => {
          const params = { symbol: instrument.venueSymbol };
          const body = await caller.query(COSTS.commissionRate, () => client.fapiPrivateGetCommissionRate(params));
          const rates = record(body, 'commission rate');
          return {
            ...instrument,
            makerFeeRate: amount(rates, 'makerCommissionRate'),
            takerFeeRate: amount(rates, 'takerCommissionRate'),
          };
        }),
      ),
  };
}
