/** Makes the markets that the options ask for. */
import type { Price } from '@trunkline/proto/decimal';
import type { Rng } from '@trunkline/proto/rng';
import type { CoreFailure, MarketSource } from './core-api.ts';
import type { Market, MarketHost } from './market.ts';
import { createOrderFlowMarket, DEFAULT_ACTIONS_PER_SECOND } from './order-flow.ts';
import { createReplayMarket } from './replay.ts';
import { openReplay } from './replay-source.ts';

export type MadeMarkets =
  | { readonly ok: true; readonly markets: readonly Market[] }
  | { readonly ok: false; readonly failure: CoreFailure };

/** `lastPrice` is where a synthetic market that was restarted goes on. */
export async function createMarkets(
  source: MarketSource,
  rng: Rng,
  host: MarketHost,
  lastPrice: (symbol: string) => Price | undefined,
): Promise<MadeMarkets> {
  if (source.kind === 'order_flow') {
    const actionsPerSecond = source.actionsPerSecond ?? DEFAULT_ACTIONS_PER_SECOND;
    const markets = source.markets.map(({ instrument, startPrice }) => {
      const options = {
        instrument,
        startPrice: lastPrice(instrument.symbol) ?? startPrice,
        actionsPerSecond,
        rng: rng.fork(instrument.symbol),
      };
      return createOrderFlowMarket(options, host);
    });
    return { ok: true, markets };
  }
  const opened = await openReplay(source.path, source.open);
  if (!opened.ok) return opened;
  const { symbol } = opened.source;
  const instrument = source.instrumentFor(symbol);
  if (instrument !== undefined)
    return {
      ok: true,
      markets: [createReplayMarket({ instrument, source: opened.source, speed: source.speed }, host)],
    };
  await opened.source.close();
  const detail = `${source.path}: is of ${symbol}, which this venue does not list`;
  return { ok: false, failure: { code: 'recording_invalid', detail } };
}
