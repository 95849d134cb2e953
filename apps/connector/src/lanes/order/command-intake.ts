/**
 * The commands of one epoch: their numbers, their credit, and one result for each.
 *
 * K1  Every command that was taken in gets exactly one result, whatever became of its stream.
 * K2  Numbers grow; a command that came before is a breach of the protocol and is not looked at.
 * K3  A peer that overruns its command credit is denied{backpressure}, command by command.
 * K4  New risk is denied{backpressure} while three quarters of the log are unacknowledged or spoken for by results to
 *     come, so that results never push each other out. Cancels pass.
 */
import type { Logger } from '@trunkline/kit/log';
import type { Clock } from '@trunkline/proto/clock';
import { type Denied, DenyRule, type OrderOutcome } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Command, CommandResult } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { CANCEL_CREDIT, COMMAND_CREDIT, isCancel } from '@trunkline/proto/session-limits';
import type { Authority, CommandRunner } from './command-runner.ts';
import type { EventLog } from './event-log.ts';
import { brokenOutcome, denied, denyCommand, namesOf } from './outcome.ts';
import type { TradeStream } from './trade-stream.ts';

export interface IntakeOwner {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly runner: CommandRunner;
  readonly logger: Pick<Logger, 'error'>;
  /** Whether that epoch still commands. */
  owns(epoch: number): boolean;
  result(result: CommandResult): void;
}

export class CommandIntake {
  readonly epoch: number;
  readonly #owner: IntakeOwner;
  #lastSeq = 0;
  #outstanding = 0;

  constructor(epoch: number, owner: IntakeOwner) {
    this.epoch = epoch;
    this.#owner = owner;
  }

  /** The last number that was taken in; 0 for none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** False if the number is not above all before it (K2). */
  take(stream: TradeStream, command: Command): boolean {
    if (!Number.isSafeInteger(command.commandSeq) || command.commandSeq <= this.#lastSeq) return false;
    this.#lastSeq = command.commandSeq;
    const receivedAtUs = this.#owner.clock.wallUs();
    const refusal = this.#refuse(stream, command);
    if (refusal) {
      this.#finish(command, denyCommand(command.command, refusal, receivedAtUs));
      return true;
    }
    this.#outstanding += 1;
    void this.#run(command, {
      receivedAtUs,
      deadlineUs: stream.peerClock.monotonicOf(command.validUntilUs),
      refuse: () => (this.#owner.owns(this.epoch) ? undefined : FENCED),
    });
    return true;
  }

  #refuse(stream: TradeStream, { command }: Command): Denied | undefined {
    const cancels = isCancel(command);
    if (this.#outstanding >= COMMAND_CREDIT + (cancels ? CANCEL_CREDIT : 0)) {
      return denied(DenyRule.BACKPRESSURE, `${this.#outstanding} commands are in flight`, 'command_credit');
    }
    const { log } = this.#owner;
    const unacknowledged = log.nextSeq - 1 - stream.acked;
    if (cancels || unacknowledged + this.#outstanding < (log.capacity * 3) / 4) return undefined;
    return denied(DenyRule.BACKPRESSURE, `${unacknowledged} events are not acknowledged`, 'event_window');
  }

  /** Never rejects. */
  async #run(command: Command, authority: Authority): Promise<void> {
    const { runner, logger } = this.#owner;
    let outcomes: OrderOutcome[];
    try {
      outcomes = await runner.run(command.command, authority);
    } catch (error) {
      logger.error({ error, commandSeq: command.commandSeq }, 'a command broke the connector');
      const { receivedAtUs } = authority;
      outcomes = namesOf(command.command).map((named) => brokenOutcome(named, 'internal fault', receivedAtUs));
    }
    this.#outstanding -= 1;
    this.#finish(command, outcomes);
  }

  #finish({ commandSeq }: Command, outcomes: OrderOutcome[]): void {
    this.#owner.result({ commandSeq, outcomes, epoch: this.epoch });
  }
}

const FENCED = denied(DenyRule.FENCED, 'the session of this command is over');
