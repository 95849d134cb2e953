/** The venue by its name. Only that venue's ccxt class is loaded, and only after the transport stands under it. */
import { assertNever } from '@trunkline/proto/assert';
import { CcxtVenue } from './ccxt-venue.ts';
import { installTransport } from './transport.ts';
import type { Venue } from './venue.ts';
import type { VenueConfig, VenueSurroundings } from './venue-config.ts';
import type { VenueDescription } from './venue-side.ts';

/** Undefined for a market that is not served yet. */
export async function createVenue(config: VenueConfig, surroundings: VenueSurroundings): Promise<Venue | undefined> {
  installTransport();
  const description = await describe(config);
  return description === undefined ? undefined : new CcxtVenue(description, config, surroundings);
}

async function describe(config: VenueConfig): Promise<VenueDescription | undefined> {
  switch (config.venue) {
    case 'binance': {
      if (config.market === 'spot') {
        const { binanceSpot } = await import('./binance/spot-venue.ts');
        return binanceSpot(config);
      }
      const { binanceUsdm } = await import('./binance/venue.ts');
      return binanceUsdm(config);
    }
    case 'bitget': {
      const { bitget } = await import('./bitget/venue.ts');
      return bitget(config);
    }
    case 'gate': {
      const { gateVenue } = await import('./gate/venue.ts');
      return gateVenue(config);
    }
    default:
      return assertNever(config.venue);
  }
}
