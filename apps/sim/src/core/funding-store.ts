/** The funding payments of each account and symbol, oldest first; the newest `MAX_PAYMENTS_KEPT` of them. */
import type { ListFilter } from './core-api.ts';
import { selectFrom } from './list-filter.ts';
import type { FundingPayment } from './types.ts';

/** Nine years of three a day. */
const MAX_PAYMENTS_KEPT = 10_000;

export interface FundingStore {
  add(payment: FundingPayment): void;
  list(accountId: string, symbol: string, filter: ListFilter): readonly FundingPayment[];
}

export function createFundingStore(): FundingStore {
  const scopes = new Map<string, FundingPayment[]>();
  const keyOf = (accountId: string, symbol: string) => JSON.stringify([accountId, symbol]);
  return {
    add(payment) {
      const key = keyOf(payment.accountId, payment.symbol);
      const payments = scopes.get(key) ?? [];
      scopes.set(key, payments);
      payments.push(payment);
      if (payments.length > MAX_PAYMENTS_KEPT) payments.shift();
    },
    list: (accountId, symbol, filter) =>
      selectFrom(
        scopes.get(keyOf(accountId, symbol)) ?? [],
        filter,
        ({ paymentId }) => paymentId,
        ({ timeUs }) => timeUs,
      ),
  };
}
