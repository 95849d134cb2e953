/**
 * Binance USD-M perpetuals: its parts put together, and its private frames handed on.
 *
 * V1  An execution is emitted as the order's new state, then its fill. Frames of symbols that are not configured belong
 *     to another connector of the account and are dropped.
 * V2  A private frame that cannot be read is a lost stream: what it said is not known.
 */

import { ExchangeError } from '@trunkline/proto/exchange-error';
import {
  AccountSettings,
  type Balance,
  BalanceUpdate,
  PositionMode,
  PositionUpdate,
} from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { MarketType, Venue as VenueId } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import type { Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { clientOptions } from '../ccxt-client.ts';
import { type Json, optionalText, reading, record, text, timeUs, Unreadable, whole } from '../fields.ts';
import { fundingWatch } from '../funding-watch.ts';
import { createPoller } from '../poller.ts';
import type { HeldMode } from '../position-mode.ts';
import { type SymbolTable, symbolTable } from '../symbol-table.ts';
import { USUAL_TIMINGS, type VenueConfig } from '../venue-config.ts';
import type { VenueDescription, VenueKit, VenueSide } from '../venue-side.ts';
import { checkKey, readPositionMode } from './account-check.ts';
import { readBalanceChanges, readPositionChanges } from './account-mapper.ts';
import { binanceCapabilities, USDM_CHANNELS } from './capabilities.ts';
import { BinanceClient } from './client.ts';
import { binanceCommands } from './commands.ts';
import { DEPTH_RULE, readDelta } from './depth.ts';
import { BINANCE_ERRORS } from './errors.ts';
import { binanceSearch } from './lookup.ts';
import { binanceMarket, routeMarketFrame } from './market.ts';
import { loadInstruments } from './markets.ts';
import { readOrderUpdate } from './order-mapper.ts';
import { binanceOrderSocket } from './order-socket.ts';
import { usdmSource } from './order-source.ts';
import { binancePrivate } from './private.ts';
import { binanceQueries } from './queries.ts';
import { binanceRest, COSTS, USUAL_BUDGETS } from './rest.ts';

/** The venue streams no open interest. */
const OPEN_INTEREST_MS = 10_000;

export function binanceUsdm(config: VenueConfig): VenueDescription {
  const requestExpiryMs = config.timings?.requestExpiryMs ?? USUAL_TIMINGS.requestExpiryMs;
  return {
    profile: {
      venue: VenueId.BINANCE,
      venueName: 'binance',
      marketType: MarketType.PERPETUAL,
      capabilities: binanceCapabilities(requestExpiryMs),
    },
    rest: binanceRest(requestExpiryMs, BINANCE_ERRORS),
    budgets: USUAL_BUDGETS,
    secrets: [config.apiKey, config.secret],
    connect,
  };
}

function connect(kit: VenueKit): VenueSide {
  const { config, timings, clock, venueClock, caller, logger } = kit;
  let table: SymbolTable = symbolTable([]);
  let privateOpened = () => {};
  const balances = new Map<string, Balance>();
  const complained = new Set<unknown>();
  const held: HeldMode = { mode: PositionMode.UNSPECIFIED };
  const symbols = () => table;
  const nowMs = () => Math.floor(venueClock.nowUs() / 1_000);
  const heard = (symbol: string) => ({ symbol, receivedAtUs: clock.wallUs() });
  const venueSymbol = (symbol: string) => {
    const id = table.toVenue(symbol);
    if (id !== undefined) return id;
    throw new ExchangeError(
      ErrorReason.UNKNOWN_SYMBOL,
      `not a symbol of this connector: ${table.symbols.join(', ')}`,
      'symbol',
    );
  };

  const frame = (message: Json) => {
    if (isPrivate(message)) {
      kit.stream().heard();
      const unreadable = reading(() => privateFrame(message));
      if (unreadable instanceof Unreadable) kit.stream().lost(unreadable.message);
      return;
    }
    const unreadable = routeMarketFrame(message, kit.feed(), table, readDelta);
    if (unreadable === undefined || complained.has(message['e'])) return;
    // Once each kind: a changed format would fill the log at the rate of the market.
    complained.add(message['e']);
    logger.warn({ detail: unreadable.message, event: message['e'] }, 'market frames cannot be read');
  };

  const privateFrame = (message: Json) => {
    switch (message['e']) {
      case 'ORDER_TRADE_UPDATE':
        return orderFrame(message);
      case 'ACCOUNT_UPDATE':
        return accountFrame(message);
      case 'ACCOUNT_CONFIG_UPDATE':
        return configFrame(message);
      case 'listenKeyExpired':
        return kit.stream().lost('the listen key expired');
      default:
        return undefined;
    }
  };

  const orderFrame = (message: Json) => {
    const symbol = table.fromVenue(text(record(message['o'], 'o'), 's'));
    if (symbol === undefined) return;
    const { order, fill } = readOrderUpdate(message, heard(symbol));
    kit.stream().heardOrder(order.venueOrderId);
    kit.emit({ kind: 'order', order });
    if (fill !== undefined) kit.emit({ kind: 'fill', fill });
  };

  const accountFrame = (message: Json) => {
    const account = record(message['a'], 'a');
    const venueTimeUs = timeUs(message, 'T');
    const receivedAtUs = clock.wallUs();
    const changed = readBalanceChanges(account, balances);
    for (const balance of changed) balances.set(balance.asset, balance);
    if (changed.length > 0) {
      const reason = optionalText(account, 'm') ?? '';
      kit.emit({
        kind: 'balances',
        update: BalanceUpdate.fromPartial({ balances: changed, venueTimeUs, receivedAtUs, reason }),
      });
    }
    const positions = readPositionChanges(account, table, venueTimeUs);
    const cause = account['m'];
    if (cause === 'FUNDING_FEE') funding.paid();
    if (cause === 'MARGIN_TYPE_CHANGE') {
      for (const { symbol, marginMode } of positions) sayNewSettings({ symbol, marginMode, venueTimeUs });
    }
    if (positions.length > 0) {
      kit.emit({ kind: 'positions', update: PositionUpdate.fromPartial({ positions, venueTimeUs, receivedAtUs }) });
    }
  };

  const configFrame = (message: Json) => {
    const changed = message['ac'];
    if (changed === undefined) return;
    const config = record(changed, 'ac');
    const symbol = table.fromVenue(text(config, 's'));
    if (symbol !== undefined)
      sayNewSettings({ symbol, leverage: whole(config, 'l'), venueTimeUs: timeUs(message, 'T') });
  };

  const sayNewSettings = (changed: Partial<AccountSettings> & { readonly symbol: string }) => {
    const settings = { positionMode: held.mode, receivedAtUs: clock.wallUs(), ...changed };
    kit.emit({ kind: 'settings', settings: AccountSettings.fromPartial(settings) });
  };

  const client = new BinanceClient({
    ...clientOptions(kit, {
      frame,
      privateOpened: () => privateOpened(),
      bookBegan: (symbol) => kit.feed().bookBegan(symbol),
    }),
    market: 'perpetual',
  });
  const socket = binanceOrderSocket(kit);
  const source = usdmSource(client);
  const queryOptions = { client, source, caller, venueSymbol, heard, nowMs, clock, symbols, held };
  const queries = binanceQueries(queryOptions);
  const funding = fundingWatch({
    clock,
    symbols: () => table.symbols,
    nowUs: () => venueClock.nowUs(),
    emit: (payment) => kit.emit({ kind: 'funding', payment }),
    async ask(symbol, sinceUs) {
      const rate = await queries.getFundingRate(symbol);
      if (rate.nextFundingTimeUs !== undefined) funding.due(symbol, rate.nextFundingTimeUs);
      const page = { symbol, sinceUs, pageSize: 0, pageToken: '' };
      return (await queries.listFundingPayments(page)).payments;
    },
  });
  const askOpenInterest = async (topic: Topic) => {
    const { quantity, venueTimeUs } = await queries.openInterest(topic.symbol);
    const event = { $case: 'openInterest', value: { quantity } } as const;
    kit.feed().data(topic.channel, topic.symbol, event, 0, venueTimeUs);
  };

  return {
    commands: binanceCommands({ client, symbols, socket, held, selfTradePreventionMode: 'EXPIRE_TAKER' }),
    market: binanceMarket({
      ...{ client, caller, symbols, sequenceRule: DEPTH_RULE, channels: USDM_CHANNELS, depthCost: COSTS.depth },
      askDepth: (parameters) => client.fapiPublicGetDepth(parameters),
      poll: { poller: createPoller({ clock, everyMs: OPEN_INTEREST_MS }), ask: askOpenInterest },
    }),
    private: binancePrivate({
      client,
      caller,
      keepAliveMs: timings.listenKeyMs,
      onOpened: (opened) => {
        privateOpened = opened;
      },
    }),
    search: binanceSearch(queryOptions),
    queries: {
      ...queries,
      async getBalances() {
        const answer = await queries.getBalances();
        for (const balance of answer.balances) balances.set(balance.asset, balance);
        return answer;
      },
      async setPositionMode(mode) {
        await queries.setPositionMode(mode);
        // The venue does not push this change.
        for (const symbol of table.symbols) sayNewSettings({ symbol });
      },
    },
    async askTime() {
      const body = await caller.query(COSTS.time, () => client.fapiPublicGetTime());
      return timeUs(record(body, 'time'), 'serverTime');
    },
    async prepare() {
      const loaded = await loadInstruments(client, caller, config);
      if ('code' in loaded) return loaded;
      table = symbolTable(loaded.instruments.map(({ symbol, venueSymbol: id }) => [symbol, id] as const));
      kit.budgets.configure(loaded.budgets);
      const mode = await readPositionMode(client, caller);
      if (typeof mode === 'object') return mode;
      held.mode = mode;
      const refusal = await checkKey(client, caller, logger);
      if (refusal !== undefined) return refusal;
      await this.queries.getBalances();
      const instruments = await loaded.withFees();
      socket?.start();
      funding.start();
      for (const symbol of table.symbols) {
        const { nextFundingTimeUs } = await queries.getFundingRate(symbol);
        if (nextFundingTimeUs !== undefined) funding.due(symbol, nextFundingTimeUs);
      }
      return instruments;
    },
    async close() {
      socket?.close();
      funding.close();
      client.closeSockets(() => true);
    },
  };
}

const PRIVATE: ReadonlySet<unknown> = new Set([
  'ORDER_TRADE_UPDATE',
  'ACCOUNT_UPDATE',
  'ACCOUNT_CONFIG_UPDATE',
  'MARGIN_CALL',
  'TRADE_LITE',
  'listenKeyExpired',
]);

function isPrivate(message: Json): boolean {
  return PRIVATE.has(message['e']);
}
