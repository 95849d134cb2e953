/**
 * What each account has: a wallet an asset, positions and settings a symbol. State only; who may trade what is decided
 * in admission.ts, what it is worth in valuation.ts.
 *
 * K1  After the deposits a wallet moves by fills (realised PnL and fee, or what was bought and sold) and by funding,
 *     each by exactly what the fill or payment says.
 */
import { add, type Decimal, type Price, type Quantity, ZERO } from '@trunkline/proto/decimal';
import { applyFill, flatPosition } from './position.ts';
import type { MarginType, Position, PositionMode, PositionSide, Side } from './types.ts';

export const DEFAULT_LEVERAGE = 20;

/** A fill as a position sees it. */
export interface PositionFill {
  readonly accountId: string;
  readonly symbol: string;
  readonly positionSide: PositionSide;
  readonly side: Side;
  readonly price: Price;
  readonly quantity: Quantity;
  readonly timeUs: number;
}

export interface AccountBook {
  has(accountId: string): boolean;
  /** Makes it, with nothing in it. */
  open(accountId: string): void;
  ids(): readonly string[];
  wallet(accountId: string, asset: string): Decimal;
  assets(accountId: string): readonly string[];
  setWallet(accountId: string, asset: string, amount: Decimal): void;
  credit(accountId: string, asset: string, amount: Decimal): void;
  /** Flat where the account never traded. */
  position(accountId: string, symbol: string, positionSide: PositionSide): Position;
  setPosition(accountId: string, position: Position): void;
  /** Symbols that it traded or set up. */
  symbols(accountId: string): readonly string[];
  leverage(accountId: string, symbol: string): number;
  setLeverage(accountId: string, symbol: string, leverage: number): void;
  marginType(accountId: string, symbol: string): MarginType;
  setMarginType(accountId: string, symbol: string, marginType: MarginType): void;
  positionMode(accountId: string): PositionMode;
  setPositionMode(accountId: string, mode: PositionMode): void;
  /** Moves the position; answers the PnL realised, which no wallet has yet. */
  movePosition(fill: PositionFill): Decimal;
}

interface State {
  readonly wallets: Map<string, Decimal>;
  /** By symbol and side. */
  readonly positions: Map<string, Position>;
  readonly leverages: Map<string, number>;
  readonly marginTypes: Map<string, MarginType>;
  positionMode: PositionMode;
}

export function createAccountBook(): AccountBook {
  const accounts = new Map<string, State>();

  function stateOf(accountId: string): State {
    const known = accounts.get(accountId);
    if (known !== undefined) return known;
    const fresh: State = {
      wallets: new Map(),
      positions: new Map(),
      leverages: new Map(),
      marginTypes: new Map(),
      positionMode: 'one_way',
    };
    accounts.set(accountId, fresh);
    return fresh;
  }

  const keyOf = (symbol: string, positionSide: PositionSide) => `${symbol}/${positionSide}`;
  const wallet = (accountId: string, asset: string) => accounts.get(accountId)?.wallets.get(asset) ?? ZERO;
  const position = (accountId: string, symbol: string, positionSide: PositionSide) =>
    accounts.get(accountId)?.positions.get(keyOf(symbol, positionSide)) ?? flatPosition(symbol, positionSide, 0);
  const setPosition = (accountId: string, value: Position) =>
    stateOf(accountId).positions.set(keyOf(value.symbol, value.positionSide), value);

  return {
    has: (accountId) => accounts.has(accountId),
    open: (accountId) => void stateOf(accountId),
    ids: () => [...accounts.keys()],
    wallet,
    assets: (accountId) => [...(accounts.get(accountId)?.wallets.keys() ?? [])],
    setWallet: (accountId, asset, amount) => stateOf(accountId).wallets.set(asset, amount),
    credit: (accountId, asset, amount) => stateOf(accountId).wallets.set(asset, add(wallet(accountId, asset), amount)),
    position,
    setPosition,
    symbols(accountId) {
      const state = accounts.get(accountId);
      if (state === undefined) return [];
      const traded = Array.from(state.positions.values(), ({ symbol }) => symbol);
      return [...new Set([...traded, ...state.leverages.keys(), ...state.marginTypes.keys()])];
    },
    leverage: (accountId, symbol) => accounts.get(accountId)?.leverages.get(symbol) ?? DEFAULT_LEVERAGE,
    setLeverage: (accountId, symbol, leverage) => stateOf(accountId).leverages.set(symbol, leverage),
    marginType: (accountId, symbol) => accounts.get(accountId)?.marginTypes.get(symbol) ?? 'cross',
    setMarginType: (accountId, symbol, marginType) => stateOf(accountId).marginTypes.set(symbol, marginType),
    positionMode: (accountId) => accounts.get(accountId)?.positionMode ?? 'one_way',
    setPositionMode(accountId, mode) {
      stateOf(accountId).positionMode = mode;
    },
    movePosition({ accountId, symbol, positionSide, side, price, quantity, timeUs }) {
      const step = applyFill(position(accountId, symbol, positionSide), side, price, quantity, timeUs);
      setPosition(accountId, step.position);
      return step.realizedPnl;
    },
  };
}
