/**
 * One request as the venue's handlers see it, whichever way it came (REST or the WebSocket API), and the routes that
 * serve it. A route says who may call it, what it costs, and what it answers; it knows nothing of HTTP.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Core } from '../../core/core-api.ts';
import type { VenueAccount } from '../venue-front.ts';
import type { Refused } from './errors.ts';

/** Request parameters by name, each at most once. Values are text as sent. */
export type Params = ReadonlyMap<string, string>;

export interface Answered {
  readonly refused: false;
  /** JSON. */
  readonly body: unknown;
}

export type Answer = Answered | Refused;

export function answer(body: unknown): Answered {
  return { refused: false, body };
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface RouteBase {
  readonly method: Method;
  readonly path: string;
  /** Request weight against the IP's minute; a function where it depends on the parameters. */
  readonly weight: number | ((params: Params) => number);
}

/** What one call adds to the account's counters of orders in the short and the long window (`X-MBX-ORDER-COUNT-*`). */
export interface OrderCost {
  readonly short: number;
  readonly long: number;
}

export type Route =
  | (RouteBase & { readonly security: 'none'; readonly handle: (params: Params) => Answer })
  | (RouteBase & {
      /** `key` wants the API key alone, `signed` a timestamp and signature too. */
      readonly security: 'key' | 'signed';
      readonly orders?: OrderCost;
      /** Where it is given, a parameter of any other name is refused (-1104). */
      readonly accepts?: ReadonlySet<string>;
      readonly handle: (params: Params, account: VenueAccount) => Answer;
    });

/** What handlers work with. */
export interface VenueContext {
  readonly core: Core;
  readonly clock: Clock;
}
