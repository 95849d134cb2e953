/**
 * The venue's markets at start: the configured symbols' instruments, the account's fees in them, the rate limits.
 *
 * ccxt keeps a failed `loadMarkets` for ever; every attempt here asks anew.
 */
import { type Decimal, sum } from '@trunkline/proto/decimal';
import type { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { type Caller, toExchangeError } from '../caller.ts';
import { checkSymbols } from '../check-symbols.ts';
import { amount, reading, record, Unreadable } from '../fields.ts';
import type { Budget } from '../rate-budget.ts';
import type { StartRefusal } from '../venue.ts';
import type { VenueConfig } from '../venue-config.ts';
import type { BinanceClient } from './client.ts';
import { readBudgets, readInstrument } from './instrument-mapper.ts';
import { COSTS, SPOT_COSTS } from './rest.ts';

export interface Markets {
  readonly instruments: readonly Instrument[];
  readonly budgets: readonly Budget[];
  /** The instruments with what this account pays; needs a signed call for each, so it comes after the key was checked. */
  readonly withFees: () => Promise<readonly Instrument[]>;
}

export async function loadInstruments(
  client: BinanceClient,
  caller: Caller,
  { market: name, symbols }: Pick<VenueConfig, 'market' | 'symbols'>,
): Promise<Markets | StartRefusal> {
  const spot = name === 'spot';
  const spec = { cost: spot ? SPOT_COSTS.exchangeInfo : COSTS.exchangeInfo, priority: 'query' } as const;
  const result = await caller.call(spec, () => client.loadMarkets(true));
  if (result.kind !== 'answered') throw toExchangeError(result);

  const { markets } = client;
  if (markets === undefined) throw new Unreadable('the list of markets');
  const served = new Map<string, Instrument>();
  for (const [symbol, market] of Object.entries(markets)) {
    const isOurs = spot ? market?.spot === true : market?.swap === true && market.linear === true;
    if (market === undefined || !isOurs) continue;
    const instrument = reading(() => readInstrument(record(market.info, symbol), symbol, name));
    // One odd listing among hundreds is no reason to stop, unless it is one of ours: then it is unknown below.
    if (!(instrument instanceof Unreadable)) served.set(symbol, instrument);
  }
  const refusal = checkSymbols(symbols, served, name);
  if (refusal !== undefined) return refusal;
  const instruments = symbols.flatMap((symbol) => served.get(symbol) ?? []);

  return {
    instruments,
    budgets: readBudgets(record(result.body, 'exchangeInfo')['rateLimits']),
    withFees: () =>
      Promise.all(
        instruments.map(async (instrument) => ({
          ...instrument,
          ...(await (spot ? spotFees : usdmFees)(client, caller, instrument.venueSymbol)),
        })),
      ),
  };
}

interface Fees {
  readonly makerFeeRate: Decimal;
  readonly takerFeeRate: Decimal;
}

async function usdmFees(client: BinanceClient, caller: Caller, symbol: string): Promise<Fees> {
  const body = await caller.query(COSTS.commissionRate, () => client.fapiPrivateGetCommissionRate({ symbol }));
  const rates = record(body, 'commission rate');
  return { makerFeeRate: amount(rates, 'makerCommissionRate'), takerFeeRate: amount(rates, 'takerCommissionRate') };
}

/** GET /api/v3/account/commission: standard, special and tax add up; the discount for fees paid in BNB is not in it. */
async function spotFees(client: BinanceClient, caller: Caller, symbol: string): Promise<Fees> {
  const body = await caller.query(SPOT_COSTS.commission, () => client.privateGetAccountCommission({ symbol }));
  const parts = ['standardCommission', 'specialCommission', 'taxCommission'].flatMap((name) => {
    const part = record(body, 'commission')[name];
    return part === undefined ? [] : [record(part, name)];
  });
  return {
    makerFeeRate: sum(parts.map((part) => amount(part, 'maker'))),
    takerFeeRate: sum(parts.map((part) => amount(part, 'taker'))),
  };
}
