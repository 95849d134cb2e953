/** The venue's markets at start: the configured symbols' instruments, and the account's fees in them. */
import type { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { checkSymbols } from '../check-symbols.ts';
import { list, reading, record, Unreadable } from '../fields.ts';
import type { StartRefusal } from '../venue.ts';
import type { Asking } from './asking.ts';
import { readContract, readCurrencyPair } from './instrument-mapper.ts';
import { decimalAt } from './numbers.ts';
import { costOf } from './rest.ts';

export async function loadInstruments(
  { client, caller, kind }: Pick<Asking, 'client' | 'caller' | 'kind'>,
  configured: readonly string[],
): Promise<readonly Instrument[] | StartRefusal> {
  const isSpot = kind.market === 'spot';
  const path = `${kind.root}/${isSpot ? 'currency_pairs' : 'contracts'}`;
  const body = await caller.query(costOf('instruments'), () => client.ask({ method: 'GET', path, isPublic: true }));
  const served = new Map<string, Instrument>();
  for (const entry of list(body, 'instruments')) {
    const instrument = reading(() => (isSpot ? readCurrencyPair : readContract)(record(entry, 'instrument')));
    // One odd listing among thousands is no reason to stop, unless it is one of ours: then it is unknown below.
    if (!(instrument instanceof Unreadable)) served.set(instrument.symbol, instrument);
  }
  const refusal = checkSymbols(configured, served, kind.market);
  return refusal ?? configured.flatMap((symbol) => served.get(symbol) ?? []);
}

/** GET /wallet/fee: what this account pays, for both markets. Signed, so it comes after the key was checked. */
export function withFees(
  { client, caller, kind }: Asking,
  instruments: readonly Instrument[],
): Promise<readonly Instrument[]> {
  const [maker, taker] =
    kind.market === 'spot' ? ['maker_fee', 'taker_fee'] : ['futures_maker_fee', 'futures_taker_fee'];
  return Promise.all(
    instruments.map(async (instrument) => {
      const query = {
        currency_pair: instrument.venueSymbol,
        ...(kind.market === 'spot' ? {} : { settle: 'USDT' }),
      };
      const body = await caller.query(costOf('fee'), () => client.ask({ method: 'GET', path: '/wallet/fee', query }));
      const fees = record(body, 'fees');
      return { ...instrument, makerFeeRate: decimalAt(fees, maker ?? ''), takerFeeRate: decimalAt(fees, taker ?? '') };
    }),
  );
}
