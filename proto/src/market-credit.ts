/**
 * The credit of the market lane, as both sides count it: one for each message that carries data. Answers to
 * subscriptions are control, so a message with nothing else is free.
 */
import type { MarketDataResponse } from '../gen/trunkline/exchange/v1/exchange_service.ts';

/**
 * Messages in flight. One message is what came in during one turn of the connector's event loop, so at 1,000 turns a
 * second the window covers a quarter of a second; measured at 75 MB under a reader that had stopped.
 */
export const MARKET_WINDOW = 256;

/** No peer can make a connector count beyond this; a grant past it is cut. */
export const MAX_MARKET_CREDIT = 65_536;

export function costsMarketCredit(message: MarketDataResponse): boolean {
  return message.events.some(({ event }) => event !== undefined && event.$case !== 'subscription');
}
