/** Frames of both lanes in one line each, as they stand in a failure's block. */

import type { StreamEnd } from '@trunkline/proto/exchange';
import type { MarketEvent } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { Channel, GapReason } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import {
  DenyRule,
  type Fill,
  type Order,
  type OrderOutcome,
  OrderStatus,
  RejectReason,
  UnknownCause,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import {
  ErrorReason,
  GoodbyeReason,
  NotResumedReason,
  type SessionEvent,
  type TradeRequestFrame,
  type TradeResponseFrame,
  VenueState,
} from '@trunkline/proto/gen/trunkline/exchange/v1/session';

export function sayFate({ fate }: Pick<OrderOutcome, 'fate'>): string {
  switch (fate?.$case) {
    case 'accepted':
      return `accepted ${fate.value.order ? sayOrder(fate.value.order) : 'without an order'}`;
    case 'rejected':
      return `rejected{${RejectReason[fate.value.reason]}, ${fate.value.venueCode}} ${fate.value.message}`;
    case 'denied':
      return `denied{${DenyRule[fate.value.rule]}, ${fate.value.field}} ${fate.value.message}`;
    case 'unknown':
      return `unknown{${UnknownCause[fate.value.cause]}, ${fate.value.venueCode}} ${fate.value.message}`;
    default:
      return 'no fate';
  }
}

export function sayOrder(order: Order): string {
  const { clientOrderId, status, price, quantity, filledQuantity } = order;
  return `${clientOrderId} ${OrderStatus[status]} ${filledQuantity}/${quantity} at ${price ?? 'market'}`;
}

export function sayFill({ clientOrderId, tradeId, quantity, price, fee, feeAsset }: Fill): string {
  return `fill ${tradeId} of ${clientOrderId}: ${quantity} at ${price}, fee ${fee} ${feeAsset}`;
}

export function sayEnd(end: StreamEnd): string {
  return end.kind === 'ended' ? 'the stream ended' : `the stream failed: ${end.error.reasonName} ${end.error.message}`;
}

export function reasonOf(end: StreamEnd | undefined): string {
  if (end === undefined) return 'open';
  return end.kind === 'ended' ? 'ended' : end.error.reasonName;
}

export function sayRequest({ frame }: TradeRequestFrame): string {
  switch (frame?.$case) {
    case 'hello': {
      const { engineId, epoch, attempt, lastSeen } = frame.value;
      const after = lastSeen === undefined ? 'first' : `after ${lastSeen.bootId}:${lastSeen.seq}`;
      return `> hello ${engineId} epoch ${epoch} attempt ${attempt} ${after}`;
    }
    case 'command':
      return `> command ${frame.value.commandSeq} ${frame.value.command?.$case ?? 'empty'}`;
    case 'ack':
      return `> ack ${frame.value.seq}`;
    case 'goodbye':
      return `> goodbye ${GoodbyeReason[frame.value.reason]}`;
    case 'heartbeat':
      return '> heartbeat';
    default:
      return '> an empty frame';
  }
}

export function sayResponse({ frame }: TradeResponseFrame): string {
  switch (frame?.$case) {
    case 'welcome': {
      const { bootId, resumed, notResumedReason, epoch, attempt, lastCommandSeq, nextEventSeq } = frame.value;
      const how = resumed ? 'resumed' : NotResumedReason[notResumedReason];
      return `< welcome ${bootId} ${how} epoch ${epoch} attempt ${attempt} command ${lastCommandSeq} event ${nextEventSeq}`;
    }
    case 'event':
      return `< ${sayEvent(frame.value)}`;
    case 'goodbye':
      return `< goodbye ${GoodbyeReason[frame.value.reason]}`;
    case 'heartbeat':
      return '< heartbeat';
    default:
      return '< an empty frame';
  }
}

export function sayEvent({ seq, event }: SessionEvent): string {
  switch (event?.$case) {
    case 'result':
      return `${seq} result of command ${event.value.commandSeq}: ${event.value.outcomes.map(sayFate).join('; ') || 'none'}`;
    case 'order':
      return `${seq} order ${sayOrder(event.value)}`;
    case 'fill':
      return `${seq} ${sayFill(event.value)}`;
    case 'venueStatus':
      return `${seq} venue ${VenueState[event.value.state]}`;
    case 'gap':
      return `${seq} gap since ${event.value.sinceUs}: ${event.value.reason}`;
    default:
      return `${seq} ${event?.$case ?? 'an empty event'}`;
  }
}

export function sayMarket({ topic, sequence, event, conflated }: MarketEvent): string {
  const channel = topic === undefined ? 'no topic' : Channel[topic.channel];
  const more = conflated > 0 ? ` conflated ${conflated}` : '';
  switch (event?.$case) {
    case 'bookUpdate':
      return `< ${channel} update ${event.value.previousSequence} -> ${sequence}${more}`;
    case 'bookSnapshot':
      return `< ${channel} snapshot ${sequence}, ${event.value.bids.length} + ${event.value.asks.length} levels`;
    case 'trade':
      return `< ${channel} ${event.value.tradeId} ${event.value.quantity} at ${event.value.price}`;
    case 'bestQuote':
      return `< ${channel} ${event.value.bidPrice} / ${event.value.askPrice}${more}`;
    case 'gap':
      return `< ${channel} gap ${GapReason[event.value.reason]} missed ${event.value.missed}`;
    case 'staleness':
      return `< ${channel} ${event.value.stale ? 'stale' : 'live'}`;
    case 'subscription':
      return `< ${channel} ${event.value.active ? 'active' : `refused ${ErrorReason[event.value.reason]}`}`;
    default:
      return `< ${channel} ${event?.$case ?? 'an empty event'}${more}`;
  }
}
