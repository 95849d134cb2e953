/** What a mapper is told besides the message: which of our symbols it is about, and what a contract of it is. */
import type { Decimal } from '@trunkline/proto/decimal';
import type { PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import type { Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';

export interface Heard {
  readonly symbol: string;
  /** Base asset per contract; 1 for spot. */
  readonly contractSize: Decimal;
  readonly receivedAtUs: number;
}

export interface HeardOrder extends Heard {
  readonly source: Source;
  /** How the account holds positions: tells what a sign means. */
  readonly positionMode: PositionMode;
}
