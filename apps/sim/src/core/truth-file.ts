/**
 * The truth on disk: `truth.jsonl` in the state folder, one line a transaction.
 *
 * F1  A record is handed to the operating system in one write before the request is answered: it survives a kill of
 *     the process. It is synced to the disk at most `SYNC_DELAY_MS` later: a power cut may lose that much.
 * F2  A last line without its newline was never answered for: it is cut off when the file is opened. Any other line
 *     that cannot be read, or whose number does not follow, refuses the file.
 *
 * A failing write throws: a venue that cannot write down what it does must stop.
 */
import { closeSync, fsync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { CoreFailure } from './core-api.ts';
import type { TruthRecord, TruthSink } from './truth.ts';
import { decodeRecord, encodeRecord } from './truth-codec.ts';

export const TRUTH_FILE = 'truth.jsonl';
const SYNC_DELAY_MS = 50;
const READ_BYTES = 1 << 20;
const NEWLINE = 10;

export type TruthFile =
  | { readonly ok: true; readonly sink: TruthSink }
  | { readonly ok: false; readonly failure: CoreFailure };

/** Opens or makes the file and hands each record in it to `restore`. */
export function openTruthFile(stateDir: string, clock: Clock, restore: (record: TruthRecord) => void): TruthFile {
  const path = join(stateDir, TRUTH_FILE);
  let fd: number;
  try {
    mkdirSync(stateDir, { recursive: true });
    fd = openSync(path, 'a+', 0o600);
  } catch (error) {
    // Permissions, a file where the folder should be, a full disk: the user's to mend.
    return { ok: false, failure: { code: 'state_unreadable', detail: `${path}: ${messageOf(error)}` } };
  }
  const detail = restoreAll(fd, path, restore);
  if (detail === undefined) return { ok: true, sink: createSink(fd, clock) };
  closeSync(fd);
  return { ok: false, failure: { code: 'state_invalid', detail } };
}

/** Answers what is wrong with the file, in one line. */
function restoreAll(fd: number, path: string, restore: (record: TruthRecord) => void): string | undefined {
  let lineNumber = 0;
  let nextSeq = 0;
  let wholeBytes = 0;
  for (const line of readLines(fd)) {
    lineNumber++;
    const record = decodeRecord(line.toString('utf8'));
    if (record === undefined) return `${path}: line ${lineNumber} is not a record of the venue's truth`;
    if (record.seq !== nextSeq) return `${path}: line ${lineNumber} has number ${record.seq}, expected ${nextSeq}`;
    nextSeq += record.facts.length;
    wholeBytes += line.length + 1;
    restore(record);
  }
  ftruncateSync(fd, wholeBytes);
  return undefined;
}

/** Whole lines only, without their newlines. */
function* readLines(fd: number): Generator<Buffer> {
  const chunk = Buffer.alloc(READ_BYTES);
  let rest = Buffer.alloc(0);
  let position = 0;
  for (
    let count = readSync(fd, chunk, 0, READ_BYTES, 0);
    count > 0;
    count = readSync(fd, chunk, 0, READ_BYTES, position)
  ) {
    position += count;
    const text = Buffer.concat([rest, chunk.subarray(0, count)]);
    let start = 0;
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, start)) {
      yield text.subarray(start, end);
      start = end + 1;
    }
    rest = text.subarray(start);
  }
}

function createSink(fd: number, clock: Clock): TruthSink {
  let timer: Timer | undefined;
  let closed = false;

  function sync(): void {
    timer = undefined;
    // A failed background sync is met again by the one in `close`.
    fsync(fd, () => {});
  }

  return {
    write(record) {
      const bytes = Buffer.from(encodeRecord(record));
      for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
      timer ??= clock.schedule(SYNC_DELAY_MS, sync);
    },
    async close() {
      if (closed) return;
      closed = true;
      timer?.cancel();
      fsyncSync(fd);
      closeSync(fd);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
