/**
 * Structured logs: one JSON object a line, with ISO time, level and the name of the process.
 *
 * G1  Logging never throws and never waits: lines go out asynchronously through a buffer of 4 MiB; past it the
 *     newest are dropped (a reader that stalls must not stall trading).
 * G2  What is buffered is written synchronously when the process exits.
 * G3  Fields pass `log-fields.ts`: secrets redacted, sizes bounded, stacks only at the debug level.
 */
import pino from 'pino';
import { cleanFields } from './log-fields.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A logger that adds `fields` to every line. */
  child(fields: object): Logger;
}

export interface LoggerOptions {
  /** Stands in every line as `name`. */
  readonly name: string;
  readonly level: LogLevel;
  readonly destination: 'stdout' | 'stderr';
}

/** One collected line of a `silentLogger`. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that writes nothing and keeps the last `MAX_COLLECTED` lines for a test to look at. */
export interface SilentLogger extends Logger {
  readonly entries: readonly LogEntry[];
}

const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
const MAX_COLLECTED = 10_000;

export function createLogger(options: LoggerOptions): Logger {
  const destination = pino.destination({
    fd: options.destination === 'stdout' ? 1 : 2,
    sync: false,
    maxLength: MAX_BUFFERED_BYTES,
  });
  // A closed or full destination is not a reason to stop: there is nowhere left to say it.
  destination.on('error', () => {});
  process.on('exit', () => {
    try {
      destination.flushSync();
    } catch {
      // The reader is gone; the lines have nowhere to go.
    }
  });
  const root = pino(
    {
      name: options.name,
      level: options.level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  const withStacks = options.level === 'debug';
  return wrap(
    (level, fields, message) => root[level](fields, message),
    {},
    withStacks,
    (level) => root.isLevelEnabled(level),
  );
}

export function silentLogger(): SilentLogger {
  const entries: LogEntry[] = [];
  const collect = (level: LogLevel, fields: Record<string, unknown>, message: string) => {
    if (entries.length >= MAX_COLLECTED) entries.shift();
    entries.push({ level, message, fields });
  };
  return { ...wrap(collect, {}, true, () => true), entries };
}

type Write = (level: LogLevel, fields: Record<string, unknown>, message: string) => void;

function wrap(write: Write, bound: object, withStacks: boolean, enabled: (level: LogLevel) => boolean): Logger {
  const at = (level: LogLevel) => (fields: object, message: string) => {
    if (enabled(level)) write(level, cleanFields({ ...bound, ...fields }, withStacks), message);
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(write, { ...bound, ...fields }, withStacks, enabled),
  };
}
