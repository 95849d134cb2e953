/**
 * The rows of the private channels of pairs.
 *
 * B1  A balance row tells what changed since the last, and why: `order-create`, `order-match`, `order-update` (an amend
 *     or a cancel) or `deposit`. One per asset that changed, after the orders and fills that changed it.
 */
import { type Decimal, isZero, subtract, ZERO } from '@trunkline/proto/decimal';
import type { CoreEvent } from '../../../core/events.ts';
import { isOpen } from '../../../core/order.ts';
import type { Balance } from '../../../core/types.ts';
import { milliseconds } from '../../decimal-text.ts';
import type { VenueAccount } from '../../venue-front.ts';
import type { VenueContext } from '../call.ts';
import { seconds } from '../print.ts';
import type { UserFrames, UserRow } from '../user-hub.ts';
import { feesFor } from './order-fees.ts';
import { orderUpdate, tradeUpdate } from './order-view.ts';

type ChangeType = 'order-create' | 'order-match' | 'order-update' | 'deposit';
type EventOf<K extends CoreEvent['kind']> = Extract<CoreEvent, { readonly kind: K }>;
type Told = Pick<Balance, 'walletBalance' | 'locked'>;

const NOTHING: Told = { walletBalance: ZERO, locked: ZERO };

export function createSpotUserFrames(context: VenueContext): UserFrames {
  const { core, accounts, stpGroup } = context;
  const fees = feesFor(context);
  const told = new Map<string, Told>();
  const causes = new Map<string, ChangeType>();
  const keyOf = (account: VenueAccount, asset: string) => JSON.stringify([account.name, asset]);
  for (const account of accounts)
    for (const balance of core.account(account.name)?.assets ?? []) told.set(keyOf(account, balance.asset), balance);

  const orderRows = (event: EventOf<'order'> | EventOf<'fill'>, account: VenueAccount): readonly UserRow[] => {
    const { order } = event;
    const instrument = core.instrument(order.symbol);
    if (instrument === undefined) return [];
    const word = !isOpen(order) ? 'finish' : event.kind === 'order' && event.execution === 'new' ? 'put' : 'update';
    const row = orderUpdate(order, instrument, word, account, { fee: fees.of(order), stpGroup });
    const told: UserRow = { kind: 'orders', symbol: order.symbol, row };
    if (event.kind === 'order') {
      if (event.execution !== 'new') causes.set(account.name, 'order-update');
      else causes.set(account.name, 'order-create');
      return [told];
    }
    causes.set(account.name, 'order-match');
    return [told, { kind: 'trades', symbol: order.symbol, row: tradeUpdate(event.fill, account) }];
  };

  const balanceRows = (event: EventOf<'account'>, account: VenueAccount): readonly UserRow[] => {
    const cause = event.reason === 'deposit' ? 'deposit' : (causes.get(account.name) ?? 'order-update');
    causes.delete(account.name);
    return event.balances.flatMap((balance) => {
      const key = keyOf(account, balance.asset);
      const before = told.get(key) ?? NOTHING;
      told.set(key, balance);
      const change: Decimal = subtract<Decimal>(balance.walletBalance, before.walletBalance);
      const freezeChange: Decimal = subtract<Decimal>(balance.locked, before.locked);
      if (isZero(change) && isZero(freezeChange)) return [];
      const row = {
        timestamp: String(seconds(event.timeUs)),
        timestamp_ms: String(milliseconds(event.timeUs)),
        user: account.uid,
        currency: balance.asset,
        change,
        total: balance.walletBalance,
        available: subtract(balance.walletBalance, balance.locked),
        freeze: balance.locked,
        freeze_change: freezeChange,
        change_type: cause,
      };
      return [{ kind: 'balances', symbol: undefined, row }];
    });
  };

  return (event, account) => {
    if (event.kind === 'order' || event.kind === 'fill') return orderRows(event, account);
    return event.kind === 'account' ? balanceRows(event, account) : [];
  };
}
