/** Every configured symbol among the venue's, or the refusal that names the one that is not. */
import { nearest } from '@trunkline/kit/text';
import type { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import type { StartRefusal } from './venue.ts';
import type { MarketName } from './venue-config.ts';

const SHOWN_SYMBOLS = 8;

export function checkSymbols(
  configured: readonly string[],
  served: ReadonlyMap<string, Instrument>,
  market: MarketName,
): StartRefusal | undefined {
  const unknown = configured.find((symbol) => !served.has(symbol));
  if (unknown === undefined) return undefined;
  const names = [...served.keys()];
  const near = nearest(unknown, names);
  const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
  const some = names.slice(0, SHOWN_SYMBOLS).join(', ');
  const more = names.length > SHOWN_SYMBOLS ? ` and ${names.length - SHOWN_SYMBOLS} more` : '';
  return {
    code: 'unknown_symbol',
    message: `${unknown} is not a ${market} symbol of the venue${hint}; it has ${some}${more}`,
  };
}
