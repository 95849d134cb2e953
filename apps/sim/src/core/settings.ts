/** What an account may set of its contracts: leverage and margin type a symbol, and the position mode. */
import { isZero } from '@trunkline/proto/decimal';
import type { AccountBook } from './accounts.ts';
import type { OrderStore } from './orders.ts';
import type { Outbox } from './outbox.ts';
import { sidesOf } from './position-side.ts';
import type { Instrument, MarginType, PositionMode, Refusal, Verdict } from './types.ts';
import { refusal } from './validate.ts';

export interface Settings {
  setLeverage(accountId: string, symbol: string, leverage: number): Verdict<{ readonly leverage: number }>;
  setMarginType(accountId: string, symbol: string, marginType: MarginType): Verdict<MarginType>;
  setPositionMode(accountId: string, positionMode: PositionMode): Verdict<PositionMode>;
}

interface SettingsOptions {
  readonly outbox: Outbox;
  readonly accounts: AccountBook;
  readonly orders: OrderStore;
  readonly instruments: () => readonly Instrument[];
}

export function createSettings({ outbox, accounts, orders, instruments }: SettingsOptions): Settings {
  function contract(accountId: string, symbol: string): Verdict<Instrument> {
    if (!accounts.has(accountId)) return no(refusal('unknown_account', `no account ${accountId}`));
    const instrument = instruments().find((one) => one.symbol === symbol);
    if (instrument === undefined) return no(refusal('unknown_symbol', `no symbol ${symbol}`));
    if (instrument.market === 'spot') return no(refusal('wrong_market', `${symbol} is a spot pair`));
    return { ok: true, value: instrument };
  }

  /** Without a symbol, of all of them. */
  function whatIsOpen(accountId: string, symbol?: string): Refusal | undefined {
    const open = orders.liveOf(accountId, symbol).length;
    if (open > 0) return refusal('open_orders_exist', `${open} orders are open`);
    const symbols = symbol === undefined ? accounts.symbols(accountId) : [symbol];
    const sides = sidesOf(accounts.positionMode(accountId));
    const held = symbols.find((name) =>
      sides.some((side) => !isZero(accounts.position(accountId, name, side).quantity)),
    );
    return held === undefined ? undefined : refusal('positions_exist', `there is a position in ${held}`);
  }

  return {
    setLeverage(accountId, symbol, leverage) {
      const found = contract(accountId, symbol);
      if (!found.ok) return found;
      const { maxLeverage } = found.value;
      if (!Number.isInteger(leverage) || leverage < 1 || leverage > maxLeverage)
        return no(refusal('bad_leverage', `leverage is 1 to ${maxLeverage}`));
      accounts.setLeverage(accountId, symbol, leverage);
      outbox.transact(() => outbox.setting({ kind: 'leverage', accountId, symbol, leverage }));
      return { ok: true, value: { leverage } };
    },
    setMarginType(accountId, symbol, marginType) {
      const found = contract(accountId, symbol);
      if (!found.ok) return found;
      const open = whatIsOpen(accountId, symbol);
      if (open !== undefined) return no(open);
      accounts.setMarginType(accountId, symbol, marginType);
      outbox.transact(() => outbox.setting({ kind: 'margin_type', accountId, symbol, marginType }));
      return { ok: true, value: marginType };
    },
    setPositionMode(accountId, positionMode) {
      if (!accounts.has(accountId)) return no(refusal('unknown_account', `no account ${accountId}`));
      if (instruments().every(({ market }) => market === 'spot'))
        return no(refusal('wrong_market', 'spot has no positions'));
      const open = whatIsOpen(accountId);
      if (open !== undefined) return no(open);
      accounts.setPositionMode(accountId, positionMode);
      outbox.transact(() => outbox.setting({ kind: 'position_mode', accountId, positionMode }));
      return { ok: true, value: positionMode };
    },
  };
}

function no(why: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: why };
}
