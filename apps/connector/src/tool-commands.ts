/**
 * The unary commands: for tools and simple clients, run by the code that runs a session's.
 *
 * T1  Only with a `tool` grant and while no trading session is held; a session that begins before the POST denies it.
 * T2  `valid_until_us` is read by this connector's clock (a single call measures no offset); 0 means `DEFAULT_VALID_MS`.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Exchange } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { DenyRule, type OrderOutcome } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Command, ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { CommandRunner } from './lanes/order/command-runner.ts';
import { denied } from './lanes/order/outcome.ts';
import { guarded, type QueryOptions } from './queries.ts';

export type ToolCommands = Pick<Exchange, 'placeOrder' | 'amendOrder' | 'cancelOrder' | 'cancelAllOrders'>;

export interface ToolCommandOptions extends Pick<QueryOptions, 'grants' | 'log'> {
  readonly runner: CommandRunner;
  readonly clock: Clock;
  readonly isSessionHeld: () => boolean;
}

export const DEFAULT_VALID_MS = 5_000;

const SESSION_HELD = denied(DenyRule.FENCED, 'a trading session holds the account');

export function createToolCommands(options: ToolCommandOptions): ToolCommands {
  const tool = guarded(options, ['tool']);
  const run = (command: NonNullable<Command['command']>, validUntilUs: number) =>
    runTool(options, command, validUntilUs);
  return {
    placeOrder: tool(async ({ order, validUntilUs }) => {
      if (order === undefined) throw missing('order');
      return { outcome: first(await run({ $case: 'place', value: order }, validUntilUs)) };
    }),
    amendOrder: tool(async ({ amend, validUntilUs }) => {
      if (amend === undefined) throw missing('amend');
      return { outcome: first(await run({ $case: 'amend', value: amend }, validUntilUs)) };
    }),
    cancelOrder: tool(async ({ cancel, validUntilUs }) => {
      if (cancel === undefined) throw missing('cancel');
      return { outcome: first(await run({ $case: 'cancel', value: cancel }, validUntilUs)) };
    }),
    cancelAllOrders: tool(async ({ cancelAll, validUntilUs }) => ({
      outcomes: await run({ $case: 'cancelAll', value: cancelAll ?? { symbol: '' } }, validUntilUs),
    })),
  };
}

async function runTool(
  { runner, clock, isSessionHeld }: ToolCommandOptions,
  command: NonNullable<Command['command']>,
  validUntilUs: number,
): Promise<OrderOutcome[]> {
  if (isSessionHeld()) {
    throw new ExchangeError(ErrorReason.SESSION_HELD, 'a trading session is held: the unary commands are closed');
  }
  const receivedAtUs = clock.wallUs();
  const validUs = validUntilUs === 0 ? DEFAULT_VALID_MS * 1_000 : validUntilUs - receivedAtUs;
  return runner.run(command, {
    receivedAtUs,
    deadlineUs: clock.monotonicUs() + validUs,
    refuse: () => (isSessionHeld() ? SESSION_HELD : undefined),
  });
}

/** The runner gives one outcome for each order of a command (R1). */
function first(outcomes: readonly OrderOutcome[]): OrderOutcome {
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error('a command of one order had no outcome');
  return outcome;
}

function missing(field: string): ExchangeError {
  return new ExchangeError(ErrorReason.INVALID_FIELD, `${field} is missing`, field);
}
