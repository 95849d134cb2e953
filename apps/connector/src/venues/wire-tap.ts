/** Listens to what a venue really sent, before anything reads it: for recordings. It must not throw. */
export interface WireTap {
  /** A text frame that arrived on a socket; `url` as ccxt dialled it. */
  frame(url: string, text: string): void;
  /** An HTTP answer; `url` with its query. */
  answer(method: string, url: string, status: number, text: string): void;
}
