/** What questions are asked with, where a test answers them. */
import { decimal } from '@trunkline/proto/decimal';
import { PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import type { Asking } from '../asking.ts';
import type { Request } from '../client.ts';
import type { MarketKind } from '../market-kind.ts';
import { gateSymbols } from '../symbols.ts';

export const SYMBOL = 'BTC/USDT';

/** One symbol, of which a contract is a tenth of the base asset in futures. */
export function scriptedAsking(kind: MarketKind, answer: (request: Request) => Promise<unknown>): Asking {
  const contractSize = decimal(kind.market === 'spot' ? '1' : '0.1');
  const symbols = gateSymbols([Instrument.fromPartial({ symbol: SYMBOL, venueSymbol: 'BTC_USDT', contractSize })]);
  const clock = new VirtualClock({ startUs: 1_700_000_000_000_000 });
  return {
    client: { ask: answer },
    caller: {
      call: () => Promise.reject(new Error('not asked here')),
      query: (_cost, run) => run(),
    },
    kind,
    clock,
    nowUs: () => clock.wallUs(),
    symbols: () => symbols,
    venueSymbol: () => 'BTC_USDT',
    held: { mode: PositionMode.ONE_WAY },
  };
}
