/**
 * What a person sees while the demonstration runs: a table that is redrawn on a terminal, one line every few seconds
 * on a pipe.
 */
import { formatColumns } from '../cli/columns.ts';
import type { AccountStatus, EngineStatus } from '../orchestrator/engine-status.ts';

export interface LiveView {
  update(status: EngineStatus): void;
}

interface Rates {
  readonly atUs: number;
  readonly quotes: ReadonlyMap<string, number>;
}

const PIPE_INTERVAL_US = 3_000_000;
const COLUMNS = ['CONNECTOR', 'STATE', 'QUOTES/S', 'RTT p50/p99', 'OPEN', 'FILLS', 'POSITION', 'PNL', 'FEES'] as const;

export function createLiveView(options: { terminal: boolean; write: (text: string) => void }): LiveView {
  return options.terminal ? terminalView(options.write) : pipeView(options.write);
}

function terminalView(write: (text: string) => void): LiveView {
  let before: Rates | undefined;
  let drawn = 0;
  return {
    update(status) {
      const lines = formatTable(status, before);
      before = ratesOf(status);
      // Back to the first line of the last table, and clear from there to the end of the screen (ECMA-48 CPL and ED).
      const rewind = drawn > 0 ? `\x1b[${drawn}F\x1b[0J` : '';
      drawn = lines.length;
      write(`${rewind}${lines.join('\n')}\n`);
    },
  };
}

function pipeView(write: (text: string) => void): LiveView {
  let before: Rates | undefined;
  return {
    update(status) {
      if (before && status.nowUs - before.atUs < PIPE_INTERVAL_US) return;
      for (const account of status.accounts)
        write(`${formatLine(account, quotesPerSecond(account, status, before))}\n`);
      before = ratesOf(status);
    },
  };
}

function formatTable(status: EngineStatus, before: Rates | undefined): string[] {
  const rows = status.accounts.map((account) => cells(account, quotesPerSecond(account, status, before)));
  const seconds = Math.round((status.nowUs - status.startedAtUs) / 1_000_000);
  return [
    `Trunkline  ${status.engine}  up ${seconds} s  journal ${status.journal.events} events`,
    ...formatColumns(COLUMNS, rows).trimEnd().split('\n'),
    ...status.accounts.flatMap(unresolvedLines),
  ];
}

function formatLine(account: AccountStatus, quotes: number): string {
  const [name, state, , rtt, open, fills, position, pnl, fees] = cells(account, quotes);
  return `${name}: ${state}, ${quotes} quotes/s, round trip ${rtt}, ${open} open, ${fills} fills, position ${position}, pnl ${pnl}, fees ${fees}`;
}

function cells(account: AccountStatus, quotes: number): string[] {
  const rtt = account.rttUs ? `${Math.round(account.rttUs.p50)}/${Math.round(account.rttUs.p99)} us` : '-';
  const held = account.positions.filter((position) => position.quantity !== '0');
  return [
    account.connector,
    account.reason === '' ? account.state : `${account.state} (${account.reason})`,
    String(quotes),
    rtt,
    String(account.orders.open),
    String(account.fills),
    held.map((position) => `${position.quantity} ${position.symbol}`).join(', ') || 'flat',
    `${account.pnl.realized} + ${account.pnl.unrealized}`,
    account.pnl.fees,
  ];
}

function unresolvedLines(account: AccountStatus): string[] {
  return account.unresolved.map((order) => `  ${order.clientOrderId} is ${order.status}: ${order.doing}`);
}

function ratesOf(status: EngineStatus): Rates {
  return {
    atUs: status.nowUs,
    quotes: new Map(status.accounts.map((account) => [account.account, account.events.quotes])),
  };
}

function quotesPerSecond(account: AccountStatus, status: EngineStatus, before: Rates | undefined): number {
  const since = before ?? { atUs: status.startedAtUs, quotes: new Map<string, number>() };
  const seconds = (status.nowUs - since.atUs) / 1_000_000;
  if (seconds <= 0) return 0;
  return Math.round((account.events.quotes - (since.quotes.get(account.account) ?? 0)) / seconds);
}
