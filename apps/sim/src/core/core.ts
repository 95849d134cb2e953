/**
 * Puts the core together: stores, truth, desk and markets behind the calls of core-api.ts.
 *
 * N1  With a state folder a core goes on where the one before it was killed: accounts, positions, open and closed
 *     orders, fills and ids. Synthetic participants start afresh, around the last price an account traded at.
 * N2  Nothing runs before `start`, and no timer is left after `close`.
 */
import type { Timer } from '@trunkline/proto/clock';
import { asPrice, type Price, ZERO } from '@trunkline/proto/decimal';
import { createAccountBook } from './accounts.ts';
import { createBalances } from './balances.ts';
import { createBooking } from './booking.ts';
import type { Core, CoreOptions, CoreResult } from './core-api.ts';
import { createCountdowns } from './countdown.ts';
import { createDeltaFault } from './delta-fault.ts';
import { createDesk } from './desk.ts';
import type { CoreEvent, Listener } from './events.ts';
import { createFillStore } from './fills.ts';
import { createFunding } from './funding.ts';
import { createFundingStore } from './funding-store.ts';
import { type Counter, createIds } from './ids.ts';
import type { Market, MarketHost } from './market.ts';
import { createMarketData, type MarketData, markAt, midPrice } from './market-data.ts';
import { createMarkets } from './markets.ts';
import { openInterestOf } from './open-interest.ts';
import { createOrderStore } from './orders.ts';
import { createOutbox } from './outbox.ts';
import { restoreFact } from './restore.ts';
import { createSettings } from './settings.ts';
import { createSilence } from './silence.ts';
import { createTruth } from './truth.ts';
import { openTruthFile } from './truth-file.ts';
import { refusal } from './validate.ts';
import { createValuer } from './valuation.ts';

/** As Binance's `@markPrice@1s` stream. */
const MARK_INTERVAL_MS = 1_000;
/** Order ids start higher than trade ids, so that a mix-up shows. */
const FIRST_IDS: Readonly<Record<Counter, number>> = { order: 1_000_001, trade: 1, update: 1, funding: 1 };

