/** The control API of the venue emulator: scripted faults and the venue's own book. */
import type { BookSnapshot } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { Mismatch } from './mismatch.ts';

export interface SimControlOptions {
  /** The origin of the control API. */
  readonly url: string;
  /** The front of the emulator, where it serves several, e.g. `binance-usdm`. */
  readonly front: string | undefined;
}

export interface SimBook extends BookSnapshot {
  readonly lastUpdateId: number;
}

export type SimFault = Readonly<Record<string, string | number | object>>;

export class SimControl {
  readonly #options: SimControlOptions;

  constructor(options: SimControlOptions) {
    this.#options = options;
  }

  /** Ends whatever faults still wait for their requests. */
  async lift(): Promise<void> {
    await this.fault({ kind: 'lift' });
  }

  async fault(fault: SimFault): Promise<void> {
    const { front } = this.#options;
    const body = JSON.stringify({ ...(front === undefined ? {} : { venue: front }), ...fault });
    const response = await fetch(this.#url('/faults', {}), { method: 'POST', body });
    if (!response.ok) throw new Mismatch('the emulator to take a fault', await response.text());
  }

  /** The book of the venue's own symbol, as the emulator holds it at this moment. */
  async book(symbol: string, limit: number): Promise<SimBook> {
    const response = await fetch(this.#url('/book', { symbol, limit: String(limit) }));
    const body: unknown = await response.json();
    const book = readBook(body);
    if (book === undefined) throw new Mismatch('the book of the emulator', JSON.stringify(body).slice(0, 200));
    return book;
  }

  #url(path: string, query: Readonly<Record<string, string>>): string {
    const { url, front } = this.#options;
    const search = new URLSearchParams({ ...query, ...(front === undefined ? {} : { venue: front }) });
    return `${url}${path}?${search}`;
  }
}

function readBook(body: unknown): SimBook | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  if (!('lastUpdateId' in body) || typeof body.lastUpdateId !== 'number') return undefined;
  const bids = 'bids' in body ? readSide(body.bids) : undefined;
  const asks = 'asks' in body ? readSide(body.asks) : undefined;
  return bids && asks && { lastUpdateId: body.lastUpdateId, bids, asks };
}

function readSide(side: unknown): { price: string; quantity: string }[] | undefined {
  if (!Array.isArray(side)) return undefined;
  return side.map((level: unknown) => {
    const [price, quantity]: unknown[] = Array.isArray(level) ? level : [];
    return { price: String(price), quantity: String(quantity) };
  });
}
