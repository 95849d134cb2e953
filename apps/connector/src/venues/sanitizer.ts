/**
 * Venue and ccxt error text, made fit for logs, outcomes and status messages.
 *
 * Z1  No signature, API key, listen key, secret or passphrase leaves, nor any query string: ccxt puts whole signed URLs
 *     into its errors. What is known by value is cut by value, the rest by the name that it stands under.
 * Z2  One line, at most 300 characters.
 */
import type { Secret } from '@trunkline/kit/secret';
import { oneLine } from '@trunkline/kit/text';

export type Sanitize = (text: string) => string;

const MAX_LENGTH = 300;
const REDACTED = '[redacted]';
/** Shorter values would cut ordinary words. */
const MIN_KNOWN_LENGTH = 4;

const QUERY = /(\b(?:https?|wss?):\/\/[^\s?"']+)\?[^\s"']*/gi;
const NAMED =
  /\b(signature|sign|api[-_]?key|x-mbx-apikey|access-(?:key|sign|passphrase)|listenKey|secret|passphrase|token)(["']?\s*[=:]\s*["']?)[^\s&"',;}]+/gi;
/** A listen key, a signature or a key without its name: 40 and more characters that no word has. */
const LONG_TOKEN = /\b[A-Za-z0-9+/_-]{40,}={0,2}/g;

/** `known` are the credentials of this process. */
export function sanitizer(known: readonly Secret[]): Sanitize {
  return (text) => {
    let clean = text;
    for (const secret of known) {
      const value = secret.reveal();
      if (value.length >= MIN_KNOWN_LENGTH) clean = clean.replaceAll(value, REDACTED);
    }
    clean = clean.replace(QUERY, `$1?${REDACTED}`).replace(NAMED, `$1$2${REDACTED}`).replace(LONG_TOKEN, REDACTED);
    return oneLine(clean.slice(0, MAX_LENGTH * 4)).slice(0, MAX_LENGTH);
  };
}