/** Fails on a recording or a state folder that cannot be used; the detail is one line for the user. */
export async function createSimCore(options: CoreOptions): Promise<CoreResult> {
  const { clock, rng } = options;
  const accounts = createAccountBook();
  const orders = createOrderStore();
  const fills = createFillStore();
  const payments = createFundingStore();
  const truth = createTruth();
  const nextIds = { ...FIRST_IDS };
  if (options.stateDir !== undefined) {
    const file = openTruthFile(options.stateDir, clock, (record) => {
      truth.restore(record);
      for (const fact of record.facts) restoreFact({ accounts, orders, fills, payments, nextIds }, fact);
    });
    if (!file.ok) return file;
    truth.attach(file.sink);
  }

  const markets = new Map<string, Market>();
  const published = new Map<string, MarketData>();
  const listeners = new Set<Listener>();
  const fault = createDeltaFault();
  const silence = createSilence(clock);
  const marketOf = (symbol: string) => markets.get(symbol);
  const instrumentOf = (symbol: string) => markets.get(symbol)?.instrument;

  function deliver(event: CoreEvent): void {
    if (event.kind === 'trade') published.get(event.trade.symbol)?.note(event);
    else if (event.kind === 'best_quote') published.get(event.quote.symbol)?.note(event);
    else if (event.kind === 'mark_price') published.get(event.mark.symbol)?.note(event);
    if (silence.covers(event)) return;
    if (event.kind === 'book_delta' && fault.drops(event.delta.symbol)) return;
    for (const listener of listeners) listener(event);
  }

  const flushMarkets = () => {
    for (const market of markets.values()) market.flush();
  };
  const balances = createBalances({ accounts, orders, instrument: instrumentOf });
  const outbox = createOutbox({ clock, truth, accounts, balances, flushMarkets, deliver });
  const ids = createIds(
    (counter) => nextIds[counter],
    (counter, below) => outbox.reserveIds({ kind: 'ids', counter, below }),
  );
  const booking = createBooking({
    outbox,
    accounts,
    orders,
    fills,
    market: marketOf,
    feePlaces: options.rules.feePlaces,
  });
  const host: MarketHost = { ...outbox, clock, ids, fillMaker: (fill) => booking.fill(fill, 'maker') };
  const made = await createMarkets(options.market, rng, host, (symbol) => fills.last(symbol)?.price);
  if (!made.ok) {
    await truth.close();
    return made;
  }
  for (const market of made.markets) {
    markets.set(market.instrument.symbol, market);
    published.set(market.instrument.symbol, createMarketData());
  }

  function markPrice(symbol: string): Price {
    const market = markets.get(symbol);
    const mid = market === undefined ? undefined : midPrice(market);
    return published.get(symbol)?.mark()?.markPrice ?? mid ?? fills.last(symbol)?.price ?? asPrice(ZERO);
  }

  const valuer = createValuer({ accounts, balances, orders, instrument: instrumentOf, markPrice });
  const desk = createDesk({
    outbox,
    accounts,
    balances,
    orders,
    booking,
    valuer,
    ids,
    market: marketOf,
    markPrice,
    rules: options.rules,
  });
  const settings = createSettings({ outbox, accounts, orders, instruments: () => core.instruments() });
  const funding = createFunding({ clock, rng: rng.fork('funding'), outbox, accounts, payments, ids, markPrice });
  const countdowns = createCountdowns(clock, (accountId, symbol) => desk.cancelAll(accountId, symbol, 'countdown'));
  let markTimer: Timer | undefined;
  let phase: 'made' | 'started' | 'closed' = 'made';

  /** Restored orders go back into the market before anybody else comes. */
  function restAll(): void {
    for (const accountId of accounts.ids())
      for (const { order } of orders.liveOf(accountId)) {
        const market = markets.get(order.symbol);
        const { price, venueOrderId, side } = order;
        if (market === undefined || price === undefined) continue;
        const open = booking.openQuantity(order);
        if (open === ZERO) booking.end(order, 'expired', 'reduce_only_excess');
        else {
          orders.put(order, open);
          market.rest({ venueOrderId, side, price, quantity: open });
        }
      }
  }

  function publishMarks(): void {
    for (const [symbol, market] of markets) {
      const price = midPrice(market);
      const upcoming = funding.upcoming(market.instrument, clock.wallUs());
      if (price === undefined || upcoming === undefined || !market.isOpen()) continue;
      outbox.transact(() =>
        outbox.publish({ kind: 'mark_price', mark: markAt(symbol, price, upcoming, outbox.nowUs()) }),
      );
    }
    markTimer = clock.schedule(MARK_INTERVAL_MS, publishMarks);
  }

  const core: Core = {
    start() {
      if (phase !== 'made') return;
      phase = 'started';
      outbox.transact(restAll);
      for (const market of markets.values()) market.start();
      publishMarks();
      funding.start(core.instruments());
    },
    async close() {
      if (phase === 'closed') return;
      phase = 'closed';
      markTimer?.cancel();
      countdowns.close();
      funding.close();
      for (const market of markets.values()) market.close();
      await truth.close();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    createAccount({ accountId, deposits }) {
      if (accounts.has(accountId)) return false;
      accounts.open(accountId);
      outbox.transact(() => {
        for (const { asset, amount } of deposits) {
          accounts.setWallet(accountId, asset, amount);
        }
        outbox.accountTouched(
          accountId,
          'deposit',
          deposits.map(({ asset }) => asset),
        );
      });
      return true;
    },
    hasAccount: accounts.has,
    setLeverage: settings.setLeverage,
    leverage: accounts.leverage,
    setMarginType: settings.setMarginType,
    marginType: accounts.marginType,
    setPositionMode: settings.setPositionMode,
    positionMode: accounts.positionMode,
    place: desk.place,
    amend: desk.amend,
    cancel: desk.cancel,
    cancelAll: (accountId, symbol) => desk.cancelAll(accountId, symbol, 'cancel_all'),
    countdownCancelAll(accountId, symbol, countdownMs) {
      if (symbol !== undefined && !markets.has(symbol))
        return { ok: false, refusal: refusal('unknown_symbol', `no symbol ${symbol}`) };
      countdowns.arm(accountId, symbol, countdownMs);
      return { ok: true, value: undefined };
    },
    instruments: () => Array.from(markets.values(), ({ instrument }) => instrument),
    instrument: instrumentOf,
    order: orders.find,
    openOrders: (accountId, symbol) => orders.liveOf(accountId, symbol).map(({ order }) => order),
    orders: orders.list,
    fills: fills.list,
    fundingPayments: payments.list,
    account: valuer.account,
    book: (symbol, depth) => (phase === 'made' ? undefined : markets.get(symbol)?.snapshot(depth)),
    bestQuote: (symbol) => published.get(symbol)?.quote(),
    markPrice: (symbol) => published.get(symbol)?.mark(),
    openInterest(symbol) {
      const instrument = instrumentOf(symbol);
      if (instrument === undefined) return undefined;
      return openInterestOf(instrument, markPrice(symbol), {
        accounts,
        rng: rng.fork('open-interest'),
        nowUs: clock.wallUs(),
      });
    },
    trades: (symbol, limit) => published.get(symbol)?.trades(limit) ?? [],
    candles: (symbol, intervalMs, filter) => published.get(symbol)?.candles.list(intervalMs, filter) ?? [],
    truth: truth.read,
    dropDelta: fault.arm,
    silence: silence.begin,
  };
  return { ok: true, core };
}
