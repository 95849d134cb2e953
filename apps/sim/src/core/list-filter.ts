/** Selecting from a list that is kept oldest first, as the venues' list endpoints do. */
import type { ListFilter } from './core-api.ts';

/** With a lower bound the first `limit` that pass, otherwise the last. Ids compare as whole numbers. */
export function selectFrom<T>(
  items: readonly T[],
  filter: ListFilter,
  idOf: (item: T) => string,
  timeOf: (item: T) => number,
): readonly T[] {
  const { fromId, startUs = 0, endUs = Number.POSITIVE_INFINITY, limit } = filter;
  if (limit <= 0) return [];
  const fromNumber = fromId === undefined ? 0 : Number(fromId);
  const passing = items.filter((item) => {
    const timeUs = timeOf(item);
    return timeUs >= startUs && timeUs <= endUs && Number(idOf(item)) >= fromNumber;
  });
  const isForward = fromId !== undefined || filter.startUs !== undefined;
  return isForward ? passing.slice(0, limit) : passing.slice(-limit);
}
