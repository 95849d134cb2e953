/**
 * Requests over a venue's WebSocket API, with the record semantics of `http-call.ts`: when each was handed to the
 * socket, what came back as the venue wrote it, and no opinion on it. One socket, kept up for ever.
 *
 * S1  A record is good for one request (H2). `admit` runs in the same synchronous step as `send`, just before it (H3).
 * S2  A request whose socket was lost, or whose answer does not come in time, is faulted and never sent again.
 * S3  What is asked while no socket stands was never sent: `NotConnected`. There is no queue.
 * S4  A socket that the venue is about to end takes no more requests; those on it may still be answered.
 * S5  Nothing outlives its answer: there is one entry for each request in flight and no other memory of it.
 *
 * The client library's own order calls are not used: they keep one subscription for each order sent, parse answers
 * into floats, and reject a connection's loss as if the venue had refused.
 */

import { isRecord } from '@trunkline/kit/record';
import type { Clock, Timer } from '@trunkline/proto/clock';
import { backoffDelayMs, failuresAfter } from '@trunkline/proto/link/backoff';
import type { Rng } from '@trunkline/proto/rng';
import { type Json, parseJson } from './fields.ts';
import { type CallRecord, currentRecord } from './http-call.ts';
import { openSocket, socketHeaders } from './transport.ts';
import type { WireTap } from './wire-tap.ts';

export interface SocketReply {
  /** Of the request. */
  readonly id: string;
  /** As of HTTP: 2xx is a success. */
  readonly status: number;
  /** The result, or the error as REST would state it. */
  readonly body: unknown;
  /** The venue's own counts, by budget name. */
  readonly usage: readonly (readonly [name: string, used: number])[];
  readonly retryAfterMs?: number;
}

export interface SocketProtocol {
  readonly url: string;
  /** The first request on every socket; it stands once that succeeded. */
  readonly login?: (id: string) => object;
  /** Undefined for a frame that answers nothing, such as an acknowledgement that precedes the answer. */
  readonly read: (frame: Json) => SocketReply | undefined;
  /** Whether the frame says that the venue ends this socket soon. */
  readonly isLeaving?: (frame: Json) => boolean;
}

export interface SocketCallerOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly protocol: SocketProtocol;
  readonly venueUrl: string | undefined;
  readonly tap?: WireTap;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Between pings; a peer that was silent for two is given up. */
  readonly pingMs: number;
  /** Lost, or once more not come up. */
  readonly down: (reason: string) => void;
}

/** Nothing was sent: no socket stands. */
export class NotConnected extends Error {
  constructor() {
    super('the order socket is not up');
  }
}

interface Pending {
  readonly record: CallRecord;
  readonly startedUs: number;
  readonly timer: Timer;
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One socket and what waits on it. */
interface Line {
  readonly socket: WebSocket;
  readonly pending: Map<string, Pending>;
  readonly timers: Timer[];
  upAtUs: number | undefined;
  heardAtUs: number;
  ended: boolean;
}

type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly line: Line }
  | { readonly kind: 'up'; readonly line: Line }
  | { readonly kind: 'waiting'; readonly timer: Timer }
  | { readonly kind: 'closed' };

export class SocketCaller {
  readonly #options: SocketCallerOptions;
  #phase: Phase = { kind: 'idle' };
  #failures = 0;
  #lastId = 0;
  /** Sockets that are leaving and still owe answers (S4). */
  readonly #leaving = new Set<Line>();

  constructor(options: SocketCallerOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#phase.kind === 'up' && this.#phase.line.socket.readyState === WebSocket.OPEN;
  }

