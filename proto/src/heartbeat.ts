/** The application heartbeat of both lanes (session.proto, Heartbeat). */

/** Each side sends one this often. */
export const HEARTBEAT_INTERVAL_MS = 2_000;
/** A stream on which nothing at all was heard for so long is lost: three heartbeats. */
export const SILENCE_LIMIT_MS = 6_000;
