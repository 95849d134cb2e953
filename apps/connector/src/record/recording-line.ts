/**
 * The lines of a recording: gzip, one line `<local receive time, ns> <JSON>` each. The JSON of the first line says what
 * was recorded, that of the others holds the venue's own message untouched, but for secrets:
 *
 *   {"recording":1,"venue":"gate","market":"spot","symbols":{"BTC/USDT":"BTC_USDT"},"version":"0.1.0"}
 *   {"socket":"/ws/v4/","frame":{"time":1606292218,"channel":"spot.trades",...}}
 *   {"call":"GET /api/v4/spot/order_book","query":"currency_pair=BTC_USDT&limit=100","status":200,"body":{...}}
 *
 * A frame or body that is no JSON stands as a JSON string. `sim run --replay` reads these.
 */
import type { MarketName, VenueName } from '../venues/venue-config.ts';

export interface RecordingHead {
  readonly recording: 1;
  readonly venue: VenueName;
  readonly market: MarketName;
  /** The contract's symbols and the venue's names for them. */
  readonly symbols: Readonly<Record<string, string>>;
  /** Of the connector that recorded. */
  readonly version: string;
}

/** Parameters that tell nothing of the market: time, expiry and signature of the request. */
const OWN_PARAMETERS = new Set(['timestamp', 'recvWindow', 'signature', 'listenKey']);

export function headLine(head: RecordingHead, atUs: number): string {
  return line(atUs, JSON.stringify(head));
}

export function frameLine(url: string, text: string, atUs: number): string {
  return line(atUs, `{"socket":${JSON.stringify(new URL(url).pathname)},"frame":${asJson(text)}}`);
}

export function callLine(method: string, url: string, status: number, text: string, atUs: number): string {
  const { pathname, searchParams } = new URL(url);
  const asked = [...searchParams].filter(([name]) => !OWN_PARAMETERS.has(name));
  const query = JSON.stringify(new URLSearchParams(asked).toString());
  const call = JSON.stringify(`${method} ${pathname}`);
  return line(atUs, `{"call":${call},"query":${query},"status":${status},"body":${asJson(text)}}`);
}

function line(atUs: number, json: string): string {
  // Nanoseconds do not fit a number: microseconds do, and three zeros.
  return `${atUs}000 ${json}\n`;
}

/** The text itself when it is JSON; line breaks can only stand between its tokens. */
function asJson(text: string): string {
  try {
    JSON.parse(text);
    return text.replace(/[\r\n]+/g, ' ');
  } catch {
    // A ping, an empty body, a page of a proxy.
    return JSON.stringify(text);
  }
}
