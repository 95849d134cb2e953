/**
 * What a request is about: the product type, the symbol, the margin coin, the order.
 *
 * J1  Symbols and coins are taken in any case, as the documents' own examples send `btcusdt`.
 * J2  An order is named by `orderId` or by `clientOid`; `orderId` wins where both are sent.
 */
import type { Core } from '../../core/core-api.ts';
import type { Instrument, OrderRef } from '../../core/types.ts';
import { isRefused, type Refused, refuse } from './errors.ts';
import { optional, type Params, required } from './params.ts';
import type { Product } from './product.ts';

const PRODUCT_TYPES: ReadonlySet<string> = new Set([
  'USDT-FUTURES',
  'COIN-FUTURES',
  'USDC-FUTURES',
  'SUSDT-FUTURES',
  'SCOIN-FUTURES',
  'SUSDC-FUTURES',
]);

/** Whether the request is about this front's product; another of the venue's lists nothing here. */
export function readProduct(params: Params, product: Product): { readonly ours: boolean } | Refused {
  const sent = optional(params, 'productType')?.toUpperCase();
  if (sent === undefined) return refuse('VERIFICATION_FAILED');
  // The live service answers so, whatever was sent.
  if (!PRODUCT_TYPES.has(sent)) return refuse('EMPTY_PARAMETER', sent);
  return { ours: sent === product.instType };
}

export function readInstrument(params: Params, core: Core): Instrument | Refused {
  const symbol = required(params, 'symbol');
  if (isRefused(symbol)) return symbol;
  return core.instrument(symbol.toUpperCase()) ?? refuse('NO_SUCH_PARAMETER', symbol);
}

/** Undefined when the request names no symbol. */
export function readOptionalInstrument(params: Params, core: Core): Instrument | undefined | Refused {
  return optional(params, 'symbol') === undefined ? undefined : readInstrument(params, core);
}

/** The futures' requests name both the product and the symbol. */
export function readContract(params: Params, core: Core, product: Product): Instrument | Refused {
  const type = readProduct(params, product);
  if (isRefused(type)) return type;
  const instrument = readInstrument(params, core);
  if (isRefused(instrument) || type.ours) return instrument;
  return refuse('NO_SUCH_PARAMETER', optional(params, 'symbol') ?? '');
}

export function checkMarginCoin(params: Params, { quote }: Instrument): Refused | undefined {
  const coin = required(params, 'marginCoin');
  if (isRefused(coin)) return coin;
  return coin.toUpperCase() === quote ? undefined : refuse('NO_SUCH_PARAMETER', coin);
}

export function readOrderRef(params: Params): OrderRef | Refused {
  const orderId = optional(params, 'orderId');
  if (orderId !== undefined) return { by: 'venue', venueOrderId: orderId };
  const clientOrderId = optional(params, 'clientOid');
  return clientOrderId === undefined ? refuse('NO_ORDER_ID') : { by: 'client', clientOrderId };
}
