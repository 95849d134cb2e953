/**
 * The service under test, as one caller sees it: calls and streams over the two connections of a link, frame by frame.
 *
 * W1  Nothing is retried, mended or hidden: what was sent is what the card said, bytes included.
 * W2  A failed call rejects with `ExchangeError`, whose reason is the one that stands in google.rpc.ErrorInfo.
 * W3  Orders and queries use the order lane's connection, market data the market lane's, as an engine does.
 */
import { Client, type ServiceError } from '@grpc/grpc-js';
import type { Clock } from '@trunkline/proto/clock';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import {
  type MarketDataRequest,
  type MarketDataResponse,
  ExchangeServiceService as Service,
  type TradeRequest,
  type TradeResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { Lane } from '@trunkline/proto/link/identity';
import type { Link } from '@trunkline/proto/link/link';
import { errorOf } from '@trunkline/proto/status';
import { type StreamMethod, WireStream } from './wire-stream.ts';

/** A method of one request and one answer, as the generated service describes it. */
export interface UnaryMethod<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (value: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** A full search asks several sources of the venue, page by page. */
export const CALL_DEADLINE_MS = 30_000;

export class Wire {
  readonly #link: Link;
  readonly #clock: Clock;

  constructor(link: Link, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  call<Request, Response>(method: UnaryMethod<Request, Response>, request: Request): Promise<Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    return new Promise((resolve, reject) => {
      const client = this.#client('order');
      let isLate = false;
      const deadline = this.#clock.schedule(CALL_DEADLINE_MS, () => {
        isLate = true;
        running.cancel();
      });
      const answer = (error: ServiceError | null, response?: Response) => {
        deadline.cancel();
        if (isLate) reject(new ExchangeError(ErrorReason.UNREACHABLE, `no answer within ${CALL_DEADLINE_MS} ms`));
        else if (error !== null) reject(errorOf(error));
        else if (response === undefined) reject(new ExchangeError(ErrorReason.INTERNAL, 'an answer without a message'));
        else resolve(response);
      };
      const running = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, answer);
    });
  }

  /** The bare numeric gRPC status of a call: for the few promises that are made in gRPC's own terms. */
  statusCode<Request, Response>(method: UnaryMethod<Request, Response>, request: Request): Promise<number> {
    const { path, requestSerialize, responseDeserialize } = method;
    return new Promise((resolve) => {
      this.#client('order').makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error) =>
        resolve(error?.code ?? 0),
      );
    });
  }

  trade(): WireStream<TradeRequest, TradeResponse> {
    return this.stream('order', Service.trade);
  }

  marketData(): WireStream<MarketDataRequest, MarketDataResponse> {
    return this.stream('market', Service.marketData);
  }

  stream<Request, Response>(lane: Lane, method: StreamMethod<Request, Response>): WireStream<Request, Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    const call = this.#client(lane).makeBidiStreamRequest(path, (bytes: Buffer) => bytes, responseDeserialize);
    return new WireStream(call, requestSerialize);
  }

  /** Receives a stream of answers to one request. */
  listen<Request, Response>(method: UnaryMethod<Request, Response>, request: Request): WireStream<never, Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    const call = this.#client('order').makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    return new WireStream(call, undefined);
  }

  #client(lane: Lane): Client {
    const given = this.#link.client(lane);
    if (given !== undefined) return new Client(...given);
    const state = this.#link.state(lane);
    const why = state.kind === 'down' ? state.reason : 'no connection';
    throw new ExchangeError(ErrorReason.UNREACHABLE, `the ${lane} lane is down: ${why}`);
  }
}
