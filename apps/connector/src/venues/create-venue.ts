/** The venue by its name. Only that venue's ccxt class is loaded, and only after the transport stands under it. */
import { assertNever } from '@trunkline/proto/assert';
import { CcxtVenue } from './ccxt-venue.ts';
import { installTransport } from './transport.ts';
import type { Venue } from './venue.ts';
import type { VenueConfig, VenueSurroundings } from './venue-config.ts';

export async function createVenue(config: VenueConfig, surroundings: VenueSurroundings): Promise<Venue> {
  installTransport();
  switch (config.venue) {
    case 'binance': {
      const { binanceUsdm } = await import('./binance/venue.ts');
      return new CcxtVenue(binanceUsdm(config), config, surroundings);
    }
    default:
      return assertNever(config.venue);
  }
}
