/** Questions to Gate's spot market; what a spot account does not have is refused with the venue's reason. */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { GetBalancesResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { VenueQueries } from '../venue-side.ts';
import { readSpotBalances } from './account-mapper.ts';
import { type Asking, get } from './asking.ts';
import { commonQueries } from './queries.ts';

export function spotQueries(asking: Asking): VenueQueries {
  const { clock } = asking;
  const absent = (reason: string) => async (): Promise<never> => {
    throw new ExchangeError(ErrorReason.UNSUPPORTED, reason);
  };
  return {
    ...commonQueries(asking),
    async getBalances() {
      const askedAtUs = clock.wallUs();
      return GetBalancesResponse.fromPartial({
        balances: readSpotBalances(await get(asking, 'accounts', '/accounts')),
        askedAtUs,
      });
    },
    listPositions: absent('a spot account holds balances, no positions'),
    listFundingPayments: absent('spot has no funding'),
    getAccountSettings: absent('a spot account has no leverage, margin mode or position mode'),
    getFundingRate: absent('spot has no funding'),
    setLeverage: absent('a spot account has no leverage'),
    setMarginMode: absent('a spot account has no margin'),
    setPositionMode: absent('a spot account holds balances, no positions'),
  };
}
