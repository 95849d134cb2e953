/**
 * One venue account as an `Exchange`: the venue, the order lane, the market lane, the guard and the grants, joined.
 * Handed straight to an engine it is an exchange in the same process; behind server.ts it is a connector.
 *
 * C1  The venue's events reach guard, order lane and market lane in this order, within the turn that brought them.
 * C2  Whoever is not granted a thing is refused here, whichever way the call came.
 */
import type { Logger } from '@trunkline/kit/log';
import type { Clock } from '@trunkline/proto/clock';
import type { Exchange, StreamReceiver, StreamSender } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { DescribeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { VenueState } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type BootId, mintBootId, type OrderTag } from '@trunkline/proto/ids';
import type { Rng } from '@trunkline/proto/rng';
import { PROTOCOL_VERSION, RELEASE_VERSION } from '@trunkline/proto/version';
import { type Grants, refuseCaller } from './grants.ts';
import { Guard, type GuardConfig } from './guard.ts';
import { MarketLane } from './lanes/market/market-lane.ts';
import { CommandRunner } from './lanes/order/command-runner.ts';
import { DEFAULT_LOG_CAPACITY } from './lanes/order/event-log.ts';
import { OrderLane, type OrderLaneConfig } from './lanes/order/order-lane.ts';
import type { Rules } from './lanes/order/validate-command.ts';
import { createQueries } from './queries.ts';
import { createToolCommands } from './tool-commands.ts';
import type { StartRefusal, Venue, VenueEvent } from './venues/venue.ts';

export interface CoreConfig extends OrderLaneConfig {
  /** The account's name in both configs. */
  readonly account: string;
  readonly tag: OrderTag;
  readonly symbols: readonly string[];
  readonly region: string;
  /** Of the build; empty where it is not known. */
  readonly commit: string;
  readonly grants: Grants;
  readonly guard: GuardConfig;
}

/** What a config may leave out. */
export const LANE_DEFAULTS: OrderLaneConfig = {
  graceMs: 10_000,
  onSessionLost: 'cancel_ours',
  exclusiveAccount: false,
  deadManMs: 60_000,
  logCapacity: DEFAULT_LOG_CAPACITY,
};

export interface CoreOptions {
  readonly venue: Venue;
  readonly config: CoreConfig;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Called at `connector.beforePost`, `connector.afterPost` (the turn after) and `connector.beforeEvent`. */
  readonly failpoint?: (name: string) => void;
  /** Runs its argument when everything that arrived together was taken in; a microtask if not given. */
  readonly endOfTurn?: (run: () => void) => void;
}

export class ConnectorCore implements Exchange {
  readonly bootId: BootId;
  readonly describe: Exchange['describe'];
  readonly listInstruments: Exchange['listInstruments'];
  readonly placeOrder: Exchange['placeOrder'];
  readonly amendOrder: Exchange['amendOrder'];
  readonly cancelOrder: Exchange['cancelOrder'];
  readonly cancelAllOrders: Exchange['cancelAllOrders'];
  readonly getOrder: Exchange['getOrder'];
  readonly listOpenOrders: Exchange['listOpenOrders'];
  readonly listFills: Exchange['listFills'];
  readonly getBalances: Exchange['getBalances'];
  readonly listPositions: Exchange['listPositions'];
  readonly listFundingPayments: Exchange['listFundingPayments'];
  readonly getAccountSettings: Exchange['getAccountSettings'];
  readonly listCandles: Exchange['listCandles'];
  readonly getFundingRate: Exchange['getFundingRate'];
  readonly getServerTime: Exchange['getServerTime'];
  readonly setLeverage: Exchange['setLeverage'];
  readonly setMarginMode: Exchange['setMarginMode'];
  readonly setPositionMode: Exchange['setPositionMode'];
  readonly #options: CoreOptions;
  readonly #guard: Guard;
  readonly #orders: OrderLane;
  readonly #market: MarketLane;
  readonly #startedAtUs: number;
  #rules: Rules;

