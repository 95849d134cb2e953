/** What tells Gate's two markets apart, as data. */
import type { MarketName } from '../venue-config.ts';

export interface MarketKind {
  readonly market: MarketName;
  /** Before the dot of a channel's name, and the first part of REST paths. */
  readonly prefix: 'spot' | 'futures';
  /** REST paths of everything that this market has of its own. */
  readonly root: string;
  /** The field that names a market in requests and messages. */
  readonly symbolField: 'currency_pair' | 'contract';
  readonly socketUrl: string;
  /** Levels a side of the book's stream. */
  readonly bookLevels: number;
}

export const SPOT: MarketKind = {
  market: 'spot',
  prefix: 'spot',
  root: '/spot',
  symbolField: 'currency_pair',
  socketUrl: 'wss://api.gateio.ws/ws/v4/',
  bookLevels: 50,
};

/** Settled in USDT. */
export const FUTURES: MarketKind = {
  market: 'perpetual',
  prefix: 'futures',
  root: '/futures/usdt',
  symbolField: 'contract',
  socketUrl: 'wss://fx-ws.gateio.ws/v4/ws/usdt',
  bookLevels: 100,
};

export function marketKind(market: MarketName): MarketKind {
  return market === 'spot' ? SPOT : FUTURES;
}
