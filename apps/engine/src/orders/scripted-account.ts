/**
 * For tests: an account at a scripted venue, with an order manager on a memory journal and a virtual clock. The venue
 * does nothing by itself; a test says what it holds, what it answers, and when.
 *
 * `crash` stops everything that the running engine could still do to its surroundings, as SIGKILL does; `open` then
 * starts a new engine on the same journal.
 */
import { expect } from 'bun:test';
import { silentLogger } from '@trunkline/kit/log';
import { decimal, price, quantity } from '@trunkline/proto/decimal';
import type { Exchange } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { type FundingPayment, Position } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  GetBalancesResponse,
  GetOrderResponse,
  ListFillsResponse,
  ListFundingPaymentsResponse,
  ListOpenOrdersResponse,
  ListPositionsResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import * as contract from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason, type SessionEvent } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { literal, parseOrderTag } from '@trunkline/proto/ids';
import { seededRng } from '@trunkline/proto/rng';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import type { CommandBody, SendResult, TradingSession } from '../exchange/trading-session.ts';
import type { Journal, Lease } from '../journal/journal.ts';
import { openMemoryJournal } from '../journal/memory-journal.ts';
import { HaltBoard } from '../risk/halt-board.ts';
import type { AccountLimits } from '../risk/limits.ts';
import type { OrderTerms } from './order-event.ts';
import { type OrderManager, openOrderManager } from './order-manager.ts';
import { startReplay } from './replay.ts';

export const SYMBOL = 'BTC/USDT:USDT';
export const ACCOUNT = 'main';

export const limitOrder: OrderTerms = {
  symbol: SYMBOL,
  side: 'buy',
  positionSide: 'both',
  type: 'limit',
  timeInForce: 'gtc',
  postOnly: true,
  reduceOnly: false,
  price: price('100'),
  quantity: quantity('2'),
};

const limits: AccountLimits = {
  symbols: new Map([
    [
      SYMBOL,
      {
        maxOrderQuantity: quantity('5'),
        maxPosition: quantity('10'),
        priceBand: decimal('0.1'),
        instrument: { tickSize: price('0.1'), quantityStep: quantity('0.001'), minQuantity: quantity('0.001') },
      },
    ],
  ]),
  maxOpenOrders: 10,
  maxOrdersPerSecond: 20,
  maxQuoteAgeMs: 1_000,
};

class Killed extends Error {}

interface Sent {
  readonly seq: number;
  readonly body: CommandBody;
  readonly validUntilUs: number;
}

export class ScriptedAccount {
  readonly clock = new VirtualClock();
  readonly journal = openMemoryJournal();
  readonly log = silentLogger();
  /** Every command that left any engine, in order; `sent` are those of the running one. */
  readonly everSent: Sent[] = [];
  sent: Sent[] = [];
  acked: number[] = [];
  connected = true;
  deny: contract.Denied | undefined;
  /** The venue's truth. */
  orders = new Map<string, contract.Order>();
  fills: contract.Fill[] = [];
  position = '0';
  funding: FundingPayment[] = [];
  /** What a full search answers for an order that is not there. */
  absenceProved = true;
  queriesFail = false;
  asked: { clientOrderId: string; fullSearch: boolean }[] = [];
  failpoint: string | undefined;
  limits = limits;
  quoteAgeUs = 0;
  #alive = { dead: false };
  #manager: OrderManager | undefined;
  #halts: HaltBoard | undefined;
  #epoch = 0;
  #lease: Lease | undefined;
  #bootId = 'b1';
  #eventSeq = 0;

