/**
 * Routes that a client of either market asks: the time, currencies, what the key may do, and fees. Each front emulates
 * one market, so the lists of the other's instruments are empty here.
 *
 * K1  What tells whether a key can withdraw is `perms` of `GET /account/main_keys`: a permission named `withdraw` that
 *     is not read-only. `key.mode` of `GET /account/detail` is 1, a classic account's.
 */
import type { Instrument } from '../../core/types.ts';
import { milliseconds } from '../decimal-text.ts';
import type { VenueAccount } from '../venue-front.ts';
import { type Answer, answer, type PrivateRoute, type PublicRoute, type Route, type VenueContext } from './call.ts';

const LISTS_OF_OTHERS = [
  '/spot/currency_pairs',
  '/margin/currency_pairs',
  '/futures/usdt/contracts',
  '/futures/btc/contracts',
] as const;

export function commonRoutes({ core, clock }: VenueContext): Route[] {
  const open = (path: string, handle: () => Answer): PublicRoute => ({ method: 'GET', path, access: 'public', handle });
  const held = (path: string, handle: (account: VenueAccount) => Answer): PrivateRoute => ({
    method: 'GET',
    path,
    access: 'private',
    budget: 'private',
    handle: (_request, account) => handle(account),
  });
  const [instrument] = core.instruments();

  return [
    open('/spot/time', () => answer({ server_time: milliseconds(clock.wallUs()) })),
    open('/spot/currencies', () => answer(currencies(core.instruments()).map(currencyView))),
    ...LISTS_OF_OTHERS.map((path) => open(path, () => answer([]))),
    held('/account/detail', ({ uid }) =>
      answer({
        user_id: Number(uid),
        ip_whitelist: [],
        currency_pairs: [],
        key: { mode: 1 },
        tier: 0,
        tier_expire_time: '0001-01-01T00:00:00Z',
        copy_trading_role: 0,
      }),
    ),
    held('/unified/unified_mode', () => answer({ mode: 'classic', settings: {} })),
    held('/account/main_keys', (account) => answer([keyView(account)])),
    held('/wallet/fee', ({ uid }) => answer({ user_id: Number(uid), ...fees(instrument) })),
    held('/spot/fee', ({ uid }) => answer({ user_id: Number(uid), ...fees(instrument), currency_pair: '' })),
  ];
}

function currencies(instruments: readonly Instrument[]): string[] {
  return [...new Set(instruments.flatMap(({ base, quote }) => [base, quote]))];
}

function currencyView(currency: string) {
  return {
    currency,
    name: currency,
    delisted: false,
    withdraw_disabled: false,
    withdraw_delayed: false,
    deposit_disabled: false,
    trade_disabled: false,
    chain: currency,
    chains: [],
  };
}

/** K1. */
function keyView({ apiKey, uid, canWithdraw }: VenueAccount) {
  return {
    state: 1,
    mode: 1,
    name: 'sim',
    currency_pairs: [],
    user_id: Number(uid),
    ip_whitelist: [],
    perms: ['wallet', 'spot', 'futures', ...(canWithdraw ? ['withdraw'] : [])].map((name) => ({
      name,
      read_only: false,
    })),
    key: apiKey,
    created_at: '1700000000',
    updated_at: '1700000000',
    last_access: '1700000000',
  };
}

function fees(instrument: Instrument | undefined) {
  const taker = instrument?.takerFeeRate ?? '0';
  const maker = instrument?.makerFeeRate ?? '0';
  return {
    taker_fee: taker,
    maker_fee: maker,
    futures_taker_fee: taker,
    futures_maker_fee: maker,
    delivery_taker_fee: taker,
    delivery_maker_fee: maker,
    gt_discount: false,
    gt_taker_fee: '0',
    gt_maker_fee: '0',
    loan_fee: '0.18',
    point_type: '0',
    debit_fee: 0,
  };
}
