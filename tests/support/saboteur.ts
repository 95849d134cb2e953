/**
 * A service that breaks one promise of the contract, and keeps all others: wrappers around an `Exchange` that change
 * what passes. They are what shows that the conformance suite bites.
 */
import type {
  MarketDataResponse,
  TradeRequest,
  TradeResponse,
} from '../../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import type { MarketDataRequestFrame, MarketEvent } from '../../proto/gen/trunkline/exchange/v1/market_data.ts';
import type { OrderOutcome } from '../../proto/gen/trunkline/exchange/v1/order.ts';
import type {
  SessionEvent,
  TradeRequestFrame,
  TradeResponseFrame,
  Welcome,
} from '../../proto/gen/trunkline/exchange/v1/session.ts';
import type { Exchange } from '../../proto/src/exchange.ts';

type Up = NonNullable<TradeRequestFrame['frame']>;
type Down = NonNullable<TradeResponseFrame['frame']>;
type MarketUp = NonNullable<MarketDataRequestFrame['frame']>;

/** The rest of the service as it is. */
export type Sabotage = (honest: Exchange) => Partial<Exchange>;

/** Changes the answer of one method. */
export function answers<M extends keyof Exchange>(method: M, change: (honest: Exchange) => Exchange[M]): Sabotage {
  return (honest) => ({ [method]: change(honest) });
}

/** Changes the frames of trading streams; made anew for each stream. An empty list leaves a frame out. */
export function tradeFrames(make: () => { up?: (frame: Up) => Up[]; down?: (frame: Down) => Down[] }): Sabotage {
  return (honest) => ({
    trade: (context, receiver) => {
      const { up = (frame) => [frame], down = (frame) => [frame] } = make();
      const sender = honest.trade(context, {
        message: (message: TradeResponse) => receiver.message({ ...message, frames: each(message.frames, down) }),
        closed: (end) => receiver.closed(end),
      });
      return { ...sender, send: (request: TradeRequest) => sender.send({ frames: each(request.frames, up) }) };
    },
  });
}

export function tradeEvents(make: () => (event: SessionEvent) => SessionEvent[]): Sabotage {
  return tradeFrames(() => {
    const change = make();
    const down = (frame: Down): Down[] =>
      frame.$case === 'event' ? change(frame.value).map((value) => ({ $case: 'event', value })) : [frame];
    return { down };
  });
}

export function welcomes(change: (welcome: Welcome) => Welcome): Sabotage {
  const down = (frame: Down): Down[] =>
    frame.$case === 'welcome' ? [{ $case: 'welcome', value: change(frame.value) }] : [frame];
  return tradeFrames(() => ({ down }));
}

/** Changes every outcome of every result. */
export function outcomes(
  change: (outcome: OrderOutcome, index: number, all: OrderOutcome[]) => OrderOutcome,
): Sabotage {
  return tradeEvents(() => (given) => {
    const { event } = given;
    if (event?.$case !== 'result') return [given];
    const changed = event.value.outcomes.map(change);
    return [{ ...given, event: { $case: 'result', value: { ...event.value, outcomes: changed } } }];
  });
}

export function marketEvents(make: () => (event: MarketEvent) => MarketEvent[]): Sabotage {
  return (honest) => ({
    marketData: (context, receiver) => {
      const change = make();
      return honest.marketData(context, {
        message: (message: MarketDataResponse) =>
          receiver.message({ ...message, events: message.events.flatMap(change) }),
        closed: (end) => receiver.closed(end),
      });
    },
  });
}

export function marketRequests(change: (frame: MarketUp) => MarketUp): Sabotage {
  return (honest) => ({
    marketData: (context, receiver) => {
      const sender = honest.marketData(context, receiver);
      return {
        ...sender,
        send: ({ frames }) => sender.send({ frames: each(frames, (frame) => [change(frame)]) }),
      };
    },
  });
}

/** A frame without a kind stays as it is. */
function each<F>(frames: readonly { frame?: F | undefined }[], change: (frame: F) => F[]): { frame: F | undefined }[] {
  return frames.flatMap(({ frame }) =>
    frame === undefined ? [{ frame }] : change(frame).map((one) => ({ frame: one })),
  );
}
