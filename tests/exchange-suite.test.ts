/**
 * One suite for the one interface: a `ConnectorCore` in the process, behind the `listen` link, behind the `dial` link.
 * Each way gets a core and a scripted venue of its own, runs the same scenario, and writes down all that it was told,
 * in order. The accounts must be equal; only times may differ.
 */
import { afterAll, expect, test } from 'bun:test';
import type { MarketDataResponse, TradeResponse } from '../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import {
  Channel,
  type MarketDataRequestFrame,
  type MarketEvent,
  Topic,
} from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { OrderType, PlaceOrder, Side } from '../proto/gen/trunkline/exchange/v1/order.ts';
import {
  Command,
  GoodbyeReason,
  Hello,
  SessionMode,
  type TradeRequestFrame,
  VenueState,
} from '../proto/gen/trunkline/exchange/v1/session.ts';
import type { CallContext, Exchange } from '../proto/src/exchange.ts';
import { ExchangeError } from '../proto/src/exchange-error.ts';
import { clock, engine, until } from '../proto/src/link/testing/rig.ts';
import { PROTOCOL_VERSION } from '../proto/src/version.ts';
import { coreOver } from './support/core.ts';
import { PRICE, type ScriptedVenue, SYMBOL, scriptedVenue } from './support/scripted-venue.ts';
import { openWay, WAYS, type WayName } from './support/ways.ts';

interface Told {
  readonly at: string;
  readonly what: unknown;
}

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

/** What is told of a value once its times are taken off: they are the only thing that may differ. */
function timeless(value: unknown): unknown {
  if (value instanceof ExchangeError) return { error: value.reasonName, message: value.message, field: value.field };
  if (Array.isArray(value)) return value.map(timeless);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, held]) => !key.endsWith('Us') && held !== undefined);
  return Object.fromEntries(entries.map(([key, held]) => [key, timeless(held)]));
}

const context: CallContext = { caller: engine };

/** The engine trades on one core and is a tool on another: no name can be both. */
async function scenario(name: WayName): Promise<readonly Told[]> {
  const told: Told[] = [];
  const tell = (at: string, what: unknown) => void told.push({ at, what: timeless(what) });
  const trader = await open(name, 'trade');
  await everyQuery(trader.exchange, tell);
  await toolCommands(trader.exchange, tell);
  await orders(trader.exchange, trader.venue, tell);
  await market(trader.exchange, trader.venue, tell);
  const tool = await open(name, 'tool');
  await toolCommands(tool.exchange, tell);
  return told;
}

async function open(name: WayName, grant: 'trade' | 'tool') {
  const venue = scriptedVenue(() => clock.wallUs());
  const core = await coreOver(venue, [SYMBOL], grant);
  const way = await openWay(name, core, core.methods);
  closing.push(
    () => way.close(),
    () => core.close(),
  );
  return { exchange: way.exchange, venue };
}

type Tell = (at: string, what: unknown) => void;

async function everyQuery(exchange: Exchange, tell: Tell): Promise<void> {
  const page = { pageSize: 0, pageToken: '' };
  const order = { symbol: SYMBOL, clientOrderId: 'bin_1_abcde0', venueOrderId: '' };
  const calls: Record<string, () => Promise<unknown>> = {
    describe: () => exchange.describe({}, context),
    instruments: () => exchange.listInstruments({ symbols: [], ...page }, context),
    'foreign instrument': () => exchange.listInstruments({ symbols: ['X/Y'], ...page }, context),
    'absent order': () => exchange.getOrder({ order, sentAtUs: 1, settledAtUs: 2, fullSearch: false }, context),
    'order of nothing': () =>
      exchange.getOrder({ order: undefined, sentAtUs: 0, settledAtUs: 0, fullSearch: false }, context),
    'open orders': () => exchange.listOpenOrders({ symbol: SYMBOL, ...page }, context),
    'orders of a foreign symbol': () => exchange.listOpenOrders({ symbol: 'X/Y', ...page }, context),
    fills: () => exchange.listFills({ symbol: SYMBOL, sinceUs: 0, venueOrderId: '', ...page }, context),
    balances: () => exchange.getBalances({}, context),
    positions: () => exchange.listPositions(page, context),
    candles: () => exchange.listCandles({ symbol: SYMBOL, interval: 1, sinceUs: 0, untilUs: 0, ...page }, context),
    'funding rate': () => exchange.getFundingRate({ symbol: SYMBOL }, context),
    'server time': () => exchange.getServerTime({}, context),
  };
  for (const [name, call] of Object.entries(calls)) tell(name, await call().catch((error: unknown) => error));
}

