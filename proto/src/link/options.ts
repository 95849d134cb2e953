/**
 * Every limit and option of the links, in one place, with why. Both links and both ends use these and no others.
 */
import type { ChannelOptions } from '@grpc/grpc-js';

/** A peer that vanished without a FIN (a stopped process, a pulled cable) is noticed within the sum of these two. */
export const KEEPALIVE_TIME_MS = 10_000;
export const KEEPALIVE_TIMEOUT_MS = 5_000;

/** Both ways. Lists have page tokens; nothing of ours comes near it, so a larger one is a fault, not a message. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

/** A connection older than this is closed by the server, so that every certificate is judged anew. */
export const MAX_CONNECTION_AGE_MS = 3_600_000;
/** Streams may finish on a connection that reached its age for so long. */
export const MAX_CONNECTION_AGE_GRACE_MS = 30_000;
/** Our own dialers replace a connection before the server ends it (at 80 to 90 % of its age): new first, old after. */
export const ROTATE_AFTER_MS = MAX_CONNECTION_AGE_MS * 0.8;
export const ROTATE_JITTER_MS = MAX_CONNECTION_AGE_MS * 0.1;
/** How long the replaced connection of a lane lives on, for its stream to be resumed on the new one. */
export const RETIRE_AFTER_MS = 10_000;

/** TCP connect, TLS handshake and first HTTP/2 settings must each be done in this time. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;
/** Connections that have not yet proved who they are; more are closed at once. */
export const MAX_PENDING_HANDSHAKES = 64;

const SHARED: ChannelOptions = {
  'grpc.keepalive_time_ms': KEEPALIVE_TIME_MS,
  'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  // Its bookkeeping costs on every message and nothing reads it.
  'grpc.enable_channelz': 0,
};

/** For `new Server(...)` on the serving side of either link. */
export const SERVER_OPTIONS: ChannelOptions = {
  ...SHARED,
  'grpc.max_connection_age_ms': MAX_CONNECTION_AGE_MS,
  'grpc.max_connection_age_grace_ms': MAX_CONNECTION_AGE_GRACE_MS,
};

/** For the channel over one authenticated socket. */
export const CHANNEL_OPTIONS: ChannelOptions = {
  ...SHARED,
  // A dead peer is a fact about the session even while no call is open.
  'grpc.keepalive_permit_without_calls': 1,
  // An order sent twice is an order doubled: only the session machine decides what may be sent again.
  'grpc.enable_retries': 0,
  // Without it two channels with equal options share one connection, and the market lane delays the order lane.
  'grpc.use_local_subchannel_pool': 1,
  // The channel ends with its socket; grpc-js would else give up an idle one after 30 minutes. The largest timer.
  'grpc.client_idle_timeout_ms': 2_147_483_647,
  // The target is a local socket; a proxy from the environment has no part in it.
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
};
