/** A Bitget classic account's USDT futures or spot market: its parts put together. */
import { isRecord } from '@trunkline/kit/record';
import { decimal } from '@trunkline/proto/decimal';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { AccountSettings } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { Venue as VenueId } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type CcxtSocket, clientOptions } from '../ccxt-client.ts';
import { parseJson, reading, record, timeUs, Unreadable } from '../fields.ts';
import { fundingWatch } from '../funding-watch.ts';
import { openOrderMemory } from '../open-order-memory.ts';
import { type SymbolTable, symbolTable } from '../symbol-table.ts';
import type { VenueConfig } from '../venue-config.ts';
import type { VenueDescription, VenueKit, VenueSide } from '../venue-side.ts';
import { checkKey } from './account-check.ts';
import { bitgetCapabilities } from './capabilities.ts';
import { ChannelSocket } from './channel-socket.ts';
import { BitgetClient } from './client.ts';
import { bitgetCommands } from './commands.ts';
import { dataOf, endpointsOf } from './endpoints.ts';
import { bitgetSearch } from './lookup.ts';
import { bitgetMarket } from './market.ts';
import { loadInstruments, withFees } from './markets.ts';
import { modes as heldModes } from './modes.ts';
import { bitgetPrivate } from './private.ts';
import { privateFrames } from './private-frames.ts';
import { type Product, SPOT, USDT_FUTURES } from './product.ts';
import { bitgetQueries } from './queries.ts';
import { BITGET_REST, budgetsOf, costOf } from './rest.ts';

const PUBLIC_URL = 'wss://ws.bitget.com/v2/ws/public';
const PRIVATE_URL = 'wss://ws.bitget.com/v2/ws/private';

export function bitget(config: VenueConfig): VenueDescription {
  const product = config.market === 'spot' ? SPOT : USDT_FUTURES;
  const { apiKey, secret, passphrase } = config;
  return {
    profile: {
      venue: VenueId.BITGET,
      venueName: 'bitget',
      marketType: product.marketType,
      capabilities: bitgetCapabilities(product),
    },
    rest: BITGET_REST,
    budgets: budgetsOf(product.market),
    secrets: passphrase === undefined ? [apiKey, secret] : [apiKey, secret, passphrase],
    connect: (kit) => connect(kit, product),
  };
}

function connect(kit: VenueKit, product: Product): VenueSide {
  const { config, timings, clock, venueClock, caller, logger } = kit;
  let table: SymbolTable = symbolTable([]);
  const modes = heldModes();
  const memory = openOrderMemory();
  const complained = new Set<string>();
  const symbols = () => table;
  const nowMs = () => Math.floor(venueClock.nowUs() / 1_000);
  const heard = (symbol: string) => ({ symbol, receivedAtUs: clock.wallUs() });
  const venueSymbol = (symbol: string) => {
    const id = table.toVenue(symbol);
    if (id !== undefined) return id;
    const message = `not a symbol of this connector: ${table.symbols.join(', ')}`;
    throw new ExchangeError(ErrorReason.UNKNOWN_SYMBOL, message, 'symbol');
  };

  const received = ({ url }: CcxtSocket, text: string) => {
    const frame = parseJson(text);
    if (url === PRIVATE_URL) {
      kit.stream().heard();
      const unreadable = reading(() => {
        const argument = privateSocket.receive(record(frame, 'frame'));
        if (argument !== undefined) account.take(argument, record(frame, 'frame'));
      });
      if (unreadable instanceof Unreadable) kit.stream().lost(unreadable.message);
      return;
    }
    if (!isRecord(frame)) return;
    const argument = publicSocket.receive(frame);
    const unreadable = argument === undefined ? undefined : market.take(argument, frame);
    if (argument === undefined || unreadable === undefined || complained.has(argument.channel)) return;
    // Once each kind: a changed format would fill the log at the rate of the market.
    complained.add(argument.channel);
    logger.warn({ detail: unreadable.message, channel: argument.channel }, 'market frames cannot be read');
  };

  const client = new BitgetClient(clientOptions(kit, received));
  const socketOptions = { client, clock, silenceMs: timings.feedSilenceMs };
  const publicSocket = new ChannelSocket({ ...socketOptions, url: PUBLIC_URL });
  const privateSocket = new ChannelSocket({ ...socketOptions, url: PRIVATE_URL });
  const endpoints = endpointsOf(client, product);
  const market = bitgetMarket({ socket: publicSocket, product, symbols, feed: kit.feed });
  const account = privateFrames({
    product,
    clock,
    symbols,
    emit: kit.emit,
    heardOrder(order) {
      kit.stream().heardOrder(order.venueOrderId);
      memory.take(order);
    },
  });
  const dialect = bitgetPrivate({ socket: privateSocket, product, clock });
  const changed = (settings: AccountSettings) => kit.emit({ kind: 'settings', settings });
  const queryOptions = {
    client,
    endpoints,
    product,
    caller,
    venueSymbol,
    heard,
    nowMs,
    clock,
    modes,
    symbols,
    changed,
  };
  const queries = bitgetQueries(queryOptions);
  const search = bitgetSearch(queryOptions);
  const funding = fundingWatch({
    clock,
    symbols: () => table.symbols,
    nowUs: () => venueClock.nowUs(),
    emit: (payment) => kit.emit({ kind: 'funding', payment }),
    async ask(symbol, sinceUs) {
      await askFundingTime(symbol);
      const page = await queries.listFundingPayments({ symbol, sinceUs, pageSize: 0, pageToken: '' });
      return page.payments;
    },
  });
  const askFundingTime = async (symbol: string) => {
    const { nextFundingTimeUs } = await queries.getFundingRate(symbol);
    if (nextFundingTimeUs !== undefined) funding.due(symbol, nextFundingTimeUs);
  };

  return {
    commands: bitgetCommands({
      endpoints,
      product,
      modes,
      venueClock,
      venueSymbol,
      receiveWindowMs: timings.requestExpiryMs,
      async filledOf(order) {
        const known = kit.stream().isUp ? memory.find(order) : undefined;
        const found = known ?? (await search.byId(order));
        // That there is no such order is the venue's to say.
        return found === undefined ? decimal('0') : decimal(found.filledQuantity);
      },
    }),
    market,
    private: {
      ...dialect,
      drop() {
        dialect.drop();
        account.lost();
        // What was heard before a gap may be outdated.
        memory.clear();
      },
    },
    search,
    queries,
    async askTime() {
      const body = await caller.query(costOf('time'), () => client.publicCommonGetV2PublicTime({}));
      return timeUs(record(dataOf(body), 'time'), 'serverTime');
    },
    async prepare() {
      const loaded = await loadInstruments(endpoints, product, caller, config.symbols);
      if ('code' in loaded) return loaded;
      table = symbolTable(loaded.map(({ symbol, venueSymbol: id }) => [symbol, id] as const));
      const refusal = await checkKey(client, caller, logger);
      if (refusal !== undefined) return refusal;
      if (product.market === 'perpetual') {
        funding.start();
        for (const { symbol } of loaded) {
          await queries.getAccountSettings(symbol);
          await askFundingTime(symbol);
        }
      }
      return withFees(loaded, product, client, caller);
    },
    async close() {
      funding.close();
      publicSocket.close();
      privateSocket.close();
      client.closeSockets(() => true);
    },
  };
}
