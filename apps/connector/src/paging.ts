/** Pages of a list that is held whole: the token is the place where the next page starts. */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

/** Keeps every answer well below the 1 MiB that a message may have. */
export const MAX_PAGE_SIZE = 1_000;
const DEFAULT_PAGE_SIZE = 500;

export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface Page<T> {
  readonly items: T[];
  readonly nextPageToken: string;
}

/** Throws ExchangeError{INVALID_FIELD} on a token that we did not give. */
export function pageOf<T>(items: readonly T[], { pageSize, pageToken }: PageRequest): Page<T> {
  const start = readToken(pageToken, items.length);
  const end = Math.min(items.length, start + clampPageSize(pageSize));
  return { items: items.slice(start, end), nextPageToken: end < items.length ? String(end) : '' };
}

/** 0 asks for the usual size; more than the most is cut to it. */
export function clampPageSize(pageSize: number): number {
  return pageSize === 0 ? DEFAULT_PAGE_SIZE : Math.min(pageSize, MAX_PAGE_SIZE);
}

function readToken(token: string, length: number): number {
  if (token === '') return 0;
  const start = /^\d{1,9}$/.test(token) ? Number(token) : Number.NaN;
  if (start > 0 && start <= length) return start;
  throw new ExchangeError(ErrorReason.INVALID_FIELD, 'page_token is not one that was given', 'page_token');
}
