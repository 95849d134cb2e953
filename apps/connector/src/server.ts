/**
 * Puts any `Exchange` behind gRPC, and does nothing else.
 *
 * W1  The caller is who its certificate says; a call without one is refused.
 * W2  Messages pass in order and unchanged. The end of either side reaches the other as what it was: ended, cancelled,
 *     or failed with its reason. What is sent after the end is dropped. One exception: under Bun 1.4 a peer that
 *     cancels or dies looks like one that half-closed first; so neither may end more than the stream.
 * W3  Nothing that a peer does on a call can end the process: a handler that throws ends its own call with INTERNAL.
 * W4  A method that is not in `methods` answers UNSUPPORTED without reaching the exchange.
 */
import { type handleBidiStreamingCall, type handleUnaryCall, Server } from '@grpc/grpc-js';
import type { Logger } from '@trunkline/kit/log';
import type { CallContext, Caller, Exchange, StreamReceiver, StreamSender } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { HealthService } from '@trunkline/proto/gen/grpc/health/v1/health';
import { ServerReflectionService } from '@trunkline/proto/gen/grpc/reflection/v1/reflection';
import {
  type ExchangeServiceServer,
  ExchangeServiceService,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { SERVER_OPTIONS } from '@trunkline/proto/link/options';
import { type AuthenticatedCall, peerIdentity } from '@trunkline/proto/link/serve';
import { statusOf } from '@trunkline/proto/status';
import { type HealthState, healthHandlers } from './server-health.ts';
import { reflectionHandlers, ServerReflectionAlphaService } from './server-reflection.ts';

export interface ServerOptions {
  readonly exchange: Exchange;
  /** Names of the methods that are served, as `Capabilities.methods` has them. */
  readonly methods: readonly string[];
  readonly health: HealthState;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

/** A server with all that a connector serves: the exchange, health, reflection. The links bring it its connections. */
export function connectorServer(options: ServerOptions): Server {
  const server = new Server(SERVER_OPTIONS);
  server.addService(ExchangeServiceService, exchangeHandlers(options));
  server.addService(HealthService, healthHandlers(options.health));
  server.addService(ServerReflectionService, reflectionHandlers());
  server.addService(ServerReflectionAlphaService, reflectionHandlers());
  return server;
}

function exchangeHandlers(options: ServerOptions): ExchangeServiceServer {
  const { exchange } = options;
  const unary = <Request, Response>(name: string, run: (request: Request, context: CallContext) => Promise<Response>) =>
    unaryHandler(options, name, run);
  const stream = <Request, Response>(
    name: string,
    open: (context: CallContext, receiver: StreamReceiver<Response>) => StreamSender<Request>,
  ) => streamHandler(options, name, open);
  return {
    describe: unary('Describe', exchange.describe),
    listInstruments: unary('ListInstruments', exchange.listInstruments),
    trade: stream('Trade', exchange.trade),
    marketData: stream('MarketData', exchange.marketData),
    placeOrder: unary('PlaceOrder', exchange.placeOrder),
    amendOrder: unary('AmendOrder', exchange.amendOrder),
    cancelOrder: unary('CancelOrder', exchange.cancelOrder),
    cancelAllOrders: unary('CancelAllOrders', exchange.cancelAllOrders),
    getOrder: unary('GetOrder', exchange.getOrder),
    listOpenOrders: unary('ListOpenOrders', exchange.listOpenOrders),
    listFills: unary('ListFills', exchange.listFills),
    getBalances: unary('GetBalances', exchange.getBalances),
    listPositions: unary('ListPositions', exchange.listPositions),
    listFundingPayments: unary('ListFundingPayments', exchange.listFundingPayments),
    getAccountSettings: unary('GetAccountSettings', exchange.getAccountSettings),
    listCandles: unary('ListCandles', exchange.listCandles),
    getFundingRate: unary('GetFundingRate', exchange.getFundingRate),
    getServerTime: unary('GetServerTime', exchange.getServerTime),
    setLeverage: unary('SetLeverage', exchange.setLeverage),
    setMarginMode: unary('SetMarginMode', exchange.setMarginMode),
    setPositionMode: unary('SetPositionMode', exchange.setPositionMode),
  };
}

function unaryHandler<Request, Response>(
  options: ServerOptions,
  method: string,
  run: (request: Request, context: CallContext) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, answer) => {
    const abort = new AbortController();
    let isAnswered = false;
    // grpc-js says `cancelled` whenever the call is closed, also after its answer.
    call.once('cancelled', () => {
      if (!isAnswered) abort.abort();
    });
    const work = async () => {
      const caller = admit(options, method, call);
      return await run(call.request, { caller, signal: abort.signal });
    };
    work()
      .then(
        (response) => answer(null, response),
        (error) => answer(explain(options, method, error)),
      )
      .finally(() => {
        isAnswered = true;
      });
  };
}

function streamHandler<Request, Response>(
  options: ServerOptions,
  method: string,
  open: (context: CallContext, receiver: StreamReceiver<Response>) => StreamSender<Request>,
): handleBidiStreamingCall<Request, Response> {
  return (call) => {
    let isOver = false;
    const fail = (error: unknown) => {
      if (isOver) return;
      isOver = true;
      // grpc-js sends the status of an error that its stream is told of.
      call.emit('error', explain(options, method, error));
    };
    const guarded = (act: () => void) => {
      try {
        act();
      } catch (error) {
        fail(error);
      }
    };
    guarded(() => {
      const caller = admit(options, method, call);
      const sender = open(
        { caller },
        {
          message: (value) => {
            if (!isOver) call.write(value);
          },
          closed: (end) => {
            if (end.kind === 'failed') return fail(end.error);
            if (!isOver) call.end();
            isOver = true;
          },
        },
      );
      call.on('data', (request: Request) => guarded(() => sender.send(request)));
      call.on('end', () => guarded(() => sender.end()));
      // grpc-js says `cancelled` whenever the call is closed, also after a good end.
      call.on('cancelled', () => {
        if (!isOver) guarded(() => sender.cancel());
      });
      // Also told of our own failures: then the exchange hears that the stream is gone, and answers to nobody.
      call.on('error', () => guarded(() => sender.cancel()));
    });
  };
}

/** Who calls, or the reason to refuse. */
function admit(options: ServerOptions, method: string, call: AuthenticatedCall): Caller {
  const caller = peerIdentity(call);
  if (caller === undefined)
    throw new ExchangeError(ErrorReason.NOT_GRANTED, 'the caller has shown no certificate of ours');
  if (!options.methods.includes(method)) {
    throw new ExchangeError(ErrorReason.UNSUPPORTED, `${method} is not served by this connector`);
  }
  return caller;
}

function explain(options: ServerOptions, method: string, error: unknown) {
  if (!(error instanceof ExchangeError)) options.log.error({ method, error }, 'a bug ended a call');
  else if (error.reason === ErrorReason.NOT_GRANTED)
    options.log.warn({ method, error: error.message }, 'refused a call');
  return statusOf(error);
}
