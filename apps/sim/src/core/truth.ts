/**
 * The append-only ground truth in memory, and on disk through a sink.
 *
 * R1  Entries are numbered from 0 without holes, across restarts.
 * R2  The facts of one transaction reach the sink as one record, before anybody hears of them.
 * R3  Memory keeps the newest `MAX_ENTRIES_KEPT` entries (policy: forget the oldest); the file keeps all.
 */
import type { TruthEntry, TruthFact } from './truth-entry.ts';

export const MAX_ENTRIES_KEPT = 1_000_000;

/** Facts of one transaction. */
export interface TruthRecord {
  readonly timeUs: number;
  /** Of the first fact. */
  readonly seq: number;
  readonly facts: readonly TruthFact[];
}

export interface TruthSink {
  write(record: TruthRecord): void;
  close(): Promise<void>;
}

export interface Truth {
  append(timeUs: number, facts: readonly TruthFact[]): void;
  /** Takes over a record that the sink to be attached has already. */
  restore(record: TruthRecord): void;
  attach(sink: TruthSink): void;
  read(fromSeq: number, limit: number): readonly TruthEntry[];
  close(): Promise<void>;
}

export function createTruth(): Truth {
  let sink: TruthSink | undefined;
  const entries: TruthEntry[] = [];
  let nextSeq = 0;

  function keep({ timeUs, facts }: TruthRecord): void {
    for (const fact of facts) entries.push({ ...fact, seq: nextSeq++, timeUs });
    // Forgotten in tenths, so that the array is not moved for every entry.
    if (entries.length > MAX_ENTRIES_KEPT * 1.1) entries.splice(0, entries.length - MAX_ENTRIES_KEPT);
  }

  return {
    append(timeUs, facts) {
      const record = { timeUs, seq: nextSeq, facts };
      sink?.write(record);
      keep(record);
    },
    restore(record) {
      nextSeq = record.seq;
      keep(record);
    },
    attach(opened) {
      sink = opened;
    },
    read(fromSeq, limit) {
      const start = Math.max(0, fromSeq - (nextSeq - entries.length));
      return entries.slice(start, start + Math.max(0, limit));
    },
    close: async () => sink?.close(),
  };
}
