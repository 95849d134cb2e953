/**
 * `Exchange` over a link. The order lane carries Trade and the unary calls, the market lane MarketData; each is a
 * connection of its own, so market data never delays an order.
 *
 * X1  A lane that is down fails a call at once with UNREACHABLE: nothing waits for a connection, nothing is queued.
 * X2  Nothing is sent twice: there are no retries here, and gRPC's own are off (link/options.ts).
 * X3  `closed` comes after the last message: gRPC's status may overtake messages that are still buffered.
 * X4  A stream stays on the connection on which it was opened; a new one takes the lane's current connection.
 */
import type { ClientDuplexStream, ClientUnaryCall, ServiceError, StatusObject } from '@grpc/grpc-js';
import { status as Code } from '@grpc/grpc-js';
import type { Clock } from '@trunkline/proto/clock';
import type { CallContext, Exchange, StreamReceiver, StreamSender } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { ExchangeServiceClient } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { Lane } from '@trunkline/proto/link/identity';
import type { Link } from '@trunkline/proto/link/link';
import { errorOf } from '@trunkline/proto/status';

/** Answered from the connector's memory: longer means that the line is dead, whatever keepalive says yet. */
export const LOCAL_DEADLINE_MS = 5_000;
/** A request to the venue, which the connector gives up after 12 s. */
export const VENUE_DEADLINE_MS = 15_000;
/** A full search asks several sources, page by page. */
export const SEARCH_DEADLINE_MS = 45_000;

