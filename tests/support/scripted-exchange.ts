/** An `Exchange` whose answers a test dictates: unary calls echo what they were asked, streams do what hello says. */

import * as service from '../../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { ErrorReason } from '../../proto/gen/trunkline/exchange/v1/session.ts';
import type { Exchange, StreamEnd, StreamReceiver } from '../../proto/src/exchange.ts';
import { ExchangeError } from '../../proto/src/exchange-error.ts';

export interface ScriptedExchange extends Exchange {
  /** What every unary call rejects with, while set. */
  failure: Error | undefined;
  /** Unary calls answer only once this resolves. */
  hold: Promise<void>;
  /** What the calls and streams saw, in order. */
  readonly seen: string[];
  /** The receiver of the stream that was opened last. */
  receiver: StreamReceiver<service.TradeResponse> | undefined;
}

export function scriptedExchange(): ScriptedExchange {
  const seen: string[] = [];
  const answer =
    <Request, Response>(name: string, reply: (request: Request) => Response) =>
    async (request: Request, { caller, signal }: Parameters<Exchange['describe']>[1]): Promise<Response> => {
      seen.push(`${name} by ${caller.role}/${caller.name}`);
      signal?.addEventListener('abort', () => seen.push(`${name} aborted`));
      await exchange.hold;
      if (exchange.failure) throw exchange.failure;
      return reply(request);
    };
  const cancelled = new ExchangeError(ErrorReason.CANCELLED, 'cancelled by its opener');
  const exchange: ScriptedExchange = {
    failure: undefined,
    hold: Promise.resolve(),
    seen,
    receiver: undefined,
    describe: answer('Describe', () =>
      service.DescribeResponse.fromPartial({ account: 'a', capabilities: { bookDepths: [1, 2] } }),
    ),
    listInstruments: answer('ListInstruments', (request) =>
      service.ListInstrumentsResponse.fromPartial({ nextPageToken: request.symbols.join() }),
    ),
    placeOrder: answer('PlaceOrder', ({ order }) =>
      service.PlaceOrderResponse.fromPartial({ outcome: { clientOrderId: order?.clientOrderId ?? '' } }),
    ),
    amendOrder: answer('AmendOrder', () => service.AmendOrderResponse.fromPartial({ outcome: {} })),
    cancelOrder: answer('CancelOrder', () => service.CancelOrderResponse.fromPartial({ outcome: {} })),
    cancelAllOrders: answer('CancelAllOrders', () =>
      service.CancelAllOrdersResponse.fromPartial({ outcomes: [{}, {}] }),
    ),
    getOrder: answer('GetOrder', (request) =>
      service.GetOrderResponse.fromPartial({
        answer: { $case: 'absent', value: { proved: request.fullSearch, searchedAtUs: request.sentAtUs } },
      }),
    ),
    listOpenOrders: answer('ListOpenOrders', ({ pageToken }) =>
      service.ListOpenOrdersResponse.fromPartial({ nextPageToken: pageToken }),
    ),
    listFills: answer('ListFills', ({ sinceUs }) => service.ListFillsResponse.fromPartial({ askedAtUs: sinceUs })),
    getBalances: answer('GetBalances', () =>
      service.GetBalancesResponse.fromPartial({ askedAtUs: 9_007_199_254_740_991 }),
    ),
    listPositions: answer('ListPositions', () => service.ListPositionsResponse.fromPartial({ askedAtUs: 0 })),
    listFundingPayments: answer('ListFundingPayments', ({ sinceUs }) =>
      service.ListFundingPaymentsResponse.fromPartial({ payments: [{ amount: '-0.00000001' }], askedAtUs: sinceUs }),
    ),
    getAccountSettings: answer('GetAccountSettings', ({ symbol }) =>
      service.GetAccountSettingsResponse.fromPartial({ settings: { symbol, leverage: 20 } }),
    ),
    listCandles: answer('ListCandles', () =>
      service.ListCandlesResponse.fromPartial({ candles: [{ open: '0.00000001' }] }),
    ),
    getFundingRate: answer('GetFundingRate', ({ symbol }) =>
      service.GetFundingRateResponse.fromPartial({ symbol, fundingRate: '-0.0001' }),
    ),
    getServerTime: answer('GetServerTime', () => service.GetServerTimeResponse.fromPartial({ venueTimeUs: 1 })),
    setLeverage: answer('SetLeverage', ({ leverage }) => service.SetLeverageResponse.fromPartial({ leverage })),
    setMarginMode: answer('SetMarginMode', () => service.SetMarginModeResponse.fromPartial({})),
    setPositionMode: answer('SetPositionMode', () => service.SetPositionModeResponse.fromPartial({})),
    trade({ caller }, receiver) {
      seen.push(`Trade by ${caller.role}/${caller.name}`);
      exchange.receiver = receiver;
      let isOver = false;
      const close = (end: StreamEnd) => {
        isOver = true;
        receiver.closed(end);
      };
      return {
        send(request) {
          if (isOver) return;
          for (const { frame } of request.frames) {
            if (frame?.$case === 'ack') {
              // Answered twice, in the same turn: order and number must hold.
              receiver.message(service.TradeResponse.fromPartial({ sentAtUs: frame.value.seq }));
              receiver.message(service.TradeResponse.fromPartial({ sentAtUs: frame.value.seq + 0.5 - 0.5 }));
            } else if (frame?.$case === 'goodbye') {
              receiver.message(
                service.TradeResponse.fromPartial({ frames: [{ frame: { $case: 'goodbye', value: {} } }] }),
              );
              close({ kind: 'ended' });
            } else if (frame?.$case === 'hello') {
              const reason = frame.value.epoch;
              receiver.message(service.TradeResponse.fromPartial({ sentAtUs: 1 }));
              close({
                kind: 'failed',
                error: new ExchangeError(reason, `refused with ${reason}`, 'hello.epoch'),
              });
            } else if (frame?.$case === 'command') {
              throw new Error('a bug of the exchange: secret=abc');
            }
          }
        },
        end() {
          seen.push('Trade ended');
          close({ kind: 'ended' });
        },
        cancel() {
          seen.push('Trade cancelled');
          queueMicrotask(() => close({ kind: 'failed', error: cancelled }));
        },
      };
    },
    marketData(_context, receiver) {
      return {
        send: ({ frames }) => {
          for (const _ of frames) receiver.message(service.MarketDataResponse.fromPartial({ sentAtUs: 2 }));
        },
        end: () => receiver.closed({ kind: 'ended' }),
        cancel: () => queueMicrotask(() => receiver.closed({ kind: 'failed', error: cancelled })),
      };
    },
  };
  return exchange;
}

export const ALL_METHODS = [
  'Describe',
  'ListInstruments',
  'Trade',
  'MarketData',
  'PlaceOrder',
  'AmendOrder',
  'CancelOrder',
  'CancelAllOrders',
  'GetOrder',
  'ListOpenOrders',
  'ListFills',
  'GetBalances',
  'ListPositions',
  'ListFundingPayments',
  'GetAccountSettings',
  'ListCandles',
  'GetFundingRate',
  'GetServerTime',
  'SetLeverage',
  'SetMarginMode',
  'SetPositionMode',
] as const;
