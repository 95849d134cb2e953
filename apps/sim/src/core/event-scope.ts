/** Whom an event concerns: the listeners to a symbol's market data, or those to an account. */
import { assertNever } from '@trunkline/proto/assert';
import type { CoreEvent } from './events.ts';

/** The symbol whose market data it belongs to; undefined for what is of an account, and for the end of a market. */
export function marketOf(event: CoreEvent): string | undefined {
  switch (event.kind) {
    case 'trade':
      return event.trade.symbol;
    case 'book_delta':
      return event.delta.symbol;
    case 'best_quote':
      return event.quote.symbol;
    case 'mark_price':
      return event.mark.symbol;
    case 'order':
    case 'fill':
    case 'funding':
    case 'account':
    case 'leverage':
    case 'margin_type':
    case 'position_mode':
    case 'market_ended':
      return undefined;
    default:
      return assertNever(event);
  }
}

/** The account; undefined for what is public. */
export function accountOf(event: CoreEvent): string | undefined {
  switch (event.kind) {
    case 'order':
    case 'fill':
      return event.order.accountId;
    case 'funding':
      return event.payment.accountId;
    case 'account':
    case 'leverage':
    case 'margin_type':
    case 'position_mode':
      return event.accountId;
    case 'trade':
    case 'book_delta':
    case 'best_quote':
    case 'mark_price':
    case 'market_ended':
      return undefined;
    default:
      return assertNever(event);
  }
}
