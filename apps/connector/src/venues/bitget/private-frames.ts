/**
 * The account's pushes handed on: orders, executions, balances, positions.
 *
 * P1  Pushes of symbols that are not configured belong to another connector of the account and are dropped.
 * P2  A push that cannot be read is a lost stream: what it said is not known.
 */
import type { Clock } from '@trunkline/proto/clock';
import { BalanceUpdate, type Position, PositionUpdate } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import type { Order } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Json, list, optionalText, record, text, timeUs } from '../fields.ts';
import { createPairing } from '../pairing.ts';
import type { SymbolTable } from '../symbol-table.ts';
import type { VenueEvent } from '../venue.ts';
import { readFuturesBalanceChange, readPositions, readSpotBalance, withClosed } from './account-mapper.ts';
import type { ChannelArgument } from './channel-socket.ts';
import { readStreamFill } from './fill-mapper.ts';
import { readStreamOrder } from './order-mapper.ts';
import type { Product } from './product.ts';

export interface PrivateFrames {
  /** Throws `Unreadable` (P2). */
  take(argument: ChannelArgument, frame: Json): void;
  /** The stream is down. */
  lost(): void;
}

export interface PrivateFramesOptions {
  readonly product: Product;
  readonly clock: Clock;
  readonly symbols: () => SymbolTable;
  readonly emit: (event: VenueEvent) => void;
  readonly heardOrder: (order: Order) => void;
}

export function privateFrames({ product, clock, symbols, emit, heardOrder }: PrivateFramesOptions): PrivateFrames {
  const spot = product.market === 'spot';
  const pairing = createPairing({
    clock,
    order: (order) => emit({ kind: 'order', order }),
    fill: (fill) => emit({ kind: 'fill', fill }),
  });
  let positions: readonly Position[] = [];
  const symbolOf = (entry: Json) => symbols().fromVenue(optionalText(entry, 'instId') ?? text(entry, 'symbol'));

  const orders = (entries: readonly Json[]) => {
    for (const entry of entries) {
      const symbol = symbolOf(entry);
      if (symbol === undefined) continue;
      const order = readStreamOrder(entry, { symbol, receivedAtUs: clock.wallUs() }, product);
      heardOrder(order);
      pairing.order(order);
    }
  };

  const fills = (entries: readonly Json[]) => {
    for (const entry of entries) {
      const symbol = symbolOf(entry);
      if (symbol !== undefined) pairing.fill(readStreamFill(entry, { symbol, receivedAtUs: clock.wallUs() }, product));
    }
  };

  const account = (entries: readonly Json[], venueTimeUs: number) => {
    const balances = entries.map(spot ? readSpotBalance : readFuturesBalanceChange);
    if (balances.length === 0) return;
    const update = BalanceUpdate.fromPartial({ balances, venueTimeUs, receivedAtUs: clock.wallUs() });
    emit({ kind: 'balances', update });
  };

  const positionFrame = (entries: readonly Json[], venueTimeUs: number) => {
    const changed = withClosed(readPositions(entries, symbols()), positions, venueTimeUs);
    positions = changed.filter((position) => position.quantity !== '0');
    if (changed.length === 0) return;
    const update = PositionUpdate.fromPartial({ positions: changed, venueTimeUs, receivedAtUs: clock.wallUs() });
    emit({ kind: 'positions', update });
  };

  return {
    take({ channel }, frame) {
      const entries = list(frame['data'], 'data').map((entry) => record(entry, channel));
      switch (channel) {
        case 'orders':
          return orders(entries);
        case 'fill':
          return fills(entries);
        case 'account':
          return account(entries, timeUs(frame, 'ts'));
        case 'positions':
          return positionFrame(entries, timeUs(frame, 'ts'));
        default:
          return undefined;
      }
    },
    lost() {
      pairing.flush();
    },
  };
}
