/** What cards may need of a target, each with the reason that is printed where it is lacking. */
import { MarginMode, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { AmendSupport } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { MarketType } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { Channel } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { OrderType, Side, TimeInForce } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Need } from './card.ts';
import { absenceOf, type Target } from './suite/target.ts';
import type { Caller } from './wire/reach.ts';

function need(text: string, has: (target: Target) => boolean, reason: (target: Target) => string): Need {
  return { text, missing: (target) => (has(target) ? undefined : reason(target)) };
}

export function method(name: string): Need {
  return need(
    `method ${name}`,
    ({ capabilities }) => capabilities.methods.includes(name),
    (target) => `${name} is not served: ${absenceOf(target, name)}`,
  );
}

export function channel(which: Channel): Need {
  const name = `CHANNEL_${Channel[which]}`;
  return need(
    name,
    ({ capabilities }) => capabilities.channels.includes(which),
    (target) => `${name} is not offered: ${absenceOf(target, name)}`,
  );
}

export function orderType(type: OrderType, side?: Side): Need {
  const name = `ORDER_TYPE_${OrderType[type]}`;
  return need(
    side === undefined ? name : `${name} to ${Side[side]}`,
    ({ capabilities: { orderTypes, marketOrderSides } }) =>
      orderTypes.includes(type) &&
      (side === undefined || marketOrderSides.length === 0 || marketOrderSides.includes(side)),
    (target) =>
      target.capabilities.orderTypes.includes(type)
        ? `${name} is not taken on this side: the venue counts it in the quote currency`
        : `${name} is not taken: ${absenceOf(target, name)}`,
  );
}

export function timeInForce(which: TimeInForce): Need {
  const name = `TIME_IN_FORCE_${TimeInForce[which]}`;
  return need(
    name,
    ({ capabilities }) => capabilities.timesInForce.includes(which),
    (target) => `${name} is not taken: ${absenceOf(target, name)}`,
  );
}

export const postOnly = need(
  'Capabilities.post_only',
  ({ capabilities }) => capabilities.postOnly,
  () => 'the venue has no post-only orders',
);

export const reduceOnly = need(
  'Capabilities.reduce_only',
  ({ capabilities }) => capabilities.reduceOnly,
  () => 'the venue has no reduce-only orders',
);

export const amends = need(
  'Capabilities.amend',
  ({ capabilities: { amend } }) => amend === AmendSupport.IN_PLACE || amend === AmendSupport.REPLACE,
  (target) => `the venue does not amend: ${absenceOf(target, 'AmendOrder')}`,
);

export const batchPlace = need(
  'Capabilities.max_batch_place of 2 or more',
  ({ capabilities }) => capabilities.maxBatchPlace >= 2,
  () => 'the venue takes no batches of orders',
);

export const batchCancel = need(
  'Capabilities.max_batch_cancel of 2 or more',
  ({ capabilities }) => capabilities.maxBatchCancel >= 2,
  () => 'the venue takes no batches of cancels',
);

export const hedgeMode = need(
  'both position modes and SetPositionMode',
  ({ capabilities: { positionModes, methods } }) =>
    methods.includes('SetPositionMode') &&
    positionModes.includes(PositionMode.HEDGE) &&
    positionModes.includes(PositionMode.ONE_WAY),
  (target) => `the position mode cannot be set: ${absenceOf(target, 'SetPositionMode')}`,
);

export const marginModes = need(
  'both margin modes and SetMarginMode',
  ({ capabilities: { marginModes: modes, methods } }) =>
    methods.includes('SetMarginMode') && modes.includes(MarginMode.CROSS) && modes.includes(MarginMode.ISOLATED),
  (target) => `the margin mode cannot be set: ${absenceOf(target, 'SetMarginMode')}`,
);

export const perpetual = need(
  'a perpetual',
  ({ description }) => description.marketType === MarketType.PERPETUAL,
  () => 'only a perpetual has it',
);

export const spot = need(
  'a spot market',
  ({ description }) => description.marketType === MarketType.SPOT,
  () => 'only a spot market has it',
);

export const sim = need(
  'the emulator (`--sim`)',
  (target) => target.sim !== undefined,
  () => 'it scripts a fault at the venue, which needs --sim',
);

export function caller(who: Caller): Need {
  return need(
    `a certificate ${who === 'stranger' ? 'that is granted nothing' : `granted \`${who === 'observer' ? 'observe' : who}\``} (${who})`,
    ({ callers }) => callers.has(who),
    ({ mode }) =>
      mode === 'dial'
        ? 'a connector that dials is spoken to by its one engine'
        : `there is no certificate for ${who} (--cert-${who} and --key-${who}, or --certs)`,
  );
}

export const mayStop = need(
  'a process that may be stopped (`--may-stop-pid`)',
  ({ mayStopPid }) => mayStopPid !== undefined,
  () => 'no process may be stopped (--may-stop-pid)',
);