async function toolCommands(exchange: Exchange, tell: Tell): Promise<void> {
  const soonUs = () => clock.wallUs() + 5_000_000;
  const order = { symbol: SYMBOL, clientOrderId: 'bin_1_abcdet', venueOrderId: '' };
  const amend = { order, newClientOrderId: 'bin_1_abcdeu', side: Side.BUY, price: '101', quantity: '0.02' };
  const calls: Record<string, () => Promise<unknown>> = {
    place: () => exchange.placeOrder({ order: place('t', PRICE.rests), validUntilUs: soonUs() }, context),
    'place late': () => exchange.placeOrder({ order: place('v', PRICE.rests), validUntilUs: 1 }, context),
    'place nothing': () => exchange.placeOrder({ order: undefined, validUntilUs: soonUs() }, context),
    amend: () => exchange.amendOrder({ amend, validUntilUs: soonUs() }, context),
    cancel: () => exchange.cancelOrder({ cancel: { order }, validUntilUs: soonUs() }, context),
    'cancel all': () => exchange.cancelAllOrders({ cancelAll: { symbol: SYMBOL }, validUntilUs: soonUs() }, context),
    leverage: () => exchange.setLeverage({ symbol: SYMBOL, leverage: 5 }, context),
    'margin mode': () => exchange.setMarginMode({ symbol: SYMBOL, marginMode: 1 }, context),
    'position mode': () => exchange.setPositionMode({ positionMode: 1 }, context),
  };
  for (const [name, call] of Object.entries(calls)) tell(name, await call().catch((error: unknown) => error));
}

function place(id: string, price: string): PlaceOrder {
  return PlaceOrder.fromPartial({
    clientOrderId: `bin_1_abcde${id}`,
    symbol: SYMBOL,
    side: Side.BUY,
    type: OrderType.LIMIT,
    price,
    quantity: '0.01',
  });
}

type CommandBody = NonNullable<Command['command']>;

