/**
 * The one error of the contract. Code switches on `reason`, never on the text; `status.ts` maps it to and from a gRPC
 * status, and nothing else knows gRPC's codes.
 */
import { ErrorReason } from '../gen/trunkline/exchange/v1/session.ts';

export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly reason: ErrorReason;
  /** The request's field at fault, e.g. `order.price`; empty where none is. */
  readonly field: string;

  constructor(reason: ErrorReason, message: string, field = '') {
    super(message);
    this.reason = reason;
    this.field = field;
  }

  /** The reason as it stands in google.rpc.ErrorInfo, e.g. `SESSION_HELD`. */
  get reasonName(): string {
    return ErrorReason[this.reason] ?? 'UNSPECIFIED';
  }
}
