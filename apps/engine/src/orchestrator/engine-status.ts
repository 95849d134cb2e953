/**
 * What the engine says of itself: to the live table, the administration socket, and the summary of a run. Decimals are
 * strings, times microseconds. An interface: fields are added, never changed. The schemas read it back on the other
 * side of the socket.
 */
import { z } from 'zod';

const count = z.int().min(0);
const decimalText = z.string();

/** How many orders of an account ended, or stand, in each way. `open` counts everything that may still trade. */
const orderCounts = z.object({
  intents: count,
  denied: count,
  accepted: count,
  rejected: count,
  canceled: count,
  filled: count,
  expired: count,
  absent: count,
  unknown: count,
  lost: count,
  open: count,
});

const percentiles = z.object({ p50: z.number(), p99: z.number() });

const positionStatus = z.object({
  symbol: z.string(),
  quantity: decimalText,
  entryPrice: decimalText.nullable(),
  realizedPnl: decimalText,
  unrealizedPnl: decimalText,
  fees: decimalText,
});

/** An order whose fate is open, what is done about it, and when the next step comes. */
const unresolvedStatus = z.object({
  clientOrderId: z.string(),
  symbol: z.string(),
  status: z.enum(['unknown', 'lost']),
  doing: z.string(),
  nextStepAtUs: z.number().nullable(),
});

const accountStatus = z.object({
  account: z.string(),
  connector: z.string(),
  venue: z.string(),
  market: z.enum(['perpetual', 'spot', 'unknown']),
  symbols: z.array(z.string()),
  link: z.enum(['listen', 'dial']),
  state: z.enum(['connecting', 'reconciling', 'running', 'reducing', 'halted', 'draining', 'lost']),
  /** Why it is in that state, for people; empty when running. */
  reason: z.string(),
  /** Connector boots and streams that this engine has seen. */
  boots: count,
  sessions: count,
  events: z.object({ quotes: count, books: count, trades: count }),
  conflated: count,
  gaps: count,
  /** Order lane round trip, microseconds; null before the first sample. */
  rttUs: percentiles.nullable(),
  orders: orderCounts,
  fills: count,
  unresolved: z.array(unresolvedStatus),
  positions: z.array(positionStatus),
  balances: z.array(z.object({ asset: z.string(), total: decimalText })),
  /** In the quote currency. `fees` are positive when paid, `funding` when received. */
  pnl: z.object({ realized: decimalText, unrealized: decimalText, fees: decimalText, funding: decimalText }),
  /** As far as the venue told them. */
  settings: z.array(
    z.object({
      symbol: z.string(),
      leverage: z.int().nullable(),
      marginMode: z.enum(['cross', 'isolated']).nullable(),
      positionMode: z.enum(['one_way', 'hedge']).nullable(),
    }),
  ),
});

export const engineStatusSchema = z.object({
  engine: z.string(),
  engineId: z.string(),
  startedAtUs: z.number(),
  nowUs: z.number(),
  /** Port that dialling connectors come to; null without a gateway. */
  gatewayPort: z.int().nullable(),
  journal: z.object({ path: z.string(), events: count, head: z.string() }),
  accounts: z.array(accountStatus),
});

export type OrderCounts = z.output<typeof orderCounts>;
export type Percentiles = z.output<typeof percentiles>;
export type UnresolvedStatus = z.output<typeof unresolvedStatus>;
export type AccountStatus = z.output<typeof accountStatus>;
export type EngineStatus = z.output<typeof engineStatusSchema>;

/** The counts of an account that has none. */
export const NO_ORDERS: OrderCounts = {
  intents: 0,
  denied: 0,
  accepted: 0,
  rejected: 0,
  canceled: 0,
  filled: 0,
  expired: 0,
  absent: 0,
  unknown: 0,
  lost: 0,
  open: 0,
};
