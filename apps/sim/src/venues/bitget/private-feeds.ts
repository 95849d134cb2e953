/**
 * One feed per subscription of a private channel: turns one account's events into that channel's rows.
 *
 * F1  `account` and `positions` begin with what is there; `orders`, `fill` and `positions-history` with nothing.
 * F2  Each frame of `positions` holds every open position of the account: one that was closed is missing from the next.
 * F3  The order of one request's frames is the core's: orders and fills as they happened, then balances and positions.
 */
import { assertNever } from '@trunkline/proto/assert';
import { isZero } from '@trunkline/proto/decimal';
import type { CoreEvent } from '../../core/events.ts';
import type { AccountAsset, Fill, Order } from '../../core/types.ts';
import { pushedMarginAccount } from './account-view.ts';
import type { VenueContext } from './call.ts';
import type { PrivateChannel } from './channel.ts';
import { lastClosedRound, openPositions, pushedClosedPosition, pushedPosition } from './position-view.ts';
import { futuresFillFrame, futuresOrderFrame, spotFillFrame, spotOrderFrame } from './private-frames.ts';
import { spotAsset } from './spot-account.ts';
import type { Emit } from './stream-socket.ts';

export interface PrivateSubscription {
  readonly accountId: string;
  readonly channel: PrivateChannel;
  /** Undefined is every symbol. */
  readonly symbol: string | undefined;
  readonly emit: Emit;
}

/** Sends what the channel sends at once, and returns what it does with the account's events. */
export function openPrivateFeed(subscription: PrivateSubscription, context: VenueContext): (event: CoreEvent) => void {
  const { accountId, channel, symbol, emit } = subscription;
  const { core, product } = context;
  const isWanted = (order: Order) => symbol === undefined || order.symbol === symbol;

  switch (channel) {
    case 'orders': {
      const row = product.market === 'spot' ? spotOrderFrame : futuresOrderFrame;
      const send = (order: Order, fill?: Fill) => {
        const instrument = core.instrument(order.symbol);
        if (instrument !== undefined && isWanted(order)) emit('snapshot', [row(order, fill, instrument, context)]);
      };
      return (event) => {
        if (event.kind === 'order') send(event.order);
        if (event.kind === 'fill') send(event.order, event.fill);
      };
    }
    case 'fill': {
      const row = product.market === 'spot' ? spotFillFrame : futuresFillFrame;
      return (event) => {
        if (event.kind === 'fill' && isWanted(event.order)) emit('snapshot', [row(event.fill, event.order)]);
      };
    }
    case 'account': {
      const row = (asset: AccountAsset): object =>
        product.market === 'spot' ? spotAsset(accountId, asset, context) : pushedMarginAccount(asset);
      const send = (changed?: readonly string[]) => {
        const assets = core.account(accountId)?.assets ?? [];
        const rows = assets.filter(({ asset }) => changed === undefined || changed.includes(asset));
        if (rows.length > 0) emit('snapshot', rows.map(row));
      };
      send();
      return (event) => {
        if (event.kind === 'account') send(event.balances.map(({ asset }) => asset));
      };
    }
    case 'positions': {
      const send = () => {
        const account = core.account(accountId);
        if (account === undefined) return;
        const rows = openPositions(account, context).map((position) => pushedPosition(position, account, context));
        emit('snapshot', rows);
      };
      send();
      return (event) => {
        if (event.kind === 'account' && event.positions.length > 0) send();
        if (event.kind === 'order' && holds(accountId, event.order.symbol, context)) send();
      };
    }
    case 'positions-history':
      return (event) => {
        if (event.kind !== 'account') return;
        for (const position of event.positions) {
          const closed = isZero(position.quantity) ? lastClosedRound(accountId, position, context) : undefined;
          if (closed !== undefined) emit('snapshot', [pushedClosedPosition(closed)]);
        }
      };
    default:
      return assertNever(channel);
  }
}

function holds(accountId: string, symbol: string, { core }: VenueContext): boolean {
  return core.account(accountId)?.positions.some((one) => one.symbol === symbol && !isZero(one.quantity)) ?? false;
}
