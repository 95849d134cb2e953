/** Where a stream goes on in the event log, and whether anything is missing before that. */
import { type Hello, NotResumedReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { EventLog } from './event-log.ts';

export interface Resumption {
  readonly resumed: boolean;
  readonly notResumedReason: NotResumedReason;
  /** Not resumed means a clean cut: events go on from the next one, and what came before is to be asked for. */
  readonly nextEventSeq: number;
}

export function resume(lastSeen: Hello['lastSeen'], bootId: string, log: EventLog): Resumption {
  const reason = refuseToResume(lastSeen, bootId, log);
  if (reason === undefined && lastSeen !== undefined) {
    return { resumed: true, notResumedReason: NotResumedReason.UNSPECIFIED, nextEventSeq: lastSeen.seq + 1 };
  }
  return { resumed: false, notResumedReason: reason ?? NotResumedReason.FIRST, nextEventSeq: log.nextSeq };
}

function refuseToResume(lastSeen: Hello['lastSeen'], bootId: string, log: EventLog): NotResumedReason | undefined {
  if (lastSeen === undefined) return NotResumedReason.FIRST;
  if (lastSeen.bootId !== bootId) return NotResumedReason.NEW_BOOT;
  if (!Number.isSafeInteger(lastSeen.seq) || lastSeen.seq < 0 || lastSeen.seq >= log.nextSeq) {
    return NotResumedReason.UNKNOWN_SEQ;
  }
  return lastSeen.seq + 1 < log.firstSeq ? NotResumedReason.LOG_OVERFLOW : undefined;
}
