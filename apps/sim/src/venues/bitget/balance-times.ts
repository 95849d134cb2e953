/** When each balance last changed, which the core does not keep and the spot account tells. */
import type { Clock } from '@trunkline/proto/clock';
import type { Core } from '../../core/core-api.ts';

export interface BalanceTimes {
  /** The beginning of the market where the balance has not changed since. */
  lastChangeUs(accountId: string, asset: string): number;
  close(): void;
}

export function createBalanceTimes(core: Core, clock: Clock): BalanceTimes {
  const startedUs = clock.wallUs();
  const times = new Map<string, number>();
  const close = core.subscribe((event) => {
    if (event.kind !== 'account') return;
    for (const { asset } of event.balances) times.set(`${asset} ${event.accountId}`, event.timeUs);
  });
  return {
    lastChangeUs: (accountId, asset) => times.get(`${asset} ${accountId}`) ?? startedUs,
    close,
  };
}
