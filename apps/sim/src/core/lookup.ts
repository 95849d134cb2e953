/** What a venue still finds by a client order id: a rule that differs between venues, as data. */
import type { Core } from './core-api.ts';
import { isOpen } from './order.ts';
import type { Order } from './types.ts';

export interface LookupRule {
  /** Open orders are always found; orders that ended forever, never, or for so long after their end. */
  readonly ended: 'always' | 'never' | { readonly withinMs: number };
}

/** Finds the newest order that carried the id, where the rule lets the venue. */
export function lookupByClientId(
  rule: LookupRule,
  core: Core,
  nowUs: () => number,
): (accountId: string, symbol: string, clientOrderId: string) => Order | undefined {
  return (accountId, symbol, clientOrderId) => {
    const order = core.order(accountId, symbol, { by: 'client', clientOrderId });
    if (order === undefined || isOpen(order) || rule.ended === 'always') return order;
    if (rule.ended === 'never') return undefined;
    return nowUs() - order.updatedUs <= rule.ended.withinMs * 1_000 ? order : undefined;
  };
}
