/**
 * The matching engine of a synthetic market: a taker meets resting orders in price-time order, at the maker's price.
 *
 * M1  A match is min(what the taker wants, what the first maker has); both sides carry one trade id.
 * M2  Who may meet whom is not asked here: the desk looks at the next maker first (desk.ts D4).
 * M3  Each transaction that changed a level publishes one book delta; update ids count level changes, so
 *     `lastUpdateId - firstUpdateId + 1` is the number of levels in it.
 */
import { min, type Quantity, subtract } from '@trunkline/proto/decimal';
import { createOrderBook, NO_QUANTITY, type OrderBook } from './book.ts';
import { isWithinLimit, opposite } from './ladder.ts';
import { firstOf, type Market, type MarketHost, type Match, type Taker } from './market.ts';
import type { BestQuote, BookSnapshot, Instrument, Level, PublicTrade, Side } from './types.ts';

/** The part of a market that trades and publishes; who else trades in it (order-flow.ts) is not its matter. */
export interface MatchingEngine extends Omit<Market, 'isOpen' | 'start' | 'close'> {
  readonly book: OrderBook;
  /** A synthetic participant's order: takes what it can, booking fills of accounts' makers, and rests if told to. */
  submitSynthetic(side: Side, limit: Taker['limit'], quantity: Quantity, rest: boolean): string | undefined;
}

export function createMatchingEngine(instrument: Instrument, host: MarketHost): MatchingEngine {
  const { symbol } = instrument;
  const book = createOrderBook();
  let trades: PublicTrade[] = [];
  let lastUpdateId = host.ids.next('update');
  let quoted: Omit<BestQuote, 'updateId' | 'timeUs'> | undefined;

  function take(taker: Taker, upTo: Quantity): Match | undefined {
    const maker = book.first(opposite(taker.side));
    if (maker === undefined || !isWithinLimit(taker.side, taker.limit, maker.price)) return undefined;
    const quantity = min(upTo, maker.quantity);
    const tradeId = String(host.ids.next('trade'));
    book.shrink(maker.venueOrderId, subtract(maker.quantity, quantity));
    const buyerIsMaker = taker.side === 'sell';
    trades.push({ symbol, tradeId, price: maker.price, quantity, buyerIsMaker, timeUs: host.nowUs() });
    return {
      tradeId,
      price: maker.price,
      quantity,
      cause: { kind: 'order', venueOrderId: maker.venueOrderId },
      ...(maker.owned ? { ownedMakerId: maker.venueOrderId } : {}),
    };
  }

  function submitSynthetic(side: Side, limit: Taker['limit'], quantity: Quantity, rest: boolean): string | undefined {
    const venueOrderId = String(host.ids.next('order'));
    let left = quantity;
    while (left !== NO_QUANTITY) {
      const match = take({ venueOrderId, side, limit }, left);
      if (match === undefined) break;
      left = subtract(left, match.quantity);
      if (match.ownedMakerId === undefined) continue;
      const { tradeId, price } = match;
      const cause = { kind: 'order', venueOrderId } as const;
      host.fillMaker({ tradeId, venueOrderId: match.ownedMakerId, price, quantity: match.quantity, cause });
    }
    if (!rest || limit === undefined || left === NO_QUANTITY) return undefined;
    book.add({ venueOrderId, side, price: limit, quantity: left, owned: false });
    return venueOrderId;
  }

  function publishDelta(): void {
    const changes = book.takeChanges();
    if (changes === undefined) return;
    const previousUpdateId = lastUpdateId;
    let firstUpdateId: number | undefined;
    for (let count = changes.bids.length + changes.asks.length; count > 0; count--) {
      lastUpdateId = host.ids.next('update');
      firstUpdateId ??= lastUpdateId;
    }
    if (firstUpdateId === undefined) return;
    const delta = { symbol, firstUpdateId, lastUpdateId, previousUpdateId, ...changes, timeUs: host.nowUs() };
    host.publish({ kind: 'book_delta', delta });
  }

  function publishQuote(): void {
    const [bid] = book.levels('buy');
    const [ask] = book.levels('sell');
    // A one-sided book has no best quote; the next two-sided one is published as a change.
    if (bid === undefined || ask === undefined) {
      quoted = undefined;
      return;
    }
    if (quoted !== undefined && isSameLevel(quoted.bid, bid) && isSameLevel(quoted.ask, ask)) return;
    quoted = { symbol, bid, ask };
    host.publish({ kind: 'best_quote', quote: { ...quoted, updateId: lastUpdateId, timeUs: host.nowUs() } });
  }

  return {
    instrument,
    book,
    submitSynthetic,
    take,
    bestPrice: (side) => book.bestPrice(side),
    levels: book.levels,
    nextOwned(taker) {
      const maker = book.first(opposite(taker.side));
      if (maker === undefined || !isWithinLimit(taker.side, taker.limit, maker.price)) return undefined;
      return maker.owned ? maker.venueOrderId : undefined;
    },
    rest: (order) => book.add({ ...order, owned: true }),
    shrink: (venueOrderId, quantity) => book.shrink(venueOrderId, quantity),
    remove: (venueOrderId) => book.remove(venueOrderId),
    snapshot(depth): BookSnapshot {
      const bids = firstOf(book.levels('buy'), depth);
      const asks = firstOf(book.levels('sell'), depth);
      return { symbol, lastUpdateId, bids, asks, timeUs: host.nowUs() };
    },
    flush() {
      for (const trade of trades) host.publish({ kind: 'trade', trade });
      trades = [];
      publishDelta();
      publishQuote();
    },
  };
}

function isSameLevel(a: Level, b: Level): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