  /** Requests that wait for their answer. */
  get inFlight(): number {
    const phase = this.#phase;
    const lines = [...this.#leaving, ...(phase.kind === 'up' ? [phase.line] : [])];
    return lines.reduce((sum, line) => sum + line.pending.size, 0);
  }

  start(): void {
    if (this.#phase.kind === 'idle') this.#connect();
  }

  /** Sends what `build` makes for a new id; within `withRecord`. Resolves with the body of a success or an error answer. */
  async call(build: (id: string) => object): Promise<unknown> {
    const record = currentRecord();
    if (record === undefined || record.postedAtUs !== undefined) throw new Error('a request that nobody asked for');
    const phase = this.#phase;
    if (phase.kind !== 'up' || !this.isUp) throw new NotConnected();
    return this.#send(phase.line, record, build);
  }

  close(): void {
    const phase = this.#phase;
    this.#phase = { kind: 'closed' };
    if (phase.kind === 'waiting') phase.timer.cancel();
    if (phase.kind === 'up' || phase.kind === 'connecting') this.#end(phase.line, 'closed');
    for (const line of [...this.#leaving]) this.#end(line, 'closed');
  }

  #send(line: Line, record: CallRecord, build: (id: string) => object): Promise<unknown> {
    const { clock, requestTimeoutMs } = this.#options;
    const id = String(++this.#lastId);
    const text = JSON.stringify(build(id));
    const denied = record.admit?.();
    if (denied !== undefined) {
      record.denied = denied;
      throw new Error('not admitted');
    }
    const startedUs = clock.monotonicUs();
    record.postedAtUs = clock.wallUs();
    line.socket.send(text);
    return new Promise((resolve, reject) => {
      const timer = clock.schedule(requestTimeoutMs, () => this.#fault(line, id, timeout()));
      line.pending.set(id, { record, startedUs, timer, resolve, reject });
    });
  }

  #connect(): void {
    const { clock, protocol, venueUrl, tap, connectTimeoutMs } = this.#options;
    const socket = openSocket(protocol.url, socketHeaders(venueUrl, tap));
    const line: Line = {
      socket,
      pending: new Map(),
      timers: [],
      upAtUs: undefined,
      heardAtUs: clock.monotonicUs(),
      ended: false,
    };
    this.#phase = { kind: 'connecting', line };
    line.timers.push(
      clock.schedule(connectTimeoutMs, () => {
        if (line.upAtUs === undefined) this.#lost(line, 'the socket did not come up in time');
      }),
    );
    const heard = () => {
      line.heardAtUs = clock.monotonicUs();
    };
    socket.addEventListener('open', () => this.#opened(line));
    socket.addEventListener('pong', heard);
    socket.addEventListener('message', ({ data }) => {
      heard();
      this.#frame(line, typeof data === 'string' ? data : String(data));
    });
    socket.addEventListener('error', () => this.#lost(line, 'the socket failed'));
    socket.addEventListener('close', ({ code }) => this.#lost(line, `the venue closed the socket (${code})`));
  }

  #opened(line: Line): void {
    const { login } = this.#options.protocol;
    if (line.ended) return;
    if (login === undefined) {
      this.#stands(line);
      return;
    }
    const record: CallRecord = { admit: undefined };
    this.#send(line, record, login).then(
      () => {
        const { answer } = record;
        if (answer !== undefined && answer.status >= 200 && answer.status < 300) this.#stands(line);
        else this.#lost(line, 'the venue refused the login of the order socket');
      },
      (error: unknown) => this.#lost(line, error instanceof Error ? error.message : String(error)),
    );
  }

  #stands(line: Line): void {
    if (line.ended || this.#phase.kind !== 'connecting' || this.#phase.line !== line) return;
    line.upAtUs = this.#options.clock.monotonicUs();
    this.#phase = { kind: 'up', line };
    this.#pingLater(line);
  }

  #pingLater(line: Line): void {
    const { clock, pingMs } = this.#options;
    line.timers.length = 0;
    line.timers.push(
      clock.schedule(pingMs, () => {
        const silentMs = (clock.monotonicUs() - line.heardAtUs) / 1_000;
        if (silentMs > 2 * pingMs) {
          this.#lost(line, 'the venue answers no pings');
          return;
        }
        if (line.socket.readyState === WebSocket.OPEN) line.socket.ping();
        this.#pingLater(line);
      }),
    );
  }

  #frame(line: Line, text: string): void {
    const frame = parseJson(text);
    if (line.ended || !isRecord(frame)) return;
    if (this.#options.protocol.isLeaving?.(frame) === true) {
      this.#retire(line);
      return;
    }
    const reply = this.#options.protocol.read(frame);
    const pending = reply === undefined ? undefined : line.pending.get(reply.id);
    if (reply === undefined || pending === undefined) return;
    const { clock } = this.#options;
    line.pending.delete(reply.id);
    pending.timer.cancel();
    pending.record.answer = reply;
    pending.record.answeredAtUs = clock.wallUs();
    pending.record.roundTripUs = clock.monotonicUs() - pending.startedUs;
    pending.resolve(reply.body);
    this.#endIfDone(line);
  }

  #retire(line: Line): void {
    if (this.#phase.kind !== 'up' || this.#phase.line !== line) return;
    this.#leaving.add(line);
    this.#connect();
    this.#endIfDone(line);
  }

  #endIfDone(line: Line): void {
    if (this.#leaving.has(line) && line.pending.size === 0) this.#end(line, 'replaced');
  }

  #lost(line: Line, reason: string): void {
    if (line.ended) return;
    this.#end(line, reason);
    const phase = this.#phase;
    if ((phase.kind !== 'up' && phase.kind !== 'connecting') || phase.line !== line) return;
    const { clock, rng, down } = this.#options;
    const uptimeMs = line.upAtUs === undefined ? 0 : (clock.monotonicUs() - line.upAtUs) / 1_000;
    this.#failures = failuresAfter(this.#failures, uptimeMs);
    this.#phase = {
      kind: 'waiting',
      timer: clock.schedule(backoffDelayMs(this.#failures, rng), () => this.#connect()),
    };
    down(reason);
  }

  /** The one end of a line: whoever waits on it learns that it is gone. */
  #end(line: Line, reason: string): void {
    line.ended = true;
    this.#leaving.delete(line);
    for (const timer of line.timers) timer.cancel();
    for (const id of [...line.pending.keys()]) this.#fault(line, id, new Error(`the order socket was lost: ${reason}`));
    line.socket.terminate();
  }

  #fault(line: Line, id: string, fault: Error): void {
    const pending = line.pending.get(id);
    if (pending === undefined) return;
    line.pending.delete(id);
    pending.timer.cancel();
    pending.record.fault = fault;
    pending.reject(fault);
    this.#endIfDone(line);
  }
}

function timeout(): Error {
  const error = new Error('no answer in time');
  error.name = 'TimeoutError';
  return error;
}
