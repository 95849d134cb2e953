/**
 * Commands that were handed to the session and have no end yet (T2: each gets exactly one).
 */
import type { CancelOutcome } from './venue-messages.ts';

export type SentCommand =
  | { readonly kind: 'place'; readonly clientOrderId: string }
  /** `clientOrderId` is the order amended; `successor` is true where the venue replaces it by `amendId`. */
  | { readonly kind: 'amend'; readonly clientOrderId: string; readonly amendId: string; readonly successor: boolean }
  | { readonly kind: 'cancel'; readonly clientOrderId: string }
  | { readonly kind: 'cancel_all' };

export class SentCommands {
  readonly #bySeq = new Map<number, SentCommand>();
  readonly #cancelWaiters = new Map<string, ((outcome: CancelOutcome) => void)[]>();

  get size(): number {
    return this.#bySeq.size;
  }

  add(commandSeq: number, command: SentCommand): void {
    this.#bySeq.set(commandSeq, command);
  }

  /** Ends a command; undefined if it is not ours to end. */
  take(commandSeq: number): SentCommand | undefined {
    const command = this.#bySeq.get(commandSeq);
    this.#bySeq.delete(commandSeq);
    return command;
  }

  has(kind: 'place' | 'cancel', clientOrderId: string): boolean {
    for (const command of this.#bySeq.values()) {
      if (command.kind === kind && command.clientOrderId === clientOrderId) return true;
    }
    return false;
  }

  /** Resolves with the end of the cancel of this order that is in flight now. */
  cancelEnd(clientOrderId: string): Promise<CancelOutcome> {
    return new Promise((resolve) => {
      const waiters = this.#cancelWaiters.get(clientOrderId) ?? [];
      this.#cancelWaiters.set(clientOrderId, [...waiters, resolve]);
    });
  }

  cancelEnded(clientOrderId: string, outcome: CancelOutcome): void {
    const waiters = this.#cancelWaiters.get(clientOrderId) ?? [];
    this.#cancelWaiters.delete(clientOrderId);
    for (const resolve of waiters) resolve(outcome);
  }
}
