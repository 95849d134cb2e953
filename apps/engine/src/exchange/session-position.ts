/**
 * Where a session stands: the events of the present boot that were handed on and acknowledged, and the commands that
 * have no end yet. Pure bookkeeping of T1 and T2 (trading-session.ts); knows no stream and no clock.
 *
 * N1  Command numbers of one boot only grow, and continue above what the connector says it received: a number that
 *     was used is never used again, also not by a successor of this session with the same epoch.
 * N2  Acknowledged is never ahead of handed on, and only counts for the boot that it was of.
 */
import type { SessionEvent, Welcome } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

interface Boot {
  readonly bootId: string;
  /** The next event that is handed on. */
  nextSeq: number;
  ackedSeq: number;
  nextCommandSeq: number;
}

/** What a welcome means for the commands of earlier streams. */
export interface Settlement {
  /** They never reached the connector, and never will. */
  readonly notDelivered: readonly number[];
  /** They were delivered, or may have been, and their results can no longer come. */
  readonly orphaned: readonly number[];
}

export class SessionPosition {
  readonly #epoch: number;
  #boot: Boot | undefined;
  #pending = new Set<number>();
  #boots = 0;

  constructor(epoch: number, lastSeen: { readonly bootId: string; readonly seq: number } | undefined) {
    this.#epoch = epoch;
    this.#boot = lastSeen && bootAt(lastSeen.bootId, lastSeen.seq);
  }

  /** For hello. */
  get lastSeen(): { bootId: string; seq: number } | undefined {
    return this.#boot && { bootId: this.#boot.bootId, seq: this.#boot.ackedSeq };
  }

  get bootId(): string | undefined {
    return this.#boot?.bootId;
  }

  /** How many boots welcomed us. */
  get boots(): number {
    return this.#boots;
  }

  /** Up to here everything of the present boot is durable. */
  get ackedSeq(): number {
    return this.#boot?.ackedSeq ?? 0;
  }

  /** The event that must come next. */
  get nextSeq(): number {
    return this.#boot?.nextSeq ?? 1;
  }

  /** Commands without an end. */
  get pending(): number {
    return this.#pending.size;
  }

  welcome(welcome: Welcome): Settlement {
    const { bootId, resumed, lastCommandSeq, nextEventSeq } = welcome;
    const held = this.#boot?.bootId === bootId ? this.#boot : undefined;
    if (!held || this.#boots === 0) this.#boots++;
    const boot = held ?? bootAt(bootId, nextEventSeq - 1);
    if (!resumed) {
      // A clean cut: the sequence goes on where the connector is, what lies between is the reconciler's to find.
      boot.nextSeq = nextEventSeq;
      boot.ackedSeq = nextEventSeq - 1;
    }
    boot.nextCommandSeq = Math.max(boot.nextCommandSeq, lastCommandSeq + 1);
    this.#boot = boot;
    const notDelivered: number[] = [];
    const orphaned: number[] = [];
    for (const seq of this.#pending) {
      if (held && seq > lastCommandSeq) notDelivered.push(seq);
      else if (!held || !resumed) orphaned.push(seq);
    }
    for (const seq of [...notDelivered, ...orphaned]) this.#pending.delete(seq);
    return { notDelivered, orphaned };
  }

  /** The number of a command that leaves now. Only after a welcome. */
  command(): number {
    const boot = this.#boot;
    if (!boot) throw new Error('a command before the first welcome');
    const seq = boot.nextCommandSeq++;
    this.#pending.add(seq);
    return seq;
  }

  /** `next` counts the event as handed on; `old` was handed on before; `ahead` means that one is missing. */
  event(event: SessionEvent): 'next' | 'old' | 'ahead' {
    const boot = this.#boot;
    if (!boot || event.seq > boot.nextSeq) return 'ahead';
    if (event.seq < boot.nextSeq) return 'old';
    boot.nextSeq++;
    const result = event.event?.$case === 'result' ? event.event.value : undefined;
    if (result && result.epoch === this.#epoch) this.#pending.delete(result.commandSeq);
    return 'next';
  }

  /** True if it is news for the connector. */
  ack(seq: number, bootId: string): boolean {
    const boot = this.#boot;
    if (boot?.bootId !== bootId || seq <= boot.ackedSeq || seq >= boot.nextSeq) return false;
    boot.ackedSeq = seq;
    return true;
  }

  /** The session is over: nothing that is pending will be answered. */
  abandon(): readonly number[] {
    const orphaned = [...this.#pending];
    this.#pending.clear();
    return orphaned;
  }
}

function bootAt(bootId: string, ackedSeq: number): Boot {
  return { bootId, ackedSeq, nextSeq: ackedSeq + 1, nextCommandSeq: 1 };
}
