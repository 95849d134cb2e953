/**
 * Reads a recorded feed: gzip, a line `<local receive time, ns> <JSON>` each, read by the venue whose it is.
 *
 * E1  The file is streamed: memory holds a chunk of it, and a line is at most `MAX_LINE_CHARS`.
 * E2  Whatever is wrong (no file, not gzip, cut off, a line that is no such message, another venue, a second symbol)
 *     ends the reading with one line that names the file, the line and the reason.
 */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { ReadRecorded, RecordedMessage } from './recorded-message.ts';

/** The longest known is a snapshot of 1,000 levels a side, 50 kB. */
const MAX_LINE_CHARS = 4_000_000;
const CHUNK_BYTES = 1 << 18;

export interface RecordedLine {
  readonly localUs: number;
  readonly message: RecordedMessage;
}

export type RecordingChunk =
  | { readonly kind: 'lines'; readonly lines: readonly RecordedLine[] }
  | { readonly kind: 'failed'; readonly detail: string };

/** Ends after the last line or after the first failure; never throws. */
export async function* readRecording(
  path: string,
  read: ReadRecorded,
): AsyncGenerator<RecordingChunk, void, undefined> {
  const file = createReadStream(path);
  const text = createGunzip({ chunkSize: CHUNK_BYTES }).setEncoding('utf8');
  file.on('error', (error) => text.destroy(error));
  file.pipe(text);
  let lineNumber = 0;
  let symbol: string | undefined;
  let rest = '';

  function parseLines(complete: readonly string[]): { lines: RecordedLine[]; broken?: string } {
    const lines: RecordedLine[] = [];
    for (const raw of complete) {
      lineNumber++;
      const parsed = parseLine(raw, read);
      if (!parsed.ok) return { lines, broken: `${path}: line ${lineNumber} ${parsed.problem}` };
      for (const line of parsed.lines) {
        const named = line.message.symbol ?? symbol;
        if (symbol !== undefined && named !== symbol)
          return { lines, broken: `${path}: line ${lineNumber} is of ${named}, the lines before it of ${symbol}` };
        symbol = named;
        lines.push(line);
      }
    }
    return { lines };
  }

  try {
    for await (const chunk of text) {
      const complete = (rest + String(chunk)).split('\n');
      rest = complete.pop() ?? '';
      const { lines, broken } = parseLines(complete);
      if (lines.length > 0) yield { kind: 'lines', lines };
      const tooLong =
        rest.length > MAX_LINE_CHARS ? `${path}: line ${lineNumber + 1} is too long to be a message` : undefined;
      const detail = broken ?? tooLong;
      if (detail === undefined) continue;
      yield { kind: 'failed', detail };
      return;
    }
    if (rest !== '') yield { kind: 'failed', detail: `${path}: line ${lineNumber + 1} is cut off` };
  } catch (error) {
    // File system and zlib report by code; both are the user's file, not our bug.
    yield { kind: 'failed', detail: `${path}: ${reasonOf(error)}` };
  } finally {
    file.destroy();
    text.destroy();
  }
}

type TimedLines =
  | { readonly ok: true; readonly lines: readonly RecordedLine[] }
  | { readonly ok: false; readonly problem: string };

function parseLine(raw: string, read: ReadRecorded): TimedLines {
  const match = /^(\d{16,19}) (\{.*)$/.exec(raw);
  const [, time = '', json = ''] = match ?? [];
  if (match === null) return { ok: false, problem: 'is not "<time in ns> <JSON>"' };
  const parsed = read(json);
  if (!parsed.ok) return parsed;
  // Nanoseconds do not fit a number; microseconds do.
  const localUs = Number(time.slice(0, -3));
  return { ok: true, lines: parsed.messages.map((message) => ({ localUs, message })) };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'is a folder, not a recording';
  if (code === 'Z_BUF_ERROR') return 'the gzip data is cut off';
  if (code.startsWith('Z_')) return 'is not a gzip file, or a damaged one';
  return error instanceof Error ? error.message : String(error);
}