async function orders(exchange: Exchange, venue: ScriptedVenue, tell: Tell): Promise<void> {
  let results = 0;
  let lastSeq = 0;
  let isEnded = false;
  let isWelcome = false;
  const sender = exchange.trade(context, {
    message: (message: TradeResponse) => {
      for (const { frame } of message.frames) {
        // Heartbeats follow the clock, not the scenario.
        if (frame === undefined || frame.$case === 'heartbeat') continue;
        tell('trade', frame);
        if (frame.$case === 'welcome') isWelcome = true;
        if (frame.$case !== 'event') continue;
        lastSeq = frame.value.seq;
        if (frame.value.event?.$case === 'result') results += 1;
      }
    },
    closed: (end) => {
      tell('trade closed', end);
      isEnded = true;
    },
  });
  const send = (frame: NonNullable<TradeRequestFrame['frame']>) => sender.send({ frames: [{ frame }] });
  const hello = {
    protocolVersion: PROTOCOL_VERSION,
    engineId: 'e1',
    mode: SessionMode.TRADE,
    epoch: 1,
    attempt: 1,
    eventWindow: 512,
  };
  send({ $case: 'hello', value: Hello.fromPartial({ ...hello, sentAtUs: clock.wallUs() }) });
  await until(() => isWelcome, 'the welcome');
  send({ $case: 'heartbeat', value: { sentAtUs: clock.wallUs(), echo: undefined } });

  const order = (id: string) => ({ symbol: SYMBOL, clientOrderId: `bin_1_abcde${id}`, venueOrderId: '' });
  const amend = { order: order('1'), newClientOrderId: 'bin_1_abcdea', side: Side.BUY, price: '101', quantity: '0.02' };
  const commands: readonly CommandBody[] = [
    { $case: 'place', value: place('1', PRICE.rests) },
    { $case: 'place', value: place('2', PRICE.fills) },
    { $case: 'place', value: place('3', PRICE.rejected) },
    { $case: 'place', value: place('4', PRICE.unknown) },
    { $case: 'place', value: place('1', PRICE.rests) },
    { $case: 'place', value: place('5', '100.05') },
    { $case: 'place', value: place('5', 'NaN') },
    { $case: 'place', value: { ...place('5', PRICE.rests), clientOrderId: 'foreign' } },
    { $case: 'place', value: { ...place('5', PRICE.rests), symbol: 'X/Y' } },
    {
      $case: 'placeBatch',
      value: { orders: [place('6', PRICE.rests), place('7', PRICE.rejected), place('8', PRICE.fills)] },
    },
    { $case: 'amend', value: amend },
    { $case: 'cancel', value: { order: order('6') } },
    { $case: 'cancel', value: { order: order('6') } },
    { $case: 'cancelBatch', value: { orders: [order('1'), order('9')] } },
    { $case: 'cancelAll', value: { symbol: SYMBOL } },
  ];
  for (const [index, command] of commands.entries()) {
    const nowUs = clock.wallUs();
    const value = Command.fromPartial({
      commandSeq: index + 1,
      sentAtUs: nowUs,
      validUntilUs: nowUs + 5_000_000,
      command,
    });
    send({ $case: 'command', value });
    await until(() => results === index + 1, `the result of command ${index + 1}`);
    send({ $case: 'ack', value: { seq: lastSeq } });
  }
  const late = { commandSeq: commands.length + 1, validUntilUs: clock.wallUs() - 1, command: commands[0] };
  send({ $case: 'command', value: Command.fromPartial(late) });
  await until(() => results === commands.length + 1, 'the result of the late command');
  tell(
    'place while a session is held',
    await exchange
      .placeOrder({ order: place('b', PRICE.rests), validUntilUs: 0 }, context)
      .catch((error: unknown) => error),
  );
  venue.emit({ kind: 'private_gap', sinceUs: 1, reason: 'the stream was down' });
  venue.emit({ kind: 'status', status: { state: VenueState.DISCONNECTED, message: 'gone' } });
  venue.emit({ kind: 'status', status: { state: VenueState.READY, message: '' } });
  const before = lastSeq;
  await until(() => lastSeq >= before + 3, 'three more events');
  send({ $case: 'ack', value: { seq: lastSeq } });
  send({ $case: 'goodbye', value: { reason: GoodbyeReason.DONE } });
  await until(() => isEnded, 'the end of the trade stream');
  tell('fenced', await refusedHello(exchange, { ...hello, epoch: 0 }));
  tell('wrong version', await refusedHello(exchange, { ...hello, protocolVersion: '9.0' }));
}

function refusedHello(exchange: Exchange, hello: Partial<Hello>): Promise<unknown> {
  return new Promise((resolve) => {
    const sender = exchange.trade(context, { message: () => {}, closed: resolve });
    sender.send({ frames: [{ frame: { $case: 'hello', value: Hello.fromPartial(hello) } }] });
  });
}

type Data = NonNullable<MarketEvent['event']>;

