/** Balances and bills of the spot account: `/api/v2/spot/account/*` and the rows of its `account` channel. */
import { type Decimal, isZero, negate, notional, subtract, ZERO } from '@trunkline/proto/decimal';
import type { AccountAsset, Fill, Instrument } from '../../core/types.ts';
import type { VenueAccount } from '../venue-front.ts';
import { type Answer, answer, type Route, signedRoute, type VenueContext } from './call.ts';
import { isRefused, refuse } from './errors.ts';
import { listFills } from './order-requests.ts';
import { readPage } from './page.ts';
import { oneOf, optional, type Sent } from './params.ts';
import { money, paid, wireTime } from './print.ts';

const BILLS = { usual: 100, most: 500 } as const;

/** What REST and the stream say of one coin. */
export function spotAsset(accountId: string, asset: AccountAsset, { balanceTimes }: VenueContext) {
  return {
    coin: asset.asset,
    available: money(asset.availableBalance),
    frozen: money(asset.locked),
    locked: '0',
    limitAvailable: '0',
    uTime: wireTime(balanceTimes.lastChangeUs(accountId, asset.asset)),
  };
}

export function spotAccountRoutes(context: VenueContext): readonly Route[] {
  const { core } = context;

  const assets = ({ params }: Sent, owner: VenueAccount): Answer => {
    const account = core.account(owner.name);
    if (account === undefined) return refuse('BAD_KEY');
    const coin = optional(params, 'coin')?.toUpperCase();
    const type = oneOf(params, 'assetType', ['hold_only', 'all'] as const);
    if (isRefused(type)) return type;
    const isTold = ({ asset, walletBalance }: AccountAsset) =>
      coin === undefined ? type === 'all' || !isZero(walletBalance) : asset === coin;
    return answer(account.assets.filter(isTold).map((asset) => spotAsset(owner.name, asset, context)));
  };

  const bills = ({ params }: Sent, owner: VenueAccount): Answer => {
    const account = core.account(owner.name);
    if (account === undefined) return refuse('BAD_KEY');
    const fills = listFills(params, owner, context);
    if (isRefused(fills)) return fills;
    const balances = new Map(account.assets.map(({ asset, walletBalance }) => [asset, walletBalance]));
    const coin = optional(params, 'coin')?.toUpperCase();
    const business = optional(params, 'businessType');
    // Counted back from what the wallet holds now.
    const rows = fills
      .flatMap((fill) => entriesOf(fill, core.instrument(fill.symbol)))
      .toReversed()
      .map((entry) => {
        const balance = balances.get(entry.coin) ?? entry.size;
        balances.set(entry.coin, subtract(balance, subtract(entry.size, entry.fee)));
        return { entry, balance };
      })
      .reverse()
      .filter(({ entry }) => coin === undefined || entry.coin === coin)
      .filter(({ entry }) => business === undefined || entry.businessType === business);
    const page = readPage(params, rows, ({ entry }) => entry.billId, BILLS);
    if (isRefused(page)) return page;
    return answer(
      page.rows.map(({ entry, balance }) => ({
        cTime: wireTime(entry.timeUs),
        coin: entry.coin,
        groupType: 'transaction',
        businessType: entry.businessType,
        size: money(entry.size),
        balance: money(balance),
        fees: paid(entry.fee),
        billId: entry.billId,
      })),
    );
  };

  return [
    signedRoute('GET', '/api/v2/spot/account/assets', 10, assets),
    signedRoute('GET', '/api/v2/spot/account/bills', 10, bills),
  ];
}

/** A trade moves two coins; the fee is taken from what was received. */
function entriesOf(fill: Fill, instrument: Instrument | undefined) {
  if (instrument === undefined) return [];
  const worth = notional(fill.price, fill.quantity);
  const isBuy = fill.side === 'buy';
  const entry = (coin: string, size: Decimal, mark: number) => ({
    // A trade of an account with itself is four bills.
    billId: `${fill.tradeId}${fill.maker ? 1 : 2}${mark}`,
    coin,
    size,
    fee: coin === fill.feeAsset ? fill.fee : ZERO,
    businessType: isBuy ? 'BUY' : 'SELL',
    timeUs: fill.timeUs,
  });
  return [
    entry(instrument.base, isBuy ? fill.quantity : negate<Decimal>(fill.quantity), 1),
    entry(instrument.quote, isBuy ? negate<Decimal>(worth) : worth, 2),
  ];
}
