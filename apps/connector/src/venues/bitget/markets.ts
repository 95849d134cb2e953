/** The venue's markets at start: the configured symbols' instruments, then what the account pays in them. */
import type { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import type { Caller } from '../caller.ts';
import { checkSymbols } from '../check-symbols.ts';
import { amount, reading, record, Unreadable } from '../fields.ts';
import type { StartRefusal } from '../venue.ts';
import type { BitgetClient } from './client.ts';
import { dataOf, type Endpoints, rowsOf } from './endpoints.ts';
import { readContract, readSpotSymbol } from './instrument-mapper.ts';
import { MARGIN_COIN, type Product } from './product.ts';
import { costOf } from './rest.ts';

export async function loadInstruments(
  endpoints: Endpoints,
  product: Product,
  caller: Caller,
  symbols: readonly string[],
): Promise<readonly Instrument[] | StartRefusal> {
  const body = await caller.query(costOf('instruments'), () => endpoints.instruments({}));
  const served = new Map<string, Instrument>();
  for (const row of rowsOf(body, 'instruments', endpoints)) {
    const instrument = reading(() => (product.market === 'spot' ? readSpotSymbol(row) : readContract(row)));
    // One odd listing among hundreds is no reason to stop, unless it is one of ours: then it is unknown below.
    if (instrument instanceof Unreadable || instrument === undefined) continue;
    if (product.market === 'spot' || instrument.settle === MARGIN_COIN) served.set(instrument.symbol, instrument);
  }
  const refusal = checkSymbols(symbols, served, product.market);
  if (refusal !== undefined) return refusal;
  return symbols.flatMap((symbol) => served.get(symbol) ?? []);
}

/** A signed call for each, so it comes after the key was checked. */
export function withFees(
  instruments: readonly Instrument[],
  { feeBusiness }: Product,
  client: BitgetClient,
  caller: Caller,
): Promise<readonly Instrument[]> {
  return Promise.all(
    instruments.map(async (instrument) => {
      const parameters = { symbol: instrument.venueSymbol, businessType: feeBusiness };
      const body = await caller.query(costOf('fee_rate'), () => client.privateCommonGetV2CommonTradeRate(parameters));
      const rates = record(dataOf(body), 'fee rates');
      return {
        ...instrument,
        makerFeeRate: amount(rates, 'makerFeeRate'),
        takerFeeRate: amount(rates, 'takerFeeRate'),
      };
    }),
  );
}
