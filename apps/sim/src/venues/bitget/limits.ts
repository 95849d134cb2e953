/**
 * The venue's budgets: calls a second and path, of one account where the call is signed and of one IP where it is not,
 * and 6,000 calls a minute of one IP over all paths.
 *
 * L1  Windows are aligned to the wall clock: the counter falls to zero when a new window begins.
 * L2  A refused call still counts.
 */
import { type CountWindow, countWindow, currentWindow, remember } from '../count-window.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

export interface LimitOptions {
  /** Multiplies what each path allows a second. */
  readonly factor: number;
  readonly perMinuteOfIp: number;
}

export const USUAL_LIMITS: LimitOptions = { factor: 1, perMinuteOfIp: 6_000 };

export interface Limits {
  /** Counts one call; what is left of the path's second, undefined where a budget is used up. */
  spend(
    call: { readonly who: string; readonly ip: string; readonly path: string; readonly perSecond: number },
    nowMs: number,
  ): number | undefined;
}

export function createLimits({ factor, perMinuteOfIp }: LimitOptions): Limits {
  const paths = new Map<string, CountWindow>();
  const addresses = new Map<string, CountWindow>();
  return {
    spend({ who, ip, path, perSecond }, nowMs) {
      const address = currentWindow(
        remember(addresses, ip, () => countWindow(MINUTE_MS)),
        nowMs,
      );
      const window = currentWindow(
        remember(paths, `${who} ${path}`, () => countWindow(SECOND_MS)),
        nowMs,
      );
      address.used += 1;
      window.used += 1;
      const left = perSecond * factor - window.used;
      return left < 0 || address.used > perMinuteOfIp ? undefined : left;
    },
  };
}
