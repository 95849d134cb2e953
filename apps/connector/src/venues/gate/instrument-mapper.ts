/** One entry of GET /futures/usdt/contracts or GET /spot/currency_pairs as an instrument. */
import { decimal, max, ONE, roundToStep } from '@trunkline/proto/decimal';
import { Instrument, InstrumentStatus, MarketType } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { flag, type Json, optionalText, text, Unreadable, whole } from '../fields.ts';
import { sizeToBase } from './contracts.ts';
import { decimalAboveZeroAt, decimalAt, optionalDecimalAt } from './numbers.ts';

/** `maker_fee_rate` and `taker_fee_rate` of the list are those of VIP 0; the account's own come from elsewhere. */
export function readContract(body: Json): Instrument {
  const name = text(body, 'name');
  const [base, quote] = name.split('_');
  if (base === undefined || quote !== 'USDT') throw new Unreadable(`contract ${name}`);
  const contractSize = decimalAboveZeroAt(body, 'quanto_multiplier');
  if (contractSize === undefined) throw new Unreadable(`${name} has no multiplier`);
  const largest = decimalAboveZeroAt(body, 'order_size_max');
  // Contracts of which fractions trade are traded whole here: fractions need another form of every size.
  const smallest = roundToStep(max(decimalAt(body, 'order_size_min'), ONE), ONE, 'up');
  return Instrument.fromPartial({
    symbol: `${base}/${quote}:${quote}`,
    venueSymbol: name,
    base,
    quote,
    settle: quote,
    marketType: MarketType.PERPETUAL,
    status: contractStatus(body),
    tickSize: decimalAt(body, 'order_price_round'),
    quantityStep: contractSize,
    minQuantity: sizeToBase(smallest, contractSize),
    maxQuantity: largest === undefined ? undefined : sizeToBase(roundToStep(largest, ONE, 'down'), contractSize),
    contractSize,
    maxLeverage: maxLeverage(body),
  });
}

export function readCurrencyPair(body: Json): Instrument {
  const base = text(body, 'base');
  const quote = text(body, 'quote');
  const step = decimalPlaces(whole(body, 'amount_precision'));
  return Instrument.fromPartial({
    symbol: `${base}/${quote}`,
    venueSymbol: text(body, 'id'),
    base,
    quote,
    settle: quote,
    marketType: MarketType.SPOT,
    status: pairStatus(text(body, 'trade_status')),
    tickSize: decimalPlaces(whole(body, 'precision')),
    quantityStep: step,
    minQuantity: decimalAboveZeroAt(body, 'min_base_amount') ?? step,
    maxQuantity: decimalAboveZeroAt(body, 'max_base_amount'),
    minNotional: decimalAboveZeroAt(body, 'min_quote_amount'),
    contractSize: ONE,
  });
}

function contractStatus(body: Json): InstrumentStatus {
  const word = optionalText(body, 'status') ?? 'trading';
  if (word === 'delisted') return InstrumentStatus.DELISTED;
  // Delisting: "only reduce-only order or close order is allowed".
  const trading = word === 'trading' && !flag(body, 'in_delisting');
  return trading ? InstrumentStatus.TRADING : InstrumentStatus.HALTED;
}

/** `buyable` and `sellable` take one side only. */
function pairStatus(word: string): InstrumentStatus {
  return word === 'tradable' ? InstrumentStatus.TRADING : InstrumentStatus.HALTED;
}

function maxLeverage(body: Json): number | undefined {
  const leverage = optionalDecimalAt(body, 'leverage_max');
  return leverage === undefined || !/^\d{1,4}$/.test(leverage) ? undefined : Number(leverage);
}

function decimalPlaces(places: number) {
  if (places < 0 || places > 30) throw new Unreadable(`a precision of ${places}`);
  return places === 0 ? ONE : decimal(`0.${'0'.repeat(places - 1)}1`);
}
