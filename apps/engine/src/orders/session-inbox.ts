/**
 * What the session says, in order, into the ledger.
 *
 * E1  One item at a time: a message may need an order that has to be read from the journal first, and what comes after
 *     it must not overtake it.
 * E2  The events of one message, and the cursor behind them, are one append; they are acknowledged after its commit.
 * E3  Which command a result ends is settled the moment it arrives: numbers start again with a new boot.
 *
 * The queue is bounded by the connector's event window: nothing is acknowledged before it is through.
 */

import type * as contract from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { CommandResult, SessionEvent } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { CursorRow } from '../journal/journal.ts';
import type { AccountLedger } from './account-ledger.ts';
import type { SentCommand, SentCommands } from './sent-commands.ts';
import type { VenueIntake } from './venue-intake.ts';
import { amendOutcome, type CancelOutcome, cancelOutcome, placeOutcome } from './venue-messages.ts';

export type CommandEnd = 'not_delivered' | 'orphaned';

/** The events that are not about orders. */
export type AccountEvent = Exclude<NonNullable<SessionEvent['event']>, { $case: 'result' | 'order' | 'fill' }>;

export interface SessionInboxOptions {
  readonly account: string;
  readonly epoch: number;
  readonly ledger: AccountLedger;
  readonly intake: VenueIntake;
  readonly sent: SentCommands;
  readonly reached: (cursor: CursorRow) => void;
  readonly accountEvent: (event: AccountEvent) => void;
  /** A fill came that names no order that we know of. */
  readonly unidentified: (fill: contract.Fill) => void;
  readonly crash: (error: unknown) => void;
}

interface Message {
  readonly event: SessionEvent;
  readonly command: SentCommand | undefined;
}

type Item =
  | { readonly kind: 'batch'; readonly messages: readonly Message[]; readonly cursor: CursorRow }
  | { readonly kind: 'ends'; readonly commands: readonly SentCommand[]; readonly end: CommandEnd };

export class SessionInbox {
  readonly #options: SessionInboxOptions;
  #batch: Message[] = [];
  #items: Item[] = [];
  #busy = false;

  constructor(options: SessionInboxOptions) {
    this.#options = options;
  }

  event(event: SessionEvent): void {
    this.#batch.push({ event, command: this.#ended(event) });
  }

  batchEnd(bootId: string, lastSeq: number): void {
    const messages = this.#batch;
    this.#batch = [];
    this.#add({ kind: 'batch', messages, cursor: { account: this.#options.account, bootId, seq: lastSeq } });
  }

