/**
 * Frames of the private stream, handed on as venue events.
 *
 * V1  An execution comes out as the order's new state, then its fill (`pairing.ts`). What belongs to symbols that are not
 *     configured is another connector's of the account and is dropped.
 * V2  Settings have no channel: a position tells its leverage, its margin mode and the account's position mode, and a
 *     change of either is said.
 */
import {
  AccountSettings,
  type Balance,
  BalanceUpdate,
  PositionMode,
  PositionUpdate,
} from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { type Order, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Json, optionalText, text } from '../fields.ts';
import type { Pairing } from '../pairing.ts';
import type { VenueEvent } from '../venue.ts';
import { readFunding, readFuturesBalanceChange, readPositions, readSpotBalanceChange } from './account-mapper.ts';
import { type Asking, heardOf } from './asking.ts';
import { readFuturesOrder, readFuturesTrade } from './futures-orders.ts';
import { entriesOf } from './market-mapper.ts';
import { timeAt } from './numbers.ts';
import type { SayIfNew } from './settings-news.ts';
import { readSpotOrder, readSpotTrade } from './spot-orders.ts';

export interface UserFrameOptions {
  readonly asking: Asking;
  readonly pairing: Pairing;
  /** The last known balances, by asset. */
  readonly balances: Map<string, Balance>;
  readonly heardOrder: (venueOrderId: string) => void;
  readonly settings: SayIfNew;
  readonly emit: (event: VenueEvent) => void;
}

/** Throws `Unreadable`. */
export type UserFrames = (frame: Json) => void;

export function userFrames({ asking, pairing, balances, heardOrder, settings, emit }: UserFrameOptions): UserFrames {
  const { kind, symbols, clock, held } = asking;
  const isSpot = kind.market === 'spot';

  const symbolOf = (entry: Json) => symbols().fromVenue(text(entry, kind.symbolField));

  const orders = (entry: Json) => {
    const symbol = symbolOf(entry);
    if (symbol === undefined) return;
    const order: Order = (isSpot ? readSpotOrder : readFuturesOrder)(entry, heardOf(asking, symbol, Source.STREAM));
    heardOrder(order.venueOrderId);
    pairing.order(order);
  };

  const trades = (entry: Json) => {
    const symbol = symbolOf(entry);
    if (symbol === undefined) return;
    pairing.fill((isSpot ? readSpotTrade : readFuturesTrade)(entry, heardOf(asking, symbol, Source.STREAM)));
  };

  const balanceChange = (entry: Json, frame: Json) => {
    const balance = isSpot ? readSpotBalanceChange(entry) : readFuturesBalanceChange(entry, balances);
    balances.set(balance.asset, balance);
    const venueTimeUs = timeAt({ ...frame, ...entry }, 'timestamp_ms', 'time_ms', 'time');
    const reason = optionalText(entry, isSpot ? 'change_type' : 'type') ?? '';
    const update = BalanceUpdate.fromPartial({
      balances: [balance],
      venueTimeUs,
      receivedAtUs: clock.wallUs(),
      reason,
    });
    emit({ kind: 'balances', update });
    if (!isSpot && reason === 'fund') funding(entry);
  };

  /** The contract stands in `contract`, or before the colon of `text`. */
  const funding = (entry: Json) => {
    const contract = optionalText(entry, 'contract') ?? optionalText(entry, 'text')?.split(':')[0] ?? '';
    const symbol = symbols().fromVenue(contract);
    if (symbol === undefined) return;
    emit({ kind: 'funding', payment: readFunding(entry, heardOf(asking, symbol, Source.STREAM), Source.STREAM) });
  };

  const positions = (entry: Json) => {
    held.mode = text(entry, 'mode') === 'single' ? PositionMode.ONE_WAY : PositionMode.HEDGE;
    const changed = readPositions([entry], symbols());
    const [position] = changed;
    if (position === undefined) return;
    const { venueTimeUs, symbol, leverage, marginMode } = position;
    const receivedAtUs = clock.wallUs();
    emit({ kind: 'positions', update: PositionUpdate.fromPartial({ positions: changed, venueTimeUs, receivedAtUs }) });
    const now = { symbol, leverage, marginMode, positionMode: held.mode, venueTimeUs, receivedAtUs };
    settings(AccountSettings.fromPartial(now));
  };

  return (frame) => {
    for (const entry of entriesOf(frame['result'])) {
      switch (frame['channel']) {
        case `${kind.prefix}.orders`:
          orders(entry);
          break;
        case `${kind.prefix}.usertrades`:
          trades(entry);
          break;
        case `${kind.prefix}.balances`:
          balanceChange(entry, frame);
          break;
        case 'futures.positions':
          positions(entry);
          break;
      }
    }
  };
}
