/**
 * How a futures account trades, asked and changed (bitget.com/api-doc, contract account: "Get Single Account", "Change
 * Leverage", "Change Margin Mode", "Change Position Mode"). What stands already is refused with codes of its own; that is
 * what was wanted.
 */
import { AccountSettings, MarginMode, type PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { type Caller, toExchangeError } from '../caller.ts';
import { record, Unreadable } from '../fields.ts';
import type { Cost } from '../rate-budget.ts';
import type { SymbolTable } from '../symbol-table.ts';
import { leverageOf, readSettings } from './account-mapper.ts';
import type { BitgetClient } from './client.ts';
import { answeredAtUs, dataOf } from './endpoints.ts';
import { UNCHANGED } from './errors.ts';
import type { Modes } from './modes.ts';
import type { Heard } from './order-mapper.ts';
import { MARGIN_COIN, type Product } from './product.ts';
import { costOf } from './rest.ts';
import { marginModeWord, positionModeWord } from './words.ts';

export interface SettingOptions {
  readonly client: BitgetClient;
  readonly product: Product;
  readonly caller: Caller;
  readonly modes: Modes;
  readonly venueSymbol: (symbol: string) => string;
  readonly heard: (symbol: string) => Heard;
  readonly symbols: () => SymbolTable;
  /** The venue's clock. */
  readonly nowMs: () => number;
  /** What this connector changed: the venue does not push it. */
  readonly changed: (settings: AccountSettings) => void;
}

export function bitgetSettings(options: SettingOptions) {
  const { client, product, caller, modes, venueSymbol, heard, symbols, nowMs } = options;
  const of = (symbol: string) => ({ ...product.scope, marginCoin: MARGIN_COIN, symbol: venueSymbol(symbol) });

  /** Undefined when what was asked for stands already. */
  const set = async (cost: Cost, send: () => Promise<unknown>): Promise<unknown> => {
    const result = await caller.call({ cost, priority: 'query' }, send);
    if (result.kind === 'answered') return result.body;
    if (result.kind === 'failed' && UNCHANGED.has(result.code)) return undefined;
    throw toExchangeError(result);
  };

  const sayChanged = (symbol: string, leverage?: number) =>
    options.changed(
      AccountSettings.fromPartial({
        ...heard(symbol),
        leverage,
        marginMode: modes.marginMode(symbol),
        positionMode: modes.mode,
        venueTimeUs: nowMs() * 1_000,
      }),
    );

  return {
    async getAccountSettings(symbol: string): Promise<AccountSettings> {
      const parameters = of(symbol);
      const body = await caller.query(costOf('account'), () => client.privateMixGetV2MixAccountAccount(parameters));
      const settings = readSettings(record(dataOf(body), 'account'), heard(symbol), answeredAtUs(body));
      modes.mode = settings.positionMode;
      modes.setMarginMode(symbol, settings.marginMode);
      return settings;
    },

    /** Both sides of an isolated position, since the contract has one leverage a symbol. */
    async setLeverage(symbol: string, leverage: number): Promise<number> {
      const parameters = { ...of(symbol), leverage: String(leverage) };
      const body = await set(costOf('set_leverage'), () => client.privateMixPostV2MixAccountSetLeverage(parameters));
      if (body === undefined) {
        sayChanged(symbol, leverage);
        return leverage;
      }
      const answer = record(dataOf(body), 'leverage');
      const isolated = modes.marginMode(symbol) === MarginMode.ISOLATED;
      const stands = leverageOf(answer, isolated ? 'longLeverage' : 'crossMarginLeverage');
      if (stands === undefined) throw new Unreadable('the leverage that was set');
      sayChanged(symbol, stands);
      return stands;
    },

    async setMarginMode(symbol: string, mode: MarginMode): Promise<void> {
      const parameters = { ...of(symbol), marginMode: marginModeWord(mode) };
      await set(costOf('set_margin_mode'), () => client.privateMixPostV2MixAccountSetMarginMode(parameters));
      modes.setMarginMode(symbol, mode);
      sayChanged(symbol);
    },

    async setPositionMode(mode: PositionMode): Promise<void> {
      const parameters = { ...product.scope, posMode: positionModeWord(mode) };
      await set(costOf('set_position_mode'), () => client.privateMixPostV2MixAccountSetPositionMode(parameters));
      modes.mode = mode;
      for (const symbol of symbols().symbols) sayChanged(symbol);
    },
  };
}
