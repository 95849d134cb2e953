/**
 * What each order paid in fees: added up as its fills happen, so that telling of an order does not search all fills.
 *
 * F1  Orders that were open when this began (a restarted venue) are added up from the core.
 * F2  The newest orders are remembered; an older one is added up when it is asked about.
 */
import { add, type Decimal, isZero, sum, ZERO } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type { Order } from '../../../core/types.ts';
import { remember } from '../../count-window.ts';
import type { VenueContext } from '../call.ts';

const ALL = { limit: 200_000 } as const;

export interface OrderFees {
  of(order: Order): Decimal;
}

/** Ends with the front. */
export function feesFor({ core, accounts, onClose }: VenueContext): OrderFees {
  const fees = addUpFees(
    core,
    accounts.map(({ name }) => name),
  );
  onClose(fees.close);
  return fees;
}

function addUpFees(core: Core, accountIds: readonly string[]): OrderFees & { close(): void } {
  const paid = new Map<string, { fee: Decimal }>();

  const searched = ({ accountId, symbol, venueOrderId }: Order): Decimal => {
    const fills = core.fills(accountId, symbol, { ...ALL, venueOrderId });
    return fills.length === 0 ? ZERO : sum(fills.map(({ fee }) => fee));
  };

  // F1.
  for (const accountId of accountIds)
    for (const order of core.openOrders(accountId)) paid.set(order.venueOrderId, { fee: searched(order) });

  const close = core.subscribe((event) => {
    if (event.kind !== 'fill') return;
    const known = remember(paid, event.order.venueOrderId, () => ({ fee: ZERO }));
    known.fee = add(known.fee, event.fill.fee);
  });

  return {
    // F2.
    of: (order) => (isZero(order.executedQuantity) ? ZERO : (paid.get(order.venueOrderId)?.fee ?? searched(order))),
    close,
  };
}
