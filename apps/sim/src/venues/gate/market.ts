/**
 * What differs between the venue's two markets, as data: names of paths, channels and fields, and the facts that the
 * venue promises of each (VIEWS and order reading differ in code: spot/ and futures/).
 */
import type { Label } from './errors.ts';
import { type Allowances, FUTURES_ALLOWANCES, SPOT_ALLOWANCES } from './limits.ts';

export interface Market {
  readonly kind: 'spot' | 'futures';
  /** Where its routes stand below `/api/v4`. */
  readonly root: string;
  /** Its one WebSocket address, without a closing slash. */
  readonly socketPath: string;
  /** The field that names a market in requests. */
  readonly symbolField: 'currency_pair' | 'contract';
  readonly unknownSymbol: Label;
  readonly allowances: Allowances;
  /** What an order without a `text` of its own carries. */
  readonly defaultText: string;
  /** How long after its end an order is still found by its text; 0 finds pending orders only. */
  readonly foundByTextMs: number;
  /** How long an order that ended without a fill is still found. */
  readonly zeroFilledKeptMs: number;
  /** Orders a batch, placed (of a pair), amended and canceled. */
  readonly mostPlaced: number;
  readonly mostAmended: number;
  readonly mostCanceled: number;
  /** Method and path of an amend. */
  readonly amendMethod: 'PATCH' | 'PUT';
  /** The words that `side` takes in a cancel of all orders. */
  readonly sides: { readonly buy: string; readonly sell: string };
  /** Levels of a REST book: usual and most. */
  readonly bookLevels: { readonly usual: number; readonly most: number };
}

/** Documents of `GET /spot/orders/{order_id}`: a text is looked for among pending orders only. */
export const SPOT: Market = {
  kind: 'spot',
  root: '/spot',
  socketPath: '/ws/v4',
  symbolField: 'currency_pair',
  unknownSymbol: 'INVALID_CURRENCY_PAIR',
  allowances: SPOT_ALLOWANCES,
  defaultText: 'apiv4',
  foundByTextMs: 0,
  zeroFilledKeptMs: Number.POSITIVE_INFINITY,
  mostPlaced: 10,
  mostAmended: 5,
  mostCanceled: 20,
  amendMethod: 'PATCH',
  sides: { buy: 'buy', sell: 'sell' },
  bookLevels: { usual: 10, most: 5_000 },
};

/**
 * Documents of `GET /futures/{settle}/orders/{order_id}`: by text within 60 seconds after the order's end; a zero-filled
 * order not at all 10 minutes after its cancel.
 */
export const FUTURES: Market = {
  kind: 'futures',
  root: '/futures/usdt',
  socketPath: '/v4/ws/usdt',
  symbolField: 'contract',
  unknownSymbol: 'CONTRACT_NOT_FOUND',
  allowances: FUTURES_ALLOWANCES,
  defaultText: 'api',
  foundByTextMs: 60_000,
  zeroFilledKeptMs: 600_000,
  mostPlaced: 10,
  mostAmended: 10,
  mostCanceled: 20,
  amendMethod: 'PUT',
  sides: { buy: 'bid', sell: 'ask' },
  bookLevels: { usual: 10, most: 300 },
};
