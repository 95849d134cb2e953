/** The cards that a run is about. */
import { ConfigError } from '@trunkline/kit/operating-error';
import { nearest, shown } from '@trunkline/kit/text';
import type { Card } from '../card.ts';
import { CARD_GROUPS } from './groups.ts';

/** All of them, or those that are named by id or by group. */
export function chooseCards(only: readonly string[]): readonly Card[] | ConfigError {
  const all = CARD_GROUPS.flatMap(({ cards }) => cards);
  if (only.length === 0) return all;
  const names = [...CARD_GROUPS.map(({ prefix }) => prefix), ...all.map(({ id }) => id)];
  const strange = only.find((name) => !names.includes(name.toUpperCase()));
  if (strange !== undefined) {
    const near = nearest(strange.toUpperCase(), names);
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    return new ConfigError(`--only: ${shown(strange)} is no card and no group${hint}`);
  }
  const wanted = new Set(only.map((name) => name.toUpperCase()));
  return all.filter(({ id }) => wanted.has(id) || wanted.has(id.split('-')[0] ?? ''));
}
