/** The run in lines for people, or as one JSON value for programs. */
import type { Card, CardGroup } from './card.ts';
import type { CardResult } from './run.ts';

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cards: readonly CardResult[];
}

export function summaryOf(cards: readonly CardResult[]): Summary {
  const count = (outcome: CardResult['outcome']) => cards.filter((card) => card.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped'), cards };
}

/** One line; a failure is a block. */
export function formatResult(result: CardResult): string {
  const { id, title } = result;
  switch (result.outcome) {
    case 'passed':
      return `pass  ${id}  ${title} (${result.tookMs} ms)\n`;
    case 'skipped':
      return `skip  ${id}  ${title}: ${result.reason}\n`;
    case 'failed': {
      const block = [
        `FAIL  ${id}  ${title} (${result.tookMs} ms)`,
        `      expected: ${result.expected}`,
        `      seen:     ${result.seen}`,
        ...result.transcript.map((line) => `        ${line}`),
      ];
      return `${block.join('\n')}\n`;
    }
  }
}

export function formatTotal({ passed, failed, skipped }: Summary): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}

/** The cards as `--list` and `--dry` print them. */
export function formatCards(
  groups: readonly CardGroup[],
  wanted: readonly Card[],
  whySkipped: (card: Card) => string | undefined,
): string {
  const ids = new Set(wanted.map(({ id }) => id));
  return groups
    .flatMap(({ name, cards }) => {
      const rows = cards.filter(({ id }) => ids.has(id));
      const lines = rows.map((card) => {
        const reason = whySkipped(card);
        return `  ${card.id}  ${card.title}${reason === undefined ? '' : ` (skipped: ${reason})`}\n`;
      });
      return rows.length === 0 ? [] : [`${name}\n`, ...lines];
    })
    .join('');
}
