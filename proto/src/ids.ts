/**
 * Branded ids. Each is made only by its `parse` function (outside input) or its `mint` function (ours), so that a
 * venue's order id can never stand where a client's belongs.
 */
import type { Rng } from './rng.ts';

declare const idBrand: unique symbol;
type Id<Name extends string> = string & { readonly [idBrand]: Name };

/**
 * The engine's id of an order: 1 to 26 characters of [A-Za-z0-9_], not starting with `t`. That is what all three
 * venues take (Gate: 28 bytes after its own `t-`, which ccxt adds unless the id starts with `t`).
 */
export type ClientOrderId = Id<'ClientOrderId'>;
export type VenueOrderId = Id<'VenueOrderId'>;
/** BASE/QUOTE or BASE/QUOTE:SETTLE. */
export type TradingSymbol = Id<'TradingSymbol'>;
/** Name of a venue account in both configs. */
export type AccountName = Id<'AccountName'>;
/** One start of a connector process. */
export type BootId = Id<'BootId'>;
/** One start of an engine process. */
export type EngineId = Id<'EngineId'>;
/** First characters of every client order id of an account: how "ours" is told from the id alone. */
export type OrderTag = Id<'OrderTag'>;

export const ORDER_TAG_ALLOWED = '2 to 5 characters of a-z and 0-9, starting with a letter other than t';

const CLIENT_ORDER_ID = /^(?!t)[A-Za-z0-9_]{1,26}$/;
const ORDER_TAG = /^(?!t)[a-z][a-z0-9]{1,4}$/;
const SYMBOL = /^[A-Z0-9]{1,20}\/[A-Z0-9]{1,20}(?::[A-Z0-9]{1,20})?$/;
const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const OPAQUE = /^[\x21-\x7e]{1,64}$/;

export const parseClientOrderId = parser<ClientOrderId>(CLIENT_ORDER_ID);
export const parseVenueOrderId = parser<VenueOrderId>(OPAQUE);
export const parseSymbol = parser<TradingSymbol>(SYMBOL);
export const parseAccountName = parser<AccountName>(NAME);
export const parseBootId = parser<BootId>(OPAQUE);
export const parseEngineId = parser<EngineId>(OPAQUE);
export const parseOrderTag = parser<OrderTag>(ORDER_TAG);

/** A literal of our own source, read by one of the parsers above. Throws: a bug, not input. */
export function literal<T>(parse: (text: unknown) => T | undefined, text: string): T {
  const id = parse(text);
  if (id === undefined) throw new Error(`not a valid id: ${JSON.stringify(text.slice(0, 60))}`);
  return id;
}

export function mintBootId(rng: Rng): BootId {
  return literal(parseBootId, `b${randomText(rng, 12)}`);
}

export function mintEngineId(rng: Rng): EngineId {
  return literal(parseEngineId, `e${randomText(rng, 12)}`);
}

/**
 * Mints client order ids: tag + `_` + epoch (base 36) + `_` + 5 random characters of this process + counter (base 36).
 * Two processes of one epoch differ in their random part, a restored journal takes a new epoch: no id is minted twice.
 * Lengths: tag 5 + 1 + epoch 5 + 1 + random 5 + counter 9 = 26.
 */
export function clientOrderIdMint(options: { tag: OrderTag; epoch: number; rng: Rng }): () => ClientOrderId {
  const prefix = `${options.tag}_${options.epoch.toString(36)}_${randomText(options.rng, 5)}`;
  let counter = 0;
  return () => literal(parseClientOrderId, `${prefix}${(counter++).toString(36)}`);
}

/** Tag and epoch of one of our ids; undefined for anybody else's. */
export function readClientOrderId(id: string, tag: OrderTag): { epoch: number } | undefined {
  const match = /^([a-z0-9]+)_([0-9a-z]{1,5})_[0-9a-z]{6,14}$/.exec(id);
  if (!match || match[1] !== tag || match[2] === undefined) return undefined;
  return { epoch: Number.parseInt(match[2], 36) };
}

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

function randomText(rng: Rng, length: number): string {
  let text = '';
  for (let index = 0; index < length; index++) text += ALPHABET[rng.integer(ALPHABET.length)];
  return text;
}

function parser<T extends string>(pattern: RegExp): (text: unknown) => T | undefined {
  const matches = (text: unknown): text is T => typeof text === 'string' && pattern.test(text);
  return (text) => (matches(text) ? text : undefined);
}
