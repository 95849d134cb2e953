/** A user stream connection. Requests on it get an empty acknowledgement; its one stream is in its address. */
import { isRecord } from '@trunkline/kit/record';
import type { Socket, SocketHandler } from '../../../server/socket.ts';

export function serveUserSocket(
  socket: Socket,
  { listenKey, combined }: { readonly listenKey: string; readonly combined: boolean },
  attach: (listenKey: string, deliver: (json: string) => void) => () => void,
): SocketHandler {
  const name = JSON.stringify(listenKey);
  const detach = attach(listenKey, (json) => socket.send(combined ? `{"stream":${name},"data":${json}}` : json));
  return {
    message(text) {
      const id = requestId(text);
      if (id !== undefined) socket.send(JSON.stringify({ result: null, id }));
    },
    closed: detach,
  };
}

function requestId(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed.id : undefined;
  } catch {
    // Not JSON: nothing to acknowledge.
    return undefined;
  }
}
