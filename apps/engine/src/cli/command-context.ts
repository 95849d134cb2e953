/** What the engine's commands are handed by main.ts, which alone knows the process. */

import type { Logger } from '@trunkline/kit/log';
import type { Clock } from '@trunkline/proto/clock';

export interface CommandContext {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Writes to standard output. */
  readonly out: (text: string) => void;
}