  ends(commandSeqs: readonly number[], end: CommandEnd): void {
    const commands = commandSeqs.flatMap((seq) => this.#options.sent.take(seq) ?? []);
    if (commands.length > 0) this.#add({ kind: 'ends', commands, end });
  }

  /** Results of an earlier epoch are replayed to us under numbers that are not ours. */
  #ended({ event }: SessionEvent): SentCommand | undefined {
    if (event?.$case !== 'result' || event.value.epoch !== this.#options.epoch) return undefined;
    return this.#options.sent.take(event.value.commandSeq);
  }

  #add(item: Item): void {
    this.#items.push(item);
    if (this.#busy) return;
    this.#busy = true;
    this.#work().catch(this.#options.crash);
  }

  async #work(): Promise<void> {
    for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) {
      if (item.kind === 'ends') for (const command of item.commands) this.#endWithout(command, item.end);
      else await this.#take(item.messages, item.cursor);
    }
    this.#busy = false;
  }

  async #take(messages: readonly Message[], cursor: CursorRow): Promise<void> {
    const { intake, reached } = this.#options;
    const about = messages.flatMap(({ event }) => ordersOf(event));
    await intake.prepare(about);
    for (const { event, command } of messages) this.#apply(event, command);
    reached(cursor);
  }

  #apply({ event }: SessionEvent, command: SentCommand | undefined): void {
    const { intake, accountEvent, unidentified } = this.#options;
    // An event of a newer minor version: it is acknowledged, and means nothing to us.
    if (event === undefined) return;
    switch (event.$case) {
      case 'result':
        this.#result(event.value, command);
        return;
      case 'order':
        intake.order(event.value, '');
        return;
      case 'fill':
        if (!intake.fill(event.value, '')) unidentified(event.value);
        return;
      default:
        accountEvent(event);
    }
  }

  #result(result: CommandResult, command: SentCommand | undefined): void {
    const outcomes = new Map(result.outcomes.map((outcome) => [outcome.clientOrderId, outcome]));
    switch (command?.kind) {
      case 'place':
        this.#placed(command.clientOrderId, outcomes.get(command.clientOrderId));
        return;
      case 'cancel':
        this.#canceled(command.clientOrderId, outcomes.get(command.clientOrderId) ?? result.outcomes[0]);
        return;
      case 'amend':
        this.#amended(command, outcomes.get(command.amendId) ?? result.outcomes[0]);
        return;
      case 'cancel_all':
        for (const outcome of result.outcomes) this.#canceled(outcome.clientOrderId, outcome);
        return;
      case undefined:
        // A replayed result of a command that an earlier run of this engine sent: it still tells what became of it.
        for (const outcome of result.outcomes) {
          if (outcome.fate?.$case === 'accepted' && outcome.fate.value.order)
            this.#options.intake.order(outcome.fate.value.order, '');
        }
    }
  }

  #placed(clientOrderId: string, outcome: contract.OrderOutcome | undefined): void {
    const { ledger } = this.#options;
    ledger.apply(clientOrderId, outcome ? placeOutcome(outcome) : { kind: 'unknown', cause: 'UNREADABLE', ...UNNAMED });
  }

  #canceled(clientOrderId: string, message: contract.OrderOutcome | undefined): void {
    const { ledger, intake, sent } = this.#options;
    const outcome: CancelOutcome = message
      ? cancelOutcome(message)
      : { kind: 'cancel_outcome', fate: 'unknown', ...UNNAMED };
    ledger.apply(clientOrderId, outcome);
    // The order as it stands after its cancel.
    if (message?.fate?.$case === 'accepted' && message.fate.value.order) intake.order(message.fate.value.order, '');
    sent.cancelEnded(clientOrderId, outcome);
  }

  #amended(command: Extract<SentCommand, { kind: 'amend' }>, message: contract.OrderOutcome | undefined): void {
    const { ledger, intake } = this.#options;
    const { clientOrderId, amendId, successor } = command;
    const outcome: contract.OrderOutcome = message ?? {
      clientOrderId: amendId,
      fate: undefined,
      receivedAtUs: 0,
      venueOrderId: '',
    };
    ledger.apply(clientOrderId, amendOutcome(amendId, outcome));
    if (successor) ledger.apply(amendId, placeOutcome(outcome));
    else if (outcome.fate?.$case === 'accepted' && outcome.fate.value.order) intake.order(outcome.fate.value.order, '');
  }

  #endWithout(command: SentCommand, end: CommandEnd): void {
    const { ledger, sent } = this.#options;
    const denied = end === 'not_delivered';
    const message = denied ? 'the command never reached the connector' : 'the session that sent it ended';
    const words = { venueCode: '', message };
    const fate = denied
      ? ({ kind: 'denied', rule: 'NOT_DELIVERED', field: '', message } as const)
      : ({ kind: 'unknown', cause: 'SESSION_LOST', ...words } as const);
    switch (command.kind) {
      case 'place':
        ledger.apply(command.clientOrderId, fate);
        return;
      case 'amend':
        ledger.apply(command.clientOrderId, {
          kind: 'amend_outcome',
          amendId: command.amendId,
          fate: fate.kind,
          ...words,
        });
        if (command.successor) ledger.apply(command.amendId, fate);
        return;
      case 'cancel': {
        const outcome = { kind: 'cancel_outcome', fate: fate.kind, ...words } as const;
        ledger.apply(command.clientOrderId, outcome);
        sent.cancelEnded(command.clientOrderId, outcome);
        return;
      }
      case 'cancel_all':
        return;
    }
  }
}

const UNNAMED = { venueCode: '', message: 'the result does not name the order' };

/** The orders that an event is about, for reading them in. */
function ordersOf({ event }: SessionEvent) {
  switch (event?.$case) {
    case 'order':
    case 'fill':
      return [event.value];
    case 'result':
      return event.value.outcomes.flatMap(({ fate }) => (fate?.$case === 'accepted' && fate.value.order) || []);
    default:
      return [];
  }
}
