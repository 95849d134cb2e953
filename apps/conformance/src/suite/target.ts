/** What is tested: the service as it describes itself, one instrument of it, and what this run may do to it. */
import type { Decimal } from '@trunkline/proto/decimal';
import type { Capabilities, DescribeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import type { Caller } from '../wire/reach.ts';
import type { SimControl } from './sim-control.ts';

export interface Target {
  readonly mode: 'listen' | 'dial';
  readonly callers: ReadonlySet<Caller>;
  readonly description: DescribeResponse;
  readonly capabilities: Capabilities;
  readonly instrument: Instrument;
  /** Undefined without `--sim`. */
  readonly sim: SimControl | undefined;
  /** The process that may be told to stop; undefined if none may. */
  readonly mayStopPid: number | undefined;
  /** No order of the suite is worth more, in the quote currency. */
  readonly maxNotional: Decimal;
}

/** Why something is not offered, in the connector's own words where it has some. */
export function absenceOf({ capabilities }: Pick<Target, 'capabilities'>, name: string): string {
  const absence = capabilities.absences.find((each) => each.name === name);
  return absence === undefined ? 'no reason is given' : absence.reason;
}
