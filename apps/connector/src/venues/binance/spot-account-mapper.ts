/** Binance spot's balances as the contract's (GET /api/v3/account; outboundAccountPosition of the user data stream). */
import { add } from '@trunkline/proto/decimal';
import { Balance } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { amount, type Json, list, record, text } from '../fields.ts';

/** `{"asset":"BTC","free":"1","locked":"0.5"}`: what orders hold is part of the total. */
export function readSpotBalances(account: Json): Balance[] {
  return list(account['balances'], 'balances').map((entry) =>
    readBalance(record(entry, 'balance'), ['asset', 'free', 'locked']),
  );
}

/** `{"a":"BTC","f":"1","l":"0.5"}`: every asset that may have changed, whole. */
export function readSpotBalanceChanges(event: Json): Balance[] {
  return list(event['B'], 'B').map((entry) => readBalance(record(entry, 'B'), ['a', 'f', 'l']));
}

function readBalance(entry: Json, [asset, free, locked]: readonly [string, string, string]): Balance {
  const available = amount(entry, free);
  return Balance.fromPartial({ asset: text(entry, asset), total: add(available, amount(entry, locked)), available });
}
