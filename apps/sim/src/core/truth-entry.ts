/**
 * One line of the venue's ground truth: what was asked and answered, and what then became so. An oracle reads these
 * instead of asking through a connector.
 */
import type {
  AmendOrder,
  Balance,
  CancelOrder,
  Fill,
  FundingPayment,
  MarginType,
  NewOrder,
  Order,
  Position,
  PositionMode,
  RefusalCode,
} from './types.ts';

export type TruthRequest =
  | { readonly kind: 'place'; readonly order: NewOrder }
  | { readonly kind: 'amend'; readonly amend: AmendOrder }
  | { readonly kind: 'cancel'; readonly cancel: CancelOrder }
  | { readonly kind: 'cancel_all'; readonly accountId: string; readonly symbol?: string };

/** `accepted` names the order where there is one. */
export type TruthVerdict =
  | { readonly kind: 'accepted'; readonly venueOrderId?: string }
  | { readonly kind: 'refused'; readonly code: RefusalCode };

export type TruthFact =
  | { readonly kind: 'request'; readonly request: TruthRequest; readonly verdict: TruthVerdict }
  /** The order as it now is; one each time it changed. */
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'balance'; readonly accountId: string; readonly balance: Balance }
  | { readonly kind: 'position'; readonly accountId: string; readonly position: Position }
  | { readonly kind: 'funding'; readonly payment: FundingPayment }
  | { readonly kind: 'leverage'; readonly accountId: string; readonly symbol: string; readonly leverage: number }
  | {
      readonly kind: 'margin_type';
      readonly accountId: string;
      readonly symbol: string;
      readonly marginType: MarginType;
    }
  | { readonly kind: 'position_mode'; readonly accountId: string; readonly positionMode: PositionMode }
  /** All ids of this counter below `below` may have been given out: a restart goes on from there. */
  | { readonly kind: 'ids'; readonly counter: 'order' | 'trade' | 'update' | 'funding'; readonly below: number };

export type TruthEntry = TruthFact & {
  /** Position in the truth, from 0, without holes. */
  readonly seq: number;
  readonly timeUs: number;
};
