/** `engine journal verify`, `engine orders` and `engine positions`: what a journal holds. They only read. */
import { type Command, command, commandGroup, flag, text, whole, withDefault } from '@trunkline/kit/cli';
import { ConfigError, OperatingError } from '@trunkline/kit/operating-error';
import { loadEngineConfig } from '../config.ts';
import { journalPath, openJournalToRead } from '../journal/journal-file.ts';
import type { Store } from '../journal/sqlite/store-protocol.ts';
import { verifyJournal } from '../journal/verify.ts';
import { readOrderRow } from '../orders/order-rows.ts';
import { workingTerms } from '../orders/order-state.ts';
import { averageEntry, readPositionRow } from '../positions/position.ts';
import { formatColumns } from './columns.ts';
import type { CommandContext } from './command-context.ts';

const place = {
  journal: text('the journal file; without it the one of the configured state folder', 'FILE'),
  config: text('the configuration file (default: trunkline.toml)', 'FILE'),
  json: flag('print JSON'),
};

export function createJournalCommand(context: CommandContext): Command {
  const verify = command({
    name: 'verify',
    summary: 'Check the hash chain, replay every event from zero, and compare with the projections.',
    details: 'Exit code 1 and the name of the first row at fault when anything does not agree.',
    options: place,
    args: {},
    examples: ['engine journal verify --journal state/journal.db'],
    run: ({ options }) =>
      reading(context, options, (store, path) => {
        const verdict = verifyJournal(store);
        if (options.json) context.out(`${JSON.stringify({ journal: path, ...verdict })}\n`);
        if (verdict.kind === 'broken') return new OperatingError(`journal ${path}: ${verdict.what}`);
        const { events, orders, fills, positions, head } = verdict;
        if (!options.json) {
          context.out(
            `verified: ${events} events, ${orders} orders, ${fills} fills, ${positions} positions agree; head ${head}\n`,
          );
        }
        return undefined;
      }),
  });
  return commandGroup({ name: 'journal', summary: 'Check a journal.', commands: [verify] });
}

export function createOrdersCommand(context: CommandContext): Command {
  return command({
    name: 'orders',
    summary: 'List the orders of a journal, oldest first.',
    options: {
      ...place,
      account: text('only this account', 'NAME'),
      open: flag('only orders that may still trade, unknown and lost ones among them'),
      limit: withDefault(whole('at most this many', { min: 1, max: 1_000_000 }), 100),
    },
    args: {},
    run: ({ options }) =>
      reading(context, options, (store) => {
        const { account, open: openOnly, limit } = options;
        const rows = store.listOrders({ ...(account === undefined ? {} : { account }), openOnly, limit });
        const orders = rows.map(readOrderRow);
        if (options.json) {
          for (const order of orders) context.out(`${JSON.stringify(order)}\n`);
          return undefined;
        }
        const cells = orders.map((order) => {
          const { price, quantity } = workingTerms(order);
          const { terms, filled, status, updatedAtUs } = order;
          const why = order.unknown?.message ?? order.refusal?.message ?? '';
          const at = new Date(updatedAtUs / 1_000).toISOString();
          return [
            order.account,
            order.clientOrderId,
            terms.symbol,
            terms.side,
            price ?? 'market',
            quantity,
            filled,
            status,
            at,
            why,
          ];
        });
        const names = ['ACCOUNT', 'ORDER', 'SYMBOL', 'SIDE', 'PRICE', 'QUANTITY', 'FILLED', 'STATUS', 'UPDATED', 'WHY'];
        context.out(formatColumns(names, cells));
        return undefined;
      }),
  });
}

export function createPositionsCommand(context: CommandContext): Command {
  return command({
    name: 'positions',
    summary: 'List the positions of a journal.',
    options: { ...place, account: text('only this account', 'NAME') },
    args: {},
    run: ({ options }) =>
      reading(context, options, (store) => {
        const { account } = options;
        const positions = store.listPositions(account === undefined ? {} : { account }).map(readPositionRow);
        if (options.json) {
          for (const position of positions) context.out(`${JSON.stringify(position)}\n`);
          return undefined;
        }
        const cells = positions.map((position) => [
          position.account,
          position.symbol,
          position.side,
          position.quantity,
          averageEntry(position) ?? '-',
          position.realized,
          Object.entries(position.fees)
            .map(([asset, fee]) => `${fee} ${asset}`)
            .join(', ') || '0',
        ]);
        context.out(formatColumns(['ACCOUNT', 'SYMBOL', 'SIDE', 'QUANTITY', 'ENTRY', 'REALIZED', 'FEES'], cells));
        return undefined;
      }),
  });
}

function reading(
  context: CommandContext,
  options: { readonly journal: string | undefined; readonly config: string | undefined },
  read: (store: Omit<Store, 'open'>, path: string) => OperatingError | undefined,
): OperatingError | undefined {
  const path = options.journal ?? configuredJournal(options.config, context);
  if (path instanceof OperatingError) return path;
  const store = openJournalToRead(path);
  if (store instanceof OperatingError) return store;
  try {
    return read(store, path);
  } finally {
    store.close(null);
  }
}

function configuredJournal(configPath: string | undefined, context: CommandContext): string | ConfigError {
  const config = loadEngineConfig(configPath, context.env);
  return config instanceof ConfigError ? config : journalPath(config.engine.state);
}
