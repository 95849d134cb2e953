/**
 * The envelope of what `connector record` writes: a head, frames of sockets, answers to calls. A line that has none of
 * these is bare: the venue's message itself, as other collectors write it.
 */
import { type Fields, fieldsOf, isText } from './recorded-fields.ts';
import { NOTHING_RECORDED, type ParsedLine, type ReadRecorded } from './recorded-message.ts';

export interface RecordedCall {
  /** Method and path, e.g. `GET /fapi/v1/depth`. */
  readonly call: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** How one market's messages read. Undefined: it should be of the book, and cannot be read. */
export interface RecordedDialect {
  /** As the head of a recording names it. */
  readonly venue: string;
  readonly market: 'perpetual' | 'spot';
  readonly frame: (frame: unknown) => ParsedLine | undefined;
  readonly call: (call: RecordedCall) => ParsedLine | undefined;
  /** Where bare lines have always been read. */
  readonly bare?: (message: Fields) => ParsedLine | undefined;
}

export function readerOf(dialect: RecordedDialect): ReadRecorded {
  const { venue, market } = dialect;
  const unreadable = { ok: false, problem: `is not a message of ${venue} ${market}` } as const;
  return (json) => {
    const outer = fieldsOf(parse(json));
    if (outer === undefined) return { ok: false, problem: 'is not JSON of a message' };
    if ('recording' in outer) return headOf(outer, dialect);
    if ('frame' in outer && isText(outer['socket'])) return dialect.frame(outer['frame']) ?? unreadable;
    if ('body' in outer && isText(outer['call'])) {
      // A refused call tells nothing of the market.
      if (outer['status'] !== 200) return NOTHING_RECORDED;
      const query = new URLSearchParams(isText(outer['query']) ? outer['query'] : '');
      return dialect.call({ call: outer['call'], query, body: outer['body'] }) ?? unreadable;
    }
    return dialect.bare?.(outer) ?? unreadable;
  };
}

function headOf(head: Fields, { venue, market }: RecordedDialect): ParsedLine {
  if (head['recording'] !== 1) {
    return { ok: false, problem: `is of recording format ${JSON.stringify(head['recording'])}; 1 is known` };
  }
  if (head['venue'] === venue && head['market'] === market) return NOTHING_RECORDED;
  return { ok: false, problem: `says that this is of ${head['venue']} ${head['market']}, not of ${venue} ${market}` };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // A torn or foreign line.
    return undefined;
  }
}