type UnaryCall<Request, Response> = (
  client: ExchangeServiceClient,
  request: Request,
  answer: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

interface LaneClient {
  readonly channel: object;
  readonly client: ExchangeServiceClient;
}

export class RemoteExchange implements Exchange {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #clients: Partial<Record<Lane, LaneClient>> = {};

  constructor(options: { readonly link: Link; readonly clock: Clock }) {
    this.#link = options.link;
    this.#clock = options.clock;
  }

  readonly describe: Exchange['describe'] = this.#unary(LOCAL_DEADLINE_MS, (client, request, answer) =>
    client.describe(request, answer),
  );
  readonly listInstruments: Exchange['listInstruments'] = this.#unary(LOCAL_DEADLINE_MS, (client, request, answer) =>
    client.listInstruments(request, answer),
  );
  readonly placeOrder: Exchange['placeOrder'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.placeOrder(request, answer),
  );
  readonly amendOrder: Exchange['amendOrder'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.amendOrder(request, answer),
  );
  readonly cancelOrder: Exchange['cancelOrder'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.cancelOrder(request, answer),
  );
  readonly cancelAllOrders: Exchange['cancelAllOrders'] = this.#unary(SEARCH_DEADLINE_MS, (client, request, answer) =>
    client.cancelAllOrders(request, answer),
  );
  readonly getOrder: Exchange['getOrder'] = this.#unary(SEARCH_DEADLINE_MS, (client, request, answer) =>
    client.getOrder(request, answer),
  );
  readonly listOpenOrders: Exchange['listOpenOrders'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.listOpenOrders(request, answer),
  );
  readonly listFills: Exchange['listFills'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.listFills(request, answer),
  );
  readonly getBalances: Exchange['getBalances'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.getBalances(request, answer),
  );
  readonly listPositions: Exchange['listPositions'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.listPositions(request, answer),
  );
  readonly listFundingPayments: Exchange['listFundingPayments'] = this.#unary(
    VENUE_DEADLINE_MS,
    (client, request, answer) => client.listFundingPayments(request, answer),
  );
  readonly getAccountSettings: Exchange['getAccountSettings'] = this.#unary(
    VENUE_DEADLINE_MS,
    (client, request, answer) => client.getAccountSettings(request, answer),
  );
  readonly listCandles: Exchange['listCandles'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.listCandles(request, answer),
  );
  readonly getFundingRate: Exchange['getFundingRate'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.getFundingRate(request, answer),
  );
  readonly getServerTime: Exchange['getServerTime'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.getServerTime(request, answer),
  );
  readonly setLeverage: Exchange['setLeverage'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.setLeverage(request, answer),
  );
  readonly setMarginMode: Exchange['setMarginMode'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.setMarginMode(request, answer),
  );
  readonly setPositionMode: Exchange['setPositionMode'] = this.#unary(VENUE_DEADLINE_MS, (client, request, answer) =>
    client.setPositionMode(request, answer),
  );

  readonly trade: Exchange['trade'] = (context, receiver) =>
    this.#stream('order', (client) => client.trade(), context, receiver);
  readonly marketData: Exchange['marketData'] = (context, receiver) =>
    this.#stream('market', (client) => client.marketData(), context, receiver);

  #unary<Request, Response>(deadlineMs: number, call: UnaryCall<Request, Response>) {
    return (request: Request, { signal }: CallContext): Promise<Response> =>
      new Promise((resolve, reject) => {
        const client = this.#client('order');
        if (client instanceof ExchangeError) {
          reject(client);
          return;
        }
        const cancel = () => running.cancel();
        let isLate = false;
        // Our clock, not gRPC's deadline: it follows the process's time, which tests and stalled machines move.
        const deadline = this.#clock.schedule(deadlineMs, () => {
          isLate = true;
          cancel();
        });
        const running = call(client, request, (error, response) => {
          deadline.cancel();
          signal?.removeEventListener('abort', cancel);
          if (error === null) resolve(response);
          else if (isLate) reject(unreachable(`no answer within ${deadlineMs} ms`));
          else reject(errorOf(error));
        });
        signal?.addEventListener('abort', cancel);
        if (signal?.aborted) cancel();
      });
  }

  #stream<Request, Response>(
    lane: Lane,
    open: (client: ExchangeServiceClient) => ClientDuplexStream<Request, Response>,
    { signal }: CallContext,
    receiver: StreamReceiver<Response>,
  ): StreamSender<Request> {
    const client = this.#client(lane);
    if (client instanceof ExchangeError) {
      queueMicrotask(() => receiver.closed({ kind: 'failed', error: client }));
      return { send: () => {}, end: () => {}, cancel: () => {} };
    }
    const call = open(client);
    const cancel = () => call.cancel();
    let status: StatusObject | undefined;
    let isDrained = false;
    let isEnding = false;
    const settle = () => {
      if (status === undefined || !isDrained) return;
      isEnding = true;
      signal?.removeEventListener('abort', cancel);
      if (status.code === Code.OK) receiver.closed({ kind: 'ended' });
      else receiver.closed({ kind: 'failed', error: errorOf(status) });
    };
    call.on('data', (message: Response) => receiver.message(message));
    call.on('end', () => {
      isDrained = true;
      settle();
    });
    call.on('status', (final: StatusObject) => {
      status = final;
      settle();
    });
    // The same failure as the status, told by another name.
    call.on('error', () => {});
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted) cancel();
    return {
      send: (request) => {
        if (!isEnding && status === undefined) call.write(request);
      },
      end: () => {
        if (!isEnding && status === undefined) call.end();
        isEnding = true;
      },
      cancel,
    };
  }

  /** The client of the lane's current connection; made once for each. */
  #client(lane: Lane): ExchangeServiceClient | ExchangeError {
    const given = this.#link.client(lane);
    if (given === undefined) {
      const state = this.#link.state(lane);
      const why = state.kind === 'down' ? state.reason : 'no connection';
      return unreachable(`the ${lane} lane of ${this.#link.connector} is down: ${why}`);
    }
    const channel = given[2].channelOverride;
    const held = this.#clients[lane];
    if (held?.channel === channel) return held.client;
    const client = new ExchangeServiceClient(...given);
    this.#clients[lane] = { channel, client };
    return client;
  }
}

function unreachable(message: string): ExchangeError {
  return new ExchangeError(ErrorReason.UNREACHABLE, message);
}
