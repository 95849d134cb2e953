/**
 * Gate's signatures: hex HMAC-SHA512 of a text that is put together in another way for REST, for subscriptions and for
 * the WebSocket API (APIv4 documents, "authentication" of each). ccxt computes them in plain JavaScript, which takes many
 * times as long as the runtime's own.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Secret } from '@trunkline/kit/secret';

export interface RestCall {
  readonly method: string;
  /** With `/api/v4`, without the query. */
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly seconds: number;
}

export function signRest(secret: Secret, { method, path, query, body, seconds }: RestCall): string {
  const digest = createHash('sha512').update(body).digest('hex');
  return sign(secret, [method, path, query, digest, String(seconds)].join('\n'));
}

export function signSubscription(secret: Secret, channel: string, event: string, seconds: number): string {
  return sign(secret, `channel=${channel}&event=${event}&time=${seconds}`);
}

/** `parameters` as they stand in the frame. */
export function signApi(secret: Secret, channel: string, parameters: string, seconds: number): string {
  return sign(secret, ['api', channel, parameters, String(seconds)].join('\n'));
}

function sign(secret: Secret, text: string): string {
  return createHmac('sha512', secret.reveal()).update(text).digest('hex');
}