  constructor(options: CoreOptions) {
    const { venue, config, clock, log, failpoint = () => {}, endOfTurn = queueMicrotask } = options;
    const { tag, symbols, grants } = config;
    this.#options = options;
    this.bootId = mintBootId(options.rng);
    this.#startedAtUs = clock.wallUs();
    this.#rules = { tag, capabilities: venue.profile.capabilities, instruments: new Map() };
    this.#guard = new Guard(config.guard, clock);
    this.#market = new MarketLane({ venue, symbols, clock, bootId: this.bootId });
    const runner = new CommandRunner({
      venue,
      clock,
      symbols,
      failpoint,
      guard: this.#guard,
      rules: () => this.#rulesNow(),
      isStale: (symbol) => this.#market.isStale(symbol),
      isDraining: () => this.#orders.isDraining,
    });
    const shared = { venue, clock, symbols, grants, bootId: this.bootId };
    this.#orders = new OrderLane({ ...shared, runner, tag, config, logger: log, failpoint, endOfTurn });
    venue.listen((event) => this.#onVenueEvent(event));

    const queries = createQueries({ venue, symbols, grants, log, describe: () => this.#description() });
    const tools = createToolCommands({ runner, clock, grants, log, isSessionHeld: () => this.#orders.isHeld });
    this.describe = queries.describe;
    this.listInstruments = queries.listInstruments;
    this.placeOrder = tools.placeOrder;
    this.amendOrder = tools.amendOrder;
    this.cancelOrder = tools.cancelOrder;
    this.cancelAllOrders = tools.cancelAllOrders;
    this.getOrder = async (request, context) => {
      const response = await queries.getOrder(request, context);
      const { answer } = response;
      if (answer?.$case === 'found' && answer.value.order) this.#guard.takeOrder(answer.value.order);
      else if (answer?.$case === 'absent' && answer.value.proved)
        this.#guard.forget(request.order?.clientOrderId ?? '');
      return response;
    };
    this.listOpenOrders = queries.listOpenOrders;
    this.listFills = queries.listFills;
    this.getBalances = queries.getBalances;
    this.listPositions = queries.listPositions;
    this.listFundingPayments = queries.listFundingPayments;
    this.getAccountSettings = queries.getAccountSettings;
    this.listCandles = queries.listCandles;
    this.getFundingRate = queries.getFundingRate;
    this.getServerTime = queries.getServerTime;
    this.setLeverage = queries.setLeverage;
    this.setMarginMode = queries.setMarginMode;
    this.setPositionMode = queries.setPositionMode;
  }

  /** Names of the methods that are served. */
  get methods(): readonly string[] {
    return this.#options.venue.profile.capabilities.methods;
  }

  /** The venue is connected and the account known. */
  get ready(): boolean {
    return this.#options.venue.status.state === VenueState.READY;
  }

  start(): Promise<StartRefusal | undefined> {
    return this.#options.venue.start();
  }

  readonly trade: Exchange['trade'] = (context, receiver) => this.#orders.open(context, receiver);

  readonly marketData: Exchange['marketData'] = (context, receiver) => {
    const refusal = refuseCaller(this.#options.config.grants, context.caller, ['trade', 'observe', 'tool']);
    return refusal ? refusedStream(refusal, receiver) : this.#market.open(context, receiver);
  };

  /** Tells the engine to leave, or cancels what is ours; resolves when nothing is in flight, or at the deadline. */
  drain(deadlineMs: number): Promise<void> {
    return this.#orders.drain(deadlineMs, 'the connector is leaving');
  }

  async close(): Promise<void> {
    this.#orders.close();
    this.#market.close();
    await this.#options.venue.close();
  }

  #onVenueEvent(event: VenueEvent): void {
    if (event.kind === 'order') this.#guard.takeOrder(event.order);
    else if (event.kind === 'market') this.#guard.takeMarket(event.event);
    else if (event.kind === 'status' && event.status.state === VenueState.READY) void this.#countOpenOrders();
    this.#orders.onVenueEvent(event);
    this.#market.onVenueEvent(event);
  }

  /** After a start or a gap the venue knows of open orders that no event told us of. Never rejects. */
  async #countOpenOrders(): Promise<void> {
    const { venue, config, log } = this.#options;
    if (config.guard.maxOpenOrders === undefined) return;
    try {
      let pageToken = '';
      do {
        const page = await venue.listOpenOrders({ symbol: '', pageSize: 0, pageToken });
        for (const order of page.orders) this.#guard.takeOrder(order);
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      log.warn({ reason: error.reasonName }, 'the guard could not count the open orders');
    }
  }

  /** The instruments' map is made anew only when the venue has others. */
  #rulesNow(): Rules {
    const { instruments } = this.#options.venue;
    if (instruments.length !== this.#rules.instruments.size) {
      this.#rules = { ...this.#rules, instruments: new Map(instruments.map((each) => [each.symbol, each])) };
    }
    return this.#rules;
  }

  #description(): DescribeResponse {
    const { venue, config } = this.#options;
    return {
      venue: venue.profile.venue,
      venueName: venue.profile.venueName,
      marketType: venue.profile.marketType,
      accountUid: venue.accountUid,
      account: config.account,
      orderTag: config.tag,
      symbols: [...config.symbols],
      region: config.region,
      version: RELEASE_VERSION,
      commit: config.commit,
      bootId: this.bootId,
      protocolVersion: PROTOCOL_VERSION,
      capabilities: venue.profile.capabilities,
      startedAtUs: this.#startedAtUs,
    };
  }
}

/** A stream that was closed before it began (E2: not within the call that opens it). */
function refusedStream<Incoming, Outgoing>(
  error: ExchangeError,
  receiver: StreamReceiver<Incoming>,
): StreamSender<Outgoing> {
  queueMicrotask(() => receiver.closed({ kind: 'failed', error }));
  const drop = () => {};
  return { send: drop, end: drop, cancel: drop };
}
