/**
 * `POST /api/v3/order/cancelReplace`: cancels one order and places another, in this order.
 *
 * C1  Parameters and filters of the new order are looked at before anything is canceled: they refuse the whole.
 * C2  STOP_ON_FAILURE places nothing when the cancel failed (400, -2022, NOT_ATTEMPTED). ALLOW_FAILURE goes on.
 * C3  One failure of two is 409 with -2021, two are 400 with -2022; `data` says what became of each. A cancel that was
 *     done stays done.
 */

import type { VenueAccount } from '../../venue-front.ts';
import { type Answer, answer, type Params } from '../call.ts';
import { isRefused, type Refused, refusalBody, refuse } from '../errors.ts';
import { required } from '../params.ts';
import { refuseSpot } from './errors.ts';
import type { OrderDesk } from './order-desk.ts';
import { readOrderRef } from './order-input.ts';

export function cancelReplace(params: Params, account: VenueAccount, desk: OrderDesk): Answer {
  const mode = readMode(params);
  if (isRefused(mode)) return mode;
  const ref = readOrderRef(params, 'cancelOrderId', 'cancelOrigClientOrderId');
  if (isRefused(ref)) return ref;
  const input = desk.check(params, account);
  if (isRefused(input)) return input;
  const canceled = desk.cancel(input.instrument.symbol, ref, params, account, 'cancelNewClientOrderId');
  if (isRefused(canceled) && mode === 'STOP_ON_FAILURE') {
    const data = {
      cancelResult: 'FAILURE',
      newOrderResult: 'NOT_ATTEMPTED',
      cancelResponse: refusalBody(canceled),
      newOrderResponse: null,
    };
    return { ...refuseSpot('CANCEL_REPLACE_FAILED'), data };
  }
  const placed = desk.place(input);
  const data = {
    cancelResult: outcome(canceled),
    newOrderResult: outcome(placed),
    cancelResponse: response(canceled),
    newOrderResponse: response(placed),
  };
  if (!canceled.refused && !placed.refused) return answer(data);
  const both = canceled.refused && placed.refused;
  return { ...refuseSpot(both ? 'CANCEL_REPLACE_FAILED' : 'CANCEL_REPLACE_PARTLY'), data };
}

function readMode(params: Params): 'STOP_ON_FAILURE' | 'ALLOW_FAILURE' | Refused {
  const mode = required(params, 'cancelReplaceMode');
  if (isRefused(mode) || mode === 'STOP_ON_FAILURE' || mode === 'ALLOW_FAILURE') return mode;
  return refuse('BAD_VALUE', 'cancelReplaceMode');
}

function outcome(result: Answer): string {
  return result.refused ? 'FAILURE' : 'SUCCESS';
}

function response(result: Answer): unknown {
  return result.refused ? refusalBody(result) : result.body;
}
