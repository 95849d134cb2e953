/**
 * The rows of the private channels of contracts.
 *
 * B1  Balances are told as the rows of the account book: one for each fee, realised profit and funding payment, with
 *     the wallet after it.
 */
import { add, type Decimal, subtract, sum, ZERO } from '@trunkline/proto/decimal';
import type { CoreEvent } from '../../../core/events.ts';
import { milliseconds } from '../../decimal-text.ts';
import type { VenueAccount } from '../../venue-front.ts';
import type { VenueContext } from '../call.ts';
import { float, seconds } from '../print.ts';
import type { UserFrames, UserRow } from '../user-hub.ts';
import { type BookRow, fillRows, fundingRow } from './account-book.ts';
import { positionUpdate } from './account-view.ts';
import { orderUpdate, tradeUpdate } from './order-view.ts';

type EventOf<K extends CoreEvent['kind']> = Extract<CoreEvent, { readonly kind: K }>;

export function createFuturesUserFrames({ core, stpGroup }: VenueContext): UserFrames {
  /** Rows that happened since the account's last change was told. */
  const pending = new Map<string, BookRow[]>();
  let updateId = 0;
  const nextId = () => {
    updateId += 1;
    return updateId;
  };

  const note = (account: VenueAccount, rows: readonly BookRow[]) =>
    pending.set(account.name, [...(pending.get(account.name) ?? []), ...rows]);

  const orderRows = (event: EventOf<'order'> | EventOf<'fill'>, account: VenueAccount): readonly UserRow[] => {
    const { order } = event;
    const instrument = core.instrument(order.symbol);
    if (instrument === undefined) return [];
    const row: UserRow = {
      kind: 'orders',
      symbol: order.symbol,
      row: orderUpdate(order, instrument, account, { updateId: nextId(), stpGroup }),
    };
    if (event.kind === 'order') return [row];
    note(account, fillRows(event.fill));
    return [row, { kind: 'trades', symbol: order.symbol, row: tradeUpdate(event.fill, instrument) }];
  };

  const accountRows = (event: EventOf<'account'>, account: VenueAccount): readonly UserRow[] => {
    const positions = event.positions.flatMap((position): UserRow[] => {
      const instrument = core.instrument(position.symbol);
      if (instrument === undefined) return [];
      const row = positionUpdate(core, position, instrument, account, nextId());
      return [{ kind: 'positions', symbol: position.symbol, row }];
    });
    const rows = pending.get(account.name) ?? [];
    pending.delete(account.name);
    const wallet = event.balances[0]?.walletBalance ?? ZERO;
    return [...positions, ...balanceRows(rows, wallet, account)];
  };

  return (event, account) => {
    switch (event.kind) {
      case 'order':
      case 'fill':
        return orderRows(event, account);
      case 'funding':
        note(account, [fundingRow(event.payment)]);
        return [];
      case 'account':
        return accountRows(event, account);
      default:
        return [];
    }
  };
}

/** B1: `wallet` is what the account has after the last row. */
function balanceRows(rows: readonly BookRow[], wallet: Decimal, { uid }: VenueAccount): readonly UserRow[] {
  let balance: Decimal = rows.length === 0 ? wallet : subtract(wallet, sum(rows.map(({ change }) => change)));
  return rows.map((row) => {
    balance = add(balance, row.change);
    return {
      kind: 'balances',
      symbol: undefined,
      row: {
        balance: float(balance),
        change: float(row.change),
        currency: 'usdt',
        text: row.text,
        time: seconds(row.timeUs),
        time_ms: milliseconds(row.timeUs),
        type: row.type,
        user: uid,
      },
    };
  });
}