  get manager(): OrderManager {
    if (!this.#manager) throw new Error('not open');
    return this.#manager;
  }

  get halts(): HaltBoard {
    if (!this.#halts) throw new Error('not open');
    return this.#halts;
  }

  get places(): contract.PlaceOrder[] {
    return this.everSent.flatMap(({ body }) => (body.$case === 'place' ? body.value : []));
  }

  /** A new engine on the journal. With `run`, its session is established and it has reconciled. */
  async open(options: { run?: boolean; amend?: 'in_place' | 'replace' } = {}): Promise<void> {
    const alive = { dead: false };
    this.#alive = alive;
    this.sent = [];
    // Of an engine that was killed the lease has run out by now.
    if (this.#lease) await this.journal.releaseLease(this.#lease);
    const engineId = `e${++this.#epoch}`;
    const { clock } = this;
    const lease = await this.journal.acquireLease({
      account: ACCOUNT,
      engineId,
      ttlMs: 3_600_000,
      nowUs: clock.wallUs(),
    });
    if (lease.kind !== 'held') throw new Error('lease');
    this.#lease = lease.lease;
    this.#halts = await HaltBoard.open({ journal: this.journal, clock, accounts: [ACCOUNT] });
    this.#manager = await openOrderManager({
      account: ACCOUNT,
      tag: literal(parseOrderTag, 'aa'),
      exchange: this.#exchange(),
      context: { caller: { role: 'engine', name: 'main' } },
      journal: this.#mortal(alive),
      lease: { claim: lease.lease, expiresAtUs: () => lease.lease.expiresAtUs },
      halts: this.#halts,
      limits: this.limits,
      quote: () => ({ bid: price('100'), ask: price('100.1'), receivedAtUs: clock.monotonicUs() - this.quoteAgeUs }),
      clock: { ...timesOf(clock), schedule: (ms, run) => clock.schedule(ms, () => alive.dead || run()) },
      rng: seededRng(this.#epoch),
      log: this.log,
      amend: options.amend ?? 'in_place',
      hasFunding: true,
      requestExpiryMs: 3_000,
      commandTtlMs: 2_000,
      skewMs: 1_000,
      maxInFlight: 50,
      failpoint: (name) => {
        if (name !== this.failpoint) return;
        this.failpoint = undefined;
        alive.dead = true;
        throw new Killed(name);
      },
      crash: (error) => {
        if (!(error instanceof Killed)) throw error;
      },
    });
    this.#manager.attach(this.#session());
    if (options.run === false) return;
    this.establish({ resumed: false });
    await this.advance(0);
    expect(this.manager.snapshot().reconcileProblem).toBe('');
    expect(this.manager.ready).toBe(true);
  }

  establish(how: { resumed: boolean; newBoot?: boolean }): void {
    if (how.newBoot) {
      this.#bootId = `b${Number(this.#bootId.slice(1)) + 1}`;
      this.#eventSeq = 0;
    }
    const state = { venueStatus: undefined, boots: 1, streams: 1 };
    this.manager.handler.established({ bootId: this.#bootId, resumed: how.resumed, ...state });
  }

  crash(): void {
    this.#alive.dead = true;
  }

  advance(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms);
  }

  /** Places an order, lets it be committed and sent, and returns its id. */
  async place(terms: Partial<OrderTerms> = {}): Promise<string> {
    const decision = await this.manager.place({ ...limitOrder, ...terms });
    if (decision.kind !== 'sent') throw new Error(`denied: ${decision.denial.field}: ${decision.denial.message}`);
    return decision.clientOrderId;
  }

  /** One message with these events. */
  async deliver(...events: NonNullable<SessionEvent['event']>[]): Promise<void> {
    const { handler } = this.manager;
    for (const event of events) handler.event({ seq: ++this.#eventSeq, event });
    handler.batchEnd(this.#eventSeq, this.#bootId);
    await this.advance(0);
  }

  /** The result event of the newest command that names this order. */
  result(clientOrderId: string, fate: contract.OrderOutcome['fate']): NonNullable<SessionEvent['event']> {
    const command = this.sent.findLast(({ body }) => JSON.stringify(body).includes(`"${clientOrderId}"`));
    if (!command) throw new Error(`no command for ${clientOrderId}`);
    const outcome = contract.OrderOutcome.fromPartial({ clientOrderId, receivedAtUs: 1 });
    return {
      $case: 'result',
      value: { epoch: this.#epoch, commandSeq: command.seq, outcomes: [{ ...outcome, fate }] },
    };
  }

  /** The venue takes the order: it is in its books from now on. */
  accept(clientOrderId: string): contract.OrderOutcome['fate'] {
    return { $case: 'accepted', value: { order: this.book(clientOrderId) } };
  }

  /** Puts an order into the venue's books, or changes it there. */
  book(clientOrderId: string, change: Partial<contract.Order> = {}): contract.Order {
    const known = this.orders.get(clientOrderId);
    const placed = this.places.find((order) => order.clientOrderId === clientOrderId);
    const order = contract.Order.fromPartial({
      clientOrderId,
      venueOrderId: `v${this.orders.size + 1}`,
      symbol: SYMBOL,
      side: placed?.side ?? contract.Side.BUY,
      positionSide: contract.PositionSide.BOTH,
      type: contract.OrderType.LIMIT,
      timeInForce: contract.TimeInForce.GTC,
      price: placed?.price ?? '100',
      quantity: placed?.quantity ?? '2',
      filledQuantity: '0',
      status: contract.OrderStatus.OPEN,
      source: contract.Source.STREAM,
      ...known,
      ...change,
      venueTimeUs: this.clock.wallUs(),
    });
    this.orders.set(clientOrderId, order);
    return order;
  }

  /** A trade of the order at the venue; its position moves. */
  trade(clientOrderId: string, tradeId: string, amount: string, extra: Partial<contract.Fill> = {}): contract.Fill {
    const order = this.orders.get(clientOrderId);
    const fill = contract.Fill.fromPartial({
      tradeId,
      clientOrderId,
      venueOrderId: order?.venueOrderId ?? '',
      symbol: SYMBOL,
      side: order?.side ?? contract.Side.BUY,
      price: '100',
      quantity: amount,
      fee: '0.02',
      feeAsset: 'USDT',
      realizedPnl: '0',
      venueTimeUs: this.clock.wallUs(),
      source: contract.Source.STREAM,
      ...extra,
    });
    this.fills.push(fill);
    const signed = fill.side === contract.Side.BUY ? Number(amount) : -Number(amount);
    this.position = String(Number(this.position) + signed);
    return fill;
  }

  /** The stored projections are what the events give from zero (I6), and no id was ever posted twice (I2). */
  async check(): Promise<void> {
    const replay = startReplay();
    for (const row of await this.journal.listEvents({ fromSeq: 1, limit: 100_000 })) replay.apply(row);
    const sorted = <T>(rows: readonly T[]) =>
      rows.map((row) => JSON.stringify(row, Object.keys(Object(row)).sort())).sort();
    expect(sorted(replay.orders())).toEqual(sorted(await this.journal.listOrders({})));
    expect(sorted(replay.positions())).toEqual(sorted(await this.journal.listPositions({})));
    const ids = this.places.map(({ clientOrderId }) => clientOrderId);
    expect(new Set(ids).size).toBe(ids.length);
  }

  /** Writes of an engine that was killed go nowhere, and nothing answers it any more. */
  #mortal(alive: { dead: boolean }): Journal {
    const { journal } = this;
    return {
      ...journal,
      append: (append) => (alive.dead ? new Promise(() => {}) : journal.append(append)),
      loadOrder: (account, id) => (alive.dead ? new Promise(() => {}) : journal.loadOrder(account, id)),
    };
  }

  #session(): TradingSession {
    const account = this;
    let seq = 0;
    return {
      get connected() {
        return account.connected;
      },
      send(body, validUntilUs): SendResult {
        if (!account.connected || account.deny) {
          return { kind: 'denied', denied: account.deny ?? contract.Denied.fromPartial({ message: 'not connected' }) };
        }
        const command = { seq: ++seq, body, validUntilUs };
        account.sent.push(command);
        account.everSent.push(command);
        return { kind: 'sent', commandSeq: command.seq };
      },
      ack: (acked) => account.acked.push(acked),
      close: async () => {},
    };
  }

  #exchange(): Exchange {
    const refuse = () => {
      throw new Error('not scripted');
    };
    const answer = async <T>(value: () => T): Promise<T> => {
      if (this.queriesFail) throw new ExchangeError(ErrorReason.VENUE_UNAVAILABLE, 'scripted');
      return value();
    };
    const askedAtUs = () => this.clock.wallUs();
    return {
      ...{ describe: refuse, listInstruments: refuse, trade: refuse, marketData: refuse, placeOrder: refuse },
      ...{ amendOrder: refuse, cancelOrder: refuse, cancelAllOrders: refuse, listCandles: refuse },
      ...{ getFundingRate: refuse, getServerTime: refuse, setLeverage: refuse, setMarginMode: refuse },
      ...{ setPositionMode: refuse, getAccountSettings: refuse },
      listFundingPayments: ({ sinceUs }) =>
        answer(() => {
          const payments = this.funding.filter((payment) => payment.venueTimeUs >= sinceUs);
          return ListFundingPaymentsResponse.fromPartial({ payments, askedAtUs: askedAtUs() });
        }),
      getOrder: ({ order, fullSearch }) =>
        answer(() => {
          const { clientOrderId = '', venueOrderId = '' } = order ?? {};
          this.asked.push({ clientOrderId, fullSearch });
          const byVenue = [...this.orders.values()].find((each) => each.venueOrderId === venueOrderId);
          const found = this.orders.get(clientOrderId) ?? byVenue;
          if (found) return GetOrderResponse.fromPartial({ answer: { $case: 'found', value: { order: found } } });
          const absent = { proved: fullSearch && this.absenceProved, searched: [1, 2], searchedAtUs: askedAtUs() };
          return GetOrderResponse.fromPartial({ answer: { $case: 'absent', value: absent } });
        }),
      listOpenOrders: () =>
        answer(() => {
          const { OPEN, PARTIALLY_FILLED } = contract.OrderStatus;
          const open = [...this.orders.values()].filter(({ status }) => status === OPEN || status === PARTIALLY_FILLED);
          return ListOpenOrdersResponse.fromPartial({ orders: open, askedAtUs: askedAtUs() });
        }),
      listFills: ({ symbol, sinceUs, venueOrderId }) =>
        answer(() => {
          const wanted = this.fills
            .filter((fill) => fill.symbol === symbol && fill.venueTimeUs >= sinceUs)
            .filter((fill) => venueOrderId === '' || fill.venueOrderId === venueOrderId);
          // As Binance's trade list: it does not say the client id.
          const listed = wanted.map((fill) => ({ ...fill, clientOrderId: '', source: contract.Source.QUERY }));
          return ListFillsResponse.fromPartial({ fills: listed, askedAtUs: askedAtUs() });
        }),
      getBalances: () =>
        answer(() => {
          const balances = [{ asset: 'USDT', total: '1000', available: '1000' }];
          return GetBalancesResponse.fromPartial({ balances, askedAtUs: askedAtUs() });
        }),
      listPositions: () =>
        answer(() => {
          const position = Position.fromPartial({ symbol: SYMBOL, quantity: this.position, entryPrice: '100' });
          return ListPositionsResponse.fromPartial({ positions: this.position === '0' ? [] : [position] });
        }),
    };
  }
}

function timesOf(clock: VirtualClock) {
  return { wallUs: () => clock.wallUs(), monotonicUs: () => clock.monotonicUs() };
}
