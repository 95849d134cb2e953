/**
 * Values that people write in config files and on command lines. Each parser returns undefined for anything it does
 * not accept; the constant beside it says in words what it does.
 */

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** setTimeout and its like overflow past 2^31 - 1 ms, so no duration is longer than 24 days. */
const MAX_DURATION_MS = 24 * UNIT_MS.d;

export const DURATION_IN_WORDS = 'a duration such as 500ms, 10s, 5m or 1h, at most 24d';

/** Whole milliseconds. Reads one number with a unit (`ms`, `s`, `m`, `h`, `d`); a fraction is allowed: `1.5s`. */
export function parseDuration(text: unknown): number | undefined {
  if (typeof text !== 'string' || text.length > 24) return undefined;
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined || !isUnit(unit)) return undefined;
  const ms = Math.round(Number(amount) * UNIT_MS[unit]);
  return ms <= MAX_DURATION_MS ? ms : undefined;
}

/** The shortest text that `parseDuration` reads as `ms`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms % UNIT_MS.h === 0) return `${ms / UNIT_MS.h}h`;
  if (ms % UNIT_MS.m === 0) return `${ms / UNIT_MS.m}m`;
  return ms % UNIT_MS.s === 0 ? `${ms / UNIT_MS.s}s` : `${ms}ms`;
}

export interface HostPort {
  readonly host: string;
  /** 0 asks the system for a free port when listening. */
  readonly port: number;
}

export const HOST_PORT_IN_WORDS = 'host:port such as 127.0.0.1:7001 or [::1]:7001, port 0 to 65535';

export function parseHostPort(text: unknown): HostPort | undefined {
  if (typeof text !== 'string' || text.length > 260) return undefined;
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export const NAME_IN_WORDS = 'a name of 1 to 40 characters a-z, 0-9 and -, starting with a letter';

/** Whether `text` may name an engine, connector, account or tool: it goes into certificates, paths and metrics. */
export function isName(text: unknown): text is string {
  return typeof text === 'string' && /^[a-z][a-z0-9-]{0,39}$/.test(text);
}

/** A whole number within the safe range, from plain digits. */
export function parseWhole(text: string): number | undefined {
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
}

function isUnit(unit: string | undefined): unit is keyof typeof UNIT_MS {
  return unit !== undefined && Object.hasOwn(UNIT_MS, unit);
}
