/**
 * Signed endpoints that both markets' fronts answer: who the key is and what it may do, the fee rates, and that the
 * account is a classic one.
 */
import type { VenueAccount } from '../venue-front.ts';
import { type Answer, answer, type Route, signedRoute, type VenueContext } from './call.ts';
import { isRefused, refuse } from './errors.ts';
import type { Sent } from './params.ts';
import { readInstrument } from './subject.ts';

/** Read and write rights of the key: futures orders, futures holdings, spot trade, wallet transfer. */
const RIGHTS = ['coor', 'cpor', 'stor', 'wtor', 'coow', 'cpow', 'stow', 'wtow'] as const;
const WITHDRAWAL = 'wwow';
const REGISTERED_MS = '1580515200000';

export function commonRoutes({ core }: VenueContext): readonly Route[] {
  const info = (_: Sent, account: VenueAccount): Answer =>
    answer({
      userId: account.uid,
      inviterId: '',
      ips: '',
      authorities: account.canWithdraw ? [...RIGHTS, WITHDRAWAL] : RIGHTS,
      parentId: Number(account.uid),
      traderType: 'not_trader',
      channelCode: '',
      channel: '',
      regisTime: REGISTERED_MS,
    });

  const tradeRate = ({ params }: Sent): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    return answer({ makerFeeRate: instrument.makerFeeRate, takerFeeRate: instrument.takerFeeRate });
  };

  return [
    signedRoute('GET', '/api/v2/spot/account/info', 1, info),
    signedRoute('GET', '/api/v2/common/trade-rate', 10, tradeRate),
    // A client that probes for a unified account is told that this is none.
    signedRoute('GET', '/api/v3/account/settings', 10, () => refuse('CLASSIC_ACCOUNT')),
  ];
}
