/**
 * Frames on their way to one socket, at a pace that the venue bears: it takes 10 messages a second, pings among them, and
 * closes the connection on more (bitget.com/api-doc, "Websocket API").
 *
 * O1  Arguments of one operation that are put in within one turn leave in one message, as far as 4,096 bytes allow.
 * O2  The order of what is put in is kept, across operations.
 * O3  Nothing leaves before `start` or after `stop`; what waits at `stop` is dropped.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';

export interface OutgoingFrame {
  readonly op: 'login' | 'subscribe' | 'unsubscribe';
  readonly args: readonly object[];
}

export interface Outbox {
  /** The socket stands. */
  start(): void;
  put(op: OutgoingFrame['op'], arg: object): void;
  stop(): void;
}

/** 8 a second leave room for pings. */
export const MESSAGE_GAP_MS = 125;
const MAX_ARGUMENTS_BYTES = 4_000;

export function outbox(clock: Clock, send: (frame: OutgoingFrame) => void): Outbox {
  let waiting: { readonly op: OutgoingFrame['op']; readonly arg: object }[] = [];
  let started = false;
  let timer: Timer | undefined;
  let sentAtUs: number | undefined;

  const flush = () => {
    timer = undefined;
    const [first] = waiting;
    if (!started || first === undefined) return;
    let bytes = 0;
    const end = waiting.findIndex(({ op, arg }) => {
      bytes += JSON.stringify(arg).length + 1;
      return op !== first.op || bytes > MAX_ARGUMENTS_BYTES;
    });
    const leaving = waiting.slice(0, end < 0 ? waiting.length : Math.max(1, end));
    waiting = waiting.slice(leaving.length);
    sentAtUs = clock.monotonicUs();
    send({ op: first.op, args: leaving.map(({ arg }) => arg) });
    later();
  };

  const later = () => {
    if (!started || timer !== undefined || waiting.length === 0) return;
    const sinceMs = sentAtUs === undefined ? MESSAGE_GAP_MS : (clock.monotonicUs() - sentAtUs) / 1_000;
    timer = clock.schedule(Math.max(0, Math.ceil(MESSAGE_GAP_MS - sinceMs)), flush);
  };

  return {
    start() {
      started = true;
      later();
    },
    put(op, arg) {
      waiting.push({ op, arg });
      later();
    },
    stop() {
      started = false;
      waiting = [];
      timer?.cancel();
      timer = undefined;
    },
  };
}
