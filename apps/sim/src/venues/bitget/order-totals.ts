/**
 * What each order has paid and earned so far, kept as its fills come so that telling of an order does not walk its
 * account's fills. Orders of before a restart are summed up when first asked about.
 */
import { add, type Decimal, sum, ZERO } from '@trunkline/proto/decimal';
import type { Core } from '../../core/core-api.ts';
import type { Order } from '../../core/types.ts';
import { remember } from '../count-window.ts';

const EVERY_FILL = 1_000_000;

export interface Totals {
  /** Above zero is paid. */
  readonly fee: Decimal;
  /** Empty while nothing was executed. */
  readonly feeAsset: string;
  readonly realizedPnl: Decimal;
}

const NOTHING: Totals = { fee: ZERO, feeAsset: '', realizedPnl: ZERO };

export interface OrderTotals {
  of(order: Order): Totals;
  close(): void;
}

/** Must be subscribed before whoever tells of orders, so that a fill is counted when it is told. */
export function createOrderTotals(core: Core): OrderTotals {
  const known = new Map<string, Totals>();

  const fromFills = ({ accountId, symbol, venueOrderId, executedQuantity }: Order): Totals => {
    if (executedQuantity === ZERO) return NOTHING;
    const fills = core.fills(accountId, symbol, { venueOrderId, limit: EVERY_FILL });
    return {
      fee: sum(fills.map(({ fee }) => fee)),
      feeAsset: fills[0]?.feeAsset ?? '',
      realizedPnl: sum(fills.map(({ realizedPnl }) => realizedPnl)),
    };
  };

  const stop = core.subscribe((event) => {
    if (event.kind === 'order' && event.execution === 'new') {
      remember(known, event.order.venueOrderId, () => NOTHING);
    }
    if (event.kind !== 'fill') return;
    const { fill } = event;
    const before = known.get(fill.venueOrderId);
    if (before === undefined) return;
    known.set(fill.venueOrderId, {
      fee: add(before.fee, fill.fee),
      feeAsset: fill.feeAsset,
      realizedPnl: add(before.realizedPnl, fill.realizedPnl),
    });
  });

  return {
    of: (order) => remember(known, order.venueOrderId, () => fromFills(order)),
    close() {
      stop();
      known.clear();
    },
  };
}
