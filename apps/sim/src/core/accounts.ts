/**
 * What each account has: a wallet an asset, a position and a leverage a symbol. State only; who may trade what is
 * decided in desk.ts, what it is worth in valuation.ts.
 *
 * K1  A fill moves the wallet by `realizedPnl - fee` exactly, and nothing else does after the deposit: no funding is
 *     charged.
 */
import { add, type Decimal, type Price, type Quantity, subtract, ZERO } from '@trunkline/proto/decimal';
import { applyFill, flatPosition } from './position.ts';
import type { Balance, Position, Side } from './types.ts';

export const DEFAULT_LEVERAGE = 20;

export interface AccountFill {
  readonly accountId: string;
  readonly symbol: string;
  readonly asset: string;
  readonly side: Side;
  readonly price: Price;
  readonly quantity: Quantity;
  readonly fee: Decimal;
  readonly timeUs: number;
}

export interface AccountBook {
  has(accountId: string): boolean;
  ids(): readonly string[];
  balance(accountId: string, asset: string): Balance;
  balances(accountId: string): readonly Balance[];
  /** Flat where the account never traded. */
  position(accountId: string, symbol: string): Position;
  /** Symbols that it traded or set the leverage of. */
  symbols(accountId: string): readonly string[];
  leverage(accountId: string, symbol: string): number;
  setBalance(accountId: string, balance: Balance): void;
  setPosition(accountId: string, position: Position): void;
  setLeverage(accountId: string, symbol: string, leverage: number): void;
  /** Moves position and wallet; answers the PnL realised. */
  book(fill: AccountFill): Decimal;
}

interface State {
  readonly balances: Map<string, Balance>;
  readonly positions: Map<string, Position>;
  readonly leverages: Map<string, number>;
}

export function createAccountBook(): AccountBook {
  const accounts = new Map<string, State>();

  function stateOf(accountId: string): State {
    const known = accounts.get(accountId);
    if (known !== undefined) return known;
    const fresh = { balances: new Map(), positions: new Map(), leverages: new Map() };
    accounts.set(accountId, fresh);
    return fresh;
  }

  function balance(accountId: string, asset: string): Balance {
    return accounts.get(accountId)?.balances.get(asset) ?? { asset, walletBalance: ZERO };
  }

  function position(accountId: string, symbol: string): Position {
    return accounts.get(accountId)?.positions.get(symbol) ?? flatPosition(symbol, 0);
  }

  return {
    has: (accountId) => accounts.has(accountId),
    ids: () => [...accounts.keys()],
    balance,
    balances: (accountId) => [...(accounts.get(accountId)?.balances.values() ?? [])],
    position,
    symbols(accountId) {
      const state = accounts.get(accountId);
      return state === undefined ? [] : [...new Set([...state.positions.keys(), ...state.leverages.keys()])];
    },
    leverage: (accountId, symbol) => accounts.get(accountId)?.leverages.get(symbol) ?? DEFAULT_LEVERAGE,
    setBalance: (accountId, value) => stateOf(accountId).balances.set(value.asset, value),
    setPosition: (accountId, value) => stateOf(accountId).positions.set(value.symbol, value),
    setLeverage: (accountId, symbol, leverage) => stateOf(accountId).leverages.set(symbol, leverage),
    book({ accountId, symbol, asset, side, price, quantity, fee, timeUs }) {
      const state = stateOf(accountId);
      const step = applyFill(position(accountId, symbol), side, price, quantity, timeUs);
      state.positions.set(symbol, step.position);
      const { walletBalance } = balance(accountId, asset);
      state.balances.set(asset, { asset, walletBalance: subtract(add(walletBalance, step.realizedPnl), fee) });
      return step.realizedPnl;
    },
  };
}
