/**
 * A trading session as the order manager sees it: numbered commands out, numbered events in, across as many streams
 * as it takes. The machine that keeps it alive is `session-machine.ts`; it runs over any `Exchange`.
 *
 * T1  Events reach the handler in sequence, each once, each boot from its `established` on.
 * T2  Every command that `send` took gets exactly one end: a result event, `notDelivered`, or `orphaned`. A result
 *     event of another epoch (a takeover replays them) ends none of ours: its `epoch` says so.
 * T3  `send` never queues: what cannot go out now is denied now, and was certainly not sent.
 * T4  Nothing is acknowledged to the connector before `ack`.
 */
import type { Caller } from '@trunkline/proto/exchange';
import type {
  AmendOrder,
  CancelAllOrders,
  CancelOrder,
  CancelOrders,
  Denied,
  PlaceOrder,
  PlaceOrders,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { GoodbyeReason, SessionEvent, VenueStatus } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

/** What a command says; numbering, times and trace context are the session's. */
export type CommandBody =
  | { readonly $case: 'place'; readonly value: PlaceOrder }
  | { readonly $case: 'placeBatch'; readonly value: PlaceOrders }
  | { readonly $case: 'amend'; readonly value: AmendOrder }
  | { readonly $case: 'cancel'; readonly value: CancelOrder }
  | { readonly $case: 'cancelBatch'; readonly value: CancelOrders }
  | { readonly $case: 'cancelAll'; readonly value: CancelAllOrders };

export type SendResult =
  | { readonly kind: 'sent'; readonly commandSeq: number }
  | { readonly kind: 'denied'; readonly denied: Denied };

export interface Established {
  readonly bootId: string;
  /** False: events may have been missed, the account must be reconciled before it opens new risk. */
  readonly resumed: boolean;
  readonly venueStatus: VenueStatus | undefined;
  /** How many boots and streams of this session there have been, this one included. */
  readonly boots: number;
  readonly streams: number;
}

/** Measured by heartbeats, microseconds. The offset is connector clock minus engine clock, within +-uncertainty. */
export interface LineQuality {
  readonly roundTripUs: number;
  readonly clockOffsetUs: number;
  readonly uncertaintyUs: number;
}

export interface SessionHandler {
  /** A stream is up. `notDelivered` and `orphaned` calls for commands of earlier streams precede it. */
  established(established: Established): void;
  event(event: SessionEvent): void;
  /** The events of one message have all been delivered: the place to commit and then `ack`. */
  batchEnd(lastSeq: number, bootId: string): void;
  /** These commands never reached the connector, and never will. */
  notDelivered(commandSeqs: readonly number[]): void;
  /** These were delivered, or may have been, and their result can no longer come from the session (new boot, log lost). */
  orphaned(commandSeqs: readonly number[]): void;
  /** The stream is gone; the session tries again by itself. */
  lost(reason: string): void;
  /** The session is over for good: a newer owner, a refusal, or our own close. Called once, last. */
  ended(end: SessionEnded): void;
  quality(quality: LineQuality): void;
}

export type SessionEnded =
  | { readonly kind: 'closed' }
  | { readonly kind: 'fenced'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string };

export interface TradingSession {
  readonly connected: boolean;
  send(body: CommandBody, validUntilUs: number): SendResult;
  /** Everything up to `seq` of that boot is durable (T4). Of a boot that is gone, nothing is left to acknowledge. */
  ack(seq: number, bootId: string): void;
  /** Says Goodbye and ends; resolves when the connector closed or after a bound. */
  close(reason: GoodbyeReason): Promise<void>;
}

export interface TradingSessionOptions {
  readonly caller: Caller;
  readonly engineId: string;
  readonly epoch: number;
  /** What the journal holds of this account's last session; undefined at the very first. */
  readonly lastSeen: { readonly bootId: string; readonly seq: number } | undefined;
  /** The number of the next stream of this epoch; grows across all sessions of the epoch. */
  readonly nextAttempt: () => number;
  /** Unacknowledged events that the connector may send ahead. */
  readonly eventWindow: number;
}
