/**
 * Binance spot: its parts put together, and its private frames handed on.
 *
 * V1  An execution is emitted as the order's new state, then its fill. Frames of symbols that are not configured belong
 *     to another connector of the account and are dropped.
 * V2  A private frame that cannot be read is a lost stream: what it said is not known.
 */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { BalanceUpdate, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  GetBalancesResponse,
  ListPositionsResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { MarketType, Venue as VenueId } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { clientOptions } from '../ccxt-client.ts';
import { type Json, optionalText, reading, record, text, timeUs, Unreadable } from '../fields.ts';
import { openOrderMemory } from '../open-order-memory.ts';
import { type SymbolTable, symbolTable } from '../symbol-table.ts';
import { USUAL_TIMINGS, type VenueConfig } from '../venue-config.ts';
import type { VenueDescription, VenueKit, VenueSide } from '../venue-side.ts';
import { checkKey } from './account-check.ts';
import { BinanceClient } from './client.ts';
import { commonQueries } from './common-queries.ts';
import { readSpotDelta, SPOT_DEPTH_RULE } from './depth.ts';
import { binanceSearch } from './lookup.ts';
import { binanceMarket, routeMarketFrame } from './market.ts';
import { loadInstruments } from './markets.ts';
import { binanceOrderSocket } from './order-socket.ts';
import { spotSource } from './order-source.ts';
import { binanceRest, SPOT_COSTS, USUAL_SPOT_BUDGETS } from './rest.ts';
import { readSpotBalanceChanges, readSpotBalances } from './spot-account-mapper.ts';
import { SPOT_CHANNELS, spotCapabilities } from './spot-capabilities.ts';
import { spotCommands } from './spot-commands.ts';
import { SPOT_ERRORS } from './spot-errors.ts';
import { readExecutionReport } from './spot-order-mapper.ts';
import { spotPrivate } from './spot-private.ts';

export function binanceSpot(config: VenueConfig): VenueDescription {
  const requestExpiryMs = config.timings?.requestExpiryMs ?? USUAL_TIMINGS.requestExpiryMs;
  return {
    profile: {
      venue: VenueId.BINANCE,
      venueName: 'binance',
      marketType: MarketType.SPOT,
      capabilities: spotCapabilities(requestExpiryMs),
    },
    rest: binanceRest(requestExpiryMs, SPOT_ERRORS),
    budgets: USUAL_SPOT_BUDGETS,
    secrets: [config.apiKey, config.secret],
    connect,
  };
}

function connect(kit: VenueKit): VenueSide {
  const { config, clock, venueClock, caller, logger } = kit;
  let table: SymbolTable = symbolTable([]);
  let privateOpened = () => {};
  let uid = '';
  const complained = new Set<unknown>();
  const symbols = () => table;
  const nowMs = () => Math.floor(venueClock.nowUs() / 1_000);
  const heard = (symbol: string) => ({ symbol, receivedAtUs: clock.wallUs() });
  const venueSymbol = (symbol: string) => {
    const id = table.toVenue(symbol);
    if (id !== undefined) return id;
    const message = `not a symbol of this connector: ${table.symbols.join(', ')}`;
    throw new ExchangeError(ErrorReason.UNKNOWN_SYMBOL, message, 'symbol');
  };

  const frame = (message: Json) => {
    if (PRIVATE.has(message['e'])) {
      kit.stream().heard();
      const unreadable = reading(() => privateFrame(message));
      if (unreadable instanceof Unreadable) kit.stream().lost(unreadable.message);
      return;
    }
    const unreadable = routeMarketFrame(message, kit.feed(), table, readSpotDelta);
    if (unreadable === undefined || complained.has(message['e'])) return;
    // Once each kind: a changed format would fill the log at the rate of the market.
    complained.add(message['e']);
    logger.warn({ detail: unreadable.message, event: message['e'] }, 'market frames cannot be read');
  };

  const privateFrame = (message: Json) => {
    switch (message['e']) {
      case 'executionReport':
        return orderFrame(message);
      case 'outboundAccountPosition':
        return accountFrame(message);
      case 'eventStreamTerminated':
        return kit.stream().lost('the venue ended the subscription');
      case 'serverShutdown':
        return kit.stream().lost('the venue is about to close the socket');
      default:
        // `balanceUpdate` names a transfer; the account's position, which follows, has its effect.
        return undefined;
    }
  };

  const orderFrame = (message: Json) => {
    const symbol = table.fromVenue(text(message, 's'));
    if (symbol === undefined) return;
    const { order, fill } = readExecutionReport(message, heard(symbol));
    kit.stream().heardOrder(order.venueOrderId);
    memory.take(order);
    kit.emit({ kind: 'order', order });
    if (fill !== undefined) kit.emit({ kind: 'fill', fill });
  };

  const accountFrame = (message: Json) => {
    const balances = readSpotBalanceChanges(message);
    if (balances.length === 0) return;
    const venueTimeUs = timeUs(message, message['u'] === undefined ? 'E' : 'u');
    const update = BalanceUpdate.fromPartial({ balances, venueTimeUs, receivedAtUs: clock.wallUs() });
    kit.emit({ kind: 'balances', update });
  };

  const client = new BinanceClient({
    ...clientOptions(kit, {
      frame,
      privateOpened: () => privateOpened(),
      bookBegan: (symbol) => kit.feed().bookBegan(symbol),
    }),
    market: 'spot',
  });
  const socket = binanceOrderSocket(kit);
  const source = spotSource(client);
  const queryOptions = { source, caller, venueSymbol, heard, nowMs, clock, symbols };
  const search = binanceSearch(queryOptions);
  const memory = openOrderMemory();

  const askAccount = async (): Promise<Json> => {
    const parameters = { omitZeroBalances: true };
    return record(await caller.query(SPOT_COSTS.account, () => client.privateGetAccount(parameters)), 'account');
  };
  const absent = (name: string) => async (): Promise<never> => {
    const { absences } = spotCapabilities(0);
    const reason = absences.find((absence) => absence.name === name)?.reason ?? 'the venue does not offer it';
    throw new ExchangeError(ErrorReason.UNSUPPORTED, reason);
  };

  return {
    commands: spotCommands({
      ...{ client, symbols, socket, held: { mode: PositionMode.ONE_WAY } },
      async predecessor(order) {
        const known = kit.stream().isUp ? memory.find(order) : undefined;
        return known ?? (await search.byId(order));
      },
    }),
    market: binanceMarket({
      ...{ client, caller, symbols, sequenceRule: SPOT_DEPTH_RULE, channels: SPOT_CHANNELS },
      depthCost: SPOT_COSTS.depth,
      askDepth: (parameters) => client.publicGetDepth(parameters),
    }),
    private: spotPrivate({
      client,
      onOpened: (opened) => {
        // What was heard before a gap may be outdated.
        memory.clear();
        privateOpened = opened;
      },
    }),
    search,
    queries: {
      ...commonQueries(queryOptions),
      async getBalances() {
        const askedAtUs = clock.wallUs();
        return GetBalancesResponse.fromPartial({ balances: readSpotBalances(await askAccount()), askedAtUs });
      },
      async listPositions() {
        return ListPositionsResponse.fromPartial({ positions: [], askedAtUs: clock.wallUs() });
      },
      listFundingPayments: absent('ListFundingPayments'),
      getAccountSettings: absent('GetAccountSettings'),
      getFundingRate: absent('GetFundingRate'),
      setLeverage: absent('SetLeverage'),
      setMarginMode: absent('SetMarginMode'),
      setPositionMode: absent('SetPositionMode'),
      armDeadMan: absent('dead_man'),
    },
    accountUid: () => uid,
    async askTime() {
      const body = await caller.query(SPOT_COSTS.time, () => client.publicGetTime());
      return timeUs(record(body, 'time'), 'serverTime');
    },
    async prepare() {
      const loaded = await loadInstruments(client, caller, config);
      if ('code' in loaded) return loaded;
      table = symbolTable(loaded.instruments.map(({ symbol, venueSymbol: id }) => [symbol, id] as const));
      kit.budgets.configure(loaded.budgets);
      const refusal = await checkKey(client, caller, logger);
      if (refusal !== undefined) return refusal;
      uid = optionalText(await askAccount(), 'uid') ?? '';
      const instruments = await loaded.withFees();
      socket?.start();
      return instruments;
    },
    async close() {
      socket?.close();
      client.closeSockets(() => true);
    },
  };
}

const PRIVATE: ReadonlySet<unknown> = new Set([
  'executionReport',
  'outboundAccountPosition',
  'balanceUpdate',
  'externalLockUpdate',
  'listStatus',
  'eventStreamTerminated',
  'serverShutdown',
]);
