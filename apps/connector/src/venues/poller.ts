/**
 * Topics that a venue does not stream, asked for again and again while somebody is subscribed.
 *
 * G1  The first asking is at once; then `everyMs` after each answer. One asking of a topic at a time.
 * G2  One that fails is tried again at the next time; `MAX_FAILURES` in a row are a lost subscription, as of a socket.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';

export interface Poller {
  /** Pends while it is asked; rejects when it is lost. */
  open(key: string, ask: () => Promise<void>): Promise<never>;
  close(key: string): void;
}

const MAX_FAILURES = 3;

interface Polled {
  timer: Timer | undefined;
}

export function createPoller({ clock, everyMs }: { readonly clock: Clock; readonly everyMs: number }): Poller {
  const polled = new Map<string, Polled>();
  return {
    open: (key, ask) =>
      new Promise((_, reject) => {
        const mine: Polled = { timer: undefined };
        polled.set(key, mine);
        let failures = 0;
        const again = () => {
          if (polled.get(key) === mine) mine.timer = clock.schedule(everyMs, run);
        };
        const run = () => {
          ask().then(
            () => {
              failures = 0;
              again();
            },
            (error: unknown) => {
              failures++;
              if (failures < MAX_FAILURES) again();
              else reject(error instanceof Error ? error : new Error(String(error)));
            },
          );
        };
        run();
      }),
    close(key) {
      polled.get(key)?.timer?.cancel();
      polled.delete(key);
    },
  };
}
