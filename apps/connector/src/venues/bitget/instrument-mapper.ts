/**
 * One entry of Bitget's lists of instruments (GET /api/v2/mix/market/contracts, GET /api/v2/spot/public/symbols).
 *
 * Futures write the price step as `priceEndStep` units of the last of `pricePlace` places, spot only places. Sizes are in
 * base asset in both.
 */
import { type Decimal, decimal, multiply } from '@trunkline/proto/decimal';
import { Instrument, InstrumentStatus, MarketType } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { amount, amountAboveZero, type Json, optionalText, text, Unreadable, whole } from '../fields.ts';

const MAX_PLACES = 18;

/** A linear perpetual; undefined for a delivery contract. */
export function readContract(info: Json): Instrument | undefined {
  if (optionalText(info, 'symbolType') !== 'perpetual') return undefined;
  const [base, quote] = [text(info, 'baseCoin'), text(info, 'quoteCoin')];
  const leverage = optionalText(info, 'maxLever');
  return Instrument.fromPartial({
    symbol: `${base}/${quote}:${quote}`,
    venueSymbol: text(info, 'symbol'),
    base,
    quote,
    settle: quote,
    marketType: MarketType.PERPETUAL,
    status: readStatus(text(info, 'symbolStatus'), 'normal'),
    tickSize: multiply(amount(info, 'priceEndStep'), stepOf(whole(info, 'pricePlace'))),
    quantityStep: amount(info, 'sizeMultiplier'),
    minQuantity: amount(info, 'minTradeNum'),
    maxQuantity: amountAboveZero(info, 'maxOrderQty'),
    minNotional: amountAboveZero(info, 'minTradeUSDT'),
    contractSize: '1',
    ...(leverage !== undefined && /^\d{1,4}$/.test(leverage) ? { maxLeverage: Number(leverage) } : {}),
  });
}

export function readSpotSymbol(info: Json): Instrument {
  const [base, quote] = [text(info, 'baseCoin'), text(info, 'quoteCoin')];
  const quantityStep = stepOf(whole(info, 'quantityPrecision'));
  return Instrument.fromPartial({
    symbol: `${base}/${quote}`,
    venueSymbol: text(info, 'symbol'),
    base,
    quote,
    settle: quote,
    marketType: MarketType.SPOT,
    status: readStatus(text(info, 'status'), 'online'),
    tickSize: stepOf(whole(info, 'pricePrecision')),
    quantityStep,
    // 0 for most: then the notional is the only floor, and one step the least that can be written.
    minQuantity: amountAboveZero(info, 'minTradeAmount') ?? quantityStep,
    maxQuantity: amountAboveZero(info, 'maxTradeAmount'),
    minNotional: amountAboveZero(info, 'minTradeUSDT'),
    contractSize: '1',
  });
}

function stepOf(places: number): Decimal {
  if (places < 0 || places > MAX_PLACES) throw new Unreadable(`${places} decimal places`);
  return decimal(places === 0 ? '1' : `0.${'0'.repeat(places - 1)}1`);
}

/** Futures: listed, normal, maintain, limit_open, restrictedAPI, off. Spot: offline, gray, online, halt. */
function readStatus(word: string, trading: 'normal' | 'online'): InstrumentStatus {
  if (word === trading) return InstrumentStatus.TRADING;
  return word === 'off' || word === 'offline' ? InstrumentStatus.DELISTED : InstrumentStatus.HALTED;
}
