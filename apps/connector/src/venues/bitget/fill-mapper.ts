/**
 * Bitget's executions as the contract's: the fill channel and the trade lists (bitget.com/api-doc: "Fill Channel", "Get
 * Order Fill Details", "Get Fills"). Futures name price and size `price` and `baseVolume`, spot `priceAvg` and `size`.
 */
import { type Decimal, negate } from '@trunkline/proto/decimal';
import { Fill, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { amount, type Json, list, optionalAmount, optionalText, record, text, timeUs } from '../fields.ts';
import type { Heard } from './order-mapper.ts';
import type { Product } from './product.ts';
import { readFillSides, readLiquidity } from './words.ts';

/** An execution of the fill channel. Spot's carries no client order id. */
export function readStreamFill(body: Json, heard: Heard, product: Product): Fill {
  const paidIsNegative = product.streamedFee === 'paid_is_negative';
  return read(body, heard, Source.STREAM, paidIsNegative);
}

/** An entry of a trade list; none carries a client order id. */
export function readFill(body: Json, heard: Heard): Fill {
  return read(body, heard, Source.QUERY, true);
}

function read(body: Json, { symbol, receivedAtUs }: Heard, source: Source, paidIsNegative: boolean): Fill {
  const spot = body['priceAvg'] !== undefined;
  return Fill.fromPartial({
    tradeId: text(body, 'tradeId'),
    venueOrderId: text(body, 'orderId'),
    clientOrderId: optionalText(body, 'clientOid') ?? '',
    symbol,
    ...readFillSides(body),
    price: amount(body, spot ? 'priceAvg' : 'price'),
    quantity: amount(body, spot ? 'size' : 'baseVolume'),
    ...feeOf(body, paidIsNegative),
    liquidity: readLiquidity(text(body, 'tradeScope')),
    realizedPnl: optionalAmount(body, 'profit'),
    venueTimeUs: timeUs(body, 'cTime'),
    receivedAtUs,
    source,
  });
}

/** A list of one, or in spot's trade list the object itself. */
function feeOf(body: Json, paidIsNegative: boolean): { fee: Decimal | '0'; feeAsset: string } {
  const { feeDetail } = body;
  const [entry] = Array.isArray(feeDetail) ? list(feeDetail, 'feeDetail') : [feeDetail];
  if (entry === undefined || entry === null) return { fee: '0', feeAsset: '' };
  const detail = record(entry, 'feeDetail');
  const written = optionalAmount(detail, 'totalFee');
  if (written === undefined) return { fee: '0', feeAsset: '' };
  return { fee: paidIsNegative ? negate(written) : written, feeAsset: optionalText(detail, 'feeCoin') ?? '' };
}