async function market(exchange: Exchange, venue: ScriptedVenue, tell: Tell): Promise<void> {
  const quotes = Topic.fromPartial({ channel: Channel.BEST_QUOTE, symbol: SYMBOL });
  const book = Topic.fromPartial({ channel: Channel.BOOK, symbol: SYMBOL, depth: 5 });
  const trades = Topic.fromPartial({ channel: Channel.TRADES, symbol: SYMBOL });
  const foreign = Topic.fromPartial({ channel: Channel.TRADES, symbol: 'X/Y' });
  let events = 0;
  let isEnded = false;
  const sender = exchange.marketData(context, {
    message: (message: MarketDataResponse) => {
      if (message.welcome) tell('market welcome', message.welcome);
      for (const event of message.events) {
        tell('market', event);
        events += 1;
      }
    },
    closed: (end) => {
      tell('market closed', end);
      isEnded = true;
    },
  });
  const send = (frame: NonNullable<MarketDataRequestFrame['frame']>) => sender.send({ frames: [{ frame }] });
  const hello = { protocolVersion: PROTOCOL_VERSION, clientId: 'e1', sentAtUs: clock.wallUs(), initialCredit: 8 };
  send({ $case: 'hello', value: hello });
  send({ $case: 'subscribe', value: { topics: [quotes, book, trades, foreign] } });
  await until(() => events === 4, 'four answers');
  const level = (price: number) => ({ price: String(price), quantity: '1' });
  const ladder = Array.from({ length: 8 }, (_, index) => level(100 - index));
  const quote = (bid: number) => ({ bidPrice: String(bid), bidQuantity: '1', askPrice: '200', askQuantity: '1' });
  let expected = events;
  // Each step waits for its events while there is credit; after it, what comes is merged.
  const step = async (run: () => void, count: number) => {
    run();
    expected += count;
    await until(() => events === expected, `${expected} events`);
  };
  const snapshot: Data = { $case: 'bookSnapshot', value: { bids: ladder, asks: [level(101)] } };
  await step(() => venue.market(book, 1, snapshot), 1);
  const update = (previousSequence: number, price: number, quantity: string): Data => ({
    $case: 'bookUpdate',
    value: { bids: [{ price: String(price), quantity }], asks: [], previousSequence },
  });
  await step(() => venue.market(book, 3, update(1, 100, '0')), 1);
  await step(() => venue.market(quotes, 1, { $case: 'bestQuote', value: quote(99) }), 1);
  const trade = (id: number) =>
    ({ $case: 'trade', value: { tradeId: String(id), price: '99', quantity: '1', takerSide: 1 } }) as const;
  await step(() => {
    for (let id = 1; id <= 3; id++) venue.market(trades, id, trade(id));
  }, 3);
  for (let bid = 1; bid <= 4; bid++)
    await step(() => venue.market(quotes, bid, { $case: 'bestQuote', value: quote(bid) }), 1);
  // Out of credit: eight messages with data have come.
  for (let bid = 5; bid <= 30; bid++) venue.market(quotes, bid, { $case: 'bestQuote', value: quote(bid) });
  venue.market(book, 4, update(3, 99, '7'));
  // The turn ends without credit before the credit comes; in the process both would else be one turn.
  await new Promise((resolve) => setImmediate(resolve));
  await step(() => send({ $case: 'credit', value: { messages: 4 } }), 2);
  // Does not chain: a gap, and no book until its snapshot.
  await step(() => venue.market(book, 9, update(5, 99, '1')), 1);
  venue.emit({ kind: 'status', status: { state: VenueState.DISCONNECTED, message: 'gone' } });
  // Three topics, each with a gap and a mark.
  expected += 3 * 2;
  await until(() => events >= expected, 'gaps and staleness');
  sender.end();
  await until(() => isEnded, 'the end of the market stream');
}

test('each way to the exchange tells the same, in the same order', async () => {
  const accounts = new Map<WayName, readonly Told[]>();
  for (const name of WAYS) accounts.set(name, await scenario(name));
  const local = accounts.get('in-process') ?? [];
  // A scenario that stopped half way would compare as equal.
  const places = local.map(({ at }) => at);
  expect(places.filter((at) => at === 'trade').length).toBeGreaterThan(25);
  expect(places).toContain('market closed');
  expect(accounts.get('listen')).toEqual([...local]);
  expect(accounts.get('dial')).toEqual([...local]);
});
