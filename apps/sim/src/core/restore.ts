/** Rebuilds what the core knows from the facts of its truth. */
import { assertNever } from '@trunkline/proto/assert';
import type { AccountBook } from './accounts.ts';
import { NO_QUANTITY } from './book.ts';
import type { FillStore } from './fills.ts';
import type { FundingStore } from './funding-store.ts';
import type { Counter } from './ids.ts';
import { isOpen, remainingQuantity } from './order.ts';
import type { OrderStore } from './orders.ts';
import type { TruthFact } from './truth-entry.ts';

export interface Restored {
  readonly accounts: AccountBook;
  readonly orders: OrderStore;
  readonly fills: FillStore;
  readonly payments: FundingStore;
  /** Where each counter goes on. */
  readonly nextIds: Record<Counter, number>;
}

export function restoreFact({ accounts, orders, fills, payments, nextIds }: Restored, fact: TruthFact): void {
  switch (fact.kind) {
    case 'request':
      break;
    case 'order':
      orders.put(fact.order, isOpen(fact.order) ? remainingQuantity(fact.order) : NO_QUANTITY);
      break;
    case 'fill':
      fills.add(fact.fill);
      break;
    case 'balance':
      accounts.setWallet(fact.accountId, fact.balance.asset, fact.balance.walletBalance);
      break;
    case 'position':
      accounts.setPosition(fact.accountId, fact.position);
      break;
    case 'leverage':
      accounts.setLeverage(fact.accountId, fact.symbol, fact.leverage);
      break;
    case 'funding':
      payments.add(fact.payment);
      break;
    case 'margin_type':
      accounts.setMarginType(fact.accountId, fact.symbol, fact.marginType);
      break;
    case 'position_mode':
      accounts.setPositionMode(fact.accountId, fact.positionMode);
      break;
    case 'ids':
      nextIds[fact.counter] = fact.below;
      break;
    default:
      assertNever(fact);
  }
}
