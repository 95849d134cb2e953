/**
 * Scripted misbehaviour of a venue, asked for over the control API. Each fault is one value of a closed union.
 *
 * F1  A fault that concerns requests fires for the next `count` requests that match it, then it is gone.
 * F2  One request meets at most one fault: the oldest that matches.
 * F3  At most `MAX_WAITING` faults wait; more are refused.
 */
import { z } from 'zod';

const MAX_WAITING = 1_000;
const LONGEST_MS = 240_000;

/** Which front; needed when several are served. */
const venue = z.string().min(1).optional();
const SOCKET_KINDS = ['market', 'user', 'ws_api'] as const;

/** Which requests: all that are given must match. `path` is the venue's own, without query. */
const matching = {
  venue,
  account: z.string().min(1).optional(),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE', 'PATCH']).optional(),
  path: z.string().startsWith('/').optional(),
  count: z.int().min(1).max(1_000_000).default(1),
};

const requestFault = z.discriminatedUnion('kind', [
  /** Answered with this status and body before the venue looks at it. */
  z.strictObject({
    kind: z.literal('refuse'),
    ...matching,
    status: z.int().min(400).max(599),
    body: z.json(),
    retryAfterSeconds: z.int().min(0).optional(),
  }),
  /** Carried out after `delayMs` (`before`), or carried out at once and answered after it (`after`). */
  z.strictObject({
    kind: z.literal('delay'),
    ...matching,
    delayMs: z.int().min(0).max(LONGEST_MS),
    when: z.enum(['before', 'after']).default('before'),
  }),
  /** Carried out, then answered with a server error that says nothing of it. */
  z.strictObject({
    kind: z.literal('fail_after_accept'),
    ...matching,
    status: z.int().min(500).max(599).default(503),
    body: z.json().optional(),
  }),
  /** Carried out, then no answer for `holdMs`; after it the venue's timeout error. */
  z.strictObject({
    kind: z.literal('timeout_after_accept'),
    ...matching,
    holdMs: z.int().min(0).max(LONGEST_MS).default(60_000),
  }),
]);

const immediateFault = z.discriminatedUnion('kind', [
  /** The symbol's n-th next book delta is never sent (1 is the very next). */
  z.strictObject({
    kind: z.literal('drop_book_delta'),
    venue,
    symbol: z.string().min(1),
    nth: z.int().min(1).default(1),
  }),
  /** The symbol's market data is not sent for so long; connections stand. */
  z.strictObject({
    kind: z.literal('silence_market'),
    venue,
    symbol: z.string().min(1),
    forMs: z.int().min(1).max(LONGEST_MS),
  }),
  /** Every fault that still waits for its requests is forgotten. */
  z.strictObject({ kind: z.literal('lift'), venue }),
  z.strictObject({ kind: z.literal('expire_listen_key'), venue, account: z.string().min(1) }),
  /** Closed without a close handshake, as a lost connection is. */
  z.strictObject({
    kind: z.literal('close_sockets'),
    venue,
    sockets: z.enum([...SOCKET_KINDS, 'all']).default('all'),
  }),
]);

export const faultSchema = z.union([requestFault, immediateFault]);

export type SocketKind = (typeof SOCKET_KINDS)[number];

export type RequestFault = z.infer<typeof requestFault>;
export type Fault = z.infer<typeof faultSchema>;

export interface FaultTarget {
  readonly account: string | undefined;
  readonly method: string;
  readonly path: string;
}

export interface RequestFaults {
  /** False when too many wait already (F3). */
  add(fault: RequestFault): boolean;
  /** The fault that this request meets, counted down. */
  take(target: FaultTarget): RequestFault | undefined;
  /** Forgets all that wait; how many they were. */
  lift(): number;
  /** How many wait. */
  waiting(): number;
}

export function createRequestFaults(): RequestFaults {
  const queue: { readonly fault: RequestFault; left: number }[] = [];
  return {
    add(fault) {
      if (queue.length >= MAX_WAITING) return false;
      queue.push({ fault, left: fault.count });
      return true;
    },
    take(target) {
      const index = queue.findIndex(({ fault }) => matches(fault, target));
      const entry = queue[index];
      if (entry === undefined) return undefined;
      entry.left -= 1;
      if (entry.left === 0) queue.splice(index, 1);
      return entry.fault;
    },
    lift: () => queue.splice(0).length,
    waiting: () => queue.length,
  };
}

export function isRequestFault(fault: Fault): fault is RequestFault {
  return 'count' in fault;
}

function matches(fault: RequestFault, target: FaultTarget): boolean {
  return (
    (fault.account === undefined || fault.account === target.account) &&
    (fault.method === undefined || fault.method === target.method) &&
    (fault.path === undefined || fault.path === target.path)
  );
}
