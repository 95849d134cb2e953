/**
 * A recording as a source of lines from its first book snapshot on, read once to the end beforehand so that a broken
 * file is refused before anything starts, not in the middle of a run.
 */
import type { CoreFailure } from './core-api.ts';
import { createRecordedBook, type RecordedBook } from './recorded-book.ts';
import type { OpenRecorded, ReadRecorded, RecordedMessage } from './recorded-message.ts';
import { type RecordedLine, type RecordingChunk, readRecording } from './recording.ts';

export interface ReplaySource {
  readonly path: string;
  readonly symbol: string;
  /** Of the first snapshot: the run's time zero. */
  readonly startUs: number;
  /** The first snapshot with the deltas that were received before it and reach beyond it. */
  readonly book: RecordedBook;
  /** The newest best quote before the snapshot. */
  readonly quote: Extract<RecordedMessage, { kind: 'quote' }> | undefined;
  /** The lines after the snapshot, as they are read. */
  next(): Promise<RecordingChunk | undefined>;
  close(): Promise<void>;
}

export type OpenedReplay =
  | { readonly ok: true; readonly source: ReplaySource }
  | { readonly ok: false; readonly failure: CoreFailure };

/** Deltas that can be in flight around a snapshot request; more would be another recording's. */
const MAX_EARLY_DELTAS = 10_000;

export async function openReplay(path: string, open: OpenRecorded): Promise<OpenedReplay> {
  const checked = await checkRecording(path, open());
  if (!checked.ok) return checked;
  const chunks = readRecording(path, open());
  const early: Extract<RecordedMessage, { kind: 'depth' }>[] = [];
  let quote: ReplaySource['quote'];
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    if (next.value.kind === 'failed') return invalid(next.value.detail);
    for (const [index, { localUs, message }] of next.value.lines.entries()) {
      if (message.kind === 'quote') quote = message;
      if (message.kind === 'depth') early.push(message);
      if (early.length > MAX_EARLY_DELTAS) early.shift();
      if (message.kind !== 'snapshot') continue;
      const book = createRecordedBook();
      book.reset(message);
      for (const delta of early) if (delta.lastUpdateId >= message.lastUpdateId) book.apply(delta);
      if (quote !== undefined) book.quote(quote);
      const rest = next.value.lines.slice(index + 1);
      const source = { path, symbol: checked.symbol, startUs: localUs, book, quote, ...following(rest, chunks) };
      return { ok: true, source };
    }
  }
  return invalid(`${path}: changed while it was read`);
}

function following(first: readonly RecordedLine[], chunks: AsyncGenerator<RecordingChunk, void, undefined>) {
  let pending: RecordingChunk | undefined = { kind: 'lines', lines: first };
  return {
    async next(): Promise<RecordingChunk | undefined> {
      const chunk = pending ?? (await chunks.next()).value;
      pending = undefined;
      return chunk ?? undefined;
    },
    close: async () => void (await chunks.return()),
  };
}

type Checked = { readonly ok: true; readonly symbol: string } | { readonly ok: false; readonly failure: CoreFailure };

async function checkRecording(path: string, read: ReadRecorded): Promise<Checked> {
  let symbol: string | undefined;
  let hasSnapshot = false;
  for await (const chunk of readRecording(path, read)) {
    if (chunk.kind === 'failed') return invalid(chunk.detail);
    for (const { message } of chunk.lines) {
      if (message.kind === 'snapshot') hasSnapshot = true;
      symbol = message.symbol ?? symbol;
    }
  }
  if (!hasSnapshot) return invalid(`${path}: has no book snapshot to start from`);
  return symbol === undefined ? invalid(`${path}: has nothing but book snapshots`) : { ok: true, symbol };
}

function invalid(detail: string): { readonly ok: false; readonly failure: CoreFailure } {
  return { ok: false, failure: { code: 'recording_invalid', detail } };
}
