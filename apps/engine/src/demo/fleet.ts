/**
 * The processes of a demonstration: started, watched, stopped in order.
 *
 * F1  Each process announces itself with one JSON line on stdout; `start` resolves with it, or rejects with the last
 *     line that the process logged.
 * F2  A `restarting` process that ends is started again after `RESTART_DELAY_MS`; the end of any other ends the run:
 *     `ended` is called once, with its name.
 * F3  Failpoints are armed in a process's first start alone: what a test kills once is not killed again.
 */
import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Child, type ChildExit, spawnChild } from '@trunkline/kit/child';
import { OperatingError } from '@trunkline/kit/operating-error';
import { assertNever } from '@trunkline/proto/assert';
import { type Clock, sleep } from '@trunkline/proto/clock';

const READY_TIMEOUT_MS = 30_000;
const RESTART_DELAY_MS = 500;
const PAGE_BYTES = 4_096;
const LATE = `was not ready after ${READY_TIMEOUT_MS / 1_000} s`;

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly restarting: boolean;
  readonly logFile: string;
}

export interface FleetOptions {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Every line that a process logs, besides its file. */
  onLog(name: string, line: string): void;
  /** A process that the run cannot do without is gone. */
  onEnded(name: string, how: string): void;
}

/** A line that a process printed on stdout, read as JSON. */
export type ReadyLine = Readonly<Record<string, unknown>>;

export class Fleet {
  readonly #options: FleetOptions;
  readonly #members = new Map<string, Member>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  async start(spec: ProcessSpec): Promise<ReadyLine> {
    const member = new Member(spec, this.#options);
    this.#members.set(spec.name, member);
    return await member.start();
  }

  boots(name: string): number {
    return this.#members.get(name)?.boots ?? 0;
  }

  /** Resident memory, bytes; null where the system does not tell. */
  rssBytes(name: string): Promise<number | null> {
    return this.#members.get(name)?.rssBytes() ?? Promise.resolve(null);
  }

  /** SIGTERM, then SIGKILL after `graceMs`. Resolves with the lines printed on stdout after the ready line. */
  async stop(name: string, graceMs: number): Promise<{ exit: ChildExit | undefined; lines: readonly ReadyLine[] }> {
    const member = this.#members.get(name);
    if (!member) return { exit: undefined, lines: [] };
    return await member.stop(graceMs);
  }
}

class Member {
  readonly #spec: ProcessSpec;
  readonly #options: FleetOptions;
  #child: Child | undefined;
  #stopping = false;
  #lines: ReadyLine[] = [];
  #lastLog = '';
  boots = 0;

  constructor(spec: ProcessSpec, options: FleetOptions) {
    this.#spec = spec;
    this.#options = options;
  }

  async start(): Promise<ReadyLine> {
    const { name } = this.#spec;
    const { promise, resolve } = Promise.withResolvers<ReadyLine>();
    const child = this.#spawn(resolve);
    const waited = new AbortController();
    const outcome = await Promise.race([
      promise,
      child.exited.then((exit) => inWords(exit)),
      sleep(this.#options.clock, READY_TIMEOUT_MS, waited.signal).then(() => LATE),
    ]);
    waited.abort();
    if (typeof outcome !== 'string') return outcome;
    throw new OperatingError(`${name} ${outcome}${this.#lastLog === '' ? '' : `: ${this.#lastLog}`}`);
  }

  async rssBytes(): Promise<number | null> {
    const pid = this.#child?.pid;
    if (pid === undefined) return null;
    try {
      // The second number of statm is the resident set in pages (proc(5)).
      const pages = Number((await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1]);
      return Number.isSafeInteger(pages) ? pages * PAGE_BYTES : null;
    } catch {
      // Gone already, or a system without /proc.
      return null;
    }
  }

  async stop(graceMs: number): Promise<{ exit: ChildExit | undefined; lines: readonly ReadyLine[] }> {
    this.#stopping = true;
    const exit = await this.#child?.terminate(graceMs);
    return { exit, lines: this.#lines };
  }

  #spawn(onReady: (line: ReadyLine) => void): Child {
    const { name, command, args, logFile } = this.#spec;
    const { clock, env, onLog } = this.#options;
    const first = this.boots === 0;
    let ready = false;
    this.boots++;
    const child = spawnChild({
      command,
      args,
      clock,
      env: first ? env : { ...env, TRUNKLINE_FAILPOINTS: undefined },
      onLine: (text) => {
        const line = parseLine(text);
        if (!line) return;
        if (ready) this.#lines.push(line);
        else onReady(line);
        ready = true;
      },
      onErrorLine: (line) => {
        this.#lastLog = line;
        appendFileSync(logFile, `${line}\n`);
        onLog(name, line);
      },
    });
    this.#child = child;
    void child.exited.then((exit) => this.#ended(exit, ready));
    return child;
  }

  #ended(exit: ChildExit, wasReady: boolean): void {
    const neverServed = this.boots === 1 && !wasReady;
    // A first start that fails is `start`'s to tell.
    if (this.#stopping || neverServed) return;
    const { name, restarting } = this.#spec;
    if (!restarting) {
      this.#options.onEnded(name, inWords(exit));
      return;
    }
    this.#options.onLog(name, `${inWords(exit)}; starting it again`);
    this.#options.clock.schedule(RESTART_DELAY_MS, () => {
      if (!this.#stopping) this.#spawn(() => {});
    });
  }
}

function inWords(exit: ChildExit): string {
  switch (exit.kind) {
    case 'exited':
      return `ended with exit code ${exit.code}`;
    case 'signaled':
      return `was ended by ${exit.signal}`;
    case 'failed':
      return `could not be started: ${exit.error.message}`;
    default:
      return assertNever(exit);
  }
}

function parseLine(text: string): ReadyLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // Not every line of a program is for us.
    return undefined;
  }
}
