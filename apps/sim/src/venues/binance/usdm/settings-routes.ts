/** Settings of an account: leverage, margin type, position mode, and what it is told of them. */
import type { Refusal } from '../../../core/types.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { type Answer, answer, type Params, type Route, type VenueContext } from '../call.ts';
import { isRefused, type Refused, refuse } from '../errors.ts';
import { optional, optionalBoolean, required, requiredInteger } from '../params.ts';
import { NOTIONAL_CAP } from './account-view.ts';
import { refusedByCore } from './core-refusal.ts';
import { readInstrument } from './order-input.ts';

const MARGIN_NAMES = { cross: 'CROSSED', isolated: 'ISOLATED' } as const;
const DONE = { code: 200, msg: 'success' };

export function settingsRoutes({ core }: VenueContext): readonly Route[] {
  const setLeverage = (params: Params, account: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const leverage = requiredInteger(params, 'leverage');
    if (isRefused(leverage)) return leverage;
    const verdict = core.setLeverage(account.name, instrument.symbol, leverage);
    if (!verdict.ok) {
      return verdict.refusal.code === 'bad_leverage'
        ? refuse('BAD_LEVERAGE', String(leverage))
        : refusedByCore(verdict.refusal, 'place', { core, instrument });
    }
    return answer({
      symbol: instrument.symbol,
      leverage: verdict.value.leverage,
      maxNotionalValue: String(NOTIONAL_CAP),
    });
  };

  const setMarginType = (params: Params, account: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const name = required(params, 'marginType');
    if (isRefused(name)) return name;
    if (name !== 'CROSSED' && name !== 'ISOLATED') return refuse('BAD_VALUE', 'marginType');
    const { symbol } = instrument;
    if (MARGIN_NAMES[core.marginType(account.name, symbol)] === name) return refuse('SAME_MARGIN_TYPE');
    const verdict = core.setMarginType(account.name, symbol, name === 'CROSSED' ? 'cross' : 'isolated');
    if (verdict.ok) return answer(DONE);
    return (
      settingRefused(verdict.refusal, 'MARGIN_TYPE_WITH_ORDERS', 'MARGIN_TYPE_WITH_POSITION') ??
      refusedByCore(verdict.refusal, 'place', { core, instrument })
    );
  };

  const setPositionMode = (params: Params, account: VenueAccount): Answer => {
    const dual = optionalBoolean(params, 'dualSidePosition') ?? refuse('MANDATORY_MISSING', 'dualSidePosition');
    if (isRefused(dual)) return dual;
    if (dual === isHedged(account)) return refuse('SAME_POSITION_SIDE');
    const verdict = core.setPositionMode(account.name, dual ? 'hedge' : 'one_way');
    if (verdict.ok) return answer(DONE);
    return (
      settingRefused(verdict.refusal, 'POSITION_SIDE_WITH_ORDERS', 'POSITION_SIDE_WITH_POSITION') ??
      refuse('UNSUPPORTED_OPERATION')
    );
  };

  const isHedged = (account: VenueAccount) => core.positionMode(account.name) === 'hedge';

  const symbolConfig = (params: Params, account: VenueAccount): Answer => {
    const named = optional(params, 'symbol') === undefined ? undefined : readInstrument(params, core);
    if (isRefused(named)) return named;
    const instruments = named === undefined ? core.instruments() : [named];
    return answer(
      instruments.map(({ symbol }) => ({
        symbol,
        marginType: MARGIN_NAMES[core.marginType(account.name, symbol)],
        isAutoAddMargin: false,
        leverage: core.leverage(account.name, symbol),
        maxNotionalValue: String(NOTIONAL_CAP),
      })),
    );
  };

  const accountConfig = (_params: Params, account: VenueAccount): Answer =>
    answer({
      feeTier: 0,
      canTrade: true,
      canDeposit: true,
      canWithdraw: account.canWithdraw,
      dualSidePosition: isHedged(account),
      updateTime: 0,
      multiAssetsMargin: false,
      tradeGroupId: -1,
    });

  const signed = (
    method: Route['method'],
    path: string,
    weight: number,
    handle: (params: Params, account: VenueAccount) => Answer,
  ): Route => ({ method, path: `/fapi/v1/${path}`, weight, security: 'signed', handle });

  return [
    signed('POST', 'leverage', 1, setLeverage),
    signed('POST', 'marginType', 1, setMarginType),
    signed('GET', 'positionSide/dual', 30, (_params, account) => answer({ dualSidePosition: isHedged(account) })),
    signed('POST', 'positionSide/dual', 1, setPositionMode),
    signed('GET', 'multiAssetsMargin', 30, () => answer({ multiAssetsMargin: false })),
    signed('GET', 'symbolConfig', 5, symbolConfig),
    signed('GET', 'accountConfig', 5, accountConfig),
  ];
}

function settingRefused(
  { code }: Refusal,
  withOrders: Parameters<typeof refuse>[0],
  withPosition: Parameters<typeof refuse>[0],
): Refused | undefined {
  if (code === 'open_orders_exist') return refuse(withOrders);
  return code === 'positions_exist' ? refuse(withPosition) : undefined;
}
