/**
 * Venue messages made fit to be kept and shown: everything stays as it was sent but what could be used against the
 * account.
 *
 * X1  Credentials are cut by value, wherever they stand; listen keys, signatures and the like by the name of their field.
 * X2  A message that was JSON before is JSON after.
 */
import type { Secret } from '@trunkline/kit/secret';

export type Redact = (text: string) => string;

const REDACTED = '[redacted]';
/** Text fields that hold a secret at one of the venues. */
const NAMED =
  /("(?:listenKey|apiKey|api_key|key|KEY|signature|sign|SIGN|secret|passphrase|token)"\s*:\s*)"(?:[^"\\]|\\.)*"/g;

export function redactor(secrets: readonly Secret[]): Redact {
  const values = secrets.map((secret) => secret.reveal()).filter((value) => value !== '');
  return (text) => {
    let clean = text;
    for (const value of values) clean = clean.replaceAll(value, REDACTED);
    return clean.replace(NAMED, `$1"${REDACTED}"`);
  };
}
