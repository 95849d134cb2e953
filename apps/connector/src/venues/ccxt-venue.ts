/**
 * A venue through ccxt: what all of them share. Which calls, frames and codes there are is the venue's side's.
 *
 * W1  State is READY only while the private stream stands and the venue takes calls; V5's order (gap, then READY) comes
 *     from `PrivateStream`.
 * W2  `start` retries faults without end and gives up only on a refusal or `close`.
 * W3  Budgets are said at most once a second, and at once when the venue starts to refuse calls.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';
import { sleep } from '@trunkline/proto/clock';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { GetServerTimeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { VenueState, VenueStatus } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { backoffDelayMs } from '@trunkline/proto/link/backoff';
import { type Caller, createCaller, type Observation } from './caller.ts';
import { type CommandDesk, commandDesk } from './command-desk.ts';
import { MarketFeed } from './market-feed.ts';
import { searchOrder } from './order-search.ts';
import { PrivateStream } from './private-stream.ts';
import { type RateBudget, rateBudget } from './rate-budget.ts';
import { sanitizer } from './sanitizer.ts';
import type { StartRefusal, Venue, VenueEvent, VenueListener, VenueProfile } from './venue.ts';
import { type VenueClock, venueClock } from './venue-clock.ts';
import { USUAL_TIMINGS, type VenueConfig, type VenueSurroundings, type VenueTimings } from './venue-config.ts';
import type { VenueDescription, VenueSide } from './venue-side.ts';

const FIRST_SAMPLES = 3;
const BUDGETS_EVERY_US = 1_000_000;
const ROUND_TRIPS = 31;

export class CcxtVenue implements Venue {
  readonly profile: VenueProfile;
  readonly place: Venue['place'];
  readonly placeBatch: Venue['placeBatch'];
  readonly amend: Venue['amend'];
  readonly cancel: Venue['cancel'];
  readonly cancelBatch: Venue['cancelBatch'];
  readonly #surroundings: VenueSurroundings;
  readonly #clock: Clock;
  readonly #timings: VenueTimings;
  readonly #venueClock: VenueClock;
  readonly #budgets: RateBudget;
  readonly #caller: Caller;
  readonly #side: VenueSide;
  readonly #feed: MarketFeed;
  readonly #stream: PrivateStream;
  readonly #ending = new AbortController();
  #listener: VenueListener | undefined;
  #instruments: readonly Instrument[] = [];
  #status: VenueStatus = VenueStatus.fromPartial({ state: VenueState.CONNECTING });
  #streamReason = 'starting';
  #roundTripsUs: number[] = [];
  #budgetsSaidUs = 0;
  #clockTimer: Timer | undefined;
  #blockTimer: Timer | undefined;
  #firstUp: (() => void) | undefined;

  constructor(description: VenueDescription, config: VenueConfig, surroundings: VenueSurroundings) {
    const { clock, rng, logger, tap } = surroundings;
    this.profile = description.profile;
    this.#surroundings = surroundings;
    this.#clock = clock;
    this.#timings = { ...USUAL_TIMINGS, ...config.timings };
    this.#venueClock = venueClock(clock);
    this.#budgets = rateBudget(description.budgets, () => this.#venueClock.nowUs());
    const sanitize = sanitizer(description.secrets);
    this.#caller = createCaller({
      protocol: description.rest,
      budgets: this.#budgets,
      sanitize,
      observed: (observation) => this.#observed(observation),
    });
    this.#side = description.connect({
      config,
      timings: this.#timings,
      clock,
      rng: rng.fork('venue'),
      venueClock: this.#venueClock,
      budgets: this.#budgets,
      caller: this.#caller,
      logger,
      ...(tap === undefined ? {} : { tap }),
      emit: (event) => this.#emit(event),
      feed: () => this.#feed,
      stream: () => this.#stream,
    });
    this.#feed = new MarketFeed({
      clock,
      rng: rng.fork('market'),
      dialect: this.#side.market,
      silenceMs: this.#timings.feedSilenceMs,
      emit: (event) => this.#emit({ kind: 'market', event }),
    });
    this.#stream = new PrivateStream({
      clock,
      rng: rng.fork('private'),
      dialect: this.#side.private,
      deafAfterMs: this.#timings.deafAfterMs,
      up: () => this.#streamUp(),
      gap: (sinceUs, reason) => this.#emit({ kind: 'private_gap', sinceUs, reason: sanitize(reason) }),
      down: (reason) => this.#streamDown(sanitize(reason)),
    });
    const desk: CommandDesk = commandDesk({
      clock,
      caller: this.#caller,
      dialect: this.#side.commands,
      sanitize,
      accepted: (venueOrderId, postedAtUs) => this.#stream.expectOrder(venueOrderId, postedAtUs),
      ended: (order) => this.#emit({ kind: 'order', order }),
    });
    this.place = desk.place;
    this.placeBatch = desk.placeBatch;
    this.amend = desk.amend;
    this.cancel = desk.cancel;
    this.cancelBatch = desk.cancelBatch;
  }

  get accountUid(): string {
    return this.#side.accountUid?.() ?? '';
  }

  get instruments(): readonly Instrument[] {
    return this.#instruments;
  }

  get status(): VenueStatus {
    return this.#status;
  }

  get clockOffsetUs(): number {
    return Math.round(this.#venueClock.offsetUs());
  }

  listen(listener: VenueListener): void {
    if (this.#listener !== undefined) throw new Error('a venue has exactly one listener');
    this.#listener = listener;
  }

  async start(): Promise<StartRefusal | undefined> {
    const { rng, logger } = this.#surroundings;
    for (let failures = 1; !this.#ending.signal.aborted; failures++) {
      try {
        const refusal = await this.#prepare();
        if (refusal !== undefined) return refusal;
        break;
      } catch (error) {
        if (!(error instanceof ExchangeError)) throw error;
        logger.warn({ reason: error.reasonName, detail: error.message }, 'the venue cannot be brought up yet');
        this.#streamReason = error.message;
        this.#judge();
        await sleep(this.#clock, backoffDelayMs(failures, rng), this.#ending.signal);
      }
    }
    if (this.#ending.signal.aborted) return undefined;
    this.#sampleClockLater();
    await new Promise<void>((resolve) => {
      this.#firstUp = resolve;
      this.#stream.start();
    });
    return undefined;
  }

  async close(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    this.#clockTimer?.cancel();
    this.#blockTimer?.cancel();
    this.#feed.close();
    this.#stream.close();
    this.#firstUp?.();
    await this.#side.close();
  }

  getOrder: Venue['getOrder'] = (request) => searchOrder(request, this.#side.search, this.#clock);
  listOpenOrders: Venue['listOpenOrders'] = (request) => this.#side.queries.listOpenOrders(request);
  listFills: Venue['listFills'] = (request) => this.#side.queries.listFills(request);
  getBalances: Venue['getBalances'] = () => this.#side.queries.getBalances();
  listPositions: Venue['listPositions'] = () => this.#side.queries.listPositions();
  listFundingPayments: Venue['listFundingPayments'] = (request) => this.#side.queries.listFundingPayments(request);
  getAccountSettings: Venue['getAccountSettings'] = (symbol) => this.#side.queries.getAccountSettings(symbol);
  listCandles: Venue['listCandles'] = (request) => this.#side.queries.listCandles(request);
  getFundingRate: Venue['getFundingRate'] = (symbol) => this.#side.queries.getFundingRate(symbol);
  setLeverage: Venue['setLeverage'] = (symbol, leverage) => this.#side.queries.setLeverage(symbol, leverage);
  setMarginMode: Venue['setMarginMode'] = (symbol, mode) => this.#side.queries.setMarginMode(symbol, mode);
  setPositionMode: Venue['setPositionMode'] = (mode) => this.#side.queries.setPositionMode(mode);
  armDeadMan: Venue['armDeadMan'] = (symbol, countdownMs) => this.#side.queries.armDeadMan(symbol, countdownMs);

  async getServerTime(): Promise<GetServerTimeResponse> {
    const askedAtUs = this.#clock.wallUs();
    const venueTimeUs = await this.#sampleClock();
    return GetServerTimeResponse.fromPartial({ venueTimeUs, askedAtUs, answeredAtUs: this.#clock.wallUs() });
  }

  subscribe: Venue['subscribe'] = (topic) => this.#feed.subscribe(topic);
  unsubscribe: Venue['unsubscribe'] = (topic) => this.#feed.unsubscribe(topic);
  resnapshot: Venue['resnapshot'] = (topic) => this.#feed.resnapshot(topic);

  async #prepare(): Promise<StartRefusal | undefined> {
    for (let sample = 0; sample < FIRST_SAMPLES; sample++) await this.#sampleClock();
    const prepared = await this.#side.prepare();
    if ('code' in prepared) return prepared;
    this.#instruments = prepared;
    return undefined;
  }

  async #sampleClock(): Promise<number> {
    const askedUs = this.#clock.monotonicUs();
    const venueUs = await this.#side.askTime();
    // Venues tell whole milliseconds, cut: the truth lies half of one later on average.
    this.#venueClock.add({ venueUs: venueUs + 500, askedUs, answeredUs: this.#clock.monotonicUs() });
    return venueUs;
  }

  #sampleClockLater(delayMs = this.#timings.clockSampleMs): void {
    this.#clockTimer?.cancel();
    if (this.#ending.signal.aborted) return;
    this.#clockTimer = this.#clock.schedule(delayMs, () => {
      this.#sampleClock().then(
        () => this.#sampleClockLater(),
        () => this.#sampleClockLater(),
      );
    });
  }

  #streamUp(): void {
    this.#streamReason = '';
    this.#judge();
    this.#firstUp?.();
    this.#firstUp = undefined;
  }

  #streamDown(reason: string): void {
    this.#surroundings.logger.warn({ reason }, 'the private stream is down');
    this.#streamReason = reason;
    this.#judge();
  }

  #observed({ roundTripUs, verdict }: Observation): void {
    if (roundTripUs !== undefined) {
      this.#roundTripsUs.push(roundTripUs);
      if (this.#roundTripsUs.length > ROUND_TRIPS) this.#roundTripsUs.shift();
    }
    if (verdict?.kind === 'rejected' && verdict.effect === 'resync_clock') {
      this.#venueClock.distrust();
      if (this.#clockTimer !== undefined) this.#sampleClockLater(0);
    }
    const nowUs = this.#clock.monotonicUs();
    const limited = verdict?.kind === 'rate_limited';
    if (limited) this.#judge();
    if (!limited && nowUs - this.#budgetsSaidUs < BUDGETS_EVERY_US) return;
    this.#budgetsSaidUs = nowUs;
    this.#emit({ kind: 'rate_budgets', budgets: this.#budgets.messages() });
  }

  /** Says the status again, if it changed. */
  #judge(): void {
    if (this.#ending.signal.aborted) return;
    const { state, message } = this.#state();
    const changed = state !== this.#status.state || message !== this.#status.message;
    if (!changed) return;
    const sorted = [...this.#roundTripsUs].sort((a, b) => a - b);
    this.#status = VenueStatus.fromPartial({
      state,
      message,
      roundTripUs: sorted[Math.floor(sorted.length / 2)],
      clockOffsetUs: this.#venueClock.sampled ? this.clockOffsetUs : undefined,
    });
    this.#emit({ kind: 'status', status: this.#status });
  }

  #state(): { readonly state: VenueState; readonly message: string } {
    const blockedUntilUs = this.#budgets.blockedUntilUs('requests');
    if (blockedUntilUs !== undefined) {
      const leftMs = Math.max(1, Math.ceil((blockedUntilUs - this.#venueClock.nowUs()) / 1_000));
      this.#blockTimer?.cancel();
      this.#blockTimer = this.#clock.schedule(leftMs, () => this.#judge());
      return { state: VenueState.BLOCKED, message: 'the venue refuses every call for a while' };
    }
    if (this.#stream.isUp) return { state: VenueState.READY, message: '' };
    const started = this.#instruments.length > 0 && this.#firstUp === undefined;
    return { state: started ? VenueState.DISCONNECTED : VenueState.CONNECTING, message: this.#streamReason };
  }

  #emit(event: VenueEvent): void {
    if (!this.#ending.signal.aborted) this.#listener?.(event);
  }
}
