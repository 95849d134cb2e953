/**
 * The hash chain of journal events.
 *
 * H1  hash = lower-case hex of SHA-256 over eight fields in this order: previousHash, seq, account, subject, subjectId,
 *     kind, payload, atUs. Each field is its length in bytes as a 4-byte big-endian number, then its UTF-8 bytes; numbers
 *     are written as plain decimal digits. The lengths make it impossible to move a byte from one field to the next.
 * H2  seq starts at 1 with the previousHash `GENESIS_HASH`, and has no holes.
 */
import type { EventRow, NewEvent } from './journal.ts';

export const GENESIS_HASH = '0'.repeat(64);

/** Where a chain ends: its last row, or seq 0 and `GENESIS_HASH` when it is empty. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

export const EMPTY_CHAIN: ChainHead = { seq: 0, hash: GENESIS_HASH };

/** The event as the next row after `head`. */
export function chainEvent(head: ChainHead, event: NewEvent): EventRow {
  const linked = { ...event, seq: head.seq + 1, previousHash: head.hash };
  return { ...linked, hash: hashEvent(linked) };
}

/** The rows of several events after `head`, in order. */
export function chainEvents(head: ChainHead, events: readonly NewEvent[]): readonly EventRow[] {
  let last = head;
  return events.map((event) => {
    const row = chainEvent(last, event);
    last = row;
    return row;
  });
}

export function hashEvent(row: Omit<EventRow, 'hash'>): string {
  const hasher = new Bun.CryptoHasher('sha256');
  const { previousHash, seq, account, subject, subjectId, kind, payload, atUs } = row;
  for (const field of [previousHash, String(seq), account, subject, subjectId, kind, payload, String(atUs)]) {
    const bytes = Buffer.from(field, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hasher.update(length);
    hasher.update(bytes);
  }
  return hasher.digest('hex');
}

/** What is wrong with `row` as the successor of `head`, in words; undefined when nothing is. */
export function brokenLink(head: ChainHead, row: EventRow): string | undefined {
  if (row.seq !== head.seq + 1) return `event ${head.seq + 1} is missing: the next row is ${row.seq}`;
  if (row.previousHash !== head.hash) return `event ${row.seq} does not follow event ${head.seq}`;
  if (row.hash !== hashEvent(row)) return `event ${row.seq} was changed: its hash does not match its content`;
  return undefined;
}
