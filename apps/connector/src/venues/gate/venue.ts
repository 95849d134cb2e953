/**
 * Gate's spot market and USDT futures: their parts put together, and what their sockets bring handed on.
 *
 * V1  A private frame that cannot be read is a lost stream: what it said is not known.
 */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { type Balance, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { MarketType, Venue as VenueId } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { clientOptions } from '../ccxt-client.ts';
import { type Json, reading, record, Unreadable } from '../fields.ts';
import { createPairing } from '../pairing.ts';
import type { HeldMode } from '../position-mode.ts';
import { SocketCaller } from '../socket-call.ts';
import { USUAL_TIMINGS, usualOrderEntry, type VenueConfig } from '../venue-config.ts';
import type { VenueDescription, VenueKit, VenueSide } from '../venue-side.ts';
import { checkAccount } from './account-check.ts';
import type { Asking } from './asking.ts';
import { gateCapabilities } from './capabilities.ts';
import { GateClient } from './client.ts';
import { gateCommands } from './commands.ts';
import { futuresQueries } from './futures-queries.ts';
import { gateSearch } from './lookup.ts';
import { gateMarket } from './market.ts';
import { marketKind } from './market-kind.ts';
import { loadInstruments, withFees } from './markets.ts';
import { timeAt } from './numbers.ts';
import { gateOrderSocket } from './order-socket.ts';
import { gatePrivate, PRIVATE_LANE } from './private.ts';
import { costOf, gateBudgets, gateRest } from './rest.ts';
import { settingsNews } from './settings-news.ts';
import { spotQueries } from './spot-queries.ts';
import { gateSymbols } from './symbols.ts';
import { userFrames } from './user-frames.ts';

export function gateVenue(config: VenueConfig): VenueDescription {
  const requestExpiryMs = config.timings?.requestExpiryMs ?? USUAL_TIMINGS.requestExpiryMs;
  const kind = marketKind(config.market);
  return {
    profile: {
      venue: VenueId.GATE,
      venueName: 'gate',
      marketType: config.market === 'spot' ? MarketType.SPOT : MarketType.PERPETUAL,
      capabilities: gateCapabilities(kind, requestExpiryMs),
    },
    rest: gateRest(requestExpiryMs),
    budgets: gateBudgets(kind, []),
    secrets: [config.apiKey, config.secret],
    connect,
  };
}

function connect(kit: VenueKit): VenueSide {
  const { config, timings, clock, venueClock, caller, logger } = kit;
  const kind = marketKind(config.market);
  const balances = new Map<string, Balance>();
  const complained = new Set<string>();
  // A spot account's orders act on no side; a futures account tells its mode at start.
  const held: HeldMode = { mode: config.market === 'spot' ? PositionMode.ONE_WAY : PositionMode.UNSPECIFIED };
  let table = gateSymbols([]);
  let uid = '';

  const client = new GateClient(
    kind,
    clientOptions(kit, {
      frame: (lane: string, frame: Json) => (lane === PRIVATE_LANE ? privateFrame(frame) : marketFrame(lane, frame)),
      subscribed(lane: string, channel: string) {
        if (lane === PRIVATE_LANE) stream.subscribed(channel);
        else market.subscribed(lane, kit.feed());
      },
      pong(lane: string) {
        if (lane === PRIVATE_LANE) stream.pong();
      },
    }),
  );
  const asking: Asking = {
    client,
    caller,
    kind,
    clock,
    nowUs: () => venueClock.nowUs(),
    symbols: () => table,
    venueSymbol(symbol) {
      const id = table.toVenue(symbol);
      if (id !== undefined) return id;
      const message = `not a symbol of this connector: ${table.symbols.join(', ')}`;
      throw new ExchangeError(ErrorReason.UNKNOWN_SYMBOL, message, 'symbol');
    },
    held,
  };
  const pairing = createPairing({
    clock,
    order: (order) => kit.emit({ kind: 'order', order }),
    fill: (fill) => kit.emit({ kind: 'fill', fill }),
  });
  const sayIfNew = settingsNews((settings) => kit.emit({ kind: 'settings', settings }));
  const heardUser = userFrames({
    asking,
    pairing,
    balances,
    heardOrder: (id) => kit.stream().heardOrder(id),
    settings: sayIfNew,
    emit: kit.emit,
  });
  const market = gateMarket(asking, client, gateCapabilities(kind, timings.requestExpiryMs).channels);
  const stream = gatePrivate({
    client,
    kind,
    uid: () => uid,
    pingMs: timings.socketPingMs,
    dropped: () => pairing.flush(),
  });
  const socket = (config.orderEntry ?? usualOrderEntry('gate')) === 'rest' ? undefined : orderSocket();
  const queries = kind.market === 'spot' ? spotQueries(asking) : futuresQueries(asking);

  function orderSocket() {
    const { apiKey, secret, venueUrl } = config;
    const { tap } = kit;
    const { requestExpiryMs, connectTimeoutMs, requestTimeoutMs, socketPingMs } = timings;
    const protocol = gateOrderSocket({ kind, apiKey, secret, venueClock, requestExpiryMs });
    const socketCaller = new SocketCaller({
      clock,
      rng: kit.rng.fork('orders'),
      protocol,
      venueUrl,
      ...(tap === undefined ? {} : { tap }),
      connectTimeoutMs,
      requestTimeoutMs,
      pingMs: socketPingMs,
      down: (reason) => logger.warn({ reason }, 'the order socket is down: orders go by REST'),
    });
    return { caller: socketCaller, protocol };
  }

  /** Nothing is pushed for a setting of a flat symbol. What was set is set, whether or not it can be read back now. */
  async function tellSettings(changed: readonly string[]): Promise<void> {
    for (const symbol of changed) {
      try {
        sayIfNew(await queries.getAccountSettings(symbol));
      } catch (error) {
        if (!(error instanceof ExchangeError)) throw error;
        logger.warn({ symbol, reason: error.reasonName }, 'the new settings cannot be read back now');
      }
    }
  }

  function privateFrame(frame: Json): void {
    kit.stream().heard();
    const unreadable = reading(() => heardUser(frame));
    if (unreadable instanceof Unreadable) kit.stream().lost(unreadable.message);
  }

  function marketFrame(lane: string, frame: Json): void {
    const unreadable = market.route(lane, frame, kit.feed());
    if (unreadable === undefined || complained.has(lane)) return;
    // Once each topic: a changed format would fill the log at the rate of the market.
    complained.add(lane);
    logger.warn({ detail: unreadable.message, channel: frame['channel'] }, 'market frames cannot be read');
  }

  return {
    commands: gateCommands({ ...asking, socket }),
    market,
    private: stream,
    search: gateSearch(asking),
    queries: {
      ...queries,
      async getBalances() {
        const answer = await queries.getBalances();
        for (const balance of answer.balances) balances.set(balance.asset, balance);
        return answer;
      },
      async setLeverage(symbol, leverage) {
        const set = await queries.setLeverage(symbol, leverage);
        await tellSettings([symbol]);
        return set;
      },
      async setMarginMode(symbol, mode) {
        await queries.setMarginMode(symbol, mode);
        await tellSettings([symbol]);
      },
      async setPositionMode(mode) {
        await queries.setPositionMode(mode);
        await tellSettings(table.symbols);
      },
    },
    accountUid: () => uid,
    async askTime() {
      const request = { method: 'GET', path: '/spot/time', isPublic: true } as const;
      const body = await caller.query(costOf('time'), () => client.ask(request));
      return timeAt(record(body, 'time'), 'server_time');
    },
    async prepare() {
      const instruments = await loadInstruments(asking, config.symbols);
      if ('code' in instruments) return instruments;
      table = gateSymbols(instruments);
      kit.budgets.configure(
        gateBudgets(
          kind,
          instruments.map(({ venueSymbol }) => venueSymbol),
        ),
      );
      const account = await checkAccount(asking, config.apiKey, logger);
      if ('code' in account) return account;
      uid = account.uid;
      await this.queries.getBalances();
      socket?.caller.start();
      return withFees(asking, instruments);
    },
    async close() {
      pairing.flush();
      socket?.caller.close();
      client.closeSockets(() => true);
    },
  };
}
