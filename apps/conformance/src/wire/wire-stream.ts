/**
 * One stream, held by its bare end: every message that came, how it ended, and whatever is to be sent, right or wrong.
 *
 * S1  `received` keeps everything in order. The end is told after the last message, never before it: gRPC's status may
 *     overtake messages that are still buffered.
 */
import type { ClientDuplexStream, ClientReadableStream, StatusObject } from '@grpc/grpc-js';
import { status as Code } from '@grpc/grpc-js';
import type { StreamEnd } from '@trunkline/proto/exchange';
import { errorOf } from '@trunkline/proto/status';

export interface StreamMethod<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (value: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

type Call<Response> = ClientReadableStream<Response> | ClientDuplexStream<Buffer, Response>;

export class WireStream<Request, Response> {
  readonly received: Response[] = [];
  readonly #call: Call<Response>;
  readonly #serialize: ((value: Request) => Buffer) | undefined;
  readonly #listeners = new Set<(message: Response | undefined) => void>();
  #end: StreamEnd | undefined;

  constructor(call: Call<Response>, serialize: ((value: Request) => Buffer) | undefined) {
    this.#call = call;
    this.#serialize = serialize;
    let status: StatusObject | undefined;
    let isDrained = false;
    const settle = () => {
      if (status === undefined || !isDrained || this.#end !== undefined) return;
      this.#end = status.code === Code.OK ? { kind: 'ended' } : { kind: 'failed', error: errorOf(status) };
      this.#tell(undefined);
    };
    call.on('data', (message: Response) => {
      this.received.push(message);
      this.#tell(message);
    });
    call.on('end', () => {
      isDrained = true;
      settle();
    });
    call.on('status', (final: StatusObject) => {
      status = final;
      settle();
    });
    // The same failure as the status, told by another name; after it no `end` comes.
    call.on('error', () => {
      isDrained = true;
      settle();
    });
  }

  get end(): StreamEnd | undefined {
    return this.#end;
  }

  send(message: Request): void {
    if (this.#serialize !== undefined) this.sendBytes(this.#serialize(message));
  }

  /** Sends one message of any bytes, also such as no message of the contract has. */
  sendBytes(bytes: Buffer): void {
    if (this.#end === undefined && 'write' in this.#call) this.#call.write(bytes);
  }

  halfClose(): void {
    if (this.#end === undefined && 'end' in this.#call) this.#call.end();
  }

  cancel(): void {
    this.#call.cancel();
  }

  /** Called with each message, and with undefined at the end. */
  onNews(listener: (message: Response | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(message: Response | undefined): void {
    for (const listener of [...this.#listeners]) listener(message);
  }
}
