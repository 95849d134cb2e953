/**
 * Records what a venue sends: every public stream of the configured symbols, the account's private stream, and the
 * answers to what the connector asks of its own accord. Nothing is ordered, set or cancelled.
 *
 * N1  Messages are written in the order in which they arrived, with secrets removed (redact.ts).
 * N2  Memory is bounded: a disk that is slower than the venue ends the recording with an error, it loses no line in
 *     between.
 */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { ConfigError, EXIT_OK, fromSystemError, type OperatingError } from '@trunkline/kit/operating-error';
import type { Secret } from '@trunkline/kit/secret';
import { aborted } from '@trunkline/proto/aborted';
import { sleep } from '@trunkline/proto/clock';
import { CandleInterval, Channel, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { RELEASE_VERSION } from '@trunkline/proto/version';
import { createVenue } from '../venues/create-venue.ts';
import type { Venue } from '../venues/venue.ts';
import type { VenueConfig, VenueSurroundings } from '../venues/venue-config.ts';
import { callLine, frameLine, headLine } from './recording-line.ts';
import { redactor } from './redact.ts';

export interface RecordOptions {
  readonly venue: VenueConfig;
  readonly surroundings: VenueSurroundings;
  readonly path: string;
  /** From when the venue is up; until `stop` without it. */
  readonly forMs: number | undefined;
  readonly stop: AbortSignal;
}

/** Uncompressed bytes that wait for the disk at most. */
const MAX_WAITING_BYTES = 64 * 1_024 * 1_024;

/** Runs to the end: the exit code, or why it could not record. */
export async function record(options: RecordOptions): Promise<number | OperatingError> {
  const { venue: config, surroundings, path, forMs, stop } = options;
  const { clock, logger } = surroundings;
  const lines = openLines(path);
  const redact = redactor(secretsOf(config));
  const venue = await createVenue(config, {
    ...surroundings,
    tap: {
      frame: (url, text) => lines.write(frameLine(url, redact(text), clock.wallUs())),
      answer: (method, url, status, text) => lines.write(callLine(method, url, status, redact(text), clock.wallUs())),
    },
  });
  if (venue === undefined)
    return new ConfigError(`connector.market: ${config.market} of ${config.venue} is not served`);
  venue.listen(() => {});
  const over = AbortSignal.any([stop, lines.broken]);
  const refusal = await Promise.race([venue.start(), aborted(over)]);
  if (refusal !== undefined) {
    await venue.close();
    await lines.end();
    return new ConfigError(`the venue refuses the account (${refusal.code}): ${refusal.message}`);
  }
  const symbols = Object.fromEntries(venue.instruments.map(({ symbol, venueSymbol }) => [symbol, venueSymbol]));
  const head = { recording: 1, venue: config.venue, market: config.market, symbols, version: RELEASE_VERSION } as const;
  lines.first(headLine(head, clock.wallUs()));
  for (const topic of topicsOf(venue, config.symbols)) venue.subscribe(topic);
  logger.info({ path, symbols: config.symbols }, 'recording');
  await (forMs === undefined ? aborted(over) : sleep(clock, forMs, over));
  await venue.close();
  const problem = await lines.end();
  if (problem !== undefined) return problem;
  logger.info({ path, lines: lines.count }, 'recorded');
  return EXIT_OK;
}

/** Every channel that the venue has, candles of one minute, books of the deepest. */
function topicsOf(venue: Venue, symbols: readonly string[]): Topic[] {
  return symbols.flatMap((symbol) =>
    venue.profile.capabilities.channels.map((channel) =>
      Topic.fromPartial({
        channel,
        symbol,
        interval:
          channel === Channel.CANDLES ? CandleInterval.CANDLE_INTERVAL_1M : CandleInterval.CANDLE_INTERVAL_UNSPECIFIED,
      }),
    ),
  );
}

function secretsOf({ apiKey, secret, passphrase }: VenueConfig): Secret[] {
  return [apiKey, secret, ...(passphrase === undefined ? [] : [passphrase])];
}

interface Lines {
  readonly count: number;
  /** Aborts when the file cannot be written. */
  readonly broken: AbortSignal;
  write(line: string): void;
  /** Lines written before it wait for it: the first line says what the others are. */
  first(line: string): void;
  end(): Promise<OperatingError | undefined>;
}

function openLines(path: string): Lines {
  const gzip = createGzip();
  const broken = new AbortController();
  let problem: OperatingError | undefined;
  let waiting: string[] | undefined = [];
  let count = 0;
  const fail = (error: unknown) => {
    problem ??= fromSystemError(error, path) ?? new ConfigError(`${path}: ${String(error)}`);
    broken.abort();
    // What waits would wait for ever.
    gzip.destroy();
  };
  const written = pipeline(gzip, createWriteStream(path, { mode: 0o600 })).catch(fail);
  const put = (line: string) => {
    if (problem !== undefined) return;
    count += 1;
    gzip.write(line);
    if (gzip.writableLength > MAX_WAITING_BYTES) fail(new Error('the disk is slower than the venue'));
  };
  return {
    get count() {
      return count;
    },
    broken: broken.signal,
    write(line) {
      if (waiting === undefined) put(line);
      else waiting.push(line);
    },
    first(line) {
      const before = waiting ?? [];
      waiting = undefined;
      for (const each of [line, ...before]) put(each);
    },
    async end() {
      if (problem === undefined) gzip.end();
      // Of the whole way to the disk: the first error in it is the reason.
      await written;
      return problem;
    },
  };
}
