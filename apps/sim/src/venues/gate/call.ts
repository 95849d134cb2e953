/**
 * One request as the venue's handlers see it, whichever way it came (REST or the WebSocket API), and the routes that
 * serve it. A route says who may call it, which budget it spends, and what it answers; it knows nothing of HTTP.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Core } from '../../core/core-api.ts';
import type { VenueAccount } from '../venue-front.ts';
import type { Refused } from './errors.ts';

/** Request fields by name: text from a query string, any JSON from a body. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Request {
  /** Query and body in one; where both carry a name they agree, as signed clients send both. */
  readonly fields: Fields;
  /** The elements of a body that is a list; undefined for any other body. */
  readonly rows: readonly unknown[] | undefined;
  /** What stood in the braces of the route's path. */
  readonly path: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly refused: false;
  /** 200, or 201 for something created. */
  readonly status: number;
  /** JSON. */
  readonly body: unknown;
}

export type Answer = Answered | Refused;

export function answer(body: unknown, status = 200): Answered {
  return { refused: false, status, body };
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Which of the venue's budgets a request spends (limits.ts). */
export type Budget = 'public' | 'private' | 'place' | 'cancel';

interface RouteBase {
  readonly method: Method;
  /** Below `/api/v4`; `{name}` stands for one segment. */
  readonly path: string;
}

export type PublicRoute = RouteBase & { readonly access: 'public'; readonly handle: (request: Request) => Answer };

export type PrivateRoute = RouteBase & {
  readonly access: 'private';
  readonly budget: Budget;
  /** Whether `x-gate-exptime` is honoured. */
  readonly expires?: boolean;
  readonly handle: (request: Request, account: VenueAccount) => Answer;
};

export type Route = PublicRoute | PrivateRoute;

/** What handlers work with. */
export interface VenueContext {
  readonly core: Core;
  readonly clock: Clock;
  readonly accounts: readonly VenueAccount[];
  /** The self-trade prevention group that every account is in; 0 is none. */
  readonly stpGroup: number;
  /** Runs with the front's own close. */
  readonly onClose: (end: () => void) => void;
}
