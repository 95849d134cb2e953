/**
 * What the session says of the account as a whole: balances, positions, funding, settings, the venue's state. Kept as
 * last told; what it makes doubtful is asked about, what is news to others is handed on.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Decimal } from '@trunkline/proto/decimal';
import { type AccountSettings, MarginMode, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { VenueState, type VenueStatus } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { readBalances } from '../positions/balance-ledger.ts';
import { readFundingPayment } from '../positions/funding.ts';
import type { PositionBook } from '../positions/position-book.ts';
import type { AccountLedger } from './account-ledger.ts';
import type { AccountEvent } from './session-inbox.ts';

/** How a symbol is traded, as far as the venue told it. */
export interface SettingsView {
  readonly symbol: string;
  readonly leverage: number | null;
  readonly marginMode: 'cross' | 'isolated' | null;
  readonly positionMode: 'one_way' | 'hedge' | null;
}

export interface AccountFactsOptions {
  readonly symbols: { has(symbol: string): boolean };
  readonly positions: PositionBook;
  readonly ledger: AccountLedger;
  /** When the account's baseline was taken; undefined before that. */
  readonly baselineUs: () => number | undefined;
  /** Something is missing: closes the account to new risk until it was asked for. */
  readonly require: (reason: string) => void;
  readonly draining: (deadlineUs: number, reason: string) => void;
}

export class AccountFacts {
  readonly #options: AccountFactsOptions;
  readonly #settings = new Map<string, SettingsView>();
  balances: Readonly<Record<string, Decimal>> = {};
  venueStatus: VenueStatus | undefined;
  draining = false;

  constructor(options: AccountFactsOptions) {
    this.#options = options;
  }

  get settings(): readonly SettingsView[] {
    return [...this.#settings.values()];
  }

  balancesHeard(heard: Readonly<Record<string, Decimal>>): void {
    this.balances = { ...this.balances, ...heard };
  }

  take(event: AccountEvent): void {
    const { positions, require, draining } = this.#options;
    switch (event.$case) {
      case 'balances':
        this.balancesHeard(readBalances(event.value.balances));
        return;
      case 'positions':
        positions.heard(event.value.positions, false);
        return;
      case 'funding':
        this.#funding(event.value);
        return;
      case 'settings':
        this.#take(event.value);
        return;
      case 'venueStatus':
        // The private stream stands for the first time: what happened between our questions and now was said by nobody.
        if (this.venueStatus?.state === VenueState.CONNECTING && event.value.state === VenueState.READY)
          require('the venue came up');
        this.venueStatus = event.value;
        return;
      case 'draining':
        this.draining = true;
        draining(event.value.deadlineUs, event.value.reason);
        return;
      case 'gap':
        require(`private events are missing: ${event.value.reason}`);
        return;
      case 'rateBudgets':
        // Budgets are the connector's to keep; it denies what does not fit.
        return;
      default:
        assertNever(event);
    }
  }

  /** What was paid before the baseline is in it. */
  #funding(message: Extract<AccountEvent, { $case: 'funding' }>['value']): void {
    const { symbols, ledger, require, baselineUs } = this.#options;
    const payment = readFundingPayment(message);
    if (!payment) require('a funding payment could not be read');
    else if (symbols.has(message.symbol) && payment.venueTimeUs >= (baselineUs() ?? Number.POSITIVE_INFINITY))
      ledger.funding(message.symbol, payment);
  }

  /** What a message does not say stays as it was. */
  #take({ symbol, leverage, marginMode, positionMode }: AccountSettings): void {
    const before = this.#settings.get(symbol);
    this.#settings.set(symbol, {
      symbol,
      leverage: leverage ?? before?.leverage ?? null,
      marginMode: MARGIN.get(marginMode) ?? before?.marginMode ?? null,
      positionMode: POSITION.get(positionMode) ?? before?.positionMode ?? null,
    });
  }
}

const MARGIN = new Map<MarginMode, 'cross' | 'isolated'>([
  [MarginMode.CROSS, 'cross'],
  [MarginMode.ISOLATED, 'isolated'],
]);
const POSITION = new Map<PositionMode, 'one_way' | 'hedge'>([
  [PositionMode.ONE_WAY, 'one_way'],
  [PositionMode.HEDGE, 'hedge'],
]);
