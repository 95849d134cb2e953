/** Pages of the venue's lists: newest first, continued by `idLessThan`, and the `endId` to continue with. */
import { isRefused, type Refused } from './errors.ts';
import { optional, type Params, pageLimit } from './params.ts';

export interface Page<T> {
  readonly rows: readonly T[];
  /** Null when nothing is on the page. */
  readonly endId: string | null;
}

/** `items` are oldest first. An `idLessThan` that is not among them gives an empty page. */
export function readPage<T>(
  params: Params,
  items: readonly T[],
  idOf: (item: T) => string,
  limits: { readonly usual: number; readonly most: number } = { usual: 100, most: 100 },
): Page<T> | Refused {
  const limit = pageLimit(params, limits.usual, limits.most);
  if (isRefused(limit)) return limit;
  const before = optional(params, 'idLessThan');
  const end =
    before === undefined
      ? items.length
      : Math.max(
          0,
          items.findIndex((item) => idOf(item) === before),
        );
  const rows = items.slice(Math.max(0, end - limit), end).reverse();
  const last = rows.at(-1);
  return { rows, endId: last === undefined ? null : idOf(last) };
}
