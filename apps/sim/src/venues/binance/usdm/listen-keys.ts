/**
 * Listen keys: the tokens that open an account's user data stream.
 *
 * K1  An account has at most one; asking again gives the same key and begins its validity anew.
 * K2  A key that is not kept alive for `validityMs` expires: its listeners are told once, then it is unknown.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { Rng } from '@trunkline/proto/rng';

/** Binance: 60 minutes. */
export const USUAL_VALIDITY_MS = 3_600_000;
const KEY_LENGTH = 64;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export interface ListenKeys {
  /** K1. */
  open(account: string): string;
  /** The key kept alive, or undefined when the account has none. */
  keepAlive(account: string): string | undefined;
  /** Ends the key without an event; false when there was none. */
  drop(account: string): boolean;
  /** Expires the key now, as if nobody had kept it alive; false when there was none. */
  expire(account: string): boolean;
  accountOf(key: string): string | undefined;
  close(): void;
}

export function createListenKeys(options: {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly validityMs: number;
  readonly onExpired: (account: string, key: string) => void;
}): ListenKeys {
  const { clock, rng, validityMs, onExpired } = options;
  const keys = new Map<string, { readonly key: string; timer: Timer }>();

  const expire = (account: string): boolean => {
    const held = keys.get(account);
    if (held === undefined) return false;
    held.timer.cancel();
    keys.delete(account);
    onExpired(account, held.key);
    return true;
  };
  const keepAlive = (account: string): string | undefined => {
    const held = keys.get(account);
    if (held === undefined) return undefined;
    held.timer.cancel();
    held.timer = clock.schedule(validityMs, () => expire(account));
    return held.key;
  };

  return {
    open(account) {
      const kept = keepAlive(account);
      if (kept !== undefined) return kept;
      const key = Array.from({ length: KEY_LENGTH }, () => ALPHABET.charAt(rng.integer(ALPHABET.length))).join('');
      keys.set(account, { key, timer: clock.schedule(validityMs, () => expire(account)) });
      return key;
    },
    keepAlive,
    drop(account) {
      const held = keys.get(account);
      held?.timer.cancel();
      return keys.delete(account);
    },
    expire,
    accountOf(key) {
      for (const [account, held] of keys) if (held.key === key) return account;
      return undefined;
    },
    close() {
      for (const held of keys.values()) held.timer.cancel();
      keys.clear();
    },
  };
}
