/**
 * Funding of perpetuals: what the rate is, and the charge at each funding time.
 *
 * N1  Funding times are the multiples of the instrument's interval since the Unix epoch. The rate of each is a function
 *     of seed, symbol and time alone: known a whole interval before, and the same after a restart.
 * N2  At a funding time each open position pays `quantity * mark price * rate` (the shorts get it when the rate is
 *     above zero), half-even to 8 places, from and to the quote asset's wallet. The other side of it is the rest of the
 *     world, so the payments of the accounts need not add up to zero.
 * N3  A venue that was down at a funding time charges nothing for it.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';
import { type Decimal, decimal, isZero, multiply, negate, type Price, round } from '@trunkline/proto/decimal';
import type { Rng } from '@trunkline/proto/rng';
import type { AccountBook } from './accounts.ts';
import type { FundingStore } from './funding-store.ts';
import type { Ids } from './ids.ts';
import type { Outbox } from './outbox.ts';
import { MONEY_PLACES } from './position.ts';
import { sidesOf } from './position-side.ts';
import type { FundingPayment, Instrument, PositionSide } from './types.ts';

const RATE_STEP = decimal('0.00001');
/** Rates go from -0.015 % to 0.025 %: what quiet markets have, more often paid by the longs. */
const LOWEST_STEPS = -15;
const RATES = 41;

export interface UpcomingFunding {
  readonly rate: Decimal;
  readonly timeUs: number;
}

export interface Funding {
  /** Undefined for spot. */
  upcoming(instrument: Instrument, nowUs: number): UpcomingFunding | undefined;
  start(instruments: readonly Instrument[]): void;
  close(): void;
}

interface FundingOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly outbox: Outbox;
  readonly accounts: AccountBook;
  readonly payments: FundingStore;
  readonly ids: Ids;
  readonly markPrice: (symbol: string) => Price;
}

export function createFunding(options: FundingOptions): Funding {
  const { clock, outbox, accounts, payments, ids } = options;
  const timers = new Map<string, Timer>();

  function upcoming({ symbol, fundingIntervalMs }: Instrument, nowUs: number): UpcomingFunding | undefined {
    if (fundingIntervalMs === undefined) return undefined;
    const intervalUs = fundingIntervalMs * 1_000;
    const timeUs = nowUs - (nowUs % intervalUs) + intervalUs;
    const steps = LOWEST_STEPS + options.rng.fork(`${symbol}/${timeUs}`).integer(RATES);
    return { rate: multiply(decimal(String(steps)), RATE_STEP), timeUs };
  }

  function charge(instrument: Instrument, due: UpcomingFunding): void {
    for (const accountId of accounts.ids())
      for (const positionSide of sidesOf(accounts.positionMode(accountId)))
        chargePosition(accountId, instrument, positionSide, due);
  }

  function chargePosition(
    accountId: string,
    { symbol, quote: asset }: Instrument,
    positionSide: PositionSide,
    { rate, timeUs }: UpcomingFunding,
  ): void {
    const { quantity } = accounts.position(accountId, symbol, positionSide);
    if (isZero(quantity) || isZero(rate)) return;
    const owed = multiply(multiply(quantity, options.markPrice(symbol)), rate);
    const amount = negate(round(owed, MONEY_PLACES, 'half-even'));
    const paymentId = String(ids.next('funding'));
    const payment: FundingPayment = { paymentId, accountId, symbol, positionSide, asset, amount, rate, timeUs };
    accounts.credit(accountId, asset, amount);
    payments.add(payment);
    outbox.funding(payment);
    outbox.accountTouched(accountId, 'funding', [asset], { symbol, positionSide });
  }

  function wait(instrument: Instrument, due: UpcomingFunding): void {
    const run = () => {
      // The wall clock may have been set back: a timer that comes too early waits again.
      if (clock.wallUs() < due.timeUs) return wait(instrument, due);
      outbox.transact(() => charge(instrument, due));
      arm(instrument);
    };
    timers.set(instrument.symbol, clock.schedule(Math.max(0, due.timeUs - clock.wallUs()) / 1_000, run));
  }

  function arm(instrument: Instrument): void {
    const next = upcoming(instrument, clock.wallUs());
    if (next !== undefined) wait(instrument, next);
  }

  return {
    upcoming,
    start(instruments) {
      for (const instrument of instruments) arm(instrument);
    },
    close() {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
    },
  };
}
