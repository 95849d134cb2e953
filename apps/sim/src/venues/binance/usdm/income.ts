/** Income: what fills cost and realised, and funding. */
import { isZero, negate } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type { Fill, FundingPayment } from '../../../core/types.ts';
import { milliseconds } from '../../decimal-text.ts';
import { money, wireId } from '../print.ts';

interface Bounds {
  readonly startUs?: number;
  readonly endUs?: number;
}

/** Of these symbols, oldest first: with a start the first `limit`, else the last. */
export function incomeRows(
  core: Core,
  account: string,
  symbols: readonly string[],
  asked: { readonly bounds: Bounds; readonly limit: number; readonly incomeType: string | undefined },
) {
  const { bounds, limit, incomeType } = asked;
  const filter = { ...bounds, limit };
  const rows = symbols
    .flatMap((symbol) => [
      ...core.fills(account, symbol, filter).flatMap(incomeOf),
      ...core.fundingPayments(account, symbol, filter).map(fundingFee),
    ])
    .sort((a, b) => a.time - b.time)
    .filter((row) => incomeType === undefined || row.incomeType === incomeType);
  return bounds.startUs === undefined ? rows.slice(-limit) : rows.slice(0, limit);
}

/** Each fill costs a commission, and a closing one realises profit or loss. */
function incomeOf(fill: Fill) {
  const row = {
    symbol: fill.symbol,
    asset: fill.feeAsset,
    time: milliseconds(fill.timeUs),
    tranId: wireId(fill.tradeId),
    tradeId: fill.tradeId,
    info: fill.tradeId,
  };
  const commission = { ...row, incomeType: 'COMMISSION', income: money(negate(fill.fee)) };
  return isZero(fill.realizedPnl)
    ? [commission]
    : [commission, { ...row, incomeType: 'REALIZED_PNL', income: money(fill.realizedPnl) }];
}

function fundingFee(payment: FundingPayment) {
  return {
    symbol: payment.symbol,
    incomeType: 'FUNDING_FEE',
    income: money(payment.amount),
    asset: payment.asset,
    info: 'FUNDING_FEE',
    time: milliseconds(payment.timeUs),
    tranId: wireId(payment.paymentId),
    tradeId: '',
  };
}
